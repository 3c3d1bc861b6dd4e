//! What looks like `writer-refused` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
        "somebody who wrote in between",
        Live,
        r#"
        8 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
        PUT If-Match: "etag-lab-nobodys-tag" -> 412
        PUT If-Match: "x" -> 412
        -> 200; ETag: "y" | world
        "#,
        &["healthy"],
    ),
    (
        "a resource that nobody may write, whatever the tag",
        Live,
        r#"
        8 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
        PUT If-Match: "etag-lab-nobodys-tag" -> 403
        PUT If-Match: "x" -> 403
        -> 200; ETag: "x" | hello
        "#,
        &["healthy"],
    ),
    (
        "a tag of nobody that is refused, as it should be",
        Live,
        r#"
        8 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
        PUT If-Match: "etag-lab-nobodys-tag" -> 412
        PUT If-Match: "x" -> 204
        -> 200; ETag: "x" | hello
        "#,
        &["healthy"],
    ),
];
