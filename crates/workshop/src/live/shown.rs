//! What visitors are sent, as JSON: the state once and after each press, and little ticks in between.

use std::collections::BTreeMap;

use measure::record::{RoundBucketRecord, RoundsRecord};
use report::wire_lines;
use scenario::{Event, EventKind, Replica};
use serde_json::{Value, json};

use super::plan;
use super::played::Played;
use super::session::{SLOT, Session};

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

/// The fleet as it is, in a line.
pub(super) fn setup(session: &Session) -> String {
    let setup = &session.arm.setup;
    let made_by = made_by(session);
    let edge = Some(setup.edge.name).filter(|name| *name != "none");
    let parts = [
        text::counted(servers(session).into(), noun(session)),
        made_by,
        setup.policy.name.to_owned(),
        edge.map_or_else(|| "no edge".to_owned(), |name| format!("edge {name}")),
        text::counted(setup.clients.get().into(), "client"),
    ];
    parts.join(" · ")
}

/// What makes the tags.
fn made_by(session: &Session) -> String {
    match &session.arm.replica {
        Replica::Strategy(strategy) if session.exceptions.is_empty() => strategy.name.to_owned(),
        Replica::Strategy(strategy) => format!("{} and others", strategy.name),
        Replica::Command(program) => text::secret::masked(&program.line),
        Replica::ControlPlane(_) => "control plane".to_owned(),
    }
}

fn noun(session: &Session) -> &'static str {
    match &session.arm.replica {
        Replica::ControlPlane(plane) if plane.is_direct() => "source",
        Replica::ControlPlane(_) => "proxy",
        Replica::Strategy(_) | Replica::Command(_) => "replica",
    }
}

/// Servers behind the balancer.
fn servers(session: &Session) -> u32 {
    match &session.arm.replica {
        Replica::ControlPlane(plane) if plane.is_direct() => 1,
        Replica::ControlPlane(plane) => plane.proxies,
        Replica::Strategy(_) | Replica::Command(_) => session.arm.setup.replicas.get(),
    }
}

/// Name of what is asked behind the servers; `None` where nobody counts it.
fn behind(session: &Session) -> Option<&'static str> {
    let reads = |strategy: &strategies::Entry| strategy.reads.shared_tag;
    match &session.arm.replica {
        Replica::ControlPlane(_) => Some("source requests/s"),
        Replica::Strategy(strategy) => {
            let is_shared = session.first.setup.sharing.database || reads(strategy);
            is_shared.then_some("database queries/s")
        }
        Replica::Command(_) => None,
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
        "setup": setup(session),
        "fleet": fleet(session),
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
        "lists": lists(session),
    })
    .to_string()
}

fn fleet(session: &Session) -> Value {
    let setup = &session.arm.setup;
    json!({
        "servers": servers(session),
        "noun": noun(session),
        "clients": setup.clients,
        "strategy": made_by(session),
        "policy": setup.policy.name,
        "edge": setup.edge.name,
        "down": session.down,
        "exceptions": session.exceptions,
        "paused": session.paused,
        "source_down": session.source_down,
        "behind": behind(session),
    })
}

fn lists(session: &Session) -> Value {
    let is_ours = matches!(session.arm.replica, Replica::Strategy(_));
    let strategies: Vec<_> = strategies::names().filter(|_| is_ours).collect();
    let policies: Vec<_> = balancer::catalogue::POLICIES.iter().map(|entry| entry.name).collect();
    let edges: Vec<_> = balancer::catalogue::EDGES.iter().map(|entry| entry.name).collect();
    json!({"strategies": strategies, "policies": policies, "edges": edges})
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
