//! RFC 9110 §14: ranges, and §13.1.5: If-Range.

use super::Row;

const WHOLE: &str = "= abcdefghijklmnopqrstuvwxyz; content-length: 26; etag: {tag}";
const PART: &str = "content-range: bytes 2-5/26; content-length: 4; = cdef; etag: {tag}; \
                    last-modified: {lm}; cache-control: no-cache; content-type: application/json; \
                    !content-encoding; !vary";

/// Against a strong tag and a strong date.
pub(super) const STRONG: &[Row] = &[
    ("9110 §14.3", "GET", 200, "accept-ranges: bytes"),
    ("9110 §14.1.2", "GET | Range: bytes=0-0", 206, "content-range: bytes 0-0/26; = a"),
    ("9110 §15.3.7", "GET | Range: bytes=2-5", 206, PART),
    ("9110 §14.1.2", "GET | Range: bytes=20-", 206, "content-range: bytes 20-25/26; = uvwxyz"),
    ("9110 §14.1.2", "GET | Range: bytes=-3", 206, "content-range: bytes 23-25/26; = xyz"),
    ("9110 §14.1.2", "GET | Range: bytes=0-", 206, "content-range: bytes 0-25/26"),
    ("9110 §14.1.2", "GET | Range: bytes=25-99", 206, "content-range: bytes 25-25/26; = z"),
    ("9110 §14.1.2", "GET | Range: bytes=-99", 206, "content-range: bytes 0-25/26"),
    ("9110 §14.1", "GET | range: BYTES= ,0-1,", 206, "= ab"),
    ("9110 §14.1.2", "GET | Range: bytes=99-100, -2", 206, "content-range: bytes 24-25/26"),
    ("9110 §15.5.17", "GET | Range: bytes=26-", 416, "content-range: bytes */26; = "),
    ("9110 §15.5.17", "GET | Range: bytes=99-,-0", 416, "content-range: bytes */26"),
    // Ignored.
    ("9110 §14.2", "GET | Range:", 200, WHOLE),
    ("9110 §14.2", "GET | Range: items=0-1", 200, WHOLE),
    ("9110 §14.2", "GET | Range: bytes=0-1,5-2", 200, WHOLE),
    ("9110 §5.3", "GET | Range: bytes=0-1 | Range: bytes=2-3", 200, WHOLE),
    ("9110 §14.2", "GET | Range: bytes=0-5,5-9", 200, WHOLE),
    // For GET only.
    ("9110 §14.2", "HEAD | Range: bytes=0-1", 200, "content-length: 26; !content-range"),
    ("9110 §14.2", "HEAD | Range: bytes=99-", 200, "content-length: 26; !content-range"),
    // After the preconditions.
    ("9110 §13.2.2", "GET | Range: bytes=0-1 | If-None-Match: {tag}", 304, "!content-range"),
    ("9110 §13.2.2", "GET | Range: bytes=99- | If-None-Match: {tag}", 304, ""),
    ("9110 §13.2.2", "GET | Range: bytes=0-1 | If-None-Match: \"x\"", 206, "= ab"),
    ("9110 §13.2.2", "GET | Range: bytes=0-1 | If-Modified-Since: {lm}", 304, ""),
    ("9110 §13.2.2", "GET | Range: bytes=99- | If-Match: \"x\"", 412, ""),
    ("9110 §13.2.2", "GET | Range: bytes=0-1 | If-Match: {tag}", 206, "= ab"),
    ("9110 §13.2.2", "GET | Range: bytes=0-1 | If-Unmodified-Since: {lm}", 206, "= ab"),
    // If-Range: the very validator, and a strong one.
    (
        "9110 §13.1.5",
        "GET | Range: bytes=0-1 | If-Range: {tag}",
        206,
        "= ab; etag: {tag}; !last-modified; !content-type",
    ),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: {lm}", 206, "= ab; etag: {tag}"),
    ("9110 §13.1.5", "GET | Range: bytes=99- | If-Range: {tag}", 416, ""),
    ("9110 §13.1.5", "GET | Range: bytes=99- | If-Range: \"x\"", 200, WHOLE),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: W/{tag}", 200, WHOLE),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: {tag} | If-Range: {tag}", 200, WHOLE),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range:", 200, WHOLE),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: {before}", 200, WHOLE),
    ("9110 §13.1.5", "GET | If-Range: \"x\"", 200, WHOLE),
    ("9110 §13.2.2", "GET | Range: bytes=0-1 | If-Range: \"x\" | If-None-Match: {tag}", 304, ""),
];

/// A weak tag never resumes a download; the date may.
pub(super) const WEAK: &[Row] = &[
    ("9110 §14.2", "GET | Range: bytes=0-1", 206, "= ab; etag: {tag}"),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: {tag}", 200, WHOLE),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: \"{opaque}\"", 200, WHOLE),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: {lm}", 206, "= ab"),
];

/// Only the date is there.
pub(super) const UNTAGGED: &[Row] = &[
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: {lm}", 206, "= ab; last-modified: {lm}"),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: \"\"", 200, "!etag"),
    ("9110 §14.2", "GET | Range: bytes=0-1", 206, "= ab; !etag; last-modified: {lm}"),
];
