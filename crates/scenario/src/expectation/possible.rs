//! Conditions that no run can meet, or none can fail: they would look like a gate and be none.

use std::cmp::Ordering::{Equal, Greater, Less};
use std::fmt;

use super::{Clause, Metric, Operand, paths};

/// The values that a number of a record can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ValueRange {
    pub(super) low: f64,
    pub(super) high: f64,
    /// True where there are no fractions.
    pub(super) is_whole: bool,
}

/// Reason why a condition decides nothing, and the way out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Undecided {
    /// True if it holds in every run, false if in none.
    pub(super) always: bool,
    pub(super) reason: String,
    pub(super) help: String,
}

/// Looks whether the values of the left side leave a clause open; `None` if they do.
pub(super) fn undecided(clause: &Clause) -> Option<Undecided> {
    let Clause { left, operator, right } = clause;
    let range = range(left);
    let (possible, reason, help) = match right {
        Operand::Metric(right) if left == right => {
            let help = "compare it with another number".to_owned();
            (vec![Equal], "both sides are the same".to_owned(), help)
        }
        Operand::Metric(_) => return None,
        Operand::Number(number) => (range.orders(*number), range.to_string(), range.help(*number)),
    };
    let always = possible.iter().all(|order| operator.contains(order));
    let never = possible.iter().all(|order| !operator.contains(order));
    (always || never).then_some(Undecided { always, reason, help })
}

/// The values that a number of the record can have; no bounds for what is not known.
pub(super) fn range(Metric(keys): &Metric) -> ValueRange {
    let (owner, keys) = keys.split_first().expect("a metric begins with its owner");
    let in_comparison = owner == paths::COMPARISON;
    let is_whole = paths::is_whole(&keys.join("."), in_comparison);
    let named = |word: &str| keys.iter().any(|key| key.contains(word));
    // What is compared may have grown, and to a multiple.
    let low = match in_comparison {
        false => 0.0,
        true if named("not_modified_ratio") => -1.0,
        true => f64::NEG_INFINITY,
    };
    let is_share = ["ratio", "predicted_interval", "interrupt_at"].into_iter().any(named);
    ValueRange { low, high: if is_share { 1.0 } else { f64::INFINITY }, is_whole }
}

impl ValueRange {
    /// The orders in which a value can stand to a number.
    fn orders(self, number: f64) -> Vec<std::cmp::Ordering> {
        let meets = (self.low..=self.high).contains(&number);
        let equals = meets && (!self.is_whole || number.fract() == 0.0);
        let orders = [(Less, self.low < number), (Equal, equals), (Greater, self.high > number)];
        orders.into_iter().filter(|(_, can_be)| *can_be).map(|(order, _)| order).collect()
    }

    fn help(self, number: f64) -> String {
        if self.high <= 1.0 && number > 1.0 && number <= 100.0 {
            return format!("write `{number} %` or `{}`", shortest(number / 100.0));
        }
        if self.is_whole && number.fract() != 0.0 {
            return "compare it with a whole number".to_owned();
        }
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) => "compare it with a number in between".to_owned(),
            (true, false) => format!("compare it with a number above {}", self.low),
            _ => format!("compare it with a number below {}", self.high),
        }
    }
}

fn shortest(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
}

impl fmt::Display for ValueRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { low, high, is_whole } = self;
        match (low.is_finite(), high.is_finite()) {
            (true, true) => write!(f, "it lies between {low} and {high}"),
            (true, false) if *is_whole => write!(f, "it is a whole number, and never below {low}"),
            (true, false) => write!(f, "it is never below {low}"),
            (false, true) => write!(f, "it is never above {high}"),
            (false, false) => f.write_str("it is a whole number"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::clauses;

    /// Compares the words about a condition; `None` where it decides something.
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let said = clauses(text, None, &["before", "after"]).err();
        let said = said.as_ref().map(|error| (error.label.as_str(), error.help.as_str()));
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn a_share_without_its_percent_sign_is_told_from_a_number() {
        let label = "it lies between 0 and 1";
        check("before.not_modified_ratio > 95", Some((label, "write `95 %` or `0.95`")));
        check("before.not_modified_ratio < 99.5", Some((label, "write `99.5 %` or `0.995`")));
        check("before.predicted_interval.0 == 2", Some((label, "write `2 %` or `0.02`")));
        for text in ["before.not_modified_ratio > 95%", "before.not_modified_ratio > 95 %"] {
            check(text, None);
        }
    }

    #[test]
    fn what_always_or_never_holds_is_refused() {
        let count = "it is a whole number, and never below 0";
        let above = "compare it with a number above 0";
        for text in ["before.error < 0", "before.error >= 0", "before.polls == -1"] {
            check(text, Some((count, above)));
        }
        check("before.elapsed_s >= 0", Some(("it is never below 0", above)));
        check("before.polls == 0.5", Some((count, "compare it with a whole number")));
        let between = ("it lies between 0 and 1", "compare it with a number in between");
        for text in ["<= 1", "> 1", "<= 100 %", "> 250", ">= 0", "< 0 %"] {
            check(&format!("before.not_modified_ratio {text}"), Some(between));
        }
        check(
            "before.polls < before.polls",
            Some(("both sides are the same", "compare it with another number")),
        );
        let saved = ("it is never above 1", "write `90 %` or `0.9`");
        check("comparison.bytes_saved_ratio > 90", Some(saved));
        check(
            "comparison.not_modified_ratio_change < -2",
            Some(("it lies between -1 and 1", "compare it with a number in between")),
        );
    }

    #[test]
    fn what_a_run_can_decide_is_left_alone() {
        for text in [
            "before.error == 0",
            "before.error <= 0",
            "before.error != 0",
            "before.error > 0.5",
            "before.not_modified_ratio == 1",
            "before.not_modified_ratio >= 100 %",
            "before.not_modified_ratio < 1",
            "before.not_modified_ratio > 0",
            "comparison.bytes_saved < 0",
            "comparison.bytes_saved_ratio < 0",
            "comparison.not_modified_ratio_change >= 0",
            "before.polls == after.polls",
        ] {
            check(text, None);
        }
    }
}
