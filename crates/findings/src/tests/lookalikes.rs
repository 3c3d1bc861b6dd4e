//! Deployments and captures that look like a finding and are not: three and more for each that is told
//! by looking at requests, dates, fields and clients. What is found in them stands beside.

use crate::Check;
use crate::evidence::EvidenceSource::{self, Live, Wire};
use crate::fixture::{evidence, since};

/// Finding that is not to be found, what it looks like, where from, exchanges, and what is found.
type Row = (&'static str, &'static str, EvidenceSource, &'static str, &'static [&'static str]);

const ROWS: &[Row] = &[
    (
        "malformed-tag",
        "an empty tag, which is one",
        Live,
        r#"
        9 × -> 200; ETag: "" | hello
        5 × If-None-Match: "" -> 304; ETag: ""
        "#,
        &["healthy"],
    ),
    (
        "malformed-tag",
        "octets beyond ASCII",
        Live,
        r#"
        9 × -> 200; ETag: "é~!#" | hello
        5 × If-None-Match: "é~!#" -> 304; ETag: "é~!#"
        "#,
        &["healthy"],
    ),
    (
        "malformed-tag",
        "a weak tag with slashes and signs of equality",
        Live,
        r#"
        9 × -> 200; ETag: W/"5-qvTGHdzF6KLavt4PO0gs2a6pQ00=/w/" | hello
        5 × If-None-Match: W/"5-qvTGHdzF6KLavt4PO0gs2a6pQ00=/w/" -> 304; ETag: W/"5-qvTGHdzF6KLavt4PO0gs2a6pQ00=/w/"
        "#,
        &["healthy"],
    ),
    (
        "match-misanswered",
        "a content that is empty, with and without a condition",
        Live,
        r#"
        9 × -> 200; ETag: "x"
        5 × If-None-Match: "x" -> 304; ETag: "x"
        "#,
        &["healthy"],
    ),
    (
        "match-misanswered",
        "a replica that fails, whatever is asked",
        Live,
        r#"
        3 × -> 200; ETag: "x" | hello
        2 × -> 500
        4 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
        If-None-Match: "x" -> 500
        2 × -> 200; ETag: "x" | hello
        "#,
        &["inconclusive"],
    ),
    (
        "match-misanswered",
        "a server that asks to slow down",
        Live,
        r#"
        9 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
        3 × If-None-Match: "x" -> 429; Retry-After: 5
        "#,
        &["inconclusive"],
    ),
    (
        "match-misanswered",
        "a content that changed between the two",
        Live,
        r#"
        8 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 200; ETag: "y" | world
        2 × -> 200; ETag: "y" | world
        4 × If-None-Match: "y" -> 304; ETag: "y"
        "#,
        &["healthy", "content-changing"],
    ),
    (
        "unsolicited-304",
        "a 304 to a date",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
        4 × If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304; ETag: "x"
        "#,
        &["healthy"],
    ),
    (
        "unsolicited-304",
        "answers pasted without their requests",
        Wire,
        r#"
        9 × Accept-Encoding: * -> 200; ETag: "x" | hello
        4 × Accept-Encoding: * -> 304; ETag: "x"
        "#,
        &["inconclusive"],
    ),
    (
        "unsolicited-304",
        "a 304 to any tag at all",
        Live,
        r#"
        9 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
        If-None-Match: * -> 304; ETag: "x"
        "#,
        &["healthy"],
    ),
    (
        "tag-follows-request",
        "a language that Vary names",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Vary: Accept-Language | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Language
        2 × Accept-Language: de -> 200; ETag: "y"; Vary: Accept-Language | hallo
        "#,
        &["healthy"],
    ),
    (
        "tag-follows-request",
        "a fleet whose tags are new in each replica",
        Live,
        r#"
        4 × -> 200; ETag: "41" | hello
        4 × -> 200; ETag: "18" | hello
        Accept-Language: de -> 200; ETag: "18" | hello
        2 × -> 200; ETag: "41" | hello
        If-None-Match: "41" -> 200; ETag: "18" | hello
        "#,
        &["node-local-tag"],
    ),
    (
        "tag-follows-request",
        "clients of which each asked once",
        Wire,
        r#"
        User-Agent: a -> 200; ETag: "1" | one
        User-Agent: b -> 200; ETag: "2" | two
        User-Agent: c -> 200; ETag: "3" | three
        User-Agent: d -> 200; ETag: "4" | four
        "#,
        &["inconclusive", "content-changing"],
    ),
    (
        "warm-up",
        "one replica of many without a tag, met again later",
        Live,
        r#"
        -> 200 | hello
        6 × -> 200; ETag: "x" | hello
        3 × If-None-Match: "x" -> 304; ETag: "x"
        -> 200 | hello
        5 × -> 200; ETag: "x" | hello
        2 × -> 200 | hello
        "#,
        &["no-validator"],
    ),
    (
        "warm-up",
        "a deploy of another content after the first look",
        Live,
        r#"
        -> 200; ETag: "a" | hello
        9 × -> 200; ETag: "b" | world
        5 × If-None-Match: "b" -> 304; ETag: "b"
        "#,
        &["healthy", "content-changing"],
    ),
    (
        "warm-up",
        "a capture that begins with a client without a cache",
        Wire,
        r#"
        User-Agent: a -> 200 | hello
        User-Agent: b -> 200; ETag: "x" | hello
        9 × User-Agent: b; If-None-Match: "x" -> 304; ETag: "x"
        "#,
        &["no-validator"],
    ),
    (
        "client-at-fault",
        "a gateway that weakens what it passes on",
        Wire,
        r#"
        User-Agent: app -> 200; ETag: W/"x" | hello
        9 × User-Agent: app; If-None-Match: "x" -> 304; ETag: W/"x"
        "#,
        &["healthy"],
    ),
    (
        "client-at-fault",
        "a client that holds what was given before the capture",
        Wire,
        r"
        User-Agent: app; If-Modified-Since: Wed, 31 Dec 2025 00:00:00 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        9 × User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT
        ",
        &["healthy"],
    ),
    (
        "client-at-fault",
        "replicas with dates of their own, each asked for what the other gave",
        Wire,
        r"
        User-Agent: app -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT | hello
        User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:07 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT | hello
        User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:07 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        ",
        &["last-modified-differs"],
    ),
    (
        "client-at-fault",
        "a client that asks past caches with its tag",
        Wire,
        r#"
        User-Agent: app -> 200; ETag: "x" | hello
        9 × User-Agent: app; Cache-Control: no-cache; If-None-Match: "x" -> 304; ETag: "x"
        "#,
        &["healthy"],
    ),
    (
        "head-differs",
        "a HEAD that leaves out the length",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Content-Length: 5 | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        2 × HEAD -> 200; ETag: "x"
        "#,
        &["healthy"],
    ),
    (
        "head-differs",
        "a HEAD that met another replica",
        Live,
        r#"
        4 × -> 200; ETag: "41" | hello
        4 × -> 200; ETag: "18" | hello
        2 × -> 200; ETag: "41" | hello
        HEAD -> 200; ETag: "18"
        HEAD -> 200; ETag: "41"
        "#,
        &["node-local-tag"],
    ),
    (
        "head-differs",
        "a HEAD that is marked as weak",
        Live,
        r#"
        9 × -> 200; ETag: "x" | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        2 × HEAD -> 200; ETag: W/"x"
        "#,
        &["healthy"],
    ),
    (
        "if-range-ignored",
        "a server that gives no parts",
        Live,
        r#"
        9 × -> 200; ETag: "x" | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        2 × Range: bytes=0-0; If-Range: "etag-lab-nobodys-tag" -> 200; ETag: "x" | hello
        "#,
        &["healthy"],
    ),
    (
        "if-range-ignored",
        "a part for the very tag",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Accept-Ranges: bytes | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        2 × Range: bytes=0-0; If-Range: "x" -> 206; ETag: "x"; Content-Range: bytes 0-0/5 | h
        "#,
        &["healthy"],
    ),
    (
        "if-range-ignored",
        "a range that cannot be had",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Accept-Ranges: bytes | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        2 × Range: bytes=0-0; If-Range: "etag-lab-nobodys-tag" -> 416
        "#,
        &["healthy"],
    ),
    (
        "date-ignored",
        "a date that is older than the content",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        2 × If-Modified-Since: Wed, 01 Jan 2025 00:00:00 GMT -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        "#,
        &["healthy"],
    ),
    (
        "date-ignored",
        "a server that has no dates",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Date: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Date: Thu, 01 Jan 2026 00:00:02 GMT
        "#,
        &["healthy"],
    ),
    (
        "date-ignored",
        "tags that are ignored as well",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "x" -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        3 × If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        "#,
        &["conditionals-ignored"],
    ),
    (
        "date-implausible",
        "an old file with a hash for its tag",
        Live,
        r#"
        9 × -> 200; ETag: "5d41402abc4b2a76b9719d911017c592"; Last-Modified: Wed, 05 May 2004 13:07:11 GMT; Date: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "5d41402abc4b2a76b9719d911017c592" -> 304; ETag: "5d41402abc4b2a76b9719d911017c592"; Date: Thu, 01 Jan 2026 00:00:03 GMT
        "#,
        &["healthy"],
    ),
    (
        "date-implausible",
        "a content that was written the moment before",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT; Date: Thu, 01 Jan 2026 00:00:02 GMT | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Date: Thu, 01 Jan 2026 00:00:03 GMT
        "#,
        &["healthy"],
    ),
    (
        "date-implausible",
        "a clock that is a few seconds behind",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:03 GMT; Date: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Date: Thu, 01 Jan 2026 00:00:03 GMT
        "#,
        &["healthy"],
    ),
    (
        "stale-fields",
        "a number of each request",
        Live,
        r#"
        -> 200; ETag: "x"; X-Request-Id: 1; Server-Timing: a;dur=1 | hello
        -> 200; ETag: "x"; X-Request-Id: 2; Server-Timing: a;dur=2 | hello
        7 × -> 200; ETag: "x"; X-Request-Id: 3 | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; X-Request-Id: 4
        "#,
        &["healthy"],
    ),
    (
        "stale-fields",
        "a lifetime that counts down to the hour",
        Live,
        r#"
        3 × -> 200; ETag: "x"; Cache-Control: max-age=61 | hello
        3 × -> 200; ETag: "x"; Cache-Control: max-age=60 | hello
        3 × -> 200; ETag: "x"; Cache-Control: max-age=59 | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Cache-Control: max-age=58
        "#,
        &["healthy"],
    ),
    (
        "stale-fields",
        "types of two contents under two tags",
        Live,
        r#"
        4 × -> 200; ETag: "x"; Content-Type: text/css | hello
        5 × -> 200; ETag: "y"; Content-Type: text/plain | world
        5 × If-None-Match: "y" -> 304; ETag: "y"
        "#,
        &["healthy", "content-changing"],
    ),
    (
        "tag-shared-across-urls",
        "one content at several URLs",
        Wire,
        r#"
        9 × User-Agent: curl/8 -> 200; ETag: "x" | hello
        --
        9 × User-Agent: curl/8 -> 200; ETag: "x" | hello
        --
        9 × User-Agent: curl/8 -> 200; ETag: "x" | hello
        "#,
        &["inconclusive"],
    ),
    (
        "tag-shared-across-urls",
        "an empty content with the hash of nothing",
        Live,
        r#"
        9 × -> 200; ETag: "d41d8cd98f00b204e9800998ecf8427e"
        5 × If-None-Match: "d41d8cd98f00b204e9800998ecf8427e" -> 304; ETag: "d41d8cd98f00b204e9800998ecf8427e"
        "#,
        &["healthy"],
    ),
    (
        "tag-shared-across-urls",
        "versions of each URL that are equal by chance",
        Wire,
        r#"
        9 × User-Agent: curl/8 -> 200; ETag: "v1-5" | hello
        --
        9 × User-Agent: curl/8 -> 200; ETag: "v1-6" | world!
        --
        9 × User-Agent: curl/8 -> 200; ETag: "v1-7" | again!!
        "#,
        &["inconclusive"],
    ),
];

#[test]
fn what_only_looks_like_a_finding_is_not_called_so() {
    let mut wrong = Vec::new();
    for (finding, what, source, exchanges, expected) in ROWS {
        let mut urls = exchanges.split("--\n").enumerate().map(|(at, text)| {
            let mut one = evidence(text);
            (one.source, one.target) = (*source, format!("http://test/{at}"));
            one
        });
        let mut first = urls.next().expect("a URL");
        first.others = urls.collect();
        let check = Check::of(&first);
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        if names != *expected || names.contains(finding) {
            let said = check.findings.iter().map(|it| format!("{} {:?}", it.title, it.evidence));
            wrong.push(format!(
                "{finding}, {what}: {names:?}\n  {}",
                said.collect::<Vec<_>>().join("\n  ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What an earlier check saw, what is seen now, and what is found.
const LATER: [(&str, &str, &str, &[&str]); 3] = [
    (
        "a deploy of another content",
        "8 × -> 200; ETag: \"1\" | old",
        r#"
        3 × If-None-Match: "1" -> 200; ETag: "2" | new
        8 × -> 200; ETag: "2" | new
        5 × If-None-Match: "2" -> 304; ETag: "2"
        "#,
        &["healthy"],
    ),
    (
        "nothing that changed",
        "8 × -> 200; ETag: \"1\" | old",
        r#"
        3 × If-None-Match: "1" -> 304; ETag: "1"
        8 × -> 200; ETag: "1" | old
        5 × If-None-Match: "1" -> 304; ETag: "1"
        "#,
        &["healthy"],
    ),
    (
        "a fleet with a tag of each replica, before and after",
        "4 × -> 200; ETag: \"1\" | old\n4 × -> 200; ETag: \"2\" | old\n-> 200; ETag: \"1\" | old",
        r#"
        If-None-Match: "1" -> 200; ETag: "2" | old
        4 × -> 200; ETag: "1" | old
        4 × -> 200; ETag: "2" | old
        2 × -> 200; ETag: "1" | old
        "#,
        &["node-local-tag"],
    ),
];

#[test]
fn what_only_looks_like_a_renewed_tag_is_not_called_so() {
    for (what, before, now, expected) in LATER {
        let check = Check::of(&since(before, now));
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert_eq!(names, expected, "{what}: {:#?}", check.findings);
    }
}
