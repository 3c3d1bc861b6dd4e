//! `Accept-Encoding` (RFC 9110 §12.5.3), alone and with validators of one coding or the other.

use crate::reference::row::{Row, get, head};

const SECTION: &str = "12.5.3";
const QUALITY: &str = "12.4.2";
const VALIDATORS: &str = "8.8.3.3";

const OK: &[u16] = &[200];
const REFUSABLE: &[u16] = &[200, 406, 415];

pub(super) const ROWS: &[Row] = &[
    get("ae-absent", SECTION, "", OK),
    get("ae-empty", SECTION, "Accept-Encoding:", OK),
    get("ae-identity", SECTION, "Accept-Encoding: identity", OK),
    get("ae-gzip", SECTION, "Accept-Encoding: gzip", OK),
    get("ae-gzip-upper", "8.4.1", "Accept-Encoding: GZIP", OK),
    get("ae-x-gzip", "8.4.1.3", "Accept-Encoding: x-gzip", OK),
    get("ae-deflate", SECTION, "Accept-Encoding: deflate", OK),
    get("ae-br", SECTION, "Accept-Encoding: br", OK),
    get("ae-zstd", SECTION, "Accept-Encoding: zstd", OK),
    get("ae-unknown", SECTION, "Accept-Encoding: lzma", OK),
    get("ae-unknown-gzip", SECTION, "Accept-Encoding: lzma, gzip", OK),
    get("ae-gzip-deflate", SECTION, "Accept-Encoding: gzip, deflate", OK),
    get("ae-star", SECTION, "Accept-Encoding: *", OK),
    get("ae-gzip-q1", QUALITY, "Accept-Encoding: gzip;q=1.000", OK),
    get("ae-gzip-q0.5", QUALITY, "Accept-Encoding: gzip;q=0.5", OK),
    get("ae-gzip-q0.001", QUALITY, "Accept-Encoding: gzip;q=0.001", OK),
    get("ae-gzip-q0", QUALITY, "Accept-Encoding: gzip;q=0", OK),
    get("ae-gzip-q0.000", QUALITY, "Accept-Encoding: gzip;q=0.000", OK),
    get("ae-gzip-q0-spaces", QUALITY, "Accept-Encoding: gzip ; q=0", OK),
    get("ae-gzip-q0-upper", QUALITY, "Accept-Encoding: gzip;Q=0", OK),
    get("ae-gzip-q0-star", SECTION, "Accept-Encoding: gzip;q=0, *", OK),
    get("ae-star-q0-gzip", SECTION, "Accept-Encoding: *;q=0, gzip", OK),
    get("ae-star-q0", SECTION, "Accept-Encoding: *;q=0", REFUSABLE),
    get("ae-identity-q0", SECTION, "Accept-Encoding: identity;q=0", REFUSABLE),
    get("ae-identity-q0-gzip", SECTION, "Accept-Encoding: identity;q=0, gzip", OK),
    get("ae-identity-preferred", SECTION, "Accept-Encoding: identity, gzip;q=0.5", OK),
    get("ae-gzip-preferred", SECTION, "Accept-Encoding: identity;q=0.5, gzip", OK),
    get("ae-gzip-q2", QUALITY, "Accept-Encoding: gzip;q=2", OK),
    get("ae-gzip-q-negative", QUALITY, "Accept-Encoding: gzip;q=-1", OK),
    get("ae-gzip-q-letters", QUALITY, "Accept-Encoding: gzip;q=high", OK),
    get("ae-gzip-q-empty", QUALITY, "Accept-Encoding: gzip;q=", OK),
    get("ae-gzip-parameter", SECTION, "Accept-Encoding: gzip;level=9", OK),
    get("ae-empty-members", "5.6.1.2", "Accept-Encoding: , gzip,,", OK),
    get("ae-two-lines", "5.3", "Accept-Encoding: lzma\nAccept-Encoding: gzip", OK),
    get("ae-two-lines-q0", "5.3", "Accept-Encoding: gzip;q=0\nAccept-Encoding: deflate;q=0", OK),
    get("ae-prefix", SECTION, "Accept-Encoding: gzipped", OK),
    get("ae-suffix", SECTION, "Accept-Encoding: notgzip", OK),
    get("ae-quoted", SECTION, "Accept-Encoding: \"gzip\"", OK),
    get("ae-junk", SECTION, "Accept-Encoding: ;;;=,gzip=1", OK),
    get("gzip-inm-own", VALIDATORS, "Accept-Encoding: gzip\nIf-None-Match: {gzip-etag}", &[304]),
    get(
        "gzip-inm-own-weak",
        VALIDATORS,
        "Accept-Encoding: gzip\nIf-None-Match: W/{gzip-etag}",
        &[],
    ),
    get("gzip-inm-identity", VALIDATORS, "Accept-Encoding: gzip\nIf-None-Match: {etag}", &[]),
    get(
        "gzip-inm-both",
        VALIDATORS,
        "Accept-Encoding: gzip\nIf-None-Match: {gzip-etag}, {etag}",
        &[304],
    ),
    get("gzip-inm-other", VALIDATORS, "Accept-Encoding: gzip\nIf-None-Match: \"x\"", OK),
    get("gzip-inm-star", VALIDATORS, "Accept-Encoding: gzip\nIf-None-Match: *", &[304]),
    get("identity-inm-gzip", VALIDATORS, "If-None-Match: {gzip-etag}", &[]),
    get("gzip-im-own", VALIDATORS, "Accept-Encoding: gzip\nIf-Match: {gzip-etag}", &[]),
    get("gzip-im-other", VALIDATORS, "Accept-Encoding: gzip\nIf-Match: \"x\"", &[412]),
    get(
        "gzip-ims-current",
        VALIDATORS,
        "Accept-Encoding: gzip\nIf-Modified-Since: {lm}",
        &[200, 304],
    ),
    get("gzip-range", "14.2", "Accept-Encoding: gzip\nRange: bytes=0-99", &[200, 206]),
    get("gzip-range-beyond", "14.2", "Accept-Encoding: gzip\nRange: bytes=999999-", &[200, 416]),
    get(
        "gzip-ir-identity",
        "13.1.5",
        "Accept-Encoding: gzip\nRange: bytes=0-99\nIf-Range: {etag}",
        &[200, 206],
    ),
    get(
        "gzip-ir-own",
        "13.1.5",
        "Accept-Encoding: gzip\nRange: bytes=0-99\nIf-Range: {gzip-etag}",
        &[200, 206],
    ),
    head("head-plain", "9.3.2", "", OK),
    head("head-gzip", "9.3.2", "Accept-Encoding: gzip", OK),
    head(
        "head-gzip-inm-own",
        VALIDATORS,
        "Accept-Encoding: gzip\nIf-None-Match: {gzip-etag}",
        &[304],
    ),
];
