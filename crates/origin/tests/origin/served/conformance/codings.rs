//! RFC 9110 §8.4, §12.5.3 and §12.5.5: content codings, their tags, and Vary.

use super::Row;

const GZIP: &str = "content-encoding: gzip; etag: \"{opaque}-gzip\"; vary: Accept-Encoding";
const BR: &str = "content-encoding: br; etag: \"{opaque}-br\"; vary: Accept-Encoding";
const ZSTD: &str = "content-encoding: zstd; etag: \"{opaque}-zstd\"; vary: Accept-Encoding";
const IDENTITY: &str = "!content-encoding; etag: {tag}; vary: Accept-Encoding; \
                        = abcdefghijklmnopqrstuvwxyz; content-length: 26";
const VARY: &str = "vary: Accept-Encoding";

/// gzip, br and zstd on offer, in this order; a strong tag.
pub(super) const STRONG: &[Row] = &[
    ("9110 §12.5.3", "GET", 200, IDENTITY),
    ("9110 §12.5.3", "GET | Accept-Encoding:", 200, IDENTITY),
    ("9110 §12.5.3", "GET | Accept-Encoding: gzip, deflate, br, zstd", 200, GZIP),
    ("9110 §12.5.3", "GET | Accept-Encoding: br", 200, BR),
    ("9110 §12.4.2", "GET | Accept-Encoding: gzip;Q=0.1, zstd;Q=0.2", 200, ZSTD),
    ("9110 §8.4.1.3", "GET | Accept-Encoding: X-GZIP", 200, GZIP),
    ("9110 §5.3", "GET | Accept-Encoding: gzip;q=0.1 | Accept-Encoding: br", 200, BR),
    ("9110 §12.5.3", "GET | Accept-Encoding: gzip;q=0, *;q=0.1", 200, BR),
    ("9110 §12.5.3", "GET | Accept-Encoding: *;q=0", 200, IDENTITY),
    ("9110 §12.5.3", "GET | Accept-Encoding: identity;q=0", 200, IDENTITY),
    ("9110 §12.4.2", "GET | Accept-Encoding: gzip;q=2", 200, IDENTITY),
    ("9110 §12.5.3", "GET | Accept-Encoding: \"gzip\", gzip/br", 200, IDENTITY),
    // Each coding has a tag of its own.
    (
        "9110 §8.8.3.3",
        "GET | Accept-Encoding: gzip | If-None-Match: \"{opaque}-gzip\"",
        304,
        "etag: \"{opaque}-gzip\"; vary: Accept-Encoding; !content-encoding",
    ),
    ("9110 §8.8.3.3", "GET | Accept-Encoding: gzip | If-None-Match: {tag}", 200, GZIP),
    ("9110 §8.8.3.3", "GET | Accept-Encoding: br | If-None-Match: \"{opaque}-gzip\"", 200, BR),
    ("9110 §8.8.3.3", "GET | If-None-Match: \"{opaque}-gzip\"", 200, IDENTITY),
    ("9110 §12.5.5", "GET | If-None-Match: {tag}", 304, "etag: {tag}; vary: Accept-Encoding"),
    (
        "9110 §13.1.2",
        "GET | Accept-Encoding: zstd | If-None-Match: \"{opaque}-gzip\", W/\"{opaque}-zstd\"",
        304,
        "etag: \"{opaque}-zstd\"; !content-encoding",
    ),
    ("9110 §13.1.1", "GET | Accept-Encoding: gzip | If-Match: \"{opaque}-gzip\"", 200, GZIP),
    ("9110 §13.1.1", "GET | Accept-Encoding: gzip | If-Match: {tag}", 412, VARY),
    // Ranges are those of the coded bytes.
    (
        "9110 §14.1.2",
        "GET | Accept-Encoding: gzip | Range: bytes=0-1",
        206,
        "content-length: 2; content-encoding: gzip; vary: Accept-Encoding",
    ),
    ("9110 §14.1.2", "GET | Range: bytes=0-1", 206, "= ab; vary: Accept-Encoding"),
    (
        "9110 §13.1.5",
        "GET | Accept-Encoding: gzip | Range: bytes=0-1 | If-Range: \"{opaque}-gzip\"",
        206,
        "etag: \"{opaque}-gzip\"; vary: Accept-Encoding",
    ),
    ("9110 §13.1.5", "GET | Accept-Encoding: gzip | Range: bytes=0-1 | If-Range: {tag}", 200, GZIP),
    // All codings share the date, which is therefore weak.
    ("9110 §8.8.1", "GET | Accept-Encoding: gzip | Range: bytes=0-1 | If-Range: {lm}", 200, GZIP),
    ("9110 §8.8.1", "GET | Range: bytes=0-1 | If-Range: {lm}", 200, IDENTITY),
    ("9110 §14.1.2", "GET | Range: bytes=0-1 | If-Range: {tag}", 206, "= ab"),
    (
        "9110 §15.5.17",
        "GET | Range: bytes=26-",
        416,
        "content-range: bytes */26; vary: Accept-Encoding",
    ),
];

/// A weak tag stays weak.
pub(super) const WEAK: &[Row] = &[
    ("9110 §8.8.3.3", "GET | Accept-Encoding: gzip", 200, "etag: W/\"{opaque}-gzip\""),
    (
        "9110 §8.8.3.2",
        "GET | Accept-Encoding: gzip | If-None-Match: \"{opaque}-gzip\"",
        304,
        "etag: W/\"{opaque}-gzip\"",
    ),
    ("9110 §8.8.3.2", "GET | Accept-Encoding: gzip | If-None-Match: {tag}", 200, ""),
];

/// Without a tag there is none to tell apart.
pub(super) const UNTAGGED: &[Row] = &[
    ("9110 §12.5.5", "GET | Accept-Encoding: br", 200, "!etag; content-encoding: br"),
    (
        "9110 §15.4.5",
        "GET | Accept-Encoding: br | If-Modified-Since: {lm}",
        304,
        "last-modified: {lm}; vary: Accept-Encoding; !content-encoding",
    ),
];

/// Nothing depends on what the client accepts.
pub(super) const NONE_ON_OFFER: &[Row] = &[
    ("9110 §12.5.3", "GET | Accept-Encoding: gzip", 200, "!vary; !content-encoding"),
    ("9110 §12.5.3", "GET | Accept-Encoding: gzip;q=1, identity;q=0", 200, "!vary"),
    ("9110 §12.5.3", "GET | Accept-Encoding: *;q=0", 200, "= abcdefghijklmnopqrstuvwxyz"),
];
