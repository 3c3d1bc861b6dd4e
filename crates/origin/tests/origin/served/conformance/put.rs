//! RFC 9110 §9.3.4 and §13: PUT and its preconditions.

use super::Row;

/// Against a strong tag and a date.
pub(super) const STRONG: &[Row] = &[
    ("9110 §9.3.4", "PUT", "Content-Length: 3\n\nabc", 204, &["!last-modified", "!content-type"]),
    ("9110 §9.3.4", "PUT", "Content-Length: 0", 204, &[]),
    ("9112 §7.1", "PUT", "Transfer-Encoding: chunked\n\n3\r\nabc\r\n0\r\n\r\n", 204, &[]),
    (
        "9112 §7.1.2",
        "PUT",
        "Transfer-Encoding: chunked\n\n3;x=\"y\"\r\nabc\r\n0\r\nETag: \"x\"\r\n\r\n",
        204,
        &[],
    ),
    // The tag of the same bytes is the same.
    (
        "9110 §9.3.4",
        "PUT",
        "Content-Length: 26\n\nabcdefghijklmnopqrstuvwxyz",
        204,
        &["etag: {tag}"],
    ),
    ("9110 §13.1.1", "PUT", "If-Match: {tag}\nContent-Length: 3\n\nabc", 204, &[]),
    ("9110 §13.1.1", "PUT", "If-Match: *\nContent-Length: 3\n\nabc", 204, &[]),
    ("9110 §13.1.1", "PUT", "If-Match: \"x\", {tag}\nContent-Length: 3\n\nabc", 204, &[]),
    ("9110 §13.1.1", "PUT", "If-Match: \"x\"\nContent-Length: 3\n\nabc", 412, &["!etag"]),
    ("9110 §13.1.1", "PUT", "If-Match: W/{tag}\nContent-Length: 3\n\nabc", 412, &[]),
    ("9110 §13.1.1", "PUT", "If-Match:\nContent-Length: 3\n\nabc", 412, &[]),
    ("9110 §13.1.1", "PUT", "If-Match: {opaque}\nContent-Length: 3\n\nabc", 412, &[]),
    ("9110 §13.1.2", "PUT", "If-None-Match: *\nContent-Length: 3\n\nabc", 412, &[]),
    ("9110 §13.1.2", "PUT", "If-None-Match: {tag}\nContent-Length: 3\n\nabc", 412, &[]),
    ("9110 §13.1.2", "PUT", "If-None-Match: W/{tag}\nContent-Length: 3\n\nabc", 412, &[]),
    ("9110 §13.1.2", "PUT", "If-None-Match: \"x\"\nContent-Length: 3\n\nabc", 204, &[]),
    ("9110 §13.1.3", "PUT", "If-Modified-Since: {lm}\nContent-Length: 3\n\nabc", 204, &[]),
    ("9110 §13.1.4", "PUT", "If-Unmodified-Since: {lm}\nContent-Length: 3\n\nabc", 204, &[]),
    (
        "9110 §13.1.4",
        "PUT",
        "If-Unmodified-Since: Thu, 04 Jan 2024 05:06:06 GMT\nContent-Length: 3\n\nabc",
        412,
        &[],
    ),
    (
        "9110 §13.2.2",
        "PUT",
        "If-Match: {tag}\nIf-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\nContent-Length: 3\n\nabc",
        204,
        &[],
    ),
    (
        "9110 §13.2.2",
        "PUT",
        "If-Match: {tag}\nIf-None-Match: {tag}\nContent-Length: 3\n\nabc",
        412,
        &[],
    ),
    ("9110 §14.2", "PUT", "Range: bytes=0-1\nContent-Length: 3\n\nabc", 204, &["!content-range"]),
    // Not conditional on anything.
    ("9110 §14.5", "PUT", "Content-Range: bytes 0-2/26\nContent-Length: 3\n\nabc", 400, &[]),
    (
        "9110 §13.2.1",
        "PUT",
        "Content-Range: bytes 0-2/26\nIf-Match: \"x\"\nContent-Length: 3\n\nabc",
        400,
        &[],
    ),
    (
        "9110 §8.4",
        "PUT",
        "Content-Encoding: gzip\nContent-Length: 3\n\nabc",
        415,
        &["accept-encoding: identity"],
    ),
    ("9110 §8.4", "PUT", "Content-Encoding: identity\nContent-Length: 3\n\nabc", 204, &[]),
    ("9110 §8.6", "PUT", "", 411, &[]),
    ("9110 §10.1.1", "PUT", "Expect: 100-continue\nIf-Match: \"x\"\nContent-Length: 3", 412, &[]),
    ("9110 §10.1.1", "PUT", "Expect: 100-Continue\nIf-None-Match: *\nContent-Length: 3", 412, &[]),
];

