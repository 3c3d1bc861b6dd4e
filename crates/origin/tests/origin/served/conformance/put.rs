//! RFC 9110 §9.3.4 and §13: PUT and its preconditions.

use super::Row;

/// Against a strong tag and a date.
pub(super) const STRONG: &[Row] = &[
    ("9110 §9.3.4", "PUT | Content-Length: 3 |  | abc", 204, "!last-modified; !content-type"),
    ("9110 §9.3.4", "PUT | Content-Length: 0", 204, ""),
    // The tag of the same bytes is the same.
    ("9110 §9.3.4", "PUT | Content-Length: 26 |  | abcdefghijklmnopqrstuvwxyz", 204, "etag: {tag}"),
    ("9110 §13.1.1", "PUT | If-Match: {tag} | Content-Length: 3 |  | abc", 204, ""),
    ("9110 §13.1.1", "PUT | If-Match: \"x\" | If-Match: {tag} | Content-Length: 0", 204, ""),
    ("9110 §13.1.1", "PUT | If-Match: \"x\" | Content-Length: 3 |  | abc", 412, "!etag"),
    ("9110 §13.1.1", "PUT | If-Match: W/{tag} | Content-Length: 3 |  | abc", 412, ""),
    ("9110 §13.1.2", "PUT | If-None-Match: * | Content-Length: 3 |  | abc", 412, ""),
    ("9110 §13.1.2", "PUT | If-None-Match: W/{tag} | Content-Length: 3 |  | abc", 412, ""),
    ("9110 §13.1.2", "PUT | If-None-Match: \"x\" | Content-Length: 3 |  | abc", 204, ""),
    ("9110 §13.1.3", "PUT | If-Modified-Since: {lm} | Content-Length: 3 |  | abc", 204, ""),
    ("9110 §13.1.4", "PUT | If-Unmodified-Since: {lm} | Content-Length: 3 |  | abc", 204, ""),
    ("9110 §13.1.4", "PUT | If-Unmodified-Since: {before} | Content-Length: 3 |  | abc", 412, ""),
    (
        "9110 §13.2.2",
        "PUT | If-Match: {tag} | If-Unmodified-Since: {before} | Content-Length: 3 |  | abc",
        204,
        "",
    ),
    (
        "9110 §13.2.2",
        "PUT | If-Match: {tag} | If-None-Match: {tag} | Content-Length: 3 |  | abc",
        412,
        "",
    ),
    ("9110 §14.2", "PUT | Range: bytes=0-1 | Content-Length: 3 |  | abc", 204, "!content-range"),
    // Not conditional on anything.
    ("9110 §14.5", "PUT | Content-Range: bytes 0-2/26 | Content-Length: 3 |  | abc", 400, ""),
    (
        "9110 §13.2.1",
        "PUT | Content-Range: bytes 0-2/26 | If-Match: \"x\" | Content-Length: 3 |  | abc",
        400,
        "",
    ),
    (
        "9110 §8.4",
        "PUT | Content-Encoding: gzip | Content-Length: 3 |  | abc",
        415,
        "accept-encoding: identity",
    ),
    ("9110 §8.4", "PUT | Content-Encoding: identity | Content-Length: 3 |  | abc", 204, ""),
    ("9110 §8.6", "PUT", 411, ""),
    ("9110 §10.1.1", "PUT | Expect: 100-continue | If-Match: \"x\" | Content-Length: 3", 412, ""),
    ("9110 §10.1.1", "PUT | Expect: 100-Continue | If-None-Match: * | Content-Length: 3", 412, ""),
];

/// A weak tag cannot say that a content is the one that was meant.
pub(super) const WEAK: &[Row] = &[
    ("9110 §13.1.1", "PUT | If-Match: {tag} | Content-Length: 3 |  | abc", 412, ""),
    ("9110 §13.1.1", "PUT | If-Match: * | Content-Length: 3 |  | abc", 204, ""),
    ("9110 §13.1.2", "PUT | If-None-Match: \"{opaque}\" | Content-Length: 3 |  | abc", 412, ""),
];

/// With codings on offer, the tag that goes with 204 is that of the bytes that came, or none.
pub(super) const CODED: &[Row] = &[
    ("9110 §9.3.4", "PUT | Content-Length: 26 |  | abcdefghijklmnopqrstuvwxyz", 204, "etag: {tag}"),
    ("9110 §9.3.4", "PUT | Accept-Encoding: gzip | Content-Length: 3 |  | abc", 204, "!etag"),
    (
        "9110 §13.1.1",
        "PUT | Accept-Encoding: gzip | If-Match: \"{opaque}-gzip\" | Content-Length: 3 |  | abc",
        204,
        "!etag",
    ),
    (
        "9110 §13.1.1",
        "PUT | If-Match: \"{opaque}-gzip\" | Content-Length: 3 |  | abc",
        412,
        "vary: Accept-Encoding",
    ),
];

/// A PUT has to say what it replaces.
pub(super) const REQUIRED: &[Row] = &[
    ("6585 §3", "PUT | Content-Length: 3 |  | abc", 428, "!etag"),
    ("6585 §3", "PUT | If-Unmodified-Since: {lm} | Content-Length: 3 |  | abc", 428, ""),
    ("6585 §3", "PUT | If-None-Match: \"x\" | Content-Length: 3 |  | abc", 428, ""),
    ("6585 §3", "PUT | If-None-Match: * | Content-Length: 3 |  | abc", 412, ""),
    ("6585 §3", "PUT | If-Match: \"x\" | Content-Length: 3 |  | abc", 412, ""),
    ("6585 §3", "PUT | If-Match: {tag} | Content-Length: 3 |  | abc", 204, ""),
    ("6585 §3", "GET", 200, ""),
];

/// Room for four bytes.
pub(super) const SMALL: &[Row] = &[
    ("9110 §15.5.14", "PUT | Content-Length: 4 |  | abcd", 204, ""),
    ("9110 §15.5.14", "PUT | Content-Length: 5 |  | abcde", 413, ""),
    ("9110 §13.2.1", "PUT | If-Match: \"x\" | Content-Length: 5 |  | abcde", 413, ""),
    ("9110 §10.1.1", "PUT | Expect: 100-continue | Content-Length: 5", 413, ""),
    ("9110 §15.5.14", "PUT | Transfer-Encoding: chunked |  | 4\r\nabcd\r\n0\r\n\r\n", 204, ""),
];
