//! What looks like `if-range-ignored` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
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
        "a range that cannot be had",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Accept-Ranges: bytes | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        2 × Range: bytes=0-0; If-Range: "etag-lab-nobodys-tag" -> 416
        "#,
        &["healthy"],
    ),
];
