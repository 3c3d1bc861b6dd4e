//! Records of shards, added up to the record of the run that they are parts of.
//!
//! Counts, bytes and histograms add; ratios, quantiles and findings are made anew from the sums. A part
//! that is missing is named, and the sum then is no whole.

use std::collections::BTreeSet;

use findings::run::{ArmEvidence, Validator};
use measure::record::{ArmRecord, FindingRecord, RunRecord, Severity, ShardRecord, WindowRecord};
use measure::{Tally, Unmergeable};
use scenario::{Flags, expectation};

/// Share of the time in which all shards have to poll: below it they did not share one load.
const LEAST_OVERLAP: f64 = 0.95;

/// A record, and where it comes from.
#[derive(Clone, Debug)]
pub struct NamedRecord {
    /// File, or line of standard input.
    pub place: String,
    /// The record.
    pub record: RunRecord,
}

/// Reason why records cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// Nothing to add.
    #[error("there is no record")]
    Nothing,
    /// A record of a whole run.
    #[error("{0} is no shard: it was measured without --shard")]
    NotShard(String),
    /// A record that cannot be added to any other.
    #[error("{0} cannot be added: {1}")]
    Unmergeable(String, Unmergeable),
    /// A run that was cut short, among repetitions.
    #[error("{0} is of a run that was interrupted")]
    Partial(String),
    /// One run, which has no spread.
    #[error("one run has no spread")]
    Alone,
    /// The same part in two records.
    #[error("shard {part} of {total} is given twice: {first} and {second}")]
    Twice {
        /// Number of the part.
        part: u32,
        /// Number of parts.
        total: u32,
        /// One of the records.
        first: String,
        /// The other.
        second: String,
    },
    /// Parts of different runs.
    #[error(
        "records of different runs: {key} is {first} in {first_place} and {second} in {second_place}"
    )]
    Unlike {
        /// What differs, as in the record.
        key: String,
        /// In one of the records, as JSON.
        first: String,
        /// In the other.
        second: String,
        /// One of the records.
        first_place: String,
        /// The other.
        second_place: String,
    },
}

/// Adds up the records of shards, in any order. What is missing is named in the findings.
pub fn merge(mut records: Vec<NamedRecord>) -> Result<RunRecord, MergeError> {
    let tallies = records.iter().map(tallies).collect::<Result<Vec<_>, _>>()?;
    let mut tallies: Vec<_> = tallies.into_iter().zip(0..).collect();
    let shards = records.iter().map(shard).collect::<Result<Vec<_>, _>>()?;
    // The lowest part speaks for all where they agree, whatever the order.
    let lowest = (0..records.len()).min_by_key(|at| shards[*at].parts.first().copied());
    let lowest = lowest.ok_or(MergeError::Nothing)?;
    for at in 0..records.len() {
        check_alike(&records[lowest], &records[at])?;
        check_apart(&records[..at], &records[at])?;
    }
    let shard = shards.into_iter().reduce(united).expect("there is a record");
    let mut sums = tallies.remove(lowest).0;
    for (others, _) in &tallies {
        for (sum, other) in sums.iter_mut().zip(others) {
            sum.merge(other);
        }
    }
    let in_turn: Vec<_> = (0..sums.len())
        .map(|arm| records.iter().map(|it| it.record.arms[arm].contents_in_turn).max())
        .collect();
    let others: Vec<RunRecord> = records.iter().map(|it| it.record.clone()).collect();
    let record = records.swap_remove(lowest).record;
    let arms = record.arms.iter().zip(sums).zip(in_turn);
    let (arms, findings): (Vec<_>, Vec<_>) = arms
        .map(|((arm, sum), in_turn)| {
            let validator = match arm.setup.caching.validate.as_str() {
                "last-modified" => Validator::Date,
                _ => Validator::Tag,
            };
            let evidence = ArmEvidence { tally: &sum, validator };
            (summed(arm, &sum, in_turn), findings::run::of_arm(&arm.name, evidence))
        })
        .unzip();
    let findings = all_findings(findings.concat(), &shard, &arms);
    Ok(whole(record, &others, arms, findings, shard))
}

