//! Finds expectations that no run can meet together: `x == 0` here and `x > 0` there.

use std::collections::BTreeMap;

use super::{Expectation, Operand, Operator, Sense};

/// Two expectations, by index, and the number over which they disagree.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    pub(crate) path: String,
    pub(crate) first: usize,
    pub(crate) second: usize,
}

/// One end of what is still possible, and the expectation that drew it.
#[derive(Clone, Copy)]
struct Bound {
    value: f64,
    included: bool,
    by: usize,
}

#[derive(Default)]
struct Possible {
    lowest: Option<Bound>,
    highest: Option<Bound>,
}

/// The first contradiction among conditions that compare a path with a number.
pub(crate) fn contradiction(expectations: &[Expectation]) -> Option<Contradiction> {
    let mut possible: BTreeMap<String, Possible> = BTreeMap::new();
    for (by, expectation) in expectations.iter().enumerate() {
        if expectation.sense == Sense::FailIf {
            continue;
        }
        for clause in &expectation.clauses {
            let Operand::Number(value) = clause.right else { continue };
            let path = clause.left.to_string();
            let possible = possible.entry(path.clone()).or_default();
            possible.narrow(clause.operator, value, by);
            if let Some((first, second)) = possible.conflict() {
                return Some(Contradiction { path, first, second });
            }
        }
    }
    None
}

impl Possible {
    fn narrow(&mut self, operator: Operator, value: f64, by: usize) {
        let bound = |included| Bound { value, included, by };
        match operator {
            Operator::Equal => {
                self.raise(bound(true));
                self.lower(bound(true));
            }
            Operator::Greater => self.raise(bound(false)),
            Operator::GreaterOrEqual => self.raise(bound(true)),
            Operator::Less => self.lower(bound(false)),
            Operator::LessOrEqual => self.lower(bound(true)),
            Operator::NotEqual => {}
        }
    }

    fn raise(&mut self, bound: Bound) {
        let tighter =
            |old: Bound| bound.value > old.value || (bound.value >= old.value && !bound.included);
        if self.lowest.is_none_or(tighter) {
            self.lowest = Some(bound);
        }
    }

    fn lower(&mut self, bound: Bound) {
        let tighter =
            |old: Bound| bound.value < old.value || (bound.value <= old.value && !bound.included);
        if self.highest.is_none_or(tighter) {
            self.highest = Some(bound);
        }
    }

    /// The two expectations that leave nothing possible, the earlier one first.
    fn conflict(&self) -> Option<(usize, usize)> {
        let (low, high) = self.lowest.zip(self.highest)?;
        let touch = low.value >= high.value && !(low.included && high.included);
        let empty = low.value > high.value || touch;
        empty.then(|| (low.by.min(high.by), low.by.max(high.by)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: Option<(usize, usize)>) {
        let parse = |text: &&str| Expectation::parse(text, Some("a"), &["a"]).expect("parses");
        let expectations: Vec<_> = texts.iter().map(parse).collect();
        let found = contradiction(&expectations).map(|found| (found.first, found.second));
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
