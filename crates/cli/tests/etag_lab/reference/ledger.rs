//! Observed differences against justified ones: what is not in the list, and what is gone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::reference::observed::Pair;
use crate::reference::reason::{Peer, Reason, Rows};

/// Every difference from one server, by row.
pub(crate) type Observed = Vec<(&'static str, Pair)>;

/// What does not agree, a line each; empty where everything is justified and still there.
pub(crate) fn audit(
    peer: Peer,
    observed: &Observed,
    reasons: impl Iterator<Item = &'static Reason>,
) -> String {
    let mut open: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (row, (ours, theirs)) in observed {
        open.entry((ours, theirs)).or_default().push(row);
    }
    let mut problems = String::new();
    let justified = reasons.flat_map(|reason| reason.differences);
    for listed in justified.filter(|listed| listed.peer == peer) {
        let pair = format!("{} for our {}", listed.theirs, listed.ours);
        let rows = open.entry((listed.ours, listed.theirs)).or_default();
        match listed.rows {
            Rows::Many(count, _) => {
                if rows.len() != count {
                    let found = rows.len();
                    let _ = writeln!(problems, "{pair}: listed {count} times, found {found}");
                }
                rows.clear();
            }
            Rows::Named(names) => {
                for name in names {
                    match rows.iter().position(|row| row == name) {
                        Some(at) => drop(rows.remove(at)),
                        None => drop(writeln!(problems, "{name}: listed, but not {pair}")),
                    }
                }
            }
        }
    }
    for ((ours, theirs), rows) in open.iter().filter(|(_, rows)| !rows.is_empty()) {
        let _ = writeln!(problems, "not listed, {theirs} for our {ours}: {rows:?}");
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::reason::{apache, everywhere, nginx};

    const REASONS: &[Reason] = &[Reason {
        title: "",
        sections: "",
        why: "",
        differences: &[
            nginx("200", "304", &["one", "two"]),
            apache("200", "412", &["one"]),
            everywhere(Peer::Nginx, "Vary", "no Vary", 2, ""),
        ],
    }];

    fn check(observed: &[(&'static str, &str, &str)], expected: &str) {
        let pair = |(row, ours, theirs): &(&'static str, &str, &str)| {
            (*row, ((*ours).to_owned(), (*theirs).to_owned()))
        };
        let observed = observed.iter().map(pair).collect();
        assert_eq!(audit(Peer::Nginx, &observed, REASONS.iter()), expected);
    }

    const LISTED: [(&str, &str, &str); 4] = [
        ("one", "200", "304"),
        ("two", "200", "304"),
        ("three", "Vary", "no Vary"),
        ("four", "Vary", "no Vary"),
    ];

    #[test]
    fn what_is_listed_and_observed_is_no_problem() {
        check(&LISTED, "");
    }

    #[test]
    fn what_is_observed_and_not_listed_is_one() {
        let more = [&LISTED[..], &[("five", "200", "304"), ("one", "206", "200")]].concat();
        check(
            &more,
            "not listed, 304 for our 200: [\"five\"]\nnot listed, 200 for our 206: [\"one\"]\n",
        );
    }

    #[test]
    fn what_is_listed_and_gone_is_one() {
        check(
            &LISTED[1..3],
            "one: listed, but not 304 for our 200\nno Vary for our Vary: listed 2 times, found 1\n",
        );
    }
}
