//! The line that says what was set up, as far as all arms share it.
//!
//! Settings that differ between arms are in the table, under the names of the arms.

mod control_plane;
mod load;

use measure::record::{ArmRecord, CachingRecord, EventKindRecord as Kind, RunRecord};

use crate::metrics::sharing;
use crate::quantity::{bytes, percent};
use crate::table::{after_errors, codings, freshness, lifetime, pace, protocol, validation};
use text::counted;

use load::{ends, range};

/// Words of the record for a value that is absent or unknown.
const ABSENT: [&str; 3] = ["", "-", "none"];

pub(super) fn parts(record: &RunRecord) -> Vec<String> {
    let scenario = &record.scenario;
    let strategy = shared(&record.arms, |arm| &arm.strategy)
        .filter(|name| *name != "-" && scenario.replica_command.as_ref() != Some(name));
    // A program of the user's need not serve the lab's content, nor its changes.
    let events = |kind| scenario.events.iter().filter(|event| event.kind == kind).count();
    let of_store = events(Kind::StoreDown) + events(Kind::StoreUp) + events(Kind::HoldCreation);
    let of_pace = events(Kind::Pace) + events(Kind::Resume);
    let (edges, reconnects) = (events(Kind::Edge), events(Kind::Reconnect));
    let of_setup =
        [Kind::Strategy, Kind::Policy, Kind::Scale, Kind::Clients].map(events).iter().sum();
    let elsewhere = edges + reconnects + of_store + of_pace + of_setup;
    let plane = control_plane::is_there(record);
    let of_process = if plane { "process event" } else { "replica event" };
    let ours = scenario.resource_bytes.is_some() || plane;
    let changes = if ours { scenario.changes.len() } else { 0 };
    [
        Some(fleet(record)),
        of_arms(record, |arm| &arm.setup.policy, &scenario.setup.policy).cloned(),
        of_arms(record, |arm| &arm.setup.edge, &scenario.setup.edge)
            .map(|edge| format!("edge {edge}")),
        of_arms(record, |arm| &arm.setup.cache_kind, &scenario.setup.cache_kind)
            .map(|cache| format!("cache {cache}")),
        accepted(record).map(|codings| format!("clients accept {codings}")),
        strategy.map(|name| format!("strategy {name}")),
        Some(load::in_words(record)),
        control_plane::source(record),
        control_plane::time(record),
        several(scenario.further_paths.len(), "further path"),
        scenario.resource_bytes.map(bytes),
        // `no-cache` is what a polled resource has; anything else changes how often clients ask.
        scenario
            .cache_control
            .as_ref()
            .filter(|value| *value != "no-cache")
            .map(|value| format!("Cache-Control: {value}")),
        (!scenario.codings.is_empty()).then(|| format!("codings {}", scenario.codings.join(", "))),
        database(record),
        store(record),
        (scenario.last_modified == Some(false)).then(|| "no Last-Modified".to_owned()),
        several(changes, "change"),
        several(scenario.events.len() - elsewhere, of_process),
        several(of_store, "store event"),
        several(of_pace, "pace event"),
        several(edges, "edge event"),
        several(reconnects, "reconnect"),
        several(of_setup, "setup event"),
        caching(
            record,
            |caching| caching.validate != CachingRecord::default().validate,
            validation,
        ),
        caching(record, |caching| caching.honour_freshness, freshness),
        caching(record, |caching| caching.interrupt_at.is_some(), interrupted),
        caching(record, |caching| caching.on_error.is_some(), after_errors),
        caching(record, |caching| caching.obey_poll_interval, pace),
    ]
    .into_iter()
    .flatten()
    .chain(settings(record))
    .collect()
}

fn settings(record: &RunRecord) -> Vec<String> {
    let given = |arm: &ArmRecord, key, value| arm.setup.settings.get(key) == Some(value);
    let of_all = record.scenario.setup.settings.iter();
    let alike =
        of_all.filter(|(key, value)| record.arms.iter().all(|arm| given(arm, *key, *value)));
    alike.map(|(key, value)| format!("{key} {value}")).collect()
}

