//! The differences that `crates/origin/README.md` justifies, read from the page itself, and the audit of what
//! was observed against them: what is not listed, and what is gone.
//!
//! The page is the only list, so that it cannot disagree with the tests. An item of it says
//! "nginx 200, ours 304: `row`, `row`" or "…: all 51 requests that …".

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::observed::Pair;
use super::row::Row;

/// Every difference from one server, by row.
pub(crate) type Observed = Vec<(&'static str, Pair)>;

/// One of the two servers that the lab is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Nginx,
    Apache,
}

impl Peer {
    /// As its project writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
        }
    }

    /// The beginning of the version that the list was made with, as the program reports it.
    pub(crate) const fn version(self) -> &'static str {
        match self {
            Self::Nginx => "nginx/1.22.",
            Self::Apache => "Apache/2.4.",
        }
    }
}

/// The same difference from one server, in one or more requests.
pub(crate) struct Difference {
    pub(crate) peer: Peer,
    /// Answer of the other server.
    pub(crate) theirs: String,
    /// Answer of a replica.
    pub(crate) ours: String,
    pub(crate) rows: Rows,
}

/// Requests that show a difference.
pub(crate) enum Rows {
    Named(Vec<String>),
    /// So many, because the difference has nothing to do with what they ask.
    Many(usize),
}

/// The differences of the section that the page has about them.
pub(crate) fn listed(section: &str) -> Vec<Difference> {
    section.split("\n- ").skip(1).map(|item| difference(&one_line(item))).collect()
}

/// An item of a list, which ends where the next paragraph begins, on one line.
pub(crate) fn one_line(item: &str) -> String {
    let item = item.split("\n\n").next().unwrap_or_default();
    item.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn difference(item: &str) -> Difference {
    let read = || {
        let (name, rest) = item.split_once(' ')?;
        let peer = [Peer::Nginx, Peer::Apache].into_iter().find(|peer| peer.name() == name)?;
        let (theirs, rest) = rest.split_once(", ours ")?;
        let (ours, rows) = if let Some((ours, count)) = rest.split_once(": all ") {
            (ours, Rows::Many(count.split(' ').next()?.parse().ok()?))
        } else {
            let (ours, names) = rest.split_once(": `")?;
            let names = names.split(", ").map(|name| name.trim_matches('`').to_owned());
            (ours, Rows::Named(names.collect()))
        };
        Some(Difference { peer, theirs: theirs.to_owned(), ours: ours.to_owned(), rows })
    };
    read().unwrap_or_else(|| panic!("not a difference: {item}"))
}

/// Rows whose requirement this server does not meet. A replica meets them all, so each of them is
/// a difference in status.
pub(crate) fn failed<'a>(
    peer: Peer,
    listed: &[Difference],
    rows: impl Iterator<Item = &'a Row>,
) -> usize {
    let rows: BTreeMap<_, _> = rows.map(|row| (row.name, &row.allowed)).collect();
    let failures = |difference: &Difference| {
        let (Rows::Named(names), Ok(status)) = (&difference.rows, difference.theirs.parse()) else {
            return 0;
        };
        let allowed = names.iter().filter_map(|name| rows.get(name.as_str()));
        allowed.filter(|allowed| !allowed.is_empty() && !allowed.contains(&status)).count()
    };
    listed.iter().filter(|difference| difference.peer == peer).map(failures).sum()
}

/// Everything that does not agree, a line each; empty where all is justified and still there.
pub(crate) fn audit(peer: Peer, observed: &Observed, listed: &[Difference]) -> String {
    let mut open: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (row, (ours, theirs)) in observed {
        open.entry((ours, theirs)).or_default().push(row);
    }
    let mut problems = String::new();
    for Difference { ours, theirs, rows, .. } in listed.iter().filter(|one| one.peer == peer) {
        let pair = format!("{theirs} for our {ours}");
        let found = open.entry((ours, theirs)).or_default();
        match rows {
            Rows::Many(count) => {
                if found.len() != *count {
                    let found = found.len();
                    let _ = writeln!(problems, "{pair}: listed {count} times, found {found}");
                }
                found.clear();
            }
            Rows::Named(names) => {
                for name in names {
                    match found.iter().position(|row| row == name) {
                        Some(at) => drop(found.remove(at)),
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

const PAGE: &str = "**A title.** A reason.

- nginx 304, ours 200: `one`,
  `two`
- Apache 412, ours 200: `one`
- nginx no Vary, ours Vary: all 2 requests that have it

### Another
";

fn check_audit(observed: &[(&'static str, &str, &str)], expected: &str) {
    let pair = |(row, ours, theirs): &(&'static str, &str, &str)| {
        (*row, ((*ours).to_owned(), (*theirs).to_owned()))
    };
    let observed = observed.iter().map(pair).collect();
    assert_eq!(audit(Peer::Nginx, &observed, &listed(PAGE)), expected);
}

const LISTED: [(&str, &str, &str); 4] = [
    ("one", "200", "304"),
    ("two", "200", "304"),
    ("three", "Vary", "no Vary"),
    ("four", "Vary", "no Vary"),
];

#[test]
fn what_is_listed_and_observed_is_no_problem() {
    check_audit(&LISTED, "");
}

#[test]
fn what_is_observed_and_not_listed_is_one() {
    let more = [&LISTED[..], &[("five", "200", "304"), ("one", "206", "200")]].concat();
    check_audit(
        &more,
        "not listed, 304 for our 200: [\"five\"]\nnot listed, 200 for our 206: [\"one\"]\n",
    );
}

#[test]
fn what_is_listed_and_gone_is_one() {
    check_audit(
        &LISTED[1..3],
        "one: listed, but not 304 for our 200\nno Vary for our Vary: listed 2 times, found 1\n",
    );
}
