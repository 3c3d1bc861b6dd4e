//! What looks like `match-misanswered` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
        "a content that is empty, with and without a condition",
        Live,
        r#"
        9 × -> 200; ETag: "x"
        5 × If-None-Match: "x" -> 304; ETag: "x"
        "#,
        &["healthy"],
    ),
    (
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
];
