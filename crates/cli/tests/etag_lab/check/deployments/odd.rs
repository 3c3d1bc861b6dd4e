//! Habits of servers in the wild, most of them harmless: what must be found, and nothing else.

use super::{DATES, Deployment, HEALTHY, LOCAL, deployment, fleet, single};
use crate::check::servers::{Server, odd_app};

const UNKNOWN: &[&str] = &["inconclusive"];
const MALFORMED: &[&str] = &["malformed-tag"];

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

/// Fleets of two with each of these habits.
fn each(habits: &'static str, expected: &'static [&'static str]) -> Vec<Deployment> {
    habits.split_whitespace().map(|habit| of(habit, expected)).collect()
}

/// One server with each of these habits.
fn ones(habits: &'static str, expected: &'static [&'static str]) -> Vec<Deployment> {
    habits.split_whitespace().map(|habit| one(habit, expected)).collect()
}

/// Forms of tags.
fn tags() -> Vec<Deployment> {
    const PROCESS: &str = "start-ms start-us start-iso random-base64 random-url64 counter-padded \
                           counter-hex counter-named counter-revision counter-weak \
                           snowflake host-and-hash hash-and-host build-and-hash crc-salted \
                           salt-dated moment-ns";
    const MTIME: &str = "size-ms size-ms-dated ns-size aspnet md5-of-mtime";
    const FINE: &str = "crc adler-decimal same-everywhere some-weak empty-tag latin long \
                        tag-of-coded always-gzip";
    [
        each(PROCESS, LOCAL).into_iter().map(|one| one.because("process")).collect(),
        each(MTIME, LOCAL).into_iter().map(Deployment::of_dates).collect(),
        each(FINE, HEALTHY),
        each("bare unterminated comma", MALFORMED),
        vec![
            of("start-date-tag", LOCAL).also(DATES),
            of("counter-bare", LOCAL).because("process").also(MALFORMED),
            of("random-bare", LOCAL).because("process").also(MALFORMED),
            of("uuid-drift", LOCAL).because("process").also(DATES),
            // A hash shows nothing of what it is made of.
            of("salt-drift", LOCAL).because("unknown").also(DATES),
            of("two-algorithms", LOCAL).because("unknown"),
            of("by-agent", &["tag-follows-request"]),
            many("one-odd", 5, LOCAL),
            of("empty-field", &["no-validator"]),
            of("gzip-clock", LOCAL),
            of("tag-of-coded-refused", &["suffix-not-understood"]),
            of("tag-when-coded", &["no-validator"]),
            // An edition of the same length goes unnoticed.
            of("length", &["shared-tag-across-contents"]),
            of("weak-strong-compare", &["conditionals-ignored"]),
        ],
    ]
    .concat()
}

/// Fields, dates, and what becomes of preconditions.
fn answers() -> Vec<Deployment> {
    const FINE: &str = "session sticky-cookie served-by no-cache rails minute expired cloudflare \
                        fastly-miss date-future date-850 date-invalid";
    [
        each(FINE, HEALTHY),
        each("cloudfront cache-status", &["healthy", "cache-answering"]),
        each("other-tag-in-304 always-304 date-only-later", &["malformed-304"]),
        ones("early-hints chunked trailers until-close slow", HEALTHY),
        vec![
            of("two-tags", &["malformed-tag"]),
            of("vary-any", &["revalidation-moot"]),
            of("star-only-refused", &["healthy", "list-not-understood"]),
            of("date-each", DATES),
        ],
    ]
    .concat()
}

/// Contents that are empty, large, or change.
fn contents() -> Vec<Deployment> {
    const CHANGING: &[&str] = &["content-changing"];
    vec![
        of("empty", HEALTHY),
        of("html", HEALTHY),
        of("csrf", CHANGING),
        of("request-stable-tag", &["shared-tag-across-contents"]).also(CHANGING),
        one("changed-once", CHANGING),
        one("each-20", CHANGING),
        one("large", HEALTHY),
        many("large-counter", 2, LOCAL),
    ]
}

/// Other statuses than 200 and 304.
fn statuses() -> Vec<Deployment> {
    const REFUSING: &str = "status-204 status-206 status-403 status-410 status-429 status-503 \
                            limited";
    let mut all = ones(REFUSING, UNKNOWN);
    all.extend([
        one("refuses-with-412", &["match-misanswered"]),
        of("one-fails", UNKNOWN),
        many("one-fails-counter", 3, LOCAL).because("process"),
        // More than once is no accident: what one of several would say is not known.
        one("fails-seldom", UNKNOWN),
        deployment("odd, three redirects followed", &["python3"], HEALTHY, || {
            let mut stage = single(alone("hops"));
            stage.args.push("--follow".to_owned());
            stage
        }),
    ]);
    all
}
