//! Whatever a source does, the last good table is served, and the reason is counted and told once.

use std::time::{Duration, Instant};

use super::source::{Behaviour, Source, response, with_fields};
use super::{Tested, await_polls, await_table, get, metric, polls, table};
use crate::support::served::Served;
use crate::support::{etag_lab, eventually};

const GOOD: &str = r#"{"routes":[{"id":"a"}]}"#;
/// Address space: a program of this size starts, one that gathers endless content does not go on
/// for long.
const MEMORY_KIB: u32 = 600_000;

/// A proxy that has little memory, little patience, and a table.
fn proxy_of(source: &Source, args: &[&str]) -> Served {
    let mut command = std::process::Command::new("sh");
    command.arg("-c").arg(format!("ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\""));
    command.arg(etag_lab().get_program()).args(["coalesce", "--listen=127.0.0.1:0"]);
    command.args(["--interval=20ms", "--max-bytes=100000", "--upstream", &source.url("http")]);
    command.args(args).current_dir(super::home()).env("NO_COLOR", "1");
    let proxy = Served::started_by(&mut command);
    await_table(proxy.address, r#""a""#);
    proxy
}

/// The source turns bad, the table stays, the reason is counted; then it is good again.
fn check(reason: &str, bad: &[Behaviour], args: &[&str]) {
    let source = Source::start(response("200 OK", GOOD));
    let proxy = proxy_of(&source, args);
    let held = get(proxy.address, "/routes", &[]);
    for (at, behaviour) in bad.iter().enumerate() {
        source.become_(behaviour.clone());
        await_polls(proxy.address, reason);
        let kept = get(proxy.address, "/routes", &[]);
        assert_eq!((kept.status, &kept.content), (200, &held.content), "{behaviour:?}");
        assert_eq!(kept.field("etag"), held.field("etag"));
        assert_eq!(get(proxy.address, "/health", &[]).status, 204);
        assert_eq!(metric::<u64>(proxy.address, "coalescer_upstream_up"), 0, "{behaviour:?}");
        let age = metric::<f64>(proxy.address, "coalescer_table_age_seconds");
        eventually("an older table", super::PATIENCE, || {
            (metric::<f64>(proxy.address, "coalescer_table_age_seconds") > age).then_some(())
        });
        source.become_(response("200 OK", &format!(r#"{{"routes":[{{"id":"a","n":{at}}}]}}"#)));
        await_table(proxy.address, &format!(r#""n":{at}"#));
        source.become_(response("200 OK", GOOD));
        await_table(proxy.address, r#"{"id":"a"}"#);
    }
    // Once for each time that it turned bad, however many polls that were.
    let said = proxy.process.stderr();
    assert!(polls(proxy.address, reason) >= 2 * bad.len() as u64);
    assert_eq!(said.matches("poll brought no table").count(), bad.len(), "{said}");
    assert_eq!(said.matches(&format!("reason=\"{reason}\"")).count(), bad.len(), "{said}");
    assert_eq!(said.matches("polls succeed again").count(), bad.len(), "{said}");
}

#[test]
fn errors_and_redirects() {
    let away = with_fields("302 Found", "Location: /table\r\n", GOOD);
    // How the page of an error is coded is nothing that counts.
    let coded = with_fields("502 Bad Gateway", "Content-Encoding: gzip\r\n", GOOD);
    check(
        "error",
        &[
            response("500 Internal Server Error", GOOD),
            response("404 Not Found", GOOD),
            away,
            coded,
            response("204 No Content", ""),
        ],
        &[],
    );
}

#[test]
fn silence() {
    // A good answer must be in time on a busy machine, too.
    check("timeout", &[Behaviour::Silent], &["--timeout=2s"]);
}

#[test]
fn a_table_without_routes() {
    check("empty", &[response("200 OK", r#"{"routes":[]}"#)], &["--timeout=60s"]);
}

#[test]
fn what_is_no_table() {
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{GOOD}").into_bytes();
    check(
        "malformed",
        &[
            response("200 OK", &GOOD[..GOOD.len() - 1]),
            Behaviour::Bytes(cut),
            Behaviour::Bytes(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n".to_vec(),
            ),
            Behaviour::Bytes(b"\x1b[2J not HTTP\r\n\r\n".to_vec()),
            response("200 OK", "<html>\u{1b}[2J</html>"),
            response("200 OK", r#"{"routes":[{"to":1}]}"#),
            response("200 OK", r#"{"routes":{}}"#),
            with_fields("200 OK", "Content-Encoding: br\r\n", GOOD),
        ],
        &["--timeout=60s"],
    );
}

#[test]
fn what_is_no_route_where_all_of_the_table_is_asked_for() {
    check(
        "malformed",
        &[
            response("200 OK", r#"{"routes":[{"id":"a"},{"id":"a"}]}"#),
            response("200 OK", r#"{"routes":[{"id":"a"},{"to":1}]}"#),
        ],
        &["--timeout=60s", "--strict"],
    );
}

#[test]
fn what_does_not_end() {
    let long = format!(r#"{{"routes":[{{"id":"a","x":"{}"}}]}}"#, "x".repeat(100_000));
    check("oversize", &[Behaviour::Endless, response("200 OK", &long)], &["--timeout=60s"]);
    check("malformed", &[Behaviour::EndlessFields], &["--timeout=60s"]);
}

#[test]
fn a_304_that_nobody_asked_for_is_an_error() {
    let source = Source::start(response("200 OK", GOOD));
    let proxy = proxy_of(&source, &["--timeout=60s"]);
    source.become_(response("304 Not Modified", ""));
    await_polls(proxy.address, "error");
    assert_eq!(get(proxy.address, "/routes", &[]).status, 200);
}

#[test]
fn a_304_of_another_tag_is_an_error_and_everything_is_asked_for() {
    let source = Source::start(with_fields("200 OK", "ETag: \"one\"\r\n", GOOD));
    let proxy = proxy_of(&source, &["--timeout=60s"]);
    let asked = source.asked().len();
    let other = "HTTP/1.1 304 Not Modified\r\nETag: \"two\"\r\nConnection: close\r\n\r\n";
    source.become_(Behaviour::Bytes(other.as_bytes().to_vec()));
    eventually("the error", super::PATIENCE, || {
        (polls(proxy.address, "malformed") > 0).then_some(())
    });
    let said = proxy.process.stderr();
    assert!(said.contains("its 304 names") && said.contains("two"), "{said}");
    // The one after it is not conditional, so that this 304 is one that nobody asked for.
    await_polls(proxy.address, "error");
    let last = source.asked().pop().unwrap_or_default();
    assert!(!last.contains("if-none-match") && source.asked().len() > asked, "{last}");
    assert_eq!(get(proxy.address, "/routes", &[]).status, 200);
    source.become_(with_fields("200 OK", "ETag: \"two\"\r\n", r#"{"routes":[{"id":"b"}]}"#));
    await_table(proxy.address, r#""b""#);
}

#[test]
fn a_cut_table_is_asked_for_again_whatever_tag_it_had() {
    let tagged =
        |tag: &str, content: &str| with_fields("200 OK", &format!("ETag: \"{tag}\"\r\n"), content);
    let source = Source::start(tagged("one", GOOD));
    let proxy = proxy_of(&source, &["--timeout=60s"]);
    source.become_(tagged("two", &GOOD[..10]));
    await_polls(proxy.address, "malformed");
    // It still asks by the tag of what it holds: a 304 to "two" would keep the old table for ever.
    let last = source.asked().pop().unwrap_or_default();
    assert!(last.contains("if-none-match: \"one\"\r\n"), "{last}");
    source.become_(tagged("two", r#"{"routes":[{"id":"b"}]}"#));
    await_table(proxy.address, r#""b""#);
}

#[test]
fn emptiness_can_be_meant() -> Tested {
    let (path, source) = table("table.json", GOOD);
    let proxy = super::holding(&source, &["--allow-empty"]);
    std::fs::write(path, r#"{"routes":[]}"#)?;
    let empty = await_table(proxy.address, r#"{"routes":[]}"#);
    assert_eq!((empty.status, empty.field("x-count")), (200, Some("0")));
    Ok(())
}

#[test]
fn a_table_is_held_however_long_it_takes_to_read() {
    let routes: Vec<_> = (0..60_000).map(|n| format!(r#"{{"id":"{n}"}}"#)).collect();
    let (_, source) = table("table.json", &format!(r#"{{"routes":[{}]}}"#, routes.join(",")));
    let patience = ["--interval=20ms", "--timeout=1ms"];
    let proxy = Served::start(&[&["coalesce", "--upstream", &source], &patience[..]].concat());
    await_table(proxy.address, r#"{"id":"59999"}"#);
}

#[test]
fn a_slow_source_costs_its_clients_nothing() {
    let source = Source::start(response("200 OK", GOOD));
    let proxy = proxy_of(&source, &["--timeout=60s"]);
    source.become_(Behaviour::Silent);
    let asked = source.asked().len();
    eventually("a poll that hangs", super::PATIENCE, || {
        (source.asked().len() > asked).then_some(())
    });
    let started = Instant::now();
    assert_eq!(get(proxy.address, "/routes", &[]).status, 200);
    assert!(started.elapsed() < Duration::from_secs(30));
}
