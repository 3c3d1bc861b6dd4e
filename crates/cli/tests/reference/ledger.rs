//! Observed differences against justified ones: what is not in the list, and what is gone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::observed::Pair;
use crate::reason::{Peer, Reason, Rows};

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
