//! Entries of a source that are no route, and so are in no table: how many, and why. Pure.

use std::fmt::{self, Display};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use text::excerpt;

// Enough to begin mending with; a line of the log with thousands helps nobody.
const NAMED: usize = 5;

/// Things that are left out of a table. Two are equal if the same things are, for the same reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    count: usize,
    /// The first of them.
    named: Vec<String>,
    /// Of all of them.
    digest: u64,
}

impl LeftOut {
    /// Adds one, by its place in the source.
    pub(super) fn add(&mut self, place: impl Display, reason: impl Display) {
        let text = format!("{place}: {reason}");
        let mut hasher = DefaultHasher::new();
        (self.digest, &text).hash(&mut hasher);
        self.digest = hasher.finish();
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(excerpt(&text));
        }
    }

    /// Number of them.
    pub fn count(&self) -> usize {
        self.count
    }

    /// True if there is nothing to leave out.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.named.join("; "))?;
        match self.count - self.named.len() {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_named_and_the_last_makes_a_difference() {
        let left_out = |last: usize| {
            let mut left_out = LeftOut::default();
            (0..7).chain([last]).for_each(|n| left_out.add(format_args!("key {n}"), "bad"));
            left_out
        };
        let said = left_out(8).to_string();
        assert!(said.starts_with("key 0: bad; key 1: bad;"), "{said}");
        assert!(said.ends_with("key 4: bad; and 3 more"), "{said}");
        assert!(left_out(8) == left_out(8) && left_out(8) != left_out(9));
    }
}
