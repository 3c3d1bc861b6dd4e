//! RFC 9111 as tables: the fields of a response, and what each next request is answered with.
//!
//! The origin sends `1`, then `2` and so on, so that a content says whether it was stored. Comments name
//! the tests of the public suite (cache-tests.fyi) that ask the same; the table is our own.

use std::time::{Duration, SystemTime};

use semantics::HttpDate;

use crate::support::{CUT, Stage};

/// Seconds after the start, fields of the request, and the content expected, or status and content.
type Poll<'a> = (u64, &'a str, &'a str);

async fn polled(stage: &Stage, polls: &[Poll<'_>], about: &str) {
    for (number, (seconds, fields, expected)) in polls.iter().enumerate() {
        stage.passed(*seconds);
        let got = stage.get(fields).await;
        let shown = match got.status {
            200 => got.content,
            status => format!("{status} {}", got.content).trim_end().to_owned(),
        };
        assert_eq!(&shown, expected, "{about}, request {} at {seconds} s", number + 1);
    }
}

/// An origin that answers 200 with these fields each time.
async fn check(fields: &str, polls: &[Poll<'_>]) {
    check_as("200 OK", fields, polls).await;
}

async fn check_as(status: &str, fields: &str, polls: &[Poll<'_>]) {
    let answer =
        |content| format!("HTTP/1.1 {status}\r\n{fields}content-length: 1\r\n\r\n{content}");
    let answers: Vec<_> = (1..=9).map(answer).collect();
    check_answers("revalidating", &answers, polls).await;
}

async fn check_answers(kind: &str, answers: &[String], polls: &[Poll<'_>]) -> Stage {
    let answers: Vec<_> = answers.iter().map(String::as_str).collect();
    let stage = Stage::start(kind, &answers).await;
    polled(&stage, polls, &answers.join("; ")).await;
    stage
}

/// A date so many seconds from now.
fn at(seconds: i64) -> String {
    let moved = Duration::from_secs(seconds.unsigned_abs());
    let now = SystemTime::now();
    let date = if seconds < 0 { now - moved } else { now + moved };
    HttpDate::try_from(date).expect("a date of this century").to_string()
}

#[tokio::test]
async fn lifetimes() {
    for (fields, lasts) in [
        // freshness-max-age, -s-maxage, and which of them counts.
        ("cache-control: max-age=60\r\n", true),
        ("cache-control: max-age=0\r\n", false),
        ("cache-control: s-maxage=60, max-age=0\r\n", true),
        ("cache-control: s-maxage=0, max-age=60\r\n", false),
        ("cache-control: max-age=60\r\nage: 60\r\n", false),
        ("cache-control: max-age=60\r\nage: 30\r\n", true),
        // freshness-max-age-case-insensitive, -quoted; a comma in quotes ends nothing.
        ("cache-control: MAX-AGE=60\r\n", true),
        ("cache-control: max-age=\"60\"\r\n", true),
        ("cache-control: a=\"x, no-store, max-age=60\"\r\n", false),
        ("cache-control: a=\"x, max-age=0\", max-age=60\r\n", true),
        // freshness-max-age-max-plus-plus, -negative, -leading-zero; the first of two counts.
        ("cache-control: max-age=99999999999\r\n", true),
        ("cache-control: max-age=-60\r\n", false),
        ("cache-control: max-age=060\r\n", true),
        ("cache-control: max-age=a60\r\n", false),
        ("cache-control: max-age=60\r\ncache-control: max-age=0\r\n", true),
        ("cache-control: max-age=0, max-age=60\r\n", false),
        // age-parse-*: the first member counts, nonsense is no age.
        ("cache-control: max-age=60\r\nage: 60, 0\r\n", false),
        ("cache-control: max-age=60\r\nage: abc\r\n", true),
        ("cache-control: max-age=60\r\nage: -60\r\n", true),
        ("", false),
        // cc-resp-no-cache-case-insensitive, cc-resp-proxy-revalidate: the latter is about stale ones.
        ("cache-control: max-age=60, No-Cache\r\n", false),
        ("cache-control: max-age=60, no-cache=\"set-cookie\"\r\n", false),
        ("cache-control: max-age=60, proxy-revalidate\r\n", true),
        ("pragma: no-cache\r\ncache-control: max-age=60\r\n", true),
    ] {
        check(fields, &[(0, "", "1"), (1, "", if lasts { "1" } else { "2" })]).await;
    }
    check("cache-control: max-age=60\r\n", &[(0, "", "1"), (59, "", "1"), (60, "", "2")]).await;
}

#[tokio::test]
async fn dates() {
    let expires =
        |seconds, date: i64| format!("date: {}\r\nexpires: {}\r\n", at(date), at(seconds));
    // freshness-expires-*: of the origin's own clock, and never older than it looks.
    check(&expires(60, 0), &[(0, "", "1"), (58, "", "1"), (61, "", "2")]).await;
    check(&expires(-60, 0), &[(0, "", "1"), (0, "", "2")]).await;
    check(&expires(3_660, 3_600), &[(0, "", "1"), (58, "", "1"), (61, "", "2")]).await;
    // Sent an hour ago to live for two, and it says so by its date alone.
    let old = |life| format!("date: {}\r\ncache-control: max-age={life}\r\n", at(-3_600));
    check(&old(7_200), &[(0, "", "1"), (3_500, "", "1"), (3_601, "", "2")]).await;
    check(&old(3_600), &[(0, "", "1"), (0, "", "2")]).await;
    for expires in ["0", "Thu, 18  Aug  2050 02:01:18 GMT", "Thu, 18 Aug 2050 02:01:18 +0100", ""] {
        let fields = format!("expires: {expires}\r\n");
        check(&fields, &[(0, "", "1"), (0, "", "2")]).await;
    }
    check("expires: Thu Aug 18 02:01:18 2050\r\n", &[(0, "", "1"), (9, "", "1")]).await;
    // freshness-max-age-expires: a lifetime in seconds counts before a date.
    let both = format!("{}cache-control: max-age=60\r\n", expires(-60, 0));
    check(&both, &[(0, "", "1"), (59, "", "1")]).await;
    // heuristic-*: a tenth of what it has not changed for, and for some statuses alone.
    let guessed = format!("last-modified: {}\r\n", at(-1_000));
    check(&guessed, &[(0, "", "1"), (95, "", "1"), (105, "", "2")]).await;
    check_as("404 Not Found", &guessed, &[(0, "", "404 1"), (9, "", "404 1")]).await;
    check_as("403 Forbidden", &guessed, &[(0, "", "403 1"), (9, "", "403 2")]).await;
}

#[tokio::test]
async fn what_is_stored() {
    let fresh = "cache-control: max-age=60\r\n";
    for (request, fields, lasts) in [
        ("", "cache-control: no-store, max-age=60\r\n", false),
        ("", "cache-control: max-age=60, NO-STORE\r\n", false),
        ("", "cache-control: private, max-age=60\r\n", false),
        ("", "cache-control: private=\"set-cookie\", max-age=60\r\n", false),
        // other-authorization, -public, -must-revalidate, -smaxage.
        ("authorization: x\r\n", fresh, false),
        ("authorization: x\r\n", "cache-control: max-age=60, public\r\n", true),
        ("authorization: x\r\n", "cache-control: max-age=60, must-revalidate\r\n", true),
        ("authorization: x\r\n", "cache-control: s-maxage=60\r\n", true),
        // ccreq-no-store.
        ("cache-control: no-store\r\n", fresh, false),
        ("", "cache-control: max-age=60\r\nset-cookie: a=b\r\n", false),
    ] {
        check(fields, &[(0, request, "1"), (1, request, if lasts { "1" } else { "2" })]).await;
    }
    for (status, lasts) in
        [("301 Moved", true), ("404 Not Found", true), ("410 Gone", true), ("500 Oh", false)]
    {
        let code = &status[..3];
        let again = format!("{code} {}", if lasts { 1 } else { 2 });
        let first = format!("{code} 1");
        check_as(status, fresh, &[(0, "", &first), (1, "", &again)]).await;
    }
    // A part is not the whole (partial-store-partial-*).
    let part = "cache-control: max-age=60\r\ncontent-range: bytes 0-0/2\r\n";
    check_as("206 Partial Content", part, &[(0, "", "206 1"), (1, "", "206 2")]).await;
}

#[tokio::test]
async fn selections_by_vary() {
    let vary = |names: &str| format!("cache-control: max-age=60\r\nvary: {names}\r\n");
    let (a, b) = ("foo: a\r\n", "foo: b\r\n");
    // vary-match, -omit, -3-*, -star, -syntax-*.
    check(&vary("Foo"), &[(0, a, "1"), (1, a, "1"), (1, b, "2"), (1, "", "3"), (2, a, "1")]).await;
    check(&vary("bar, FOO"), &[(0, a, "1"), (1, a, "1"), (1, b, "2"), (2, b, "2")]).await;
    check(&vary("bar\r\nvary: foo"), &[(0, a, "1"), (1, b, "2"), (1, a, "1")]).await;
    check(&vary("*"), &[(0, a, "1"), (1, a, "2")]).await;
    check(&vary("foo, *"), &[(0, a, "1"), (1, a, "2")]).await;
    check(&vary("foo\r\nvary: *"), &[(0, a, "1"), (1, a, "2")]).await;
    check(&vary(",foo,,"), &[(0, a, "1"), (1, a, "1"), (1, b, "2")]).await;
    // Two lines are one value, and not their first (vary-normalise-combine).
    let two = "foo: a\r\nfoo: b\r\n";
    check(&vary("foo"), &[(0, two, "1"), (1, a, "2"), (1, two, "1"), (1, "foo: a, b\r\n", "1")])
        .await;
}

#[tokio::test]
async fn requests_that_ask_for_more_or_for_less() {
    let fresh = "cache-control: max-age=60\r\n";
    for (request, expected) in [
        // ccreq-ma0, -max-age-age, -min-fresh, -no-cache, -oic; pragma-request-no-cache.
        ("cache-control: max-age=0\r\n", "2"),
        ("cache-control: max-age=5\r\n", "2"),
        ("cache-control: Max-Age=20\r\n", "1"),
        ("cache-control: min-fresh=51\r\n", "2"),
        ("cache-control: min-fresh=50\r\n", "1"),
        ("cache-control: NO-CACHE\r\n", "2"),
        ("pragma: no-cache\r\n", "2"),
        ("cache-control: only-if-cached\r\n", "1"),
    ] {
        check(fresh, &[(0, "", "1"), (10, request, expected)]).await;
    }
    check(fresh, &[(0, "cache-control: only-if-cached\r\n", "504")]).await;
    // ccreq-max-stale, -max-stale-age, and the directives that rule it out.
    let old = "cache-control: max-stale=20\r\n";
    check(
        fresh,
        &[(0, "", "1"), (70, old, "1"), (70, "cache-control: max-stale\r\n", "1"), (90, old, "2")],
    )
    .await;
    for strict in ["max-age=60, must-revalidate", "max-age=60, proxy-revalidate", "s-maxage=60"] {
        let fields = format!("cache-control: {strict}\r\n");
        check(&fields, &[(0, "", "1"), (61, old, "2")]).await;
    }
}

#[tokio::test]
async fn conditions_of_clients() {
    let modified = at(-10_000);
    let fields =
        format!("etag: \"a\"\r\nlast-modified: {modified}\r\ncache-control: max-age=60\r\n");
    let weak = "etag: W/\"a\"\r\ncache-control: max-age=60\r\n";
    for (request, expected) in [
        // conditional-etag-*: lists, weakness, any; the date counts where there is no tag.
        ("if-none-match: \"a\"", "304"),
        ("if-none-match: W/\"a\"", "304"),
        ("if-none-match: \"x\", \"a\" , \"y\"", "304"),
        ("if-none-match: \"x\"\r\nif-none-match: \"a\"", "304"),
        ("if-none-match: *", "304"),
        ("if-none-match: \"x\"", "1"),
        ("if-none-match: a", "1"),
        (&format!("if-modified-since: {modified}"), "304"),
        (&format!("if-modified-since: {}", at(0)), "304"),
        (&format!("if-modified-since: {}", at(-20_000)), "1"),
        (&format!("if-none-match: \"x\"\r\nif-modified-since: {modified}"), "1"),
    ] {
        let request = format!("{request}\r\n");
        // The first as well as the second is the cache's own decision.
        check(&fields, &[(0, &request, expected), (1, "", "1"), (2, &request, expected)]).await;
    }
    check(weak, &[(0, "", "1"), (1, "if-none-match: \"a\"\r\n", "304")]).await;
    // Other statuses have no preconditions.
    check_as("404 Not Found", &fields, &[(0, "if-none-match: *\r\n", "404 1")]).await;
}

#[tokio::test]
async fn a_304_of_the_cache_has_the_fields_that_the_client_stores() {
    let fields = "etag: \"a\"\r\ncache-control: max-age=60\r\ncontent-security-policy: x\r\n\
                  content-location: /c\r\ncontent-type: text/x\r\nvary: foo\r\n";
    let answer = format!("HTTP/1.1 200 OK\r\n{fields}content-length: 1\r\n\r\n1");
    let stage = check_answers("revalidating", &[answer], &[(0, "", "1")]).await;
    let got = stage.get("if-none-match: *\r\n").await;
    let names =
        ["etag", "cache-control", "content-security-policy", "content-location", "vary", "age"];
    assert!(names.iter().all(|name| got.field(name).is_some()), "{got:?}");
    assert_eq!(
        (got.status, got.field("content-type"), got.field("content-length")),
        (304, None, None)
    );
}

#[tokio::test]
async fn ranges_of_what_is_stored() {
    let whole = "HTTP/1.1 200 OK\r\netag: \"a\"\r\ncache-control: max-age=60\r\n\
                 content-length: 5\r\n\r\n01234";
    // partial-store-complete-reuse-partial, -no-last, -suffix; of a weak or other tag the whole.
    check_answers(
        "revalidating",
        &[whole.to_owned()],
        &[
            (0, "range: bytes=1-2\r\n", "206 12"),
            (1, "range: bytes=3-\r\n", "206 34"),
            (1, "range: bytes=-1\r\n", "206 4"),
            (1, "range: bytes=3-9\r\n", "206 34"),
            (1, "range: bytes=5-\r\n", "416"),
            (1, "range: bytes=0-0,2-2\r\n", "01234"),
            (1, "range: lines=0-0\r\n", "01234"),
            (1, "range: bytes=0-0\r\nif-range: \"a\"\r\n", "206 0"),
            (1, "range: bytes=0-0\r\nif-range: \"b\"\r\n", "01234"),
            (1, "range: bytes=0-0\r\nif-none-match: \"a\"\r\n", "304"),
            (1, "", "01234"),
        ],
    )
    .await;
}

fn numbered(fields: &str, content: u8) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}content-length: 1\r\n\r\n{content}")
}

fn not_modified(fields: &str) -> String {
    format!("HTTP/1.1 304 Not Modified\r\n{fields}\r\n")
}

#[tokio::test]
async fn a_304_of_the_origin_replaces_fields_and_may_change_their_number() {
    // 304-etag-update-response-*.
    let first = "etag: \"a\"\r\ncache-control: max-age=1\r\nx: 1\r\ncontent-security-policy: a\r\n\
                 content-type: text/a\r\nage: 0\r\nkept: 1\r\n";
    let newer = "etag: \"a\"\r\ncache-control: max-age=9\r\ncache-control: public\r\nx: 2\r\nx: 3\r\n\
                 content-security-policy: b\r\ncontent-type: text/b\r\nnew: 1\r\n";
    let answers = [numbered(first, 1), not_modified(newer)];
    let stage = check_answers("revalidating", &answers, &[(0, "", "1"), (1, "", "1")]).await;
    stage.passed(9);
    let got = stage.get("").await;
    let of = |name| got.field(name);
    assert_eq!((of("content-security-policy"), of("content-type")), (Some("b"), Some("text/a")));
    assert_eq!((of("x"), of("new"), of("kept")), (Some("2"), Some("1"), Some("1")));
    assert_eq!(
        (of("age"), of("cache-control"), of("content-length")),
        (Some("8"), Some("max-age=9"), Some("1"))
    );
    assert_eq!(stage.asked().len(), 2);
}

#[tokio::test]
async fn a_304_about_something_else_reaches_nobody_and_the_whole_is_fetched() {
    let fields = "etag: \"a\"\r\ncache-control: max-age=1\r\n";
    for other in ["etag: \"b\"\r\n", "etag: W/\"b\"\r\n"] {
        let answers = [numbered(fields, 1), not_modified(other), numbered(fields, 2)];
        let polls = [(0, "", "1"), (1, "", "2"), (1, "", "2")];
        let stage = check_answers("revalidating", &answers, &polls).await;
        let conditions: Vec<_> =
            stage.asked().iter().map(|asked| asked.field("if-none-match").is_some()).collect();
        assert_eq!(conditions, [false, true, false]);
    }
    // Without a validator, or weakened on the way, it is about what was asked for.
    for same in ["", "etag: W/\"a\"\r\n", "cache-control: max-age=60\r\n"] {
        let answers = [numbered(fields, 1), not_modified(same)];
        check_answers("revalidating", &answers, &[(0, "", "1"), (1, "", "1")]).await;
    }
}

#[tokio::test]
async fn stale_while_it_is_validated() {
    // stale-while-revalidate, -window; a client that wants a new one waits for it.
    let lenient = |more| format!("cache-control: max-age=10, stale-while-revalidate=10{more}\r\n");
    let late = "cache-control: no-cache\r\n";
    check(&lenient(""), &[(0, "", "1"), (19, "", "1"), (19, "", "2"), (40, "", "3")]).await;
    check(&lenient(""), &[(0, "", "1"), (5, late, "2"), (15, late, "3")]).await;
    check(&lenient(", must-revalidate"), &[(0, "", "1"), (19, "", "2")]).await;
    check(&lenient(", no-cache"), &[(0, "", "1"), (5, "", "2")]).await;
}

#[tokio::test]
async fn stale_because_the_origin_fails() {
    let failed = || "HTTP/1.1 503 Oh\r\ncontent-length: 1\r\n\r\n5".to_owned();
    let cut = || CUT.to_owned();
    for (directives, kind, lasts) in [
        // stale-sie-503, stale-sie-close; stale-close-must-revalidate and its kin.
        ("max-age=10, stale-if-error=60", "revalidating", true),
        ("max-age=10, stale-if-error=5", "revalidating", false),
        ("max-age=10, stale-if-error=60, must-revalidate", "revalidating", false),
        ("s-maxage=10, stale-if-error=60", "refetching", true),
        ("max-age=10", "revalidating", false),
        // It goes stale behind the client's back as well; ten seconds of grace are over at 21.
        ("max-age=12", "grace", true),
        ("max-age=10", "grace", false),
    ] {
        let first = numbered(&format!("cache-control: {directives}\r\n"), 1);
        let stored = if lasts { "1" } else { "503 5" };
        let answers = [first.clone(), failed(), failed()];
        check_answers(kind, &answers, &[(0, "", "1"), (21, "", stored), (21, "", stored)]).await;
        let stored = if lasts { "1" } else { "502" };
        let answers = [first, cut(), cut(), cut(), cut()];
        check_answers(kind, &answers, &[(0, "", "1"), (21, "", stored), (21, "", stored)]).await;
    }
}

#[tokio::test]
async fn the_age_of_what_is_stored_is_told() {
    let aged = "cache-control: max-age=60\r\nage: 30\r\n";
    let stage = check_answers("revalidating", &[numbered(aged, 1)], &[(0, "", "1")]).await;
    stage.passed(9);
    assert_eq!(stage.get("").await.field("age"), Some("39"));
}

#[tokio::test]
async fn many_resources_and_many_selections_do_not_grow_for_ever() {
    let answers: Vec<_> =
        (0..40).map(|_| numbered("cache-control: max-age=60\r\nvary: foo\r\n", 1)).collect();
    let answers: Vec<_> = answers.iter().map(String::as_str).collect();
    let stage = Stage::start("revalidating", &answers).await;
    for number in 0..33 {
        stage.get(&format!("foo: {number}\r\n")).await;
    }
    stage.get("foo: 32\r\n").await;
    assert_eq!(stage.asked().len(), 33);
    // The oldest made room.
    stage.get("foo: 0\r\n").await;
    assert_eq!(stage.asked().len(), 34);
}
