//! Habits of servers in the wild, most of them harmless: what must be found, and nothing else.

use super::{Deployment, HEALTHY, LOCAL, deployment, fleet, single};
use crate::check::servers::{Server, odd_app};

const UNKNOWN: &[&str] = &["inconclusive"];

pub(super) fn odd() -> Vec<Deployment> {
    [tags(), answers(), contents(), statuses()].concat()
}

fn of(habit: &'static str, expected: &'static [&'static str]) -> Deployment {
    many(habit, 2, expected)
}

fn many(habit: &'static str, replicas: usize, expected: &'static [&'static str]) -> Deployment {
    deployment(format!("odd × {replicas}, {habit}"), &["python3"], expected, move || {
        fleet((1..=replicas).map(|replica| odd_app(habit, replica)).collect(), "random")
    })
}

fn one(habit: &'static str, expected: &'static [&'static str]) -> Deployment {
    deployment(format!("odd, {habit}"), &["python3"], expected, move || single(alone(habit)))
}

fn alone(habit: &str) -> Server {
    odd_app(habit, 1)
}

/// Forms of tags.
fn tags() -> Vec<Deployment> {
    const DATES: &[&str] = &["last-modified-differs"];
    let process = |habit| of(habit, LOCAL).because("process");
    let mtime = |habit| of(habit, LOCAL).because("mtime").also(DATES);
    vec![
        process("start-ms"),
        process("start-us"),
        process("start-iso"),
        of("start-date-tag", LOCAL).also(DATES),
        process("random-base64"),
        process("random-url64"),
        process("counter-padded"),
        process("counter-hex"),
        process("counter-named"),
        process("counter-revision"),
        process("counter-weak"),
        process("counter-bare"),
        process("snowflake"),
        process("host-and-hash"),
        process("hash-and-host"),
        process("build-and-hash"),
        process("crc-salted"),
        process("salt-dated"),
        process("random-bare"),
        process("moment-ns"),
        process("uuid-drift").also(DATES),
        // A hash shows nothing of what it is made of.
        of("salt-drift", LOCAL).because("unknown").also(DATES),
        of("two-algorithms", LOCAL).because("unknown"),
        many("one-odd", 5, LOCAL),
        mtime("size-ms"),
        mtime("size-ms-dated"),
        mtime("ns-size"),
        mtime("aspnet"),
        mtime("md5-of-mtime"),
        of("crc", HEALTHY),
        of("adler-decimal", HEALTHY),
        of("length", HEALTHY),
        of("same-everywhere", HEALTHY),
        of("bare", HEALTHY),
        of("some-weak", HEALTHY),
        of("empty-tag", HEALTHY),
        of("unterminated", HEALTHY),
        of("comma", HEALTHY),
        of("latin", HEALTHY),
        of("long", HEALTHY),
        of("by-agent", HEALTHY),
        of("empty-field", &["no-validator"]),
        of("tag-of-coded", HEALTHY),
        of("always-gzip", HEALTHY),
        of("gzip-clock", LOCAL),
        of("tag-of-coded-refused", &["suffix-not-understood"]),
        of("tag-when-coded", &["no-validator"]),
        of("weak-strong-compare", &["conditionals-ignored"]),
    ]
}

/// Fields, dates, and what becomes of preconditions.
fn answers() -> Vec<Deployment> {
    vec![
        of("session", HEALTHY),
        of("sticky-cookie", HEALTHY),
        of("served-by", HEALTHY),
        of("vary-any", &["revalidation-moot"]),
        of("no-cache", HEALTHY),
        of("rails", HEALTHY),
        of("minute", HEALTHY),
        of("expired", HEALTHY),
        of("cloudfront", &["healthy", "cache-answering"]),
        of("cloudflare", HEALTHY),
        of("cache-status", &["healthy", "cache-answering"]),
        of("fastly-miss", HEALTHY),
        of("two-tags", HEALTHY),
        of("star-only-refused", &["healthy", "list-not-understood"]),
        of("date-future", HEALTHY),
        of("date-850", HEALTHY),
        of("date-invalid", HEALTHY),
        of("date-only-later", HEALTHY),
        of("date-each", &["last-modified-differs"]),
        of("other-tag-in-304", &["malformed-304"]),
        of("always-304", &["malformed-304"]),
        one("early-hints", HEALTHY),
        one("chunked", HEALTHY),
        one("trailers", HEALTHY),
        one("until-close", HEALTHY),
        one("slow", HEALTHY),
    ]
}

/// Contents that are empty, large, or change.
fn contents() -> Vec<Deployment> {
    vec![
        of("empty", HEALTHY),
        of("html", HEALTHY),
        of("csrf", &["content-changing"]),
        of("request-stable-tag", &["shared-tag-across-contents"]).also(&["content-changing"]),
        one("changed-once", &["content-changing"]),
        one("each-20", &["content-changing"]),
        one("large", HEALTHY),
        many("large-counter", 2, LOCAL),
    ]
}

/// Other statuses than 200 and 304.
fn statuses() -> Vec<Deployment> {
    vec![
        one("status-204", UNKNOWN),
        one("status-206", UNKNOWN),
        one("status-403", UNKNOWN),
        one("status-410", UNKNOWN),
        one("status-429", UNKNOWN),
        one("status-503", UNKNOWN),
        one("refuses-with-412", UNKNOWN),
        one("limited", UNKNOWN),
        of("one-fails", UNKNOWN),
        many("one-fails-counter", 3, LOCAL).because("process"),
        one("fails-seldom", HEALTHY),
        deployment("odd, three redirects followed", &["python3"], HEALTHY, || {
            let mut stage = single(alone("hops"));
            stage.args.push("--follow".to_owned());
            stage
        }),
    ]
}
