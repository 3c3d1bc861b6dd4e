//! What looks like `malformed-tag` and is not.

use super::Row;
use crate::evidence::EvidenceSource::Live;

pub(super) const ROWS: &[Row] = &[
    (
        "an empty tag, which is one",
        Live,
        r#"
        9 × -> 200; ETag: "" | hello
        5 × If-None-Match: "" -> 304; ETag: ""
        "#,
        &["healthy"],
    ),
    (
        "octets beyond ASCII",
        Live,
        r#"
        9 × -> 200; ETag: "é~!#" | hello
        5 × If-None-Match: "é~!#" -> 304; ETag: "é~!#"
        "#,
        &["healthy"],
    ),
    (
        "a weak tag with slashes and signs of equality",
        Live,
        r#"
        9 × -> 200; ETag: W/"5-qvTGHdzF6KLavt4PO0gs2a6pQ00=/w/" | hello
        5 × If-None-Match: W/"5-qvTGHdzF6KLavt4PO0gs2a6pQ00=/w/" -> 304; ETag: W/"5-qvTGHdzF6KLavt4PO0gs2a6pQ00=/w/"
        "#,
        &["healthy"],
    ),
];
