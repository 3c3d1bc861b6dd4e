//! What looks like `tag-shared-across-urls` and is not.

use super::Row;
use crate::evidence::EvidenceSource::{Live, Wire};

pub(super) const ROWS: &[Row] = &[
    (
        "one content at several URLs",
        Wire,
        r#"
        9 × User-Agent: curl/8 -> 200; ETag: "x" | hello
        --
        9 × User-Agent: curl/8 -> 200; ETag: "x" | hello
        --
        9 × User-Agent: curl/8 -> 200; ETag: "x" | hello
        "#,
        &["inconclusive"],
    ),
    (
        "an empty content with the hash of nothing",
        Live,
        r#"
        9 × -> 200; ETag: "d41d8cd98f00b204e9800998ecf8427e"
        5 × If-None-Match: "d41d8cd98f00b204e9800998ecf8427e" -> 304; ETag: "d41d8cd98f00b204e9800998ecf8427e"
        "#,
        &["healthy"],
    ),
    (
        "versions of each URL that are equal by chance",
        Wire,
        r#"
        9 × User-Agent: curl/8 -> 200; ETag: "v1-5" | hello
        --
        9 × User-Agent: curl/8 -> 200; ETag: "v1-6" | world!
        --
        9 × User-Agent: curl/8 -> 200; ETag: "v1-7" | again!!
        "#,
        &["inconclusive"],
    ),
];
