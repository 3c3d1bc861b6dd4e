//! Holds an expectation against the record of a run. No data never passes.

use measure::record::{ExpectationRecord, RunRecord};
use serde_json::Value;

use super::paths::to_value;
use super::{Clause, Expectation, Metric, Operand, Operator, Owner, Sense};

/// Two numbers closer than this, relative to the larger, are equal: ratios are quotients.
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
            holds &= left.zip(right).is_some_and(|(left, right)| operator.holds(left, right));
        }
        let passed = missing.is_empty() && holds == (self.sense == Sense::Expect);
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
        let rights = self.clauses.iter().filter_map(|clause| match &clause.right {
            Operand::Metric(metric) => Some(metric),
            Operand::Number(_) => None,
        });
        let mut metrics = self.clauses.iter().map(|clause| &clause.left).chain(rights);
        metrics.any(|metric| match metric.keys.as_slice() {
            [table, key] => table == "verdicts" && key == "error",
            [list, ..] => list == "errors",
            [] => false,
        })
    }
}

impl Metric {
    /// The number, or a sentence why there is none.
    fn of(&self, record: &RunRecord) -> Result<f64, String> {
        let owner = match &self.owner {
            Owner::Arm(name) => record
                .arms
                .iter()
                .find(|arm| arm.name == *name)
                .map(to_value)
                .ok_or_else(|| format!("the arm {name} did not run"))?,
            Owner::Comparison => record
                .comparison
                .as_ref()
                .map(to_value)
                .ok_or_else(|| "there is no comparison with fewer than two arms".to_owned())?,
        };
        let value = self.keys.iter().try_fold(&owner, |value, key| match value {
            Value::Array(list) => list.get(key.parse::<usize>().ok()?),
            value => value.get(key),
        });
        value.and_then(Value::as_f64).ok_or_else(|| format!("{self} has no value in this run"))
    }
}

impl Operator {
    fn holds(self, left: f64, right: f64) -> bool {
        let equal = (left - right).abs() <= TOLERANCE * left.abs().max(right.abs()).max(1.0);
        match self {
            Self::Equal => equal,
            Self::NotEqual => !equal,
            Self::Less => left < right && !equal,
            Self::LessOrEqual => left < right || equal,
            Self::Greater => left > right && !equal,
            Self::GreaterOrEqual => left > right || equal,
        }
    }
}

/// At most six decimals, and none that say nothing.
fn spelled(value: f64) -> String {
    let decimals = format!("{value:.6}");
    decimals.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn push_new(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}