fn tallies(named: &NamedRecord) -> Result<Vec<Tally>, MergeError> {
    let arms = named.record.arms.iter().map(Tally::of_record);
    let failed = |reason| MergeError::Unmergeable(named.place.clone(), reason);
    arms.collect::<Result<_, _>>().map_err(failed)
}

/// The parts in a record, with what a single one says of itself elsewhere.
fn shard(named: &NamedRecord) -> Result<ShardRecord, MergeError> {
    let malformed =
        |field| MergeError::Unmergeable(named.place.clone(), Unmergeable::Malformed(field));
    let record = &named.record;
    let shard = record.shard.clone().ok_or_else(|| MergeError::NotShard(named.place.clone()))?;
    let is_ascending = shard.parts.is_sorted_by(|a, b| a < b);
    let is_within = shard.parts.last().is_some_and(|last| *last < shard.total);
    if !(is_ascending && is_within && shard.total <= ShardRecord::MOST) {
        return Err(malformed("shard"));
    }
    if shard.parts.len() > 1 {
        return Ok(shard);
    }
    let cut = if record.partial { shard.parts.clone() } else { Vec::new() };
    let own =
        |finding: &&FindingRecord| finding.severity <= Severity::Warn && !finding.code.is_empty();
    let own_findings = record.findings.iter().filter(own).cloned().collect();
    Ok(ShardRecord { cut, own_findings, ..shard })
}

fn check_apart(before: &[NamedRecord], named: &NamedRecord) -> Result<(), MergeError> {
    let parts = |named: &NamedRecord| named.record.shard.clone().unwrap_or_default().parts;
    for part in parts(named) {
        if let Some(first) = before.iter().find(|before| parts(before).contains(&part)) {
            return Err(MergeError::Twice {
                part,
                total: named.record.shard.as_ref().map_or(0, |shard| shard.total),
                first: first.place.clone(),
                second: named.place.clone(),
            });
        }
    }
    Ok(())
}

pub(crate) fn check_alike(first: &NamedRecord, second: &NamedRecord) -> Result<(), MergeError> {
    let (a, b) = (described(&first.record), described(&second.record));
    let differs = |key: &&String| a.get(*key) != b.get(*key);
    let Some(key) = a.keys().chain(b.keys()).find(differs) else { return Ok(()) };
    let shown =
        |value: Option<&serde_json::Value>| value.map_or("nothing".to_owned(), ToString::to_string);
    Err(MergeError::Unlike {
        key: key.clone(),
        first: shown(a.get(key)),
        second: shown(b.get(key)),
        first_place: first.place.clone(),
        second_place: second.place.clone(),
    })
}

/// Everything that shards of one run have in common, by its name.
fn described(record: &RunRecord) -> serde_json::Map<String, serde_json::Value> {
    let scenario = serde_json::to_value(&record.scenario);
    let Ok(serde_json::Value::Object(mut fields)) = scenario else {
        unreachable!("a struct with string keys serialises as an object")
    };
    fields.insert("schema".to_owned(), record.schema.as_str().into());
    let total = record.shard.as_ref().map_or(0, |shard| shard.total);
    fields.insert("number of shards".to_owned(), total.into());
    for (number, arm) in (1..).zip(&record.arms) {
        let setup = serde_json::to_value(&arm.setup).unwrap_or_default();
        let arm = serde_json::json!([arm.name, arm.strategy, arm.fleet_size, setup]);
        fields.insert(format!("what arm {number} is"), arm);
    }
    fields
}

fn united(a: ShardRecord, b: ShardRecord) -> ShardRecord {
    let sorted = |a: Vec<u32>, b: Vec<u32>| {
        a.into_iter().chain(b).collect::<BTreeSet<_>>().into_iter().collect()
    };
    ShardRecord {
        total: a.total,
        own_findings: agreed(&a.own_findings, &b.own_findings),
        parts: sorted(a.parts, b.parts),
        cut: sorted(a.cut, b.cut),
        skew_us: a.skew_us.max(b.skew_us),
    }
}

