//! RFC 9110 §9: methods, and what a request may bring along.

use super::Row;

const WITH_PUT: &str = "allow: GET, HEAD, OPTIONS, PUT; !etag";
const WITHOUT_PUT: &str = "allow: GET, HEAD, OPTIONS; !etag";

/// The default: PUT is allowed.
pub(super) const WRITABLE: &[Row] = &[
    ("9110 §9.3.1", "GET", 200, "= abcdefghijklmnopqrstuvwxyz"),
    ("9110 §9.3.2", "HEAD", 200, "content-length: 26; content-type: application/json"),
    ("9110 §9.3.7", "OPTIONS", 204, "allow: GET, HEAD, OPTIONS, PUT"),
    ("9110 §13.2.1", "OPTIONS | If-None-Match: *", 204, ""),
    ("9110 §13.2.1", "OPTIONS | If-Match: \"x\"", 204, ""),
    ("9110 §9.3.7", "OPTIONS | Max-Forwards: 0", 204, ""),
    ("9110 §15.5.6", "POST | Content-Length: 0", 405, WITH_PUT),
    ("9110 §15.5.6", "POST | Content-Length: 3 |  | abc", 405, WITH_PUT),
    ("9110 §15.5.6", "POST", 405, WITH_PUT),
    ("9110 §15.5.6", "DELETE", 405, WITH_PUT),
    ("9110 §15.5.6", "PATCH | Content-Length: 2 |  | {}", 405, WITH_PUT),
    ("9110 §9.3.8", "TRACE", 405, WITH_PUT),
    ("9110 §13.2.1", "DELETE | If-Match: \"x\"", 405, WITH_PUT),
    ("9110 §13.2.1", "DELETE | If-None-Match: *", 405, WITH_PUT),
    ("9110 §13.2.1", "POST | If-Match: \"x\" | Content-Length: 0", 405, WITH_PUT),
    ("9110 §14.2", "DELETE | Range: bytes=0-1", 405, WITH_PUT),
    ("9110 §15.6.2", "FOO", 501, ""),
    ("9110 §9.1", "get", 501, ""),
    ("9110 §9.1", "Get", 501, ""),
    ("9110 §15.6.2", "PROPFIND | Content-Length: 3 |  | abc", 501, ""),
    ("9110 §15.6.2", "GETT", 501, ""),
    // A content means nothing to a GET, and must not be taken for the next request.
    ("9110 §9.3.1", "GET | Content-Length: 3 |  | abc", 200, "= abcdefghijklmnopqrstuvwxyz"),
    ("9110 §9.3.1", "GET | Transfer-Encoding: chunked |  | 3\r\nabc\r\n0\r\n\r\n", 200, ""),
    ("9110 §9.3.1", "GET | If-None-Match: {tag} | Content-Length: 3 |  | abc", 304, ""),
    (
        "9110 §9.3.1",
        "GET | Content-Length: 39 |  | GET /api/config HTTP/1.1\r\nHost: lab\r\n\r\n",
        200,
        "",
    ),
    // What may be ignored.
    ("9110 §7.8", "GET | Connection: upgrade | Upgrade: websocket", 200, ""),
    ("9110 §7.8", "GET | Connection: upgrade, http2-settings | Upgrade: h2c", 200, ""),
    ("9110 §10.1.1", "GET | Expect: 100-continue", 200, ""),
    ("9110 §10.1.1", "GET | Expect: 100-continue | Content-Length: 0", 200, ""),
    ("9110 §12.5.1", "GET | Accept: text/plain;q=0, image/png", 200, ""),
    ("9110 §12.5.1", "GET | Accept: ;;;,,=", 200, ""),
    ("9110 §12.5.2", "GET | Accept-Charset: \u{fffd}", 200, ""),
    ("9110 §12.5.4", "GET | Accept-Language: *;q=0", 200, ""),
    ("9110 §10.1.4", "GET | TE: trailers, gzip", 200, ""),
    ("9110 §7.6.1", "GET | Connection: x-unknown | X-Unknown: 1", 200, ""),
    ("9110 §5.1", "GET | X-Never-Seen: 1", 200, ""),
    ("9111 §5.2", "GET | Cache-Control: only-if-cached, max-age=0, no-store", 200, ""),
    ("9111 §5.4", "GET | Pragma: no-cache", 200, ""),
];

/// With PUT refused.
pub(super) const READ_ONLY: &[Row] = &[
    ("9110 §15.5.6", "PUT | Content-Length: 3 |  | abc", 405, WITHOUT_PUT),
    ("9110 §13.2.1", "PUT | If-Match: \"x\" | Content-Length: 3 |  | abc", 405, WITHOUT_PUT),
    ("9110 §9.3.7", "OPTIONS", 204, WITHOUT_PUT),
    ("9110 §15.5.6", "DELETE", 405, WITHOUT_PUT),
];
