//! What looks like `head-differs` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
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
        "a HEAD that is marked as weak",
        Live,
        r#"
        9 × -> 200; ETag: "x" | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        2 × HEAD -> 200; ETag: W/"x"
        "#,
        &["healthy"],
    ),
];
