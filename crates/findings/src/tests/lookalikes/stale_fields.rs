//! What looks like `stale-fields` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
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
        "types of two contents under two tags",
        Live,
        r#"
        4 × -> 200; ETag: "x"; Content-Type: text/css | hello
        5 × -> 200; ETag: "y"; Content-Type: text/plain | world
        5 × If-None-Match: "y" -> 304; ETag: "y"
        "#,
        &["healthy", "content-changing"],
    ),
];