/// A weak tag cannot say that a content is the one that was meant.
pub(super) const WEAK: &[Row] = &[
    ("9110 §13.1.1", "PUT", "If-Match: {tag}\nContent-Length: 3\n\nabc", 412, &[]),
    ("9110 §13.1.1", "PUT", "If-Match: \"{opaque}\"\nContent-Length: 3\n\nabc", 412, &[]),
    ("9110 §13.1.1", "PUT", "If-Match: *\nContent-Length: 3\n\nabc", 204, &[]),
    ("9110 §13.1.2", "PUT", "If-None-Match: \"{opaque}\"\nContent-Length: 3\n\nabc", 412, &[]),
];

/// With codings on offer, the tag that goes with 204 is that of the bytes that came, or none.
pub(super) const CODED: &[Row] = &[
    (
        "9110 §9.3.4",
        "PUT",
        "Content-Length: 26\n\nabcdefghijklmnopqrstuvwxyz",
        204,
        &["etag: {tag}"],
    ),
    ("9110 §9.3.4", "PUT", "Accept-Encoding: gzip\nContent-Length: 3\n\nabc", 204, &["!etag"]),
    (
        "9110 §13.1.1",
        "PUT",
        "Accept-Encoding: gzip\nIf-Match: \"{opaque}-gzip\"\nContent-Length: 3\n\nabc",
        204,
        &["!etag"],
    ),
    (
        "9110 §13.1.1",
        "PUT",
        "If-Match: \"{opaque}-gzip\"\nContent-Length: 3\n\nabc",
        412,
        &["vary: Accept-Encoding"],
    ),
];

/// Where a PUT has to say what it replaces.
pub(super) const REQUIRED: &[Row] = &[
    ("6585 §3", "PUT", "Content-Length: 3\n\nabc", 428, &["!etag"]),
    ("6585 §3", "PUT", "If-Unmodified-Since: {lm}\nContent-Length: 3\n\nabc", 428, &[]),
    ("6585 §3", "PUT", "If-None-Match: \"x\"\nContent-Length: 3\n\nabc", 428, &[]),
    ("6585 §3", "PUT", "If-None-Match: *\nContent-Length: 3\n\nabc", 412, &[]),
    ("6585 §3", "PUT", "If-Match: \"x\"\nContent-Length: 3\n\nabc", 412, &[]),
    ("6585 §3", "PUT", "If-Match: {tag}\nContent-Length: 3\n\nabc", 204, &[]),
    ("6585 §3", "GET", "", 200, &[]),
];

/// Room for four bytes.
pub(super) const SMALL: &[Row] = &[
    ("9110 §15.5.14", "PUT", "Content-Length: 4\n\nabcd", 204, &[]),
    ("9110 §15.5.14", "PUT", "Content-Length: 5\n\nabcde", 413, &[]),
    ("9110 §13.2.1", "PUT", "If-Match: \"x\"\nContent-Length: 5\n\nabcde", 413, &[]),
    ("9110 §10.1.1", "PUT", "Expect: 100-continue\nContent-Length: 5", 413, &[]),
    ("9110 §15.5.14", "PUT", "Transfer-Encoding: chunked\n\n4\r\nabcd\r\n0\r\n\r\n", 204, &[]),
];
