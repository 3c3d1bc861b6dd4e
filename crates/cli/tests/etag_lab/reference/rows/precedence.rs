//! Several preconditions in one request, and preconditions before a range (RFC 9110 §13.2.2).

use crate::reference::row::{Row, get, head};

const ORDER: &str = "13.2.2";
const IMS: &str = "13.1.3";
const IUS: &str = "13.1.4";

pub(super) const ROWS: &[Row] = &[
    get("inm-current-ims-older", IMS, "If-None-Match: {etag}\nIf-Modified-Since: {lm-1d}", &[304]),
    get("inm-other-ims-current", IMS, "If-None-Match: \"x\"\nIf-Modified-Since: {lm}", &[200]),
    get("ims-current-inm-other", IMS, "If-Modified-Since: {lm}\nIf-None-Match: \"x\"", &[200]),
    get("inm-current-ims-current", IMS, "If-None-Match: {etag}\nIf-Modified-Since: {lm}", &[304]),
    get("inm-star-ims-older", IMS, "If-None-Match: *\nIf-Modified-Since: {lm-1d}", &[304]),
    get("inm-current-ims-garbage", IMS, "If-None-Match: {etag}\nIf-Modified-Since: no", &[304]),
    get("inm-junk-ims-current", IMS, "If-None-Match: junk\nIf-Modified-Since: {lm}", &[200, 400]),
    get("inm-empty-ims-current", IMS, "If-None-Match:\nIf-Modified-Since: {lm}", &[200, 400]),
    get("im-current-ius-older", IUS, "If-Match: {etag}\nIf-Unmodified-Since: {lm-1d}", &[200]),
    get("ius-older-im-current", IUS, "If-Unmodified-Since: {lm-1d}\nIf-Match: {etag}", &[200]),
    get("im-other-ius-current", IUS, "If-Match: \"x\"\nIf-Unmodified-Since: {lm}", &[412]),
    get("im-star-ius-older", IUS, "If-Match: *\nIf-Unmodified-Since: {lm-1d}", &[200]),
    get("im-junk-ius-current", IUS, "If-Match: junk\nIf-Unmodified-Since: {lm}", &[400, 412]),
    get("im-current-inm-current", ORDER, "If-Match: {etag}\nIf-None-Match: {etag}", &[304]),
    get("im-current-inm-other", ORDER, "If-Match: {etag}\nIf-None-Match: \"x\"", &[200]),
    get("im-other-inm-current", ORDER, "If-Match: \"x\"\nIf-None-Match: {etag}", &[412]),
    get("inm-current-im-other", ORDER, "If-None-Match: {etag}\nIf-Match: \"x\"", &[412]),
    get("im-weak-inm-current", ORDER, "If-Match: W/{etag}\nIf-None-Match: {etag}", &[412]),
    get("im-star-inm-star", ORDER, "If-Match: *\nIf-None-Match: *", &[304]),
    get("im-current-ims-current", ORDER, "If-Match: {etag}\nIf-Modified-Since: {lm}", &[200, 304]),
    get("im-other-ims-current", ORDER, "If-Match: \"x\"\nIf-Modified-Since: {lm}", &[412]),
    get(
        "ius-current-inm-current",
        ORDER,
        "If-Unmodified-Since: {lm}\nIf-None-Match: {etag}",
        &[304],
    ),
    get("ius-current-inm-other", ORDER, "If-Unmodified-Since: {lm}\nIf-None-Match: \"x\"", &[200]),
    get(
        "ius-older-inm-current",
        ORDER,
        "If-Unmodified-Since: {lm-1d}\nIf-None-Match: {etag}",
        &[412],
    ),
    get(
        "ius-current-ims-current",
        ORDER,
        "If-Unmodified-Since: {lm}\nIf-Modified-Since: {lm}",
        &[200, 304],
    ),
    get(
        "ius-older-ims-current",
        ORDER,
        "If-Unmodified-Since: {lm-1d}\nIf-Modified-Since: {lm}",
        &[412],
    ),
    get(
        "ius-current-ims-older",
        ORDER,
        "If-Unmodified-Since: {lm}\nIf-Modified-Since: {lm-1d}",
        &[200],
    ),
    get(
        "all-four-304",
        ORDER,
        "If-Match: {etag}\nIf-Unmodified-Since: {lm-1d}\nIf-None-Match: {etag}\n\
         If-Modified-Since: {lm-1d}",
        &[304],
    ),
    get(
        "all-four-200",
        ORDER,
        "If-Match: {etag}\nIf-Unmodified-Since: {lm-1d}\nIf-None-Match: \"x\"\n\
         If-Modified-Since: {lm}",
        &[200],
    ),
    get(
        "all-four-412",
        ORDER,
        "If-Match: \"x\"\nIf-Unmodified-Since: {lm}\nIf-None-Match: {etag}\n\
         If-Modified-Since: {lm}",
        &[412],
    ),
    get("inm-current-range", ORDER, "If-None-Match: {etag}\nRange: bytes=0-99", &[304]),
    get("inm-other-range", ORDER, "If-None-Match: \"x\"\nRange: bytes=0-99", &[200, 206]),
    get("inm-star-range", ORDER, "If-None-Match: *\nRange: bytes=0-99", &[304]),
    get("inm-current-range-beyond", ORDER, "If-None-Match: {etag}\nRange: bytes={len}-", &[304]),
    get("im-current-range", ORDER, "If-Match: {etag}\nRange: bytes=0-99", &[200, 206]),
    get("im-other-range", ORDER, "If-Match: \"x\"\nRange: bytes=0-99", &[412]),
    get("im-other-range-beyond", ORDER, "If-Match: \"x\"\nRange: bytes={len}-", &[412]),
    get("im-weak-range", ORDER, "If-Match: W/{etag}\nRange: bytes=0-99", &[412]),
    get("ims-current-range", ORDER, "If-Modified-Since: {lm}\nRange: bytes=0-99", &[200, 206, 304]),
    get("ims-older-range", ORDER, "If-Modified-Since: {lm-1d}\nRange: bytes=0-99", &[200, 206]),
    get("ius-current-range", ORDER, "If-Unmodified-Since: {lm}\nRange: bytes=0-99", &[200, 206]),
    get("ius-older-range", ORDER, "If-Unmodified-Since: {lm-1d}\nRange: bytes=0-99", &[412]),
    get(
        "inm-current-if-range",
        ORDER,
        "If-None-Match: {etag}\nRange: bytes=0-99\nIf-Range: {etag}",
        &[304],
    ),
    get(
        "inm-other-if-range-other",
        ORDER,
        "If-None-Match: \"x\"\nRange: bytes=0-99\nIf-Range: \"x\"",
        &[200],
    ),
    get("im-other-if-range", ORDER, "If-Match: \"x\"\nRange: bytes=0-99\nIf-Range: {etag}", &[412]),
    head(
        "head-inm-other-ims-current",
        IMS,
        "If-None-Match: \"x\"\nIf-Modified-Since: {lm}",
        &[200],
    ),
    head("head-im-other-inm-current", ORDER, "If-Match: \"x\"\nIf-None-Match: {etag}", &[412]),
];
