//! A real etcd as the source of routes.

use super::{Tested, await_polls, await_table, get, holding, polls};
use crate::support::etcd::Etcd;
use crate::support::workspace;

#[test]
fn each_key_under_the_prefix_is_a_route_until_it_is_deleted() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/routes/b", r#"{"to": 2, "zone": "z"}"#);
    etcd.put("/routes/a/1", r#"{"to": 1}"#);
    etcd.put("/routesx", "elsewhere");
    let proxy = holding(&etcd.source(), &[]);
    let first = get(proxy.address, "/routes", &[]);
    let expected = r#"{"routes":[{"id":"a/1","to":1},{"id":"b","to":2,"zone":"z"}]}"#;
    assert_eq!(String::from_utf8_lossy(&first.content), expected);
    assert_eq!(get(proxy.address, "/routes/-/a/1", &[]).content, br#"{"id":"a/1","to":1}"#);
    // A change, an addition, and a deletion, which no revision of a key shows.
    etcd.put("/routes/b", r#"{"to":3,"zone":"z"}"#);
    await_table(proxy.address, r#""to":3"#);
    etcd.put("/routes/c", "{}");
    await_table(proxy.address, r#"{"id":"c"}"#);
    etcd.delete("/routes/c");
    await_table(proxy.address, r#""zone":"z"}]}"#);
    // Deleted and made again between two polls or not: it ends the same.
    etcd.delete("/routes/a/1");
    etcd.put("/routes/d", "{}");
    let last = await_table(proxy.address, r#"[{"id":"b","to":3,"zone":"z"},{"id":"d"}]"#);
    assert_ne!(last.field("etag"), first.field("etag"));
    let changed = polls(proxy.address, "changed");
    etcd.put("/elsewhere", "nothing");
    await_polls(proxy.address, "unchanged");
    assert_eq!(polls(proxy.address, "changed"), changed);
}

#[test]
fn what_is_no_route_in_etcd_keeps_the_last_table_where_all_of_it_is_asked_for() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/routes/a", "{}");
    let proxy = holding(&etcd.source(), &["--strict"]);
    etcd.put("/routes/b", "half a rou");
    await_polls(proxy.address, "malformed");
    assert_eq!(get(proxy.address, "/routes", &[]).content, br#"{"routes":[{"id":"a"}]}"#);
    etcd.put("/routes/b", "{}");
    await_table(proxy.address, r#"{"id":"b"}"#);
    etcd.delete("/routes/a");
    etcd.delete("/routes/b");
    await_polls(proxy.address, "empty");
    assert_eq!(get(proxy.address, "/health", &[]).status, 204);
}

#[test]
fn an_etcd_that_is_killed_costs_nothing_but_freshness() {
    let Some(mut etcd) = Etcd::start() else { return };
    etcd.put("/routes/a", "{}");
    let proxy = holding(&etcd.source(), &["--agree-on-date"]);
    let held = get(proxy.address, "/routes", &[]);
    etcd.kill();
    await_polls(proxy.address, "error");
    let kept = get(proxy.address, "/routes", &[]);
    assert_eq!((kept.status, kept.field("etag")), (200, held.field("etag")));
    assert_eq!(kept.field("last-modified"), held.field("last-modified"));
    etcd.restart();
    await_polls(proxy.address, "unchanged");
}

#[test]
fn an_etcd_that_begins_anew_is_not_taken_for_the_one_that_it_replaces() {
    let Some(mut etcd) = Etcd::start() else { return };
    for id in ["a", "b", "c"] {
        etcd.put(&format!("/routes/{id}"), "{}");
    }
    let proxy = holding(&etcd.source(), &[]);
    await_polls(proxy.address, "unchanged");
    // While the proxy looks away, etcd loses everything and gets as many routes as it had, none of
    // them of a later revision, and other keys that bring its own revision to where it was.
    proxy.process.signal(rustix::process::Signal::STOP);
    etcd.begin_anew();
    for id in ["d", "e", "f"] {
        etcd.put(&format!("/routes/{id}"), "{}");
    }
    for n in 0..8 {
        etcd.put(&format!("/elsewhere/{n}"), "nothing");
    }
    proxy.process.signal(rustix::process::Signal::CONT);
    await_table(proxy.address, r#"[{"id":"d"},{"id":"e"},{"id":"f"}]"#);
}

#[test]
fn keys_become_the_table_that_the_manual_shows() -> Tested {
    let Some(etcd) = Etcd::start() else { return Ok(()) };
    let manual = std::fs::read_to_string(workspace().join("crates/control_plane/README.md"))?;
    let (_, shown) = manual.split_once("\n## Routes\n").ok_or("a section on routes")?;
    let keys = shown.lines().skip_while(|line| *line != "```").skip(1);
    for line in keys.take_while(|line| *line != "```") {
        let (key, value) = line.split_once(' ').ok_or("a key and a value")?;
        etcd.put(key, value.trim());
    }
    let table = shown.split_once("```json\n").and_then(|(_, rest)| rest.split_once("\n```"));
    let (table, _) = table.ok_or("a table")?;
    let proxy = holding(&etcd.source(), &[]);
    let served = |target| String::from_utf8(get(proxy.address, target, &[]).content);
    assert_eq!(served("/routes")?, table);
    assert!(served("/routes/eu/eu/shop")?.contains(r#""id":"eu/shop""#));
    assert_eq!(get(proxy.address, "/routes/eu/shop", &[]).status, 404);
    assert_eq!(served("/routes/eu")?, table);
    assert!(served("/routes/-/blog")?.contains(r#""id":"blog""#));
    Ok(())
}
