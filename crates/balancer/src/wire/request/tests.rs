//! Requests as they arrive and as they leave.

use super::*;

const LOCAL: &str = "127.0.0.1:8080";

fn translate(request: &str) -> Result<Option<(usize, RequestHead, String)>, Reply> {
    let mut out = Vec::new();
    let local = LOCAL.parse().expect("an address");
    let translated = translate_request(request.as_bytes(), local, &mut out);
    let text = String::from_utf8(out).expect("text");
    translated.map(|found| found.map(|(length, head)| (length, head, text)))
}

fn head_of(request: &str) -> RequestHead {
    let found = translate(request).expect("accepted").expect("complete");
    assert_eq!(found.0, request.len(), "{request:?}");
    found.1
}

fn check_forwarded(request: &str, expected: &str) {
    let found = translate(request).expect("accepted").expect("complete");
    assert_eq!(found.2, expected, "{request:?}");
}

fn check_rejected(request: &str, status: u16) {
    assert_eq!(translate(request).expect_err(request).status, status, "{request:?}");
}

#[test]
fn end_to_end_fields_keep_their_order_and_spelling() {
    check_forwarded(
        "GET /a HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nvia: 1.0 x\r\nIf-None-Match: \"a\", W/\"b\"\r\nX-B:  2 \r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nvia: 1.0 x\r\nIf-None-Match: \"a\", W/\"b\"\r\nX-B: 2\r\nvia: 1.1 etag-lab\r\n\r\n",
    );
}

#[test]
fn hop_by_hop_fields_and_the_lab_client_stay_behind() {
    check_forwarded(
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: X-Mine, upgrade, host\r\nX-Mine: 1\r\nUpgrade: h2c\r\n\
         TE: trailers\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nlab-client: 7\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nvia: 1.1 etag-lab\r\n\r\n",
    );
    assert_eq!(head_of("GET / HTTP/1.1\r\nHost: h\r\nLab-Client: 7\r\n\r\n").client, Some(7));
    assert_eq!(head_of("GET / HTTP/1.1\r\nHost: h\r\nlab-client: +7\r\n\r\n").client, None);
}

#[test]
fn http_1_0_gets_a_host_and_closes_unless_asked() {
    check_forwarded(
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nvia: 1.0 etag-lab\r\n\r\n",
    );
    assert!(!head_of("GET / HTTP/1.0\r\n\r\n").keep_alive);
    assert!(head_of("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
    assert!(head_of("GET / HTTP/1.1\r\nHost: h\r\n\r\n").keep_alive);
    assert!(!head_of("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").keep_alive);
}

#[test]
fn an_absolute_target_replaces_the_host() {
    check_forwarded(
        "GET http://real:1/x HTTP/1.1\r\nHost: other\r\n\r\n",
        "GET /x HTTP/1.1\r\nhost: real:1\r\nvia: 1.1 etag-lab\r\n\r\n",
    );
}

#[test]
fn framing_is_kept_and_normalised() {
    check_forwarded(
        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\ncontent-length: 5\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nvia: 1.1 etag-lab\r\n\r\n",
    );
    check_forwarded(
        "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: chunked\r\nvia: 1.1 etag-lab\r\n\r\n",
    );
}

#[test]
fn only_idempotent_methods_may_be_repeated() {
    for (method, expected) in [
        ("GET", true),
        ("HEAD", true),
        ("PUT", true),
        ("DELETE", true),
        ("POST", false),
        ("PATCH", false),
        ("get", false),
        ("PURGE", false),
    ] {
        let head = head_of(&format!("{method} / HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!(head.method != Method::Other, expected, "{method}");
    }
}

#[test]
fn max_forwards_counts_down_to_an_answer_here() {
    check_forwarded(
        "OPTIONS * HTTP/1.1\r\nHost: h\r\nMax-Forwards: 3\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\nMax-Forwards: 2\r\nvia: 1.1 etag-lab\r\n\r\n",
    );
    check_rejected("OPTIONS / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n\r\n", 204);
    check_rejected("TRACE / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n\r\n", 501);
    check_forwarded(
        "GET / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\nvia: 1.1 etag-lab\r\n\r\n",
    );
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a#b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        ("GET / HTTP/1.0\r\nHost: x y\r\n\r\n", 400),
        ("GET http://a/ HTTP/1.1\r\nHost: x y\r\n\r\n", 400),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n", 400),
        ("GET / HTTP/1.1\rHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\u{0}: b\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            501,
        ),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("PRI * HTTP/2.0\r\n\r\n", 505),
    ] {
        check_rejected(request, status);
    }
}

#[test]
fn too_many_field_lines_are_refused() {
    let lines = "a: b\r\n".repeat(MAX_FIELDS + 1);
    check_rejected(&format!("GET / HTTP/1.1\r\n{lines}\r\n"), 431);
}

#[test]
fn a_head_in_the_making_is_waited_for() {
    let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    for end in 0..request.len() {
        assert!(matches!(translate(&request[..end]), Ok(None)), "{end}");
    }
}
