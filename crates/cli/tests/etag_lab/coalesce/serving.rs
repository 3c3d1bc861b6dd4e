//! Served content: tables, zones and routes, each with its own tag, conditions and codings.

use std::io::Read as _;

use super::{Tested, await_table, get, holding, start, table};
use crate::support::http::{Answer, ask};

/// Large enough that compressing it saves something.
pub(super) fn many_routes() -> String {
    let route =
        |n| format!(r#"{{"to":"http://10.0.0.{n}:8080/path","zone":"z{}","id":"r{n}"}}"#, n % 2);
    format!(r#"{{"routes":[{}]}}"#, (0..50).map(route).collect::<Vec<_>>().join(","))
}

fn tag(answer: &Answer) -> String {
    answer.field("etag").unwrap_or_default().to_owned()
}

#[test]
fn a_table_is_served_whole_once_and_then_as_304() {
    let (_, source) = table("table.json", r#"{"routes":[{"id":"b"},{"to":1,"id":"a"}]}"#);
    let proxy = holding(&source, &[]);
    let first = get(proxy.address, "/routes", &[]);
    assert_eq!(first.status, 200);
    assert_eq!(first.content, br#"{"routes":[{"id":"a","to":1},{"id":"b"}]}"#);
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-cache"),
        ("vary", "Accept-Encoding"),
        ("x-count", "2"),
        ("content-length", "41"),
    ] {
        assert_eq!(first.field(name), Some(value), "{name}");
    }
    assert!(first.field("last-modified").is_some() && !tag(&first).starts_with("W/"));
    let condition = format!("If-None-Match: \"x\", W/{}", tag(&first));
    let second = get(proxy.address, "/routes?v=1", &[&condition]);
    assert_eq!((second.status, second.content.len()), (304, 0));
    for name in ["etag", "cache-control", "vary"] {
        assert_eq!(second.field(name), first.field(name), "{name}");
    }
    for name in ["content-length", "content-type", "last-modified", "x-count"] {
        assert_eq!(second.field(name), None, "{name}");
    }
}

#[test]
fn head_says_what_get_would() -> Tested {
    let (_, source) = table("table.json", &many_routes());
    let proxy = holding(&source, &[]);
    for fields in [&[][..], &["Accept-Encoding: gzip"]] {
        let (got, head) =
            (get(proxy.address, "/routes", fields), ask(proxy.address, "HEAD /routes", fields)?);
        let without_date = |answer: Answer| {
            let mut fields = answer.fields;
            fields.retain(|(name, _)| name != "date");
            (answer.status, fields)
        };
        assert_eq!(head.content, b"");
        let condition = format!("If-None-Match: {}", tag(&head));
        assert_eq!(without_date(got), without_date(head));
        let fields = [fields, &[&condition]].concat();
        let (got, head) =
            (get(proxy.address, "/routes", &fields), ask(proxy.address, "HEAD /routes", &fields)?);
        assert_eq!(got.status, 304);
        assert_eq!(without_date(got), without_date(head));
    }
    Ok(())
}

#[test]
fn each_coding_has_its_own_tag() -> Tested {
    let (_, source) = table("table.json", &many_routes());
    let proxy = holding(&source, &[]);
    let plain = get(proxy.address, "/routes", &["Accept-Encoding: gzip;q=0, br"]);
    let coded = get(proxy.address, "/routes", &["Accept-Encoding: gzip"]);
    assert_eq!(plain.field("content-encoding"), None);
    assert_eq!(coded.field("content-encoding"), Some("gzip"));
    assert!(coded.content.len() < plain.content.len() / 2);
    let mut content = Vec::new();
    flate2::read::GzDecoder::new(&coded.content[..]).read_to_end(&mut content)?;
    assert_eq!(content, plain.content);
    assert_ne!(tag(&plain), tag(&coded));
    let condition = format!("If-None-Match: {}", tag(&plain));
    assert_eq!(get(proxy.address, "/routes", &["Accept-Encoding: gzip", &condition]).status, 200);
    assert_eq!(get(proxy.address, "/routes", &[&condition]).status, 304);
    let condition = format!("If-None-Match: {}", tag(&coded));
    let again = get(proxy.address, "/routes", &["Accept-Encoding: gzip", &condition]);
    assert_eq!((again.status, again.field("vary")), (304, Some("Accept-Encoding")));
    Ok(())
}

#[test]
fn a_change_of_one_route_leaves_the_tags_of_the_others() {
    let one = r#"{"routes":[{"id":"a","zone":"y"},{"id":"b ü/%","zone":"z"},{"id":"c"}]}"#;
    let (path, source) = table("table.json", one);
    let proxy = holding(&source, &[]);
    let all = [
        "/routes",
        "/routes/y",
        "/routes/z",
        "/routes/-",
        "/routes/y/a",
        "/routes/z/b%20%C3%BC%2f%25",
        "/routes/z/c",
        "/routes/-/c",
    ];
    let tags = || {
        all.map(|target| {
            let answer = get(proxy.address, target, &[]);
            assert_eq!(answer.status, 200, "{target}");
            tag(&answer)
        })
    };
    let before = tags();
    std::fs::write(path, one.replace(r#"ü/%""#, r#"ü/%","to":1"#)).expect("it can be written");
    await_table(proxy.address, r#""to":1"#);
    let changed: Vec<_> = all
        .into_iter()
        .zip(before.iter().zip(&tags()))
        .filter(|(_, (before, after))| before != after)
        .map(|(target, _)| target)
        .collect();
    assert_eq!(changed, ["/routes", "/routes/z", "/routes/z/b%20%C3%BC%2f%25"]);
}

#[test]
fn what_there_is_not_is_404_and_what_is_not_done_405() -> Tested {
    let (_, source) = table("table.json", r#"{"routes":[{"id":"a","zone":"z"}]}"#);
    let proxy = holding(&source, &[]);
    for target in
        "/ /routes/ /routes/y /routes/- /routes/z/b /routes/y/a /routes/%ff /diff".split(' ')
    {
        let answer = get(proxy.address, target, &["If-None-Match: *"]);
        assert_eq!((answer.status, answer.field("etag")), (404, None), "{target}");
    }
    for target in ["/routes", "/routes/z", "/routes/z/a", "/health", "/metrics"] {
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let answer = ask(proxy.address, &format!("{method} {target}"), &["Content-Length: 0"])?;
            let expected = (405, Some("GET, HEAD, OPTIONS"));
            assert_eq!((answer.status, answer.field("allow")), expected, "{method} {target}");
        }
        let answer = ask(proxy.address, &format!("OPTIONS {target}"), &[])?;
        assert_eq!((answer.status, answer.field("allow")), (204, Some("GET, HEAD, OPTIONS")));
    }
    assert_eq!(ask(proxy.address, "BREW /routes", &[])?.status, 501);
    assert_eq!(ask(proxy.address, "POST /nothing", &["Content-Length: 0"])?.status, 404);
    Ok(())
}

#[test]
fn every_precondition_counts() {
    let (_, source) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let proxy = holding(&source, &[]);
    let first = get(proxy.address, "/routes", &[]);
    let (tag, date) = (tag(&first), first.field("last-modified").unwrap_or_default());
    let old = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (condition, expected) in [
        (format!("If-None-Match: {tag}\r\nIf-Modified-Since: {old}"), 304),
        ("If-None-Match: *".to_owned(), 304),
        (format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {date}"), 200),
        (format!("If-Modified-Since: {date}"), 304),
        (format!("If-Modified-Since: {old}"), 200),
        (format!("If-Match: {tag}"), 200),
        ("If-Match: \"x\"".to_owned(), 412),
        (format!("If-Unmodified-Since: {old}"), 412),
        ("If-None-Match: unquoted".to_owned(), 200),
    ] {
        let answer = get(proxy.address, "/routes", &[&condition]);
        assert_eq!(answer.status, expected, "{condition}");
        assert_eq!(answer.content.is_empty(), expected != 200, "{condition}");
    }
}

#[test]
fn before_the_first_table_there_is_nothing_to_revalidate() {
    let missing = super::home().join("nowhere.json").display().to_string();
    let proxy = start(&missing, &["--allow-missing"]);
    assert_eq!(get(proxy.address, "/health", &[]).status, 503);
    for target in ["/routes", "/routes/z", "/routes/z/a"] {
        let answer = get(proxy.address, target, &["If-None-Match: *"]);
        assert_eq!((answer.status, answer.field("etag")), (503, None), "{target}");
        assert_eq!(answer.field("retry-after"), Some("1"));
    }
    super::file("nowhere.json", r#"{"routes":[{"id":"a"}]}"#);
    super::eventually("a table", super::PATIENCE, || {
        (get(proxy.address, "/health", &[]).status == 204).then_some(())
    });
    assert_eq!(get(proxy.address, "/routes", &[]).status, 200);
}
