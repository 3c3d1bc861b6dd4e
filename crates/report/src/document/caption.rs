//! A caption made from the setup, where the scenario's own sentence describes another run.

use measure::record::{ArmRecord, RunRecord};

use super::setup;
use crate::table::{self, Trait};

/// Arms that are named one by one; of more, a caption only says in what they differ.
const MOST_ARMS: usize = 4;

/// `3 replicas; before: mtime-size; after: content-hash`.
pub(super) fn of(record: &RunRecord) -> String {
    let arms: Vec<&ArmRecord> = record.arms.iter().collect();
    let traits = table::differing(&arms);
    let words = match (arms.as_slice(), traits.as_slice()) {
        ([arm], _) => vec![made_by(record, arm)],
        (_, []) => vec!["arms that differ in nothing".to_owned()],
        (arms, traits) if arms.len() > MOST_ARMS => {
            let labels: Vec<_> = traits.iter().map(|each| each.label).collect();
            vec![format!("{} arms that differ in {}", arms.len(), labels.join(", "))]
        }
        (arms, traits) => {
            arms.iter().enumerate().map(|(at, arm)| named(record, arm, at, traits)).collect()
        }
    };
    [vec![setup::tier(record)], words].concat().join("; ")
}

/// `after: content-hash, 3 replicas`.
fn named(record: &RunRecord, arm: &ArmRecord, at: usize, traits: &[Trait]) -> String {
    let word = |each: &Trait| match each.label {
        table::STRATEGY => made_by(record, arm),
        _ => each.words[at].clone(),
    };
    format!("{}: {}", arm.name, traits.iter().map(word).collect::<Vec<_>>().join(", "))
}

// The setup line has the command of a program; a caption need not repeat it.
fn made_by(record: &RunRecord, arm: &ArmRecord) -> String {
    let is_foreign = record.scenario.replica_command.as_ref() == Some(&arm.strategy);
    if is_foreign { "a program of your own".to_owned() } else { arm.strategy.clone() }
}
