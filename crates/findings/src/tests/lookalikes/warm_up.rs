//! What looks like `warm-up` and is not.

use super::Row;
use crate::evidence::EvidenceSource::{Live, Wire};

pub(super) const ROWS: &[Row] = &[
    (
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
        "a capture that begins with a client without a cache",
        Wire,
        r#"
        User-Agent: a -> 200 | hello
        User-Agent: b -> 200; ETag: "x" | hello
        9 × User-Agent: b; If-None-Match: "x" -> 304; ETag: "x"
        "#,
        &["no-validator"],
    ),
];
