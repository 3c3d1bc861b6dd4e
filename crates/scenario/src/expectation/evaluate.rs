//! Holds an expectation against the record of a run, where no data never passes, and expectations
//! against each other.

use std::cmp::Ordering;

use measure::record::{ExpectationRecord, RunRecord};
use serde_json::Value;

use super::paths::COMPARISON;
use super::paths::to_value;
use super::{Clause, Expectation, Metric, Operand};

// Ratios are quotients: two numbers closer than this, relative to the larger, are equal.
const TOLERANCE: f64 = 1e-9;

impl Expectation {
    /// Checks the record: whether the run met it, and the values that were found.
    pub fn evaluate(&self, record: &RunRecord) -> ExpectationRecord {
        let mut found: Vec<String> = Vec::new();
        let mut missing: Vec<String> = Vec::new();
        let mut holds = true;
        for Clause { left, operator, right } in &self.clauses {
            let mut look = |metric: &Metric| match metric.of(record) {
                Ok(value) => {
                    push_new(&mut found, format!("{metric} = {}", spelled(value)));
                    Some(value)
                }
                Err(sentence) => {
                    push_new(&mut missing, sentence);
                    None
                }
            };
            let left = look(left);
            let right = match right {
                Operand::Number(number) => Some(*number),
                Operand::Metric(metric) => look(metric),
            };
            holds &=
                left.zip(right).is_some_and(|(left, right)| operator.contains(&order(left, right)));
        }
        let passed = missing.is_empty() && holds != self.is_unwanted;
        found.append(&mut missing);
        ExpectationRecord {
            text: self.text.clone(),
            passed,
            observed: found.join(", "),
            concerns_errors: self.concerns_errors(),
        }
    }
}

impl Expectation {
    /// True if it says how many polls may fail.
    fn concerns_errors(&self) -> bool {
        self.clauses.iter().flat_map(Clause::metrics).any(|metric| match metric.0.as_slice() {
            [_, table, key] => table == "verdicts" && key == "error",
            [_, list, ..] => list == "errors",
            _ => false,
        })
    }
}

impl Metric {
    /// The number, or a sentence why there is none.
    fn of(&self, record: &RunRecord) -> Result<f64, String> {
        let (name, keys) = self.0.split_first().expect("a metric begins with its owner");
        // No arm may be called `comparison`.
        let owner = if name == COMPARISON {
            let missing = || "there is no comparison with fewer than two arms".to_owned();
            record.comparison.as_ref().map(to_value).ok_or_else(missing)?
        } else {
            let arm = record.arms.iter().find(|arm| arm.name == *name);
            let arm = arm.ok_or_else(|| format!("the arm {name} did not run"))?;
            if let Some(number) = measure::numbers::value(arm, &keys.join(".")) {
                return Ok(number);
            }
            to_value(arm)
        };
        let value = keys.iter().try_fold(&owner, |value, key| match value {
            Value::Array(list) => list.get(key.parse::<usize>().ok()?),
            value => value.get(key),
        });
        value.and_then(Value::as_f64).ok_or_else(|| format!("{self} has no value in this run"))
    }
}

fn order(left: f64, right: f64) -> Ordering {
    if (left - right).abs() <= TOLERANCE * left.abs().max(right.abs()).max(1.0) {
        return Ordering::Equal;
    }
    left.total_cmp(&right)
}

/// The first two expectations, by index, that no run can meet together, and the number over which
/// they disagree: `x == 0` here and `x > 0` there.
pub(crate) fn contradiction(expectations: &[Expectation]) -> Option<(usize, usize, String)> {
    let wanted = expectations.iter().enumerate().filter(|(_, wanted)| !wanted.is_unwanted);
    conflict(wanted.flat_map(|(by, wanted)| wanted.clauses.iter().map(move |it| (by, it))))
}

/// The same for clauses, each with a number that is given back.
pub(super) fn conflict<'a>(
    clauses: impl IntoIterator<Item = (usize, &'a Clause)>,
) -> Option<(usize, usize, String)> {
    let bounds = clauses.into_iter().filter_map(|(by, clause)| match clause.right {
        Operand::Number(number) => Some((by, &clause.left, clause.operator, number)),
        Operand::Metric(_) => None,
    });
    let bounds: Vec<_> = bounds.collect();
    for (index, &(second, path, after, b)) in bounds.iter().enumerate() {
        for &(first, _, before, a) in bounds[..index].iter().filter(|bound| bound.1 == path) {
            // What two comparisons leave possible begins or ends at one of their numbers, so it
            // holds one of these: the ends, the middle, or a number beyond both.
            let mut candidates = [a, b, f64::midpoint(a, b), f64::MIN, f64::MAX].into_iter();
            if !candidates.any(|x| before.contains(&order(x, a)) && after.contains(&order(x, b))) {
                return Some((first, second, path.to_string()));
            }
        }
    }
    None
}

fn spelled(value: f64) -> String {
    let decimals = format!("{value:.6}");
    decimals.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn push_new(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: Option<(usize, usize)>) {
        let parse = |text: &&str| Expectation::parse(text, Some("a"), &["a"]).expect("parses");
        let expectations: Vec<_> = texts.iter().map(parse).collect();
        let found = contradiction(&expectations).map(|(first, second, _)| (first, second));
        assert_eq!(found, expected, "{texts:?}");
    }

    #[test]
    fn expectations_that_exclude_each_other_are_found() {
        check(&["polls == 1", "polls == 2"], Some((0, 1)));
        check(&["polls >= 1", "error == 0", "polls < 1"], Some((0, 2)));
        check(&["polls > 1 and polls <= 1"], Some((0, 0)));
        check(&["needless_transfer > 0", "verdicts.needless_transfer == 0"], Some((0, 1)));
    }

    #[test]
    fn expectations_that_can_hold_together_are_left_alone() {
        check(&["polls >= 1", "polls <= 1", "polls == 1"], None);
        check(&["polls > 1", "error < 1", "polls != 2"], None);
    }
}
