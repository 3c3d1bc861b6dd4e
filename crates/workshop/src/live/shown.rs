//! What visitors are sent, as JSON: the state once and after each press, and little ticks in between.

use std::collections::BTreeMap;

use measure::record::{RoundBucketRecord, RoundsRecord};
use report::wire_lines;
use scenario::{Event, EventKind};
use serde_json::{Value, json};

use super::played::Played;
use super::session::{SLOT, Session};
use super::{fleet, plan};

/// What happened, in words.
pub(super) fn played(played: &Played) -> String {
    let event = match played {
        Played::Change(_) => return "content change".to_owned(),
        Played::Event(event) => event,
    };
    let whom =
        event.replica.map_or("all replicas".to_owned(), |number| format!("replica {number}"));
    let count = |noun| text::counted(event.count.map_or(0, |count| count.get().into()), noun);
    match event.kind {
        EventKind::Kill => format!("kill {whom}"),
        EventKind::Restart => format!("restart {whom}"),
        EventKind::SourceDown => "source down".to_owned(),
        EventKind::SourceUp => "source up".to_owned(),
        EventKind::Reconnect => "reconnect all".to_owned(),
        EventKind::Edge => format!("edge {}", event.edge.map_or("", |edge| edge.name)),
        EventKind::StoreDown => "store down".to_owned(),
        EventKind::StoreUp => "store up".to_owned(),
        EventKind::Pace => "another pace".to_owned(),
        EventKind::Resume => "clients resume".to_owned(),
        EventKind::HoldCreation => "hold a creation".to_owned(),
        EventKind::Strategy => of_strategy(event, &whom),
        EventKind::Policy => format!("policy {}", event.policy.map_or("", |policy| policy.name)),
        EventKind::Scale => count("replica"),
        EventKind::Clients => count("client"),
    }
}

fn of_strategy(event: &Event, whom: &str) -> String {
    let name = event.strategy.map_or("", |strategy| strategy.name);
    match event.replica {
        Some(_) => format!("strategy {name} on {whom}"),
        None => format!("strategy {name}"),
    }
}

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
