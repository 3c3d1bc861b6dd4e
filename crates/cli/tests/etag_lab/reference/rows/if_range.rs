//! `If-Range` (RFC 9110 §13.1.5): the part only if the validator is strong and the current one.

use crate::reference::row::{Row, get, head};

const SECTION: &str = "13.1.5";

const PART: &[u16] = &[200, 206];
const WHOLE: &[u16] = &[200];

pub(super) const ROWS: &[Row] = &[
    get("ir-current", SECTION, "Range: bytes=0-99\nIf-Range: {etag}", PART),
    get("ir-current-first", SECTION, "If-Range: {etag}\nRange: bytes=0-99", PART),
    get("ir-other", SECTION, "Range: bytes=0-99\nIf-Range: \"other\"", WHOLE),
    get("ir-weak", SECTION, "Range: bytes=0-99\nIf-Range: W/{etag}", WHOLE),
    get("ir-lower-weak", SECTION, "Range: bytes=0-99\nIf-Range: w/{etag}", WHOLE),
    get("ir-unquoted", SECTION, "Range: bytes=0-99\nIf-Range: {opaque}", WHOLE),
    get("ir-unterminated", SECTION, "Range: bytes=0-99\nIf-Range: \"{opaque}", WHOLE),
    get("ir-upper-case", SECTION, "Range: bytes=0-99\nIf-Range: \"{upper}\"", WHOLE),
    get("ir-cut", SECTION, "Range: bytes=0-99\nIf-Range: \"{cut}\"", WHOLE),
    get("ir-empty-tag", SECTION, "Range: bytes=0-99\nIf-Range: \"\"", WHOLE),
    get("ir-empty", SECTION, "Range: bytes=0-99\nIf-Range:", WHOLE),
    get("ir-star", SECTION, "Range: bytes=0-99\nIf-Range: *", WHOLE),
    get("ir-list", SECTION, "Range: bytes=0-99\nIf-Range: \"x\", {etag}", WHOLE),
    get("ir-list-first", SECTION, "Range: bytes=0-99\nIf-Range: {etag}, \"x\"", WHOLE),
    get("ir-two-lines", SECTION, "Range: bytes=0-99\nIf-Range: \"x\"\nIf-Range: {etag}", &[]),
    get("ir-junk", SECTION, "Range: bytes=0-99\nIf-Range: junk", WHOLE),
    get("ir-date", SECTION, "Range: bytes=0-99\nIf-Range: {lm}", PART),
    get("ir-date-850", SECTION, "Range: bytes=0-99\nIf-Range: {lm-850}", PART),
    get("ir-date-asctime", SECTION, "Range: bytes=0-99\nIf-Range: {lm-asctime}", PART),
    get("ir-date-older", SECTION, "Range: bytes=0-99\nIf-Range: {lm-1s}", WHOLE),
    get("ir-date-newer", SECTION, "Range: bytes=0-99\nIf-Range: {lm+1s}", WHOLE),
    get("ir-date-now", SECTION, "Range: bytes=0-99\nIf-Range: {now}", WHOLE),
    get("ir-date-tomorrow", SECTION, "Range: bytes=0-99\nIf-Range: {tomorrow}", WHOLE),
    get("ir-date-iso-8601", SECTION, "Range: bytes=0-99\nIf-Range: {lm-iso}", WHOLE),
    get("ir-date-unix-seconds", SECTION, "Range: bytes=0-99\nIf-Range: {lm-unix}", WHOLE),
    get("ir-without-range", SECTION, "If-Range: {etag}", WHOLE),
    get("ir-other-without-range", SECTION, "If-Range: \"other\"", WHOLE),
    get("ir-current-suffix", SECTION, "Range: bytes=-100\nIf-Range: {etag}", PART),
    get("ir-current-two", SECTION, "Range: bytes=0-9,20-29\nIf-Range: {etag}", PART),
    get("ir-current-beyond", SECTION, "Range: bytes={len}-\nIf-Range: {etag}", &[200, 416]),
    get("ir-other-beyond", SECTION, "Range: bytes={len}-\nIf-Range: \"other\"", WHOLE),
    get("ir-weak-beyond", SECTION, "Range: bytes={len}-\nIf-Range: W/{etag}", WHOLE),
    get("ir-other-inverted", SECTION, "Range: bytes=9-0\nIf-Range: \"other\"", WHOLE),
    get("ir-other-two", SECTION, "Range: bytes=0-9,20-29\nIf-Range: \"other\"", WHOLE),
    get("ir-current-unit-unknown", SECTION, "Range: items=0-9\nIf-Range: {etag}", WHOLE),
    head("head-ir-current", SECTION, "Range: bytes=0-99\nIf-Range: {etag}", WHOLE),
    head("head-ir-other", SECTION, "Range: bytes=0-99\nIf-Range: \"other\"", WHOLE),
];
