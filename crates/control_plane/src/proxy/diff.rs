//! The differences between the table compiled here and the one that clients get directly, route by
//! route.
//!
//! Pure. The listing is JSON in ASCII: names come from outside, and may be read on a terminal.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::proxy::table::{Members, Route, Table};

/// Routes of each kind that are listed; all are counted.
const LISTED: usize = 1_000;

/// The differences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Routes that clients get and the table here lacks.
    pub missing: Differences<RouteName>,
    /// Routes of the table here that clients do not get.
    pub extra: Differences<RouteName>,
    /// Routes in both whose members differ.
    pub different: Differences<Different>,
}

/// The differences of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differences<T> {
    /// Their number.
    pub count: usize,
    /// The first thousand of them.
    pub routes: Vec<T>,
}

/// Zone and id of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteName {
    /// Its zone, if it names one.
    pub zone: Option<String>,
    /// Its id.
    pub id: String,
}

/// A route in which something differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Different {
    /// Its zone, if it names one.
    pub zone: Option<String>,
    /// Its id.
    pub id: String,
    /// Names of the members that differ or stand on one side only.
    pub members: Vec<String>,
}

impl<T> Default for Differences<T> {
    fn default() -> Self {
        Self { count: 0, routes: Vec::new() }
    }
}

impl<T> Differences<T> {
    fn add(&mut self, route: impl FnOnce() -> T) {
        self.count += 1;
        if self.routes.len() < LISTED {
            self.routes.push(route());
        }
    }
}

impl Diff {
    /// Compares the table compiled here with the one that clients get.
    pub fn between(ours: &Table, theirs: &Table) -> Self {
        let mut diff = Self::default();
        let known: BTreeMap<_, _> = ours.routes().iter().map(|route| (key(route), route)).collect();
        let wanted: BTreeMap<_, _> =
            theirs.routes().iter().map(|route| (key(route), route)).collect();
        for (key, wanted) in &wanted {
            match known.get(key) {
                None => diff.missing.add(|| place(wanted)),
                Some(known) if known.content() != wanted.content() => {
                    diff.different.add(|| different(known, wanted));
                }
                Some(_) => {}
            }
        }
        for (key, known) in &known {
            if !wanted.contains_key(key) {
                diff.extra.add(|| place(known));
            }
        }
        diff
    }

    /// Missing, extra and different routes.
    pub fn counts(&self) -> [usize; 3] {
        [self.missing.count, self.extra.count, self.different.count]
    }

    /// The listing as JSON, with everything beyond ASCII escaped.
    pub fn to_json(&self) -> String {
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

fn key(route: &Route) -> (&str, Option<&str>) {
    (route.id(), route.zone())
}

fn place(route: &Route) -> RouteName {
    RouteName { zone: route.zone().map(str::to_owned), id: route.id().to_owned() }
}

fn different(ours: &Route, theirs: &Route) -> Different {
    let RouteName { zone, id } = place(ours);
    let (ours, theirs) = (members(ours), members(theirs));
    let names = ours.keys().chain(theirs.keys().filter(|name| !ours.contains_key(*name)));
    let text =
        |members: &Members<'_>, name: &str| members.get(name).map(|value| value.get().to_owned());
    let differs = |name: &&String| text(&ours, name) != text(&theirs, name);
    let mut members: Vec<_> = names.filter(differs).cloned().collect();
    members.sort_unstable();
    Different { zone, id, members }
}

fn members(route: &Route) -> Members<'_> {
    serde_json::from_slice(route.content()).expect("a route is a JSON object")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(ours: &str, theirs: &str) -> Diff {
        let table = |json: &str| {
            let routes = Route::parse_all(json.as_bytes()).expect("these are routes");
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
        assert_eq!(diff.missing.routes, [RouteName { zone: None, id: "c".to_owned() }]);
        assert_eq!(
            diff.extra.routes,
            [RouteName { zone: Some("z".to_owned()), id: "b".to_owned() }]
        );
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
