//! What looks like `client-at-fault` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Wire;

pub(super) const ROWS: &[Row] = &[
    (
        "a gateway that weakens what it passes on",
        Wire,
        r#"
        User-Agent: app -> 200; ETag: W/"x" | hello
        9 × User-Agent: app; If-None-Match: "x" -> 304; ETag: W/"x"
        "#,
        &["healthy"],
    ),
    (
        "a client that holds what was given before the capture",
        Wire,
        r"
        User-Agent: app; If-Modified-Since: Wed, 31 Dec 2025 00:00:00 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        9 × User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT
        ",
        &["healthy"],
    ),
    (
        "replicas with dates of their own, each asked for what the other gave",
        Wire,
        r"
        User-Agent: app -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT | hello
        User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:07 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT | hello
        User-Agent: app; If-Modified-Since: Thu, 01 Jan 2026 00:00:07 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        ",
        &["last-modified-differs"],
    ),
    (
        "a client that asks past caches with its tag",
        Wire,
        r#"
        User-Agent: app -> 200; ETag: "x" | hello
        9 × User-Agent: app; Cache-Control: no-cache; If-None-Match: "x" -> 304; ETag: "x"
        "#,
        &["healthy"],
    ),
];
