//! What looks like `date-ignored` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
        "a date that is older than the content",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"
        2 × If-Modified-Since: Wed, 01 Jan 2025 00:00:00 GMT -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        "#,
        &["healthy"],
    ),
    (
        "a server that has no dates",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Date: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Date: Thu, 01 Jan 2026 00:00:02 GMT
        "#,
        &["healthy"],
    ),
    (
        "tags that are ignored as well",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "x" -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        3 × If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        "#,
        &["conditionals-ignored"],
    ),
];
