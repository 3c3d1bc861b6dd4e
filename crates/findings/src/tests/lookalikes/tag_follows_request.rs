//! What looks like `tag-follows-request` and is not.

use super::Row;
use crate::evidence::EvidenceSource::{Live, Wire};

pub(super) const ROWS: &[Row] = &[
    (
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
];
