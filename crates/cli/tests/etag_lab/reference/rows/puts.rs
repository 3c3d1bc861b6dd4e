//! PUT of the resource with preconditions (RFC 9110 §9.3.4, §13.1): what prevents lost updates.
//!
//! nginx and Apache store content only with their modules for `WebDAV`.

use crate::reference::row::{Row, put};

const IM: &str = "13.1.1";
const INM: &str = "13.1.2";
const IUS: &str = "13.1.4";
const ORDER: &str = "13.2.2";

const DONE: &[u16] = &[200, 201, 204];
const REFUSED: &[u16] = &[412];

pub(super) const ROWS: &[Row] = &[
    put("put-plain", "9.3.4", "", DONE),
    put("put-im-current", IM, "If-Match: {etag}", DONE),
    put("put-im-star", IM, "If-Match: *", DONE),
    put("put-im-list", IM, "If-Match: \"x\", {etag}", DONE),
    put("put-im-lines", "5.3", "If-Match: \"x\"\nIf-Match: {etag}", DONE),
    put("put-im-other", IM, "If-Match: \"other\"", REFUSED),
    put("put-im-list-without", IM, "If-Match: \"x\", \"y\"", REFUSED),
    put("put-im-weak", "8.8.3.2", "If-Match: W/{etag}", REFUSED),
    put("put-im-empty-tag", "8.8.3", "If-Match: \"\"", REFUSED),
    put("put-im-comma-in-tag", "8.8.3", "If-Match: \"a,b\"", REFUSED),
    put("put-im-empty", IM, "If-Match:", &[400, 412]),
    put("put-im-unquoted", "8.8.3", "If-Match: {opaque}", &[]),
    put("put-im-unterminated", "8.8.3", "If-Match: \"{opaque}", &[]),
    put("put-inm-star", INM, "If-None-Match: *", REFUSED),
    put("put-inm-current", INM, "If-None-Match: {etag}", REFUSED),
    put("put-inm-current-weak", "8.8.3.2", "If-None-Match: W/{etag}", REFUSED),
    put("put-inm-list", INM, "If-None-Match: \"x\", {etag}", REFUSED),
    put("put-inm-other", INM, "If-None-Match: \"other\"", DONE),
    put("put-ims-current", "13.1.3", "If-Modified-Since: {lm}", DONE),
    put("put-ims-older", "13.1.3", "If-Modified-Since: {lm-1d}", DONE),
    put("put-ius-current", IUS, "If-Unmodified-Since: {lm}", DONE),
    put("put-ius-newer", IUS, "If-Unmodified-Since: {lm+1s}", DONE),
    put("put-ius-older", IUS, "If-Unmodified-Since: {lm-1s}", REFUSED),
    put("put-ius-older-850", "5.6.7", "If-Unmodified-Since: {lm-850-1s}", REFUSED),
    put("put-ius-before-1970", IUS, "If-Unmodified-Since: Wed, 31 Dec 1969 23:59:59 GMT", REFUSED),
    put("put-ius-garbage", IUS, "If-Unmodified-Since: yesterday", DONE),
    put("put-im-current-ius-older", IUS, "If-Match: {etag}\nIf-Unmodified-Since: {lm-1d}", DONE),
    put("put-im-other-ius-current", IUS, "If-Match: \"x\"\nIf-Unmodified-Since: {lm}", REFUSED),
    put("put-im-current-inm-current", ORDER, "If-Match: {etag}\nIf-None-Match: {etag}", REFUSED),
    put("put-im-current-inm-other", ORDER, "If-Match: {etag}\nIf-None-Match: \"x\"", DONE),
    put("put-im-other-inm-other", ORDER, "If-Match: \"x\"\nIf-None-Match: \"x\"", REFUSED),
    put(
        "put-ius-older-inm-other",
        ORDER,
        "If-Unmodified-Since: {lm-1d}\nIf-None-Match: \"x\"",
        REFUSED,
    ),
    put("put-ius-current-inm-star", ORDER, "If-Unmodified-Since: {lm}\nIf-None-Match: *", REFUSED),
    put("put-range", "14.2", "Range: bytes=0-9", DONE),
    put("put-if-range", "13.1.5", "Range: bytes=0-9\nIf-Range: \"x\"", DONE),
    put("put-content-range", "14.5", "Content-Range: bytes 0-11/8192", &[]),
    put("put-expect-continue", "10.1.1", "Expect: 100-continue", DONE),
];
