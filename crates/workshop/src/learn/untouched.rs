//! Keys of a scenario that an exercise leaves alone: a run proves something only under the fleet and the
//! load that it was made for.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// The first key that differs from the exercise and may not: its path, and how it was.
pub(crate) fn moved(given: &str, now: &str, may_change: &[String]) -> Option<(String, String)> {
    let (given, now) = (flat(given)?, flat(now)?);
    let mut keys: Vec<_> = given.keys().chain(now.keys()).collect();
    keys.sort();
    let differs = |key: &&&String| given.get(**key) != now.get(**key);
    let is_free = |key: &str| {
        let within = |free: &String| key.strip_prefix(free.as_str()).is_some_and(ends_name);
        may_change.iter().any(within)
    };
    let key = keys.iter().filter(differs).find(|key| !is_free(&unnumbered(key)))?;
    let was = given.get(*key).map_or_else(|| "not there".to_owned(), ToString::to_string);
    Some((unnumbered(key), was))
}

/// Nothing more, or a key within.
fn ends_name(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('.')
}

/// All values by their paths: `load.clients`, `arm.0.strategy`. `None` of what is no TOML.
fn flat(text: &str) -> Option<BTreeMap<String, Value>> {
    let mut all = BTreeMap::new();
    flatten("", &Value::Table(text.parse::<Table>().ok()?), &mut all);
    Some(all)
}

fn flatten(path: &str, value: &Value, all: &mut BTreeMap<String, Value>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Table(table) => {
            table.iter().for_each(|(key, value)| flatten(&below(key), value, all));
        }
        Value::Array(list) if list.iter().any(Value::is_table) => {
            list.iter().enumerate().for_each(|(at, it)| flatten(&below(&at.to_string()), it, all));
        }
        value => {
            all.insert(path.to_owned(), value.clone());
        }
    }
}

/// The path without the places in lists.
fn unnumbered(path: &str) -> String {
    let parts = path.split('.').filter(|part| part.parse::<usize>().is_err());
    parts.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "[fleet]\nreplicas = 3\n[load]\nclients = 12\n[[arm]]\nstrategy = \"a\"\n";

    fn check(now: &str, free: &[&str], expected: Option<(&str, &str)>) {
        let free: Vec<_> = free.iter().map(|&key| key.to_owned()).collect();
        let moved = moved(GIVEN, now, &free);
        let moved = moved.as_ref().map(|(key, was)| (key.as_str(), was.as_str()));
        assert_eq!(moved, expected, "{now}");
    }

    #[test]
    fn a_key_that_is_free_may_differ_and_no_other() {
        check(GIVEN, &[], None);
        let other = GIVEN.replace("\"a\"", "\"b\"");
        check(&other, &["arm.strategy"], None);
        check(&other, &["arm"], None);
        check(&other, &["load"], Some(("arm.strategy", "\"a\"")));
        check(&GIVEN.replace("12", "9"), &["load"], None);
        check(&GIVEN.replace("= 3", "= 1"), &["load"], Some(("fleet.replicas", "3")));
    }

    #[test]
    fn a_key_that_was_not_there_is_named_as_well() {
        let more = format!("{GIVEN}policy = \"sticky\"\n");
        check(&more, &["arm.strategy"], Some(("arm.policy", "not there")));
        check(
            &GIVEN.replace("clients", "clientsx"),
            &["load.clients"],
            Some(("load.clientsx", "not there")),
        );
    }
}