/// The name that every arm has, unless it says that there is none; where arms differ it is in the
/// table.
fn of_arms<'a>(
    record: &'a RunRecord,
    name: fn(&ArmRecord) -> &String,
    of_scenario: &'a String,
) -> Option<&'a String> {
    let of_all = shared(&record.arms, name);
    let differ = of_all.is_none() && !record.arms.is_empty();
    // Arms of old records have no edge of their own.
    let name = of_all.filter(|name| !name.is_empty()).unwrap_or(of_scenario);
    (!differ && !ABSENT.contains(&name.as_str())).then_some(name)
}

/// Codings that the clients of every arm accept, where they send the field.
fn accepted(record: &RunRecord) -> Option<String> {
    let first = &record.arms.first()?.setup.accept_encoding;
    let alike = record.arms.iter().all(|arm| arm.setup.accept_encoding == *first);
    (alike && !first.is_empty()).then(|| codings(first))
}

fn fleet(record: &RunRecord) -> String {
    let (_, most) = sizes(record);
    if most == 0 || control_plane::is_there(record) {
        return tier(record);
    }
    let own = if most == 1 { "process" } else { "processes" };
    let own = if record.source.is_empty() { own } else { "modelled" };
    let what = record.scenario.replica_command.as_deref().unwrap_or(own);
    format!("{} ({what})", tier(record))
}

/// Servers that clients poll: `3 replicas`, or the proxies of a control plane.
pub(super) fn tier(record: &RunRecord) -> String {
    control_plane::tier(record).unwrap_or_else(|| match sizes(record) {
        (_, 0) => "a running deployment, not started by the lab".to_owned(),
        (least, most) => range(least.into(), most.into(), "replica"),
    })
}

/// Size of the smallest fleet and of the largest.
fn sizes(record: &RunRecord) -> (u32, u32) {
    let sizes = record.arms.iter().map(|arm| arm.fleet_size);
    ends(sizes).unwrap_or([record.scenario.replicas; 2].into())
}

fn database(record: &RunRecord) -> Option<String> {
    let asks = |arm: &ArmRecord| arm.shared_store.as_ref().is_some_and(|shared| shared.database);
    let all = !record.arms.is_empty() && record.arms.iter().all(asks);
    all.then(|| "resource in SQLite".to_owned())
}

/// The store of tags and its settings, as far as all arms with a store agree.
fn store(record: &RunRecord) -> Option<String> {
    let arms = || record.arms.iter().filter(|arm| sharing(arm).is_some());
    let first = arms().next()?;
    let alike = |words: fn(&ArmRecord) -> String| {
        arms().all(|arm| words(arm) == words(first)).then(|| words(first))
    };
    let store = sharing(first)?.store.as_ref()?;
    let ends = sharing(first)?.ttl_ms.is_some();
    let how = [alike(protocol), alike(lifetime).filter(|_| ends)];
    let words = [vec![format!("shared tags in {store}")], how.into_iter().flatten().collect()];
    Some(words.concat().join(", "))
}

/// Treatment of stored content by all clients, where it is not the usual one.
fn caching(
    record: &RunRecord,
    is_told: fn(&CachingRecord) -> bool,
    words: fn(&CachingRecord) -> String,
) -> Option<String> {
    let mut told = record
        .arms
        .iter()
        .map(|arm| is_told(&arm.setup.caching).then(|| words(&arm.setup.caching)));
    let first = told.next()??;
    told.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

fn interrupted(caching: &CachingRecord) -> String {
    format!("downloads cut at {}", percent(caching.interrupt_at.unwrap_or_default()))
}

fn several(number: usize, noun: &str) -> Option<String> {
    (number > 0).then(|| counted(number as u64, noun))
}

fn shared(arms: &[ArmRecord], value: fn(&ArmRecord) -> &String) -> Option<&String> {
    let first = value(arms.first()?);
    arms.iter().all(|arm| value(arm) == first).then_some(first)
}
