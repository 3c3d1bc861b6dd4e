//! What visitors are sent, as JSON: the state once and after each press, and little ticks in between.

use std::collections::BTreeMap;

use measure::record::{RoundBucketRecord, RoundsRecord};
use report::wire_lines;
use serde_json::{Value, json};

use super::session::{SLOT, Session};
use super::{fleet, plan};

/// Everything that a page needs to be drawn from nothing.
pub(super) fn state(session: &Session, price_per_gigabyte: Option<f64>) -> String {
    let (first, recent) = session.course.recent();
    let recent: Vec<_> = recent.map(bucket).collect();
    let marks: Vec<_> = session
        .marks
        .iter()
        .map(|mark| json!([mark.at.as_secs_f64(), mark.key, mark.label]))
        .collect();
    let before = session.before.as_ref().map(|before| {
        let buckets: Vec<_> = before.buckets.iter().map(bucket).collect();
        json!({"label": before.label, "first": before.first, "buckets": buckets})
    });
    let script = plan::script(&session.scenario);
    json!({
        "title": text::visible(&session.scenario.name),
        "summary": text::visible(&session.scenario.summary),
        "setup": fleet::setup(session),
        "fleet": fleet::described(session),
        "marks": marks,
        "whole": whole(&session.course.whole()),
        "recent": {"first": first, "buckets": recent},
        "before": before,
        "predicted": session.predicted,
        "covered": session.guessing.covered,
        "guess": session.guessing.guess,
        "next": script.get(session.step).map(|step| &step.label),
        "price": price_per_gigabyte,
        "slot_ms": SLOT.as_millis() as u64,
        "t": session.now().as_secs_f64(),
        "note": text::visible(&session.note),
        "begun": session.begun,
        "ended": session.ended,
        "lists": fleet::lists(session),
    })
    .to_string()
}

/// What has happened since the last tick.
pub(super) fn tick(session: &mut Session) -> String {
    let (drawn, answers) = session.take_drawn();
    let (first, recent) = session.course.recent();
    let recent: Vec<_> = recent.map(bucket).collect();
    let last = recent.len().saturating_sub(2);
    let sum = session.course.sum();
    json!({
        "t": session.now().as_secs_f64(),
        "first": first + last as u32,
        "slots": &recent[last..],
        "polls": drawn,
        "answers": answers.iter().collect::<BTreeMap<_, _>>(),
        "behind": session.behind.rate,
        "sum": bucket(sum),
    })
    .to_string()
}

pub(super) fn whole(course: &RoundsRecord) -> Value {
    let buckets: Vec<_> = course.buckets.iter().map(bucket).collect();
    json!({"width": course.width, "buckets": buckets})
}

/// Polls, those that a 304 could answer, 304s, bytes sent, bytes needed, needless 200s, false 304s,
/// errors.
fn bucket(bucket: &RoundBucketRecord) -> [u64; 8] {
    let verdicts = &bucket.verdicts;
    [
        bucket.polls,
        bucket.revalidations(),
        bucket.not_modified,
        bucket.response_bytes,
        bucket.ideal_response_bytes,
        verdicts.needless_transfer,
        verdicts.false_validation,
        verdicts.error,
    ]
}

/// The last exchange of each replica, in the style of `curl -v`.
pub(super) fn wires(session: &Session) -> String {
    let lines = |exchange| {
        let lines = wire_lines(exchange).into_iter().map(|line| {
            json!([line.mark.to_string(), line.text, line.marked, line.remark, line.is_bad])
        });
        lines.collect::<Vec<_>>()
    };
    let wires: BTreeMap<_, _> =
        session.wires.iter().map(|(number, exchange)| (number, lines(exchange))).collect();
    json!(wires).to_string()
}
