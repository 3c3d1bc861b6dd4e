//! Lines, lengths and versions of messages (RFC 9112), and `Expect` (RFC 9110 §10.1.1).

use crate::reference::row::{Row, content, get, line, whole};

const LINES: &str = "RFC 9112 2.2";
const FIELDS: &str = "RFC 9112 5.1";
const FOLDING: &str = "RFC 9112 5.2";
const VALUES: &str = "5.5";
const LENGTH: &str = "RFC 9112 6.3";
const CODING: &str = "RFC 9112 6.1";
const CHUNKED: &str = "RFC 9112 7.1";
const VERSION: &str = "RFC 9112 2.3";

const CLOSE: &[u16] = &[200, 400];

pub(super) const ROWS: &[Row] = &[
    whole(
        "empty-line-first",
        LINES,
        "\r\nGET /api/config HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n",
        &[200],
    ),
    whole("bare-lf", LINES, "GET /api/config HTTP/1.1\nHost: lab\nConnection: close\n\n", CLOSE),
    get("bare-cr", LINES, "X: a\rb", CLOSE),
    get("nul", VALUES, "X: a\0b", CLOSE),
    get("control-character", VALUES, "X: a\u{1}b", CLOSE),
    get("obs-text", VALUES, "X: é", CLOSE),
    get("space-before-colon", FIELDS, "X : a", &[400]),
    get("space-in-name", FIELDS, "X Y: a", &[400]),
    get("no-colon", FIELDS, "X", CLOSE),
    get("no-name", FIELDS, ": a", CLOSE),
    get("name-bracket", FIELDS, "X(Y): a", CLOSE),
    get("name-underscore", FIELDS, "X_Y: a", &[200]),
    line("folded-line", FOLDING, "GET /api/config HTTP/1.1", "X: a\n b", CLOSE),
    line(
        "folded-if-none-match",
        FOLDING,
        "GET /api/config HTTP/1.1",
        "If-None-Match: \"x\",\n {etag}",
        &[304, 400],
    ),
    whole(
        "space-before-first-field",
        LINES,
        "GET /api/config HTTP/1.1\r\n Host: lab\r\nConnection: close\r\n\r\n",
        &[400],
    ),
    line(
        "version-1.0-keep-alive",
        VERSION,
        "GET /api/config HTTP/1.0",
        "If-None-Match: {etag}",
        &[304],
    ),
    line("version-1.2", VERSION, "GET /api/config HTTP/1.2", "", &[200, 400, 505]),
    line("version-2.0", VERSION, "GET /api/config HTTP/2.0", "", &[]),
    line("version-lower", VERSION, "GET /api/config http/1.1", "", &[]),
    line("version-two-digits", VERSION, "GET /api/config HTTP/1.10", "", &[]),
    line("two-spaces", "RFC 9112 3", "GET  /api/config HTTP/1.1", "", CLOSE),
    line("space-in-target", "RFC 9112 3.2", "GET /api/con fig HTTP/1.1", "", &[]),
    whole(
        "tab-in-request-line",
        "RFC 9112 3",
        "GET\t/api/config\tHTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n",
        CLOSE,
    ),
    line("target-200k", "RFC 9112 3", "GET /{200k} HTTP/1.1", "", &[]),
    get("field-200k", "5.4", "X: {200k}", &[200, 400, 413, 431]),
    whole(
        "200-fields",
        "5.4",
        "GET /api/config HTTP/1.1\r\nHost: lab\r\n{200-fields}Connection: close\r\n\r\n",
        &[200, 400, 431],
    ),
    content("content-with-get", "9.3.1", "Content-Length: 5", "hello", &[200, 400, 413]),
    content(
        "chunks-with-get",
        CHUNKED,
        "Transfer-Encoding: chunked",
        "5\r\nhello\r\n0\r\n\r\n",
        &[200, 400, 413],
    ),
    content("chunked-upper", CODING, "Transfer-Encoding: CHUNKED", "0\r\n\r\n", &[200, 400, 413]),
    content(
        "chunked-and-length",
        LENGTH,
        "Content-Length: 5\nTransfer-Encoding: chunked",
        "0\r\n\r\n",
        CLOSE,
    ),
    content(
        "chunked-not-last",
        LENGTH,
        "Transfer-Encoding: chunked, identity",
        "0\r\n\r\n",
        &[400, 501],
    ),
    content("chunked-twice", CODING, "Transfer-Encoding: chunked, chunked", "0\r\n\r\n", &[]),
    get("coding-unknown", CODING, "Transfer-Encoding: lzma", &[400, 501]),
    whole(
        "chunked-1.0",
        CODING,
        "GET /api/config HTTP/1.0\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        CLOSE,
    ),
    get("length-letters", LENGTH, "Content-Length: x", &[400]),
    get("length-negative", LENGTH, "Content-Length: -1", &[400]),
    get("length-plus", LENGTH, "Content-Length: +0", &[400]),
    get("length-empty", LENGTH, "Content-Length:", &[400]),
    get("length-30-digits", LENGTH, "Content-Length: 999999999999999999999999999999", &[400, 413]),
    content("lengths-different", LENGTH, "Content-Length: 0\nContent-Length: 5", "hello", &[400]),
    content("lengths-same", LENGTH, "Content-Length: 5\nContent-Length: 5", "hello", CLOSE),
    content("length-list-same", LENGTH, "Content-Length: 5, 5", "hello", CLOSE),
    content("length-list-different", LENGTH, "Content-Length: 5, 0", "hello", &[400]),
    get("expect-continue", "10.1.1", "Expect: 100-continue", &[200, 417]),
    get("expect-unknown", "10.1.1", "Expect: wonders", &[200, 417]),
];
