//! The differences between the table compiled here and the one that clients get directly, route by
//! route.
//!
//! Pure. The listing is JSON in ASCII: names come from outside, and may be read on a terminal.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::proxy::table::{Members, Route, Table};

// All are counted; a listing of a hundred thousand routes helps nobody.
const LISTED: usize = 1_000;

/// The differences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Diff {
    /// Routes that clients get and the table here lacks.
    pub(crate) missing: Differences,
    /// Routes of the table here that clients do not get.
    pub(crate) extra: Differences,
    /// Routes in both whose members differ.
    pub(crate) different: Differences,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Differences {
    pub(crate) count: usize,
    /// The first thousand of them.
    pub(crate) routes: Vec<Difference>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    pub(crate) zone: Option<String>,
    pub(crate) id: String,
    /// Names of the members that differ or stand on one side only, of a route on both sides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) members: Vec<String>,
}

impl Differences {
    fn add(&mut self, route: Route<'_>, members: impl FnOnce() -> Vec<String>) {
        self.count += 1;
        if self.routes.len() < LISTED {
            let (zone, id) = (route.zone.map(str::to_owned), route.id.to_owned());
            self.routes.push(Difference { zone, id, members: members() });
        }
    }
}

impl Diff {
    /// Compares the table compiled here with the one that clients get.
    pub(crate) fn between(ours: &Table, theirs: &Table) -> Self {
        let mut diff = Self::default();
        // Both are in the same order, so that each is walked through once and nothing is kept.
        let (mut known, mut wanted) = (ours.routes().peekable(), theirs.routes().peekable());
        loop {
            let order = match (known.peek(), wanted.peek()) {
                (None, None) => return diff,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(known), Some(wanted)) => known.place().cmp(&wanted.place()),
            };
            let known = known.next_if(|_| order.is_le());
            let wanted = wanted.next_if(|_| order.is_ge());
            match (known, wanted) {
                (Some(known), None) => diff.extra.add(known, Vec::new),
                (None, Some(wanted)) => diff.missing.add(wanted, Vec::new),
                (Some(known), Some(wanted)) if known.content != wanted.content => {
                    diff.different.add(known, || differing_members(known, wanted));
                }
                _ => {}
            }
        }
    }

    /// Missing, extra and different routes.
    pub(crate) fn counts(&self) -> [usize; 3] {
        [self.missing.count, self.extra.count, self.different.count]
    }

    /// The listing as JSON, with everything beyond ASCII escaped.
    pub(crate) fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("text and numbers are JSON");
        let mut ascii = String::with_capacity(json.len());
        let mut units = [0; 2];
        for c in json.chars() {
            match c {
                '\n' | ' '..='~' => ascii.push(c),
                _ => ascii
                    .extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"))),
            }
        }
        ascii.push('\n');
        ascii
    }
}

fn differing_members(ours: Route<'_>, theirs: Route<'_>) -> Vec<String> {
    let (ours, theirs) = (members(ours), members(theirs));
    let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    // Routes are canonical, so what is spelled in another way is another value.
    let differs =
        |name: &&String| ours.get(*name).map(|v| v.get()) != theirs.get(*name).map(|v| v.get());
    names.into_iter().filter(differs).cloned().collect()
}

fn members(route: Route<'_>) -> Members<'_> {
    serde_json::from_slice(route.content).expect("a route is a JSON object")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::table::Routes;

    fn diff(ours: &str, theirs: &str) -> Diff {
        let table = |json: &str| {
            let routes = Routes::parse(json.as_bytes()).expect("these are routes");
            Table::compile(routes).expect("they make a table")
        };
        Diff::between(&table(ours), &table(theirs))
    }

    #[test]
    fn equal_tables_do_not_differ_however_they_are_written() {
        let one = r#"{"routes":[{"id":"a","x":1},{"id":"b"}]}"#;
        let two = r#"{"routes":[{"id":"b"},{"x":1,"id":"a"}]}"#;
        assert_eq!(diff(one, two), Diff::default());
    }

    #[test]
    fn each_difference_is_named_with_its_members() {
        let ours = r#"{"routes":[{"id":"a","x":1,"y":{"k":1}},{"id":"b"},{"id":"b","zone":"z"}]}"#;
        let theirs = r#"{"routes":[{"id":"a","w":0,"y":{"k":2}},{"id":"b"},{"id":"c"}]}"#;
        let diff = diff(ours, theirs);
        assert_eq!(diff.counts(), [1, 1, 1]);
        let named = |zone: Option<&str>, id: &str| {
            let zone = zone.map(str::to_owned);
            [Difference { zone, id: id.to_owned(), members: Vec::new() }]
        };
        assert_eq!(diff.missing.routes, named(None, "c"));
        assert_eq!(diff.extra.routes, named(Some("z"), "b"));
        assert_eq!(diff.different.routes[0].members, ["w", "x", "y"]);
    }

    #[test]
    fn the_listing_is_ascii_and_bounded() {
        let routes = (0..1_500).map(|n| format!("{{\"id\":\"\u{9b}2J\u{1f600}{n}\"}}"));
        let many = format!(r#"{{"routes":[{}]}}"#, routes.collect::<Vec<_>>().join(","));
        let diff = diff(&many, r#"{"routes":[]}"#);
        let json = diff.to_json();
        assert_eq!((diff.extra.count, diff.extra.routes.len()), (1_500, LISTED));
        assert!(json.is_ascii() && json.contains("\\u009b2J\\ud83d\\ude000"), "{}", &json[..300]);
        let read: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(read["extra"]["count"], 1_500);
    }
}
