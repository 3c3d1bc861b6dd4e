//! RFC 9110 §13: preconditions of GET and HEAD.

use super::Row;

/// Against a strong tag and a date.
pub(super) const STRONG: &[Row] = &[
    ("9110 §15.3.1", "GET", 200, "etag: {tag}; last-modified: {lm}; !vary"),
    // If-None-Match: weak comparison, lists, lines; what is malformed never matches.
    ("9110 §13.1.2", "GET | If-None-Match: {tag}", 304, "etag: {tag}; = "),
    ("9110 §13.1.2", "GET | If-None-Match: W/{tag}", 304, "etag: {tag}"),
    ("9110 §13.1.2", "GET | if-none-match:{tag}", 304, ""),
    ("9110 §13.1.2", "GET | IF-NONE-MATCH: \t {tag} \t ", 304, ""),
    ("9110 §5.6.1", "GET | If-None-Match: ,, \"a,b\",\tW/{tag} ,,", 304, ""),
    ("9110 §5.3", "GET | If-None-Match: \"x\" | If-None-Match: {tag}", 304, ""),
    ("9110 §5.3", "GET | If-None-Match: {tag} | If-None-Match: \"x\"", 304, ""),
    ("9110 §5.3", "GET | If-None-Match: | If-None-Match: {tag}", 304, ""),
    ("9110 §13.1.2", "GET | If-None-Match: *", 304, "etag: {tag}"),
    ("9110 §13.1.2", "GET | If-None-Match: \"x\"", 200, "etag: {tag}"),
    ("9110 §13.1.2", "GET | If-None-Match: \"\"", 200, ""),
    ("9110 §13.1.2", "GET | X-If-None-Match: {tag}", 200, ""),
    ("9110 §8.8.3", "GET | If-None-Match: \"a,{tag},b\"", 304, ""),
    ("9110 §8.8.3", "GET | If-None-Match: \"\u{fc}\", {tag}", 304, ""),
    ("9110 §8.8.3", "GET | If-None-Match: \u{fffd}, \"\u{80}\",,,;=\\", 200, ""),
    ("9110 §8.8.3", "GET | If-None-Match:", 200, ""),
    ("9110 §8.8.3", "GET | If-None-Match: {opaque}", 200, ""),
    ("9110 §8.8.3", "GET | If-None-Match: w/{tag}", 200, ""),
    ("9110 §8.8.3", "GET | If-None-Match: \"{opaque}-gzip\"", 200, ""),
    // If-Match: strong comparison.
    ("9110 §13.1.1", "GET | If-Match: {tag}", 200, "etag: {tag}"),
    ("9110 §13.1.1", "GET | If-Match: \"x\" | If-Match: {tag}", 200, ""),
    ("9110 §13.1.1", "GET | If-Match: *", 200, ""),
    ("9110 §13.1.1", "GET | If-Match: \"x\"", 412, "!vary; !content-encoding; content-length: 0"),
    ("9110 §13.1.1", "GET | If-Match: W/{tag}", 412, ""),
    ("9110 §13.1.1", "GET | If-Match:", 412, ""),
    // Dates; that of the request is compared with a clock.
    ("9110 §13.1.3", "GET | If-Modified-Since: {lm}", 304, "etag: {tag}; !last-modified"),
    ("9110 §13.1.3", "GET | If-Modified-Since: {before}", 200, ""),
    ("9110 §5.6.7", "GET | If-Modified-Since: Thursday, 04-Jan-24 05:06:07 GMT", 304, ""),
    ("9110 §13.1.3", "GET | If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT", 200, ""),
    ("9110 §13.1.3", "GET | If-Modified-Since: yesterday", 200, ""),
    ("9110 §13.1.3", "GET | If-Modified-Since: {lm} | If-Modified-Since: {lm}", 200, ""),
    ("9110 §13.1.4", "GET | If-Unmodified-Since: {lm}", 200, ""),
    ("9110 §13.1.4", "GET | If-Unmodified-Since: {before}", 412, ""),
    ("9110 §13.1.4", "GET | If-Unmodified-Since: Fri, 31 Dec 9999 23:59:59 GMT", 200, ""),
    ("9110 §13.1.4", "GET | If-Unmodified-Since: yesterday", 200, ""),
    ("9110 §13.1.4", "GET | If-Unmodified-Since: {before} | If-Unmodified-Since: {lm}", 200, ""),
    // Precedence.
    ("9110 §13.1.3", "GET | If-None-Match: {tag} | If-Modified-Since: {before}", 304, ""),
    ("9110 §13.1.3", "GET | If-None-Match: \"x\" | If-Modified-Since: {lm}", 200, ""),
    ("9110 §13.1.4", "GET | If-Match: {tag} | If-Unmodified-Since: {before}", 200, ""),
    ("9110 §13.1.4", "GET | If-Match: \"x\" | If-Unmodified-Since: {lm}", 412, ""),
    ("9110 §13.2.2", "GET | If-Match: \"x\" | If-None-Match: {tag}", 412, ""),
    ("9110 §13.2.2", "GET | If-Match: *  | If-None-Match: {tag}", 304, ""),
    ("9110 §13.2.2", "GET | If-Unmodified-Since: {before} | If-None-Match: {tag}", 412, ""),
    ("9110 §13.2.2", "GET | If-Unmodified-Since: {lm} | If-Modified-Since: {lm}", 304, ""),
];

/// Against a weak tag.
pub(super) const WEAK: &[Row] = &[
    ("9110 §8.8.3.2", "GET | If-None-Match: {tag}", 304, "etag: {tag}"),
    ("9110 §8.8.3.2", "GET | If-None-Match: \"x\", \"{opaque}\"", 304, "etag: {tag}"),
    ("9110 §8.8.3.2", "GET | If-Match: {tag}", 412, ""),
    ("9110 §8.8.3.2", "GET | If-Match: \"{opaque}\"", 412, ""),
    ("9110 §13.1.1", "GET | If-Match: *", 200, ""),
];

/// Against a date and no tag.
pub(super) const UNTAGGED: &[Row] = &[
    ("9110 §8.8.3", "GET", 200, "!etag; last-modified: {lm}"),
    ("9110 §15.4.5", "GET | If-Modified-Since: {lm}", 304, "!etag; last-modified: {lm}"),
    ("9110 §13.1.2", "GET | If-None-Match: *", 304, "last-modified: {lm}"),
    ("9110 §13.1.2", "GET | If-None-Match: \"x\", \"\"", 200, ""),
    ("9110 §13.1.3", "GET | If-None-Match: \"x\" | If-Modified-Since: {lm}", 200, ""),
    ("9110 §13.1.1", "GET | If-Match: *", 200, ""),
    ("9110 §13.1.1", "GET | If-Match: \"x\"", 412, ""),
    ("9110 §13.1.4", "GET | If-Unmodified-Since: {before}", 412, ""),
];

/// Against a tag and no date: dates are not available, and so are ignored.
pub(super) const UNDATED: &[Row] = &[
    ("9110 §8.8.2", "GET", 200, "!last-modified; etag: {tag}"),
    ("9110 §13.1.3", "GET | If-Modified-Since: {lm}", 200, ""),
    ("9110 §13.1.4", "GET | If-Unmodified-Since: {before}", 200, ""),
    ("9110 §13.1.2", "GET | If-None-Match: {tag}", 304, ""),
    ("9110 §13.1.5", "GET | Range: bytes=0-1 | If-Range: {lm}", 200, ""),
];
