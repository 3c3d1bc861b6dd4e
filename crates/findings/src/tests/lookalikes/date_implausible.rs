//! What looks like `date-implausible` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
        "an old file with a hash for its tag",
        Live,
        r#"
        9 × -> 200; ETag: "5d41402abc4b2a76b9719d911017c592"; Last-Modified: Wed, 05 May 2004 13:07:11 GMT; Date: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "5d41402abc4b2a76b9719d911017c592" -> 304; ETag: "5d41402abc4b2a76b9719d911017c592"; Date: Thu, 01 Jan 2026 00:00:03 GMT
        "#,
        &["healthy"],
    ),
    (
        "a content that was written the moment before",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT; Date: Thu, 01 Jan 2026 00:00:02 GMT | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Date: Thu, 01 Jan 2026 00:00:03 GMT
        "#,
        &["healthy"],
    ),
    (
        "a clock that is a few seconds behind",
        Live,
        r#"
        9 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:03 GMT; Date: Thu, 01 Jan 2026 00:00:00 GMT | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; Date: Thu, 01 Jan 2026 00:00:03 GMT
        "#,
        &["healthy"],
    ),
];
