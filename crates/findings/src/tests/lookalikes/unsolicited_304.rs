//! What looks like `unsolicited-304` and is not.

use super::Row;
use crate::evidence::EvidenceSource::{Live, Wire};

pub(super) const ROWS: &[Row] = &[
    (
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
        "answers pasted without their requests",
        Wire,
        r#"
        9 × Accept-Encoding: * -> 200; ETag: "x" | hello
        4 × Accept-Encoding: * -> 304; ETag: "x"
        "#,
        &["inconclusive"],
    ),
    (
        "a 304 to any tag at all",
        Live,
        r#"
        9 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
        If-None-Match: * -> 304; ETag: "x"
        "#,
        &["healthy"],
    ),
];
