//! The load: how many poll, how often, and in which rhythm.

use measure::record::RunRecord;
use text::{count, counted};

use super::shared;
use crate::quantity::interval;
use crate::table::cadence;

pub(super) fn in_words(record: &RunRecord) -> String {
    let scenario = &record.scenario;
    let each = scenario.polls_per_client;
    let polls = if each.fract() == 0.0 {
        format!("{} × {}", clients(record), counted(each as u64, "poll"))
    } else {
        format!("{}, {} polls in all", clients(record), count(scenario.polls))
    };
    // Only an open loop has a jitter.
    let is_virtual = scenario.jitter.is_none();
    let clock = if is_virtual { " of virtual time" } else { "" };
    let every = scenario.interval_ms.map(|ms| format!(" every {}{clock}", interval(ms)));
    let jitter = scenario
        .jitter
        .filter(|share| *share > 0.0)
        .map(|share| format!(" ± {:.0} %", share * 100.0));
    let rhythm = format!("{}{}", every.unwrap_or_default(), jitter.unwrap_or_default());
    // Differences between arms are in the table.
    match shared(&record.arms, |arm| &arm.setup.cadence) {
        Some(name) => format!("{polls}, {}{rhythm}", cadence(name)),
        None => format!("{polls}{rhythm}"),
    }
}

fn clients(record: &RunRecord) -> String {
    let numbers = record.arms.iter().map(|arm| arm.setup.clients);
    let (least, most) = ends(numbers).unwrap_or([record.scenario.setup.clients; 2].into());
    range(least.into(), most.into(), "client")
}

pub(super) fn ends<T: Ord + Copy>(numbers: impl Iterator<Item = T> + Clone) -> Option<(T, T)> {
    Some((numbers.clone().min()?, numbers.max()?))
}

/// `12 clients`, or `1–12 clients`.
pub(super) fn range(least: u64, most: u64, noun: &str) -> String {
    if least == most {
        counted(most, noun)
    } else {
        format!("{}–{} {noun}s", count(least), count(most))
    }
}
