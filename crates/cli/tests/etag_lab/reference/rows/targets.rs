//! Methods, request targets and `Host` (RFC 9110 §7.1, §7.2, §9; RFC 9112 §3.2).

use crate::reference::row::{Row, hosts, line, whole};

const HOST: &str = "RFC 9112 3.2";
const METHOD: &str = "9.1";
const TARGET: &str = "7.1";

const NOT_DONE: &[u16] = &[400, 405, 501];

pub(super) const ROWS: &[Row] = &[
    hosts("host-missing", HOST, "GET /api/config HTTP/1.1", "", &[400]),
    whole("host-missing-1.0", HOST, "GET /api/config HTTP/1.0\r\n\r\n", &[200]),
    hosts("host-twice", HOST, "GET /api/config HTTP/1.1", "Host: lab\nHost: lab", &[400]),
    hosts(
        "host-twice-different",
        HOST,
        "GET /api/config HTTP/1.1",
        "Host: lab\nHost: other",
        &[400],
    ),
    hosts("host-empty", HOST, "GET /api/config HTTP/1.1", "Host:", &[200, 400]),
    hosts("host-port", HOST, "GET /api/config HTTP/1.1", "Host: lab:8080", &[200]),
    hosts("host-ipv6", HOST, "GET /api/config HTTP/1.1", "Host: [::1]:8080", &[200]),
    hosts("host-space", HOST, "GET /api/config HTTP/1.1", "Host: la b", &[400]),
    hosts("host-path", HOST, "GET /api/config HTTP/1.1", "Host: lab/x", &[400]),
    hosts("host-user", HOST, "GET /api/config HTTP/1.1", "Host: user@lab", &[400]),
    hosts("host-bad-port", HOST, "GET /api/config HTTP/1.1", "Host: lab:port", &[400]),
    hosts("host-list", HOST, "GET /api/config HTTP/1.1", "Host: lab, other", &[400]),
    line("absolute-form", "RFC 9112 3.2.2", "GET http://lab/api/config HTTP/1.1", "", &[200]),
    hosts(
        "absolute-form-other-host",
        "RFC 9112 3.2.2",
        "GET http://lab/api/config HTTP/1.1",
        "Host: other",
        &[200],
    ),
    hosts("absolute-form-no-host", HOST, "GET http://lab/api/config HTTP/1.1", "", &[400]),
    line("query", TARGET, "GET /api/config?a=b&c HTTP/1.1", "", &[200]),
    line("fragment", TARGET, "GET /api/config#part HTTP/1.1", "", &[]),
    line("percent-encoded-letter", "4.2.3", "GET /api/%63onfig HTTP/1.1", "", &[]),
    line("dot-segments", "4.2.3", "GET /api/x/../config HTTP/1.1", "", &[]),
    line("double-slash", TARGET, "GET //api//config HTTP/1.1", "", &[]),
    line("path-case", "4.2.3", "GET /API/config HTTP/1.1", "", &[]),
    line("path-other", "15.5.5", "GET /api/other HTTP/1.1", "", &[404]),
    line("path-other-head", "9.3.2", "HEAD /api/other HTTP/1.1", "", &[404]),
    line("path-other-inm-star", "13.2.1", "GET /api/other HTTP/1.1", "If-None-Match: *", &[404]),
    line("path-other-im-star", "13.2.1", "GET /api/other HTTP/1.1", "If-Match: *", &[404, 412]),
    line("path-other-range", "14.2", "GET /api/other HTTP/1.1", "Range: bytes=0-9", &[404]),
    line("no-leading-slash", "RFC 9112 3.2", "GET api/config HTTP/1.1", "", &[]),
    line("method-lower", METHOD, "get /api/config HTTP/1.1", "", NOT_DONE),
    line("method-unknown", METHOD, "BREW /api/config HTTP/1.1", "", NOT_DONE),
    line("method-post", METHOD, "POST /api/config HTTP/1.1", "Content-Length: 0", &[]),
    line(
        "method-delete",
        METHOD,
        "DELETE /api/config HTTP/1.1",
        "If-Match: \"x\"",
        &[403, 405, 412, 501],
    ),
    line("method-options", "9.3.7", "OPTIONS /api/config HTTP/1.1", "", &[]),
    line(
        "options-inm-star",
        "13.2.1",
        "OPTIONS /api/config HTTP/1.1",
        "If-None-Match: *",
        &[200, 204, 403, 405, 501],
    ),
    line(
        "options-im-other",
        "13.2.1",
        "OPTIONS /api/config HTTP/1.1",
        "If-Match: \"x\"",
        &[200, 204, 403, 405, 501],
    ),
    line("options-star", "9.3.7", "OPTIONS * HTTP/1.1", "", &[]),
    line("method-trace", "9.3.8", "TRACE /api/config HTTP/1.1", "", &[]),
    hosts(
        "method-connect",
        "9.3.6",
        "CONNECT lab:443 HTTP/1.1",
        "Host: lab:443",
        &[400, 403, 404, 405, 501],
    ),
];