/// The findings of both: what every part found by itself is found of the whole.
// Of two wordings the lower one, so that the order of the parts does not matter.
fn agreed(a: &[FindingRecord], b: &[FindingRecord]) -> Vec<FindingRecord> {
    let agreed = a.iter().filter_map(|one| {
        let same = |other: &&FindingRecord| (&other.code, &other.arm) == (&one.code, &one.arm);
        let other = b.iter().find(same)?;
        let words = |it: &FindingRecord| (it.severity, it.title.clone(), it.evidence.clone());
        Some(if words(one) <= words(other) { one } else { other }.clone())
    });
    let mut agreed: Vec<_> = agreed.collect();
    agreed.sort_by(|a, b| (&a.arm, &a.code).cmp(&(&b.arm, &b.code)));
    agreed
}

fn summed(arm: &ArmRecord, sum: &Tally, in_turn: Option<usize>) -> ArmRecord {
    ArmRecord {
        name: arm.name.clone(),
        strategy: arm.strategy.clone(),
        fleet_size: arm.fleet_size,
        setup: arm.setup.clone(),
        editions: sum.edition_records(),
        contents_in_turn: in_turn.unwrap_or_default(),
        ..sum.to_record()
    }
}

/// Findings of the sums, those that only the order within each part shows, and what is missing.
fn all_findings(
    mut findings: Vec<FindingRecord>,
    shard: &ShardRecord,
    arms: &[ArmRecord],
) -> Vec<FindingRecord> {
    let known: BTreeSet<_> = findings.iter().map(|it| (it.arm.clone(), it.code.clone())).collect();
    let is_news = |it: &&FindingRecord| !known.contains(&(it.arm.clone(), it.code.clone()));
    findings.extend(shard.own_findings.iter().filter(is_news).cloned());
    let warning = |title: String, evidence: String| findings::run::warning("", title, evidence);
    let numbers =
        |parts: &[u32]| parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let missing: Vec<_> = shard.missing().collect();
    if !missing.is_empty() {
        let title = format!("{} of {} shards missing", missing.len(), shard.total);
        findings.push(warning(title, format!("no record of shard {}", numbers(&missing))));
    }
    if !shard.cut.is_empty() {
        let title = format!("{} of {} shards interrupted", shard.cut.len(), shard.total);
        findings.push(warning(title, format!("shard {}", numbers(&shard.cut))));
    }
    let apart = arms.iter().filter_map(|arm| arm.window).map(WindowRecord::overlap);
    if let Some(least) = apart.filter(|overlap| *overlap < LEAST_OVERLAP).reduce(f64::min) {
        let title = "the shards did not poll at the same time".to_owned();
        let evidence = format!("all of them together for {:.0} % of it", least * 100.0);
        findings.push(warning(title, evidence));
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn whole(
    lowest: RunRecord,
    all: &[RunRecord],
    arms: Vec<ArmRecord>,
    findings: Vec<FindingRecord>,
    shard: ShardRecord,
) -> RunRecord {
    let systems: BTreeSet<_> = all.iter().flat_map(|it| it.machine.os.split(", ")).collect();
    let os = systems.into_iter().collect::<Vec<_>>().join(", ");
    let conditions: BTreeSet<_> = all.iter().flat_map(conditions).collect();
    let mut record = RunRecord {
        started: all.iter().map(|it| it.started.clone()).min().unwrap_or_default(),
        comparison: measure::compare(&arms),
        partial: !shard.cut.is_empty() || shard.missing().next().is_some(),
        shard: Some(shard),
        arms,
        findings,
        expectations: Vec::new(),
        ..lowest
    };
    record.machine.cpus = all.iter().map(|it| it.machine.cpus).max().unwrap_or_default();
    record.machine.os = os;
    let names: Vec<_> = record.arms.iter().map(|arm| arm.name.clone()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let flags = conditions.iter().fold(Flags::default(), |flags, it| flags.with("fail-if", it));
    // A text that is no condition can only come from a file that somebody has edited.
    let expected = expectation::of_flags(&flags, &names).unwrap_or_default();
    record.expectations = expected.iter().map(|expected| expected.evaluate(&record)).collect();
    record
}

/// The conditions of `--fail-if` in a record.
fn conditions(record: &RunRecord) -> impl Iterator<Item = &str> {
    record.expectations.iter().filter_map(|it| it.text.strip_prefix("fail if "))
}
