//! What looks like `coding-switched` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
        "compression that was switched on once",
        Live,
        r#"
        8 × -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Encoding
        4 × Accept-Encoding: gzip -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        4 × Accept-Encoding: gzip -> 200; ETag: W/"x"; Vary: Accept-Encoding; Content-Encoding: gzip | hello
        3 × Accept-Encoding: gzip; If-None-Match: W/"x" -> 304; ETag: W/"x"; Vary: Accept-Encoding
        "#,
        &["healthy", "weakened-in-transit"],
    ),
    (
        "a cache that compresses what it has kept from the second time on",
        Live,
        r#"
        8 × -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Encoding
        Accept-Encoding: gzip -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        4 × Accept-Encoding: gzip -> 200; Age: 9; X-Cache: HIT; ETag: W/"x"; Vary: Accept-Encoding; Content-Encoding: gzip | hello
        3 × Accept-Encoding: gzip; If-None-Match: W/"x" -> 304; Age: 9; X-Cache: HIT; ETag: W/"x"; Vary: Accept-Encoding
        "#,
        &["healthy", "weakened-in-transit", "cache-answering"],
    ),
    (
        "a new edition that is too short to be compressed",
        Live,
        r#"
        8 × -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Encoding
        3 × Accept-Encoding: gzip -> 200; ETag: W/"x"; Vary: Accept-Encoding; Content-Encoding: gzip | hello
        3 × Accept-Encoding: gzip; If-None-Match: W/"x" -> 304; ETag: W/"x"; Vary: Accept-Encoding
        4 × -> 200; ETag: "n"; Vary: Accept-Encoding | hi
        4 × Accept-Encoding: gzip -> 200; ETag: "n"; Vary: Accept-Encoding | hi
        4 × If-None-Match: "n" -> 304; ETag: "n"; Vary: Accept-Encoding
        "#,
        &["healthy", "weakened-in-transit", "content-changing"],
    ),
];
