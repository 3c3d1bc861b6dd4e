//! The page of metrics is what Prometheus reads, by its own rules (text format 0.0.4), and its
//! numbers are those of what happened.

use std::collections::BTreeMap;

use super::{get, holding, metric, table};

/// Families by name with their type and samples; any deviation from the format is a failure.
fn parse(page: &str) -> BTreeMap<String, (String, Vec<(String, f64)>)> {
    assert!(page.ends_with('\n'), "the last line ends too");
    let mut families: BTreeMap<String, (String, Vec<(String, f64)>)> = BTreeMap::new();
    let (mut helped, mut current) = (String::new(), String::new());
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, text) = help.split_once(' ').expect("help has a name and a text");
            assert!(!text.is_empty() && !families.contains_key(name), "{line}");
            name.clone_into(&mut helped);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a type has a name and a kind");
            assert!(["counter", "gauge"].contains(&kind) && name == helped, "{line}");
            assert!(is_name(name, true), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            families.insert(name.to_owned(), (kind.to_owned(), Vec::new()));
            name.clone_into(&mut current);
        } else {
            let (series, value) = line.rsplit_once(' ').expect("a sample has a value");
            let value: f64 = value.parse().expect("a value is a number");
            let name = series.split('{').next().unwrap_or_default();
            assert_eq!(name, current, "a sample stands below its type: {line}");
            check_labels(&series[name.len()..]);
            let samples = &mut families.get_mut(name).expect("it has a type").1;
            assert!(samples.iter().all(|(known, _)| known != series), "twice: {line}");
            samples.push((series.to_owned(), value));
        }
    }
    families
}

fn is_name(name: &str, may_hold_colons: bool) -> bool {
    let is_allowed =
        |c: char| c.is_ascii_alphanumeric() || c == '_' || (may_hold_colons && c == ':');
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(is_allowed)
}

fn check_labels(labels: &str) {
    if labels.is_empty() {
        return;
    }
    let inner = labels.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    for label in inner.expect("labels stand in braces").split(',') {
        let (name, value) = label.split_once('=').expect("a label has a value");
        let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let value = value.expect("the value of a label stands in quotes");
        assert!(is_name(name, false) && !value.contains(['"', '\\', '\n']), "{label}");
    }
}

#[test]
fn the_page_keeps_the_format_and_its_counters_only_rise() {
    let (_, source) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let proxy = holding(&source, &[]);
    let page = || {
        let answer = get(proxy.address, "/metrics", &[]);
        assert_eq!(answer.field("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        parse(std::str::from_utf8(&answer.content).expect("metrics are UTF-8"))
    };
    let before = page();
    get(proxy.address, "/routes", &[]);
    let after = page();
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let counters = before.iter().filter(|(_, (kind, _))| kind == "counter");
    for ((_, before), name) in counters.map(|(name, family)| (family, name)) {
        for ((series, before), (same, after)) in before.iter().zip(&after[name].1) {
            assert_eq!(series, same);
            assert!(before <= after, "{series}: {before} {after}");
        }
    }
}

#[test]
fn responses_and_bytes_are_counted_as_they_went() {
    let (_, source) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let proxy = holding(&source, &[]);
    let first = get(proxy.address, "/routes", &[]);
    let size = first.content.len() as u64;
    let condition = format!("If-None-Match: {}", first.field("etag").unwrap_or_default());
    for _ in 0..3 {
        assert_eq!(get(proxy.address, "/routes", &[&condition]).status, 304);
    }
    get(proxy.address, "/nothing", &[]);
    for (line, expected) in [
        ("coalescer_responses_total{status=\"200\"}", 1),
        ("coalescer_responses_total{status=\"304\"}", 3),
        ("coalescer_responses_total{status=\"404\"}", 1),
        ("coalescer_responses_total{status=\"204\"}", 0),
        ("coalescer_served_bytes_total", size),
        ("coalescer_avoided_bytes_total", 3 * size),
        ("coalescer_table_bytes", size),
        ("coalescer_table_routes", 1),
        ("coalescer_upstream_up", 1),
    ] {
        assert_eq!(metric::<u64>(proxy.address, line), expected, "{line}");
    }
}
