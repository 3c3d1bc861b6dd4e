//! What looks like `undecodable-content` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
        "a coding that is not known here, whose content is not looked into",
        Live,
        r#"
        8 × -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Encoding
        3 × Accept-Encoding: gzip -> 200; ETag: W/"x"; Vary: Accept-Encoding; Content-Encoding: x-own | …
        3 × Accept-Encoding: gzip; If-None-Match: W/"x" -> 304; ETag: W/"x"; Vary: Accept-Encoding
        "#,
        &["healthy", "weakened-in-transit"],
    ),
    (
        "answers to HEAD, and 304s, that name the coding and have no content",
        Live,
        r#"
        8 × -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Encoding
        3 × Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Vary: Accept-Encoding; Content-Encoding: gzip | hello
        3 × Accept-Encoding: gzip; If-None-Match: "x-gzip" -> 304; ETag: "x-gzip"; Vary: Accept-Encoding; Content-Encoding: gzip
        2 × HEAD Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Vary: Accept-Encoding; Content-Encoding: gzip
        "#,
        &["healthy"],
    ),
    (
        "contents that were cut off",
        Live,
        r#"
        8 × -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Encoding
        3 × Accept-Encoding: gzip -> cut
        "#,
        &["inconclusive"],
    ),
];
