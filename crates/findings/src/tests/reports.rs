//! Public reports about services that run, as the exchanges of a check of each: the findings with their
//! causes, none else, and whom the advice is for. Those that were captured or pasted are in
//! `probe/tests/probe/reports.rs`. A report is a name, its exchanges, and a line.

use crate::Check;
use crate::fixture::evidence;

/// Report: exchanges, `name (cause)` of each finding, words of the evidence or the title, words of the advice.
type Report = (&'static str, &'static str, &'static [&'static str], &'static str, &'static str);

const REPORTS: [Report; 12] = [
    (
        "b01: nginx removes the unquoted tag of Starlette 0.31 when it compresses",
        r"
        8 × -> 200; Server: nginx; ETag: 5d41402abc4b2a76b9719d911017c592; Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT; Vary: Accept-Encoding | hello
        4 × If-None-Match: 5d41402abc4b2a76b9719d911017c592 -> 304; Server: nginx; ETag: 5d41402abc4b2a76b9719d911017c592; Vary: Accept-Encoding
        3 × Accept-Encoding: gzip -> 200; Server: nginx; Content-Encoding: gzip; Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT; Vary: Accept-Encoding | hello
        ",
        &["malformed-tag (unquoted)"],
        "nginx",
        "quote",
    ),
    (
        "b03: WhiteNoise 4 tries the date when the tag does not match",
        r#"
        8 × -> 200; ETag: "65534f58-5"; Last-Modified: Tue, 14 Nov 2023 10:43:36 GMT | hello
        5 × If-None-Match: "65534f58-5" -> 304; ETag: "65534f58-5"
        If-None-Match: "etag-lab-nobodys-tag" -> 200; ETag: "65534f58-5"; Last-Modified: Tue, 14 Nov 2023 10:43:36 GMT | hello
        2 × If-None-Match: "etag-lab-nobodys-tag"; If-Modified-Since: Tue, 14 Nov 2023 10:43:36 GMT -> 304; ETag: "65534f58-5"
        2 × If-None-Match: "65534f58-5"; If-Modified-Since: Tue, 14 Nov 2023 10:43:36 GMT -> 304; ETag: "65534f58-5"
        "#,
        &["precedence-wrong (stale-content)"],
        "stale content",
        "If-Modified-Since",
    ),
    (
        "b05: the 304 of a handler becomes an empty 200",
        r#"
        8 × -> 200; ETag: "a9993e364706816aba3e25717850c26c9cd0d89d" | hello
        5 × If-None-Match: "a9993e364706816aba3e25717850c26c9cd0d89d" -> 200; ETag: "a9993e364706816aba3e25717850c26c9cd0d89d"; Content-Length: 0
        2 × -> 200; ETag: "a9993e364706816aba3e25717850c26c9cd0d89d" | hello
        "#,
        &["match-misanswered (empty-200)"],
        "5 of 5",
        "304",
    ),
    (
        "b08: a cache hands its origin's 304 to clients that named no validator",
        r#"
        4 × -> 200; ETag: "x"; Via: 1.1 cache | hello
        2 × -> 304; ETag: "x"; Via: 1.1 cache
        4 × -> 200; ETag: "x"; Via: 1.1 cache | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Via: 1.1 cache
        "#,
        &["unsolicited-304"],
        "2 of 10",
        "cache",
    ),
    (
        "b09: Publ sends the tag bare and compares it with quotes",
        r"
        8 × -> 200; ETag: 1a79a4d60de6718e8e5b326e338ae533 | hello
        5 × If-None-Match: 1a79a4d60de6718e8e5b326e338ae533 -> 200; ETag: 1a79a4d60de6718e8e5b326e338ae533 | hello
        ",
        &["malformed-tag (unquoted)"],
        "quotes",
        "quote",
    ),
    (
        "b11: the API server dates a document with the moment of the answer",
        r"
        2 × -> 200; Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT; Date: Tue, 14 Nov 2023 22:13:20 GMT | hello
        2 × -> 200; Last-Modified: Tue, 14 Nov 2023 22:13:21 GMT; Date: Tue, 14 Nov 2023 22:13:21 GMT | hello
        2 × -> 200; Last-Modified: Tue, 14 Nov 2023 22:13:22 GMT; Date: Tue, 14 Nov 2023 22:13:22 GMT | hello
        2 × -> 200; Last-Modified: Tue, 14 Nov 2023 22:13:23 GMT; Date: Tue, 14 Nov 2023 22:13:23 GMT | hello
        3 × If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT -> 200; Last-Modified: Tue, 14 Nov 2023 22:13:24 GMT; Date: Tue, 14 Nov 2023 22:13:24 GMT | hello
        ",
        &["date-implausible (clock)"],
        "the time of the",
        "Last-Modified",
    ),
    (
        "b18: Spring's 304 leaves out the lifetime",
        r#"
        8 × -> 200; ETag: "x"; Cache-Control: max-age=60 | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        "#,
        &["malformed-304 (lifetime)"],
        "5 of 5",
        "Cache-Control",
    ),
    (
        "b22: aiohttp 3.12 takes the tag of If-Range for absent",
        r#"
        8 × -> 200; ETag: "18d5c1a-5"; Accept-Ranges: bytes | hello
        5 × If-None-Match: "18d5c1a-5" -> 304; ETag: "18d5c1a-5"
        2 × Range: bytes=0-0; If-Range: "etag-lab-nobodys-tag" -> 206; ETag: "18d5c1a-5"; Content-Range: bytes 0-0/5 | h
        Range: bytes=0-0; If-Range: "18d5c1a-5" -> 206; ETag: "18d5c1a-5"; Content-Range: bytes 0-0/5 | h
        "#,
        &["if-range-ignored (strangers-tag)"],
        "and a 206: 2 of 2",
        "If-Range",
    ),
    (
        "b24: Jetty's 304 leaves out the suffix of the coding",
        r#"
        8 × -> 200; ETag: "x1y2z3w4"; Vary: Accept-Encoding | hello
        5 × If-None-Match: "x1y2z3w4" -> 304; ETag: "x1y2z3w4"; Vary: Accept-Encoding
        3 × Accept-Encoding: gzip -> 200; ETag: "x1y2z3w4--gzip"; Content-Encoding: gzip; Vary: Accept-Encoding | hello
        3 × Accept-Encoding: gzip; If-None-Match: "x1y2z3w4--gzip" -> 304; ETag: "x1y2z3w4"; Vary: Accept-Encoding
        "#,
        &["healthy", "malformed-304 (tag-form)"],
        "3 of 8 304s",
        "suffix",
    ),
    (
        "b25: a build sets all modification times to one moment",
        r#"
        8 × -> 200; Server: nginx; ETag: "1-5"; Last-Modified: Thu, 01 Jan 1970 00:00:01 GMT; Date: Tue, 14 Nov 2023 22:13:20 GMT | hello
        5 × If-None-Match: "1-5" -> 304; Server: nginx; ETag: "1-5"; Date: Tue, 14 Nov 2023 22:13:20 GMT
        2 × If-Modified-Since: Thu, 01 Jan 1970 00:00:01 GMT -> 304; Server: nginx; ETag: "1-5"; Date: Tue, 14 Nov 2023 22:13:20 GMT
        "#,
        &["date-implausible (constant)"],
        "same size",
        "touch",
    ),
    (
        "b26: inert knows the hash of a file after it sent it once",
        r#"
        -> 200; Cache-Control: no-cache | hello
        9 × -> 200; ETag: "x"; Cache-Control: no-cache | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Cache-Control: no-cache
        "#,
        &["warm-up"],
        "1 of",
        "first",
    ),
    (
        "b57: Traefik compresses where nobody asked for it",
        r#"
        8 × -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Encoding
        Accept-Encoding: - -> 200; ETag: "x-br"; Vary: Accept-Encoding; Content-Encoding: br | hello
        "#,
        &["healthy", "missing-vary (unasked)"],
        "without Accept-Encoding",
        "defaultEncoding",
    ),
];

#[test]
fn each_report_is_diagnosed_and_nobody_else_is_blamed() {
    let mut wrong = Vec::new();
    for (name, exchanges, expected, said, advised) in REPORTS {
        let check = Check::of(&evidence(exchanges));
        let names = check.findings.iter().map(|it| match it.cause {
            Some(cause) => format!("{} ({cause})", it.kind.name),
            None => it.kind.name.clone(),
        });
        let names: Vec<_> = names.collect();
        let blamed = check.findings.iter().find(|it| !it.is_conclusion());
        let text = |it: &crate::Finding| format!("{} {}", it.title, it.evidence.join(" "));
        let is_said = blamed.is_some_and(|it| text(it).contains(said));
        let is_advised = blamed.is_some_and(|it| it.fix().contains(advised));
        if names != *expected || !is_said || !is_advised {
            let all: Vec<_> =
                check.findings.iter().map(|it| format!("{} | {}", text(it), it.fix())).collect();
            wrong.push(format!("{name}: {names:?}\n{}", all.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
