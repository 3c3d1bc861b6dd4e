//! One bad key costs that key: everything else is served, and what is missing is counted and said.

use super::{PATIENCE, Tested, await_polls, await_table, file, get, holding, metric, start};
use crate::support::etcd::Etcd;
use crate::support::{eventually, home};

const LEFT_OUT: &str = "coalescer_keys_left_out";

#[test]
fn a_bad_key_is_left_out_from_the_start_and_until_it_is_mended() {
    let Some(etcd) = Etcd::start() else { return };
    for (key, value) in [
        ("good", r#"{"to":1}"#),
        ("text", "just a string"),
        ("array", "[]"),
        ("zone", r#"{"zone":7}"#),
        ("none", r#"{"zone":"-"}"#),
        ("twin", r#"{"id":"good","to":2}"#),
        ("", "{}"),
    ] {
        etcd.put(&format!("/routes/{key}"), value);
    }
    let proxy = holding(&etcd.source(), &[]);
    let table = get(proxy.address, "/routes", &[]);
    assert_eq!(table.content, br#"{"routes":[{"id":"good","to":1}]}"#);
    assert_eq!(metric::<usize>(proxy.address, LEFT_OUT), 6);
    let health = get(proxy.address, "/health", &[]);
    assert_eq!((health.status, health.field("x-left-out")), (204, Some("6")));
    await_polls(proxy.address, "unchanged");
    let said = proxy.process.stderr();
    assert_eq!(said.matches("what is no route is left out").count(), 1, "{said}");
    for reason in ["/routes/text", "not a JSON object", "its `zone` is not", "and 1 more"] {
        assert!(said.contains(reason), "{reason}: {said}");
    }
    // Another one, of which the table knows nothing, is another line.
    etcd.put("/routes/worse", "{");
    eventually("a seventh", PATIENCE, || {
        (metric::<usize>(proxy.address, LEFT_OUT) == 7).then_some(())
    });
    assert_eq!(get(proxy.address, "/routes", &[]).field("etag"), table.field("etag"));
    for key in ["text", "array", "zone", "none", "twin", "worse"] {
        etcd.delete(&format!("/routes/{key}"));
    }
    etcd.put("/routes/", r#"{"id":"slash"}"#);
    await_table(proxy.address, r#"[{"id":"good","to":1},{"id":"slash"}]"#);
    eventually("nothing left out", PATIENCE, || {
        (metric::<usize>(proxy.address, LEFT_OUT) == 0).then_some(())
    });
    assert_eq!(get(proxy.address, "/health", &[]).field("x-left-out"), None);
    assert!(proxy.process.stderr().contains("nothing is left out any more"));
}

#[test]
fn a_strict_proxy_serves_all_of_the_table_or_nothing() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/routes/good", "{}");
    etcd.put("/routes/text", "just a string");
    let proxy = start(&etcd.source(), &["--strict"]);
    await_polls(proxy.address, "malformed");
    assert_eq!(get(proxy.address, "/routes", &[]).status, 503);
    let said = proxy.process.stderr();
    assert!(said.contains("/routes/text") && said.contains("not a JSON object"), "{said}");
    etcd.put("/routes/text", "{}");
    await_table(proxy.address, r#"[{"id":"good"},{"id":"text"}]"#);
}

#[test]
fn a_source_of_nothing_but_bad_keys_is_no_empty_table() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/routes/a", "{}");
    let proxy = holding(&etcd.source(), &["--allow-empty"]);
    etcd.put("/routes/a", "half a rou");
    await_polls(proxy.address, "malformed");
    assert_eq!(get(proxy.address, "/routes", &[]).content, br#"{"routes":[{"id":"a"}]}"#);
}

#[test]
fn a_bad_file_of_a_folder_is_left_out_unless_it_may_be_half_a_table() -> Tested {
    std::fs::create_dir(home().join("routes"))?;
    file("routes/a.json", "{}");
    file("routes/b.json", "no JSON");
    file("routes/c.json", r#"{"routes":[{"id":"x"},{"id":"y"}, 7]}"#);
    let proxy = holding(&format!("dir:{}", home().join("routes").display()), &[]);
    let all = br#"{"routes":[{"id":"a"},{"id":"x"},{"id":"y"}]}"#;
    assert_eq!(get(proxy.address, "/routes", &[]).content, all);
    assert_eq!(metric::<usize>(proxy.address, LEFT_OUT), 2);
    let said = proxy.process.stderr();
    assert!(said.contains("b.json`: not a JSON") && said.contains("c.json`, route 3: "), "{said}");
    file("routes/c.json", r#"{"routes":[{"id":"x"},"#);
    await_polls(proxy.address, "malformed");
    assert_eq!(get(proxy.address, "/routes", &[]).content, all);
    Ok(())
}
