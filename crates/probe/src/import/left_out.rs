//! Exchanges of a capture that are not judged, and why: whoever reads a result must know of them.

use std::collections::BTreeMap;
use std::fmt;

/// Counts by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Methods other than `GET` and `HEAD`.
    methods: BTreeMap<String, usize>,
    /// Methods that are not named any more.
    further: usize,
    /// Requests without an answer.
    pub(super) unanswered: usize,
    /// Answers without a request.
    pub(super) requestless: usize,
    /// Exchanges of a command whose condition is in a variable or in a file.
    pub(super) hidden: usize,
}

impl LeftOut {
    /// Counts an exchange with this method.
    pub(super) fn method(&mut self, name: &str) {
        // A capture may hold any word as a method.
        const MOST: usize = 8;
        if self.methods.len() < MOST || self.methods.contains_key(name) {
            *self.methods.entry(name.to_owned()).or_default() += 1;
        } else {
            self.further += 1;
        }
    }

    /// Reports whether nothing else is left out than answers without a request.
    pub(super) fn is_of_requestless(&self) -> bool {
        self.total() == self.requestless
    }

    fn total(&self) -> usize {
        let methods: usize = self.methods.values().sum();
        methods + self.further + self.unanswered + self.requestless + self.hidden
    }

    /// `3 exchanges left out: 2 POST, 1 not answered`; `None` where there was none.
    pub(super) fn note(&self) -> Option<String> {
        let total = self.total() as u64;
        (total > 0).then(|| format!("{} left out: {self}", text::counted(total, "exchange")))
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = [
            (self.further, "with other methods"),
            (self.unanswered, "not answered"),
            (self.requestless, "without its request"),
            (self.hidden, "with a condition that a variable or a file holds"),
        ];
        let methods = self.methods.iter().map(|(name, count)| (*count, name.as_str()));
        let all: Vec<_> = methods
            .chain(others)
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        f.write_str(&all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exchange_that_is_left_out_is_counted_with_its_reason() {
        let mut left_out = LeftOut::default();
        assert_eq!(left_out.note(), None);
        for name in ["POST", "OPTIONS", "POST"] {
            left_out.method(name);
        }
        left_out.unanswered = 1;
        let said = "4 exchanges left out: 1 OPTIONS, 2 POST, 1 not answered";
        assert_eq!(left_out.note().as_deref(), Some(said));
    }
}
