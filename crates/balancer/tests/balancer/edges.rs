//! The contract of every edge: a new entry is tested on arrival. What it does to fields is compared
//! with its own code; tags are looked at by name only where edges differ on purpose.

use std::io::Read as _;

use etag_lab_balancer::catalogue::{EDGES, find_edge, no_edge};
use etag_lab_balancer::{EdgeEntry, MessageHead};

use crate::support::{Client, FakeReplica, Gateway, Response, field};

const GZIP: &str = "Accept-Encoding: br;q=0.1, gzip\r\n";
const TAG: &str = "\"abc\"";

fn content() -> String {
    "{\"name\":\"value\",\"number\":12345},".repeat(600)
}

/// Answer of the replica under test, by path; conditional requests with its tag get a 304.
fn answer(head: &str) -> String {
    let path = head.split(' ').nth(1).expect("a path");
    let known = field(head, "if-none-match").is_some_and(|tags| tags.contains(TAG));
    let (typed, content) = ("content-type: application/json\r\n", content());
    let with_length = |fields: &str, content: &str| {
        let sent = if head.starts_with("HEAD") { "" } else { content };
        format!("{fields}content-length: {}\r\n\r\n{sent}", content.len())
    };
    let dated = "last-modified: Tue, 06 Jan 2026 12:00:00 GMT\r\nexpires: 0\r\nage: 1\r\n";
    let ranges = "accept-ranges: bytes\r\nrepr-digest: sha-256=:AA==:\r\n";
    let ok = format!("HTTP/1.1 200 OK\r\netag: \"abc\"\r\n{dated}{ranges}");
    match path {
        _ if known => {
            format!("HTTP/1.1 304 Not Modified\r\netag: \"abc\"\r\n{dated}vary: x\r\n\r\n")
        }
        "/chunked" => {
            let (first, rest) = content.split_at(1_000);
            let chunk = |part: &str| format!("{:x}\r\n{part}\r\n", part.len());
            format!(
                "{ok}{typed}transfer-encoding: chunked\r\n\r\n{}{}0\r\nx: y\r\n\r\n",
                chunk(first),
                chunk(rest)
            )
        }
        "/until-close" => format!("{ok}{typed}connection: close\r\n\r\n{content}"),
        "/weak" => with_length(&format!("HTTP/1.1 200 OK\r\netag: W/\"abc\"\r\n{typed}"), &content),
        "/no-transform" => {
            with_length(&format!("{ok}{typed}cache-control: x, no-transform\r\n"), &content)
        }
        "/coded" => with_length(&format!("{ok}{typed}content-encoding: br\r\n"), &content),
        "/image" => with_length(&format!("{ok}content-type: image/png\r\n"), &content),
        "/empty" => with_length(&format!("{ok}{typed}"), ""),
        "/part" => with_length(
            &format!(
                "HTTP/1.1 206 Partial Content\r\netag: \"abc\"\r\n{typed}content-range: bytes 0-9/99\r\n"
            ),
            "0123456789",
        ),
        "/missing" => {
            with_length("HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\n", &content)
        }
        "/varies" => {
            with_length(&format!("{ok}{typed}vary: origin, Accept-Encoding\r\n"), &content)
        }
        _ => with_length(&format!("{ok}{typed}"), &content),
    }
}

async fn behind(edge: &'static EdgeEntry) -> (FakeReplica, Gateway) {
    let replica = FakeReplica::doing(|mut peer| async move {
        while let Some(head) = peer.next_head().await {
            peer.send(&answer(&head)).await;
            if head.contains("/until-close") {
                return;
            }
        }
    })
    .await;
    let set = |settings: &mut etag_lab_balancer::Settings| settings.edge = edge;
    let gateway = Gateway::start_with(&[replica.address], "round-robin", set).await;
    (replica, gateway)
}

fn codes(entry: &EdgeEntry) -> bool {
    entry.edge.is_some_and(|edge| edge.codes())
}

fn coding_edges() -> impl Iterator<Item = &'static EdgeEntry> {
    EDGES.iter().filter(|entry| codes(entry))
}

async fn get(client: &mut Client, path: &str, fields: &str) -> Response {
    client.send(format!("GET {path} HTTP/1.1\r\nHost: lab\r\n{fields}\r\n")).await;
    client.response().await
}

fn decoded(response: &Response) -> String {
    assert_eq!(response.field("content-encoding"), Some("gzip"), "{}", response.head);
    let mut text = String::new();
    let mut decoder = flate2::read::GzDecoder::new(response.content.as_slice());
    decoder.read_to_string(&mut text).expect("gzip of text");
    text
}

#[tokio::test]
async fn content_is_the_same_however_it_came_and_whatever_follows_is_untouched() {
    for entry in coding_edges() {
        let (_replica, gateway) = behind(entry).await;
        let mut client = gateway.client().await;
        let paths = ["/", "/chunked", "/weak", "/varies", "/", "/chunked"];
        let request = |path| format!("GET {path} HTTP/1.1\r\nHost: lab\r\n{GZIP}\r\n");
        // All at once: whoever loses count of the bytes answers the next one wrongly.
        client.send(paths.map(request).concat()).await;
        for path in paths {
            let response = client.response().await;
            assert_eq!(response.field("transfer-encoding"), Some("chunked"), "{entry:?} {path}");
            assert!(decoded(&response) == content(), "{entry:?} {path}");
            for name in ["content-length", "accept-ranges", "repr-digest", "connection"] {
                assert_eq!(response.field(name), None, "{entry:?} {path}");
            }
            let vary = response.field("vary").expect("it depends on Accept-Encoding");
            assert!(vary.ends_with("Accept-Encoding"), "{entry:?} {path}: {vary}");
        }
        assert!(decoded(&get(&mut client, "/until-close", GZIP).await) == content(), "{entry:?}");
        assert_eq!(gateway.balancer.counts().cut, 0);
    }
}

#[tokio::test]
async fn a_client_that_does_not_want_it_gets_it_as_it_is() {
    for entry in EDGES {
        let (_replica, gateway) = behind(entry).await;
        let mut client = gateway.client().await;
        for fields in ["", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: identity, br\r\n"] {
            let response = get(&mut client, "/", fields).await;
            assert_eq!(response.field("content-encoding"), None);
            assert!(response.text() == content(), "{entry:?}");
            let varies = response.field("vary") == Some("Accept-Encoding");
            assert!(varies || !codes(entry), "{entry:?}: others get it coded");
        }
    }
}

#[tokio::test]
async fn what_is_not_to_be_coded_passes_as_it_came() {
    for entry in EDGES {
        let (_replica, gateway) = behind(entry).await;
        let mut client = gateway.client().await;
        for path in ["/no-transform", "/coded", "/image", "/empty", "/part", "/missing"] {
            let response = get(&mut client, path, GZIP).await;
            let plain = get(&mut client, path, "").await;
            // The second may end between the two requests.
            let undated = |head: &str| -> Vec<String> {
                head.lines().filter(|line| !line.starts_with("date:")).map(Into::into).collect()
            };
            assert_eq!(undated(&response.head), undated(&plain.head), "{entry:?} {path}");
            assert!(response.content == plain.content, "{entry:?} {path}");
            assert_ne!(response.field("content-encoding"), Some("gzip"), "{entry:?} {path}");
        }
    }
}

#[tokio::test]
async fn head_has_the_fields_of_get() {
    // But for the edge that is about a HEAD without them.
    for entry in EDGES.iter().filter(|entry| entry.name != "head-of-nothing") {
        let (_replica, gateway) = behind(entry).await;
        let mut client = gateway.client().await;
        for (path, fields) in [("/", GZIP), ("/", ""), ("/image", GZIP), ("/weak", GZIP)] {
            let of_get = get(&mut client, path, fields).await;
            client.send(format!("HEAD {path} HTTP/1.1\r\nHost: lab\r\n{fields}\r\n")).await;
            let of_head = client.response_to(true).await;
            let framing = ["transfer-encoding", "connection"];
            let length = of_get.field("content-length").is_some();
            assert_eq!(of_head.field("content-length").is_some(), length, "{entry:?} {path}");
            let fields = |response: &Response| fields_but(&response.head, &framing);
            assert_eq!(fields(&of_head), fields(&of_get), "{entry:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_304_has_no_content_and_the_connection_goes_on() {
    for entry in EDGES {
        let (_replica, gateway) = behind(entry).await;
        let mut client = gateway.client().await;
        for _ in 0..3 {
            let fields = format!("{GZIP}If-None-Match: \"abc\"\r\n");
            let response = get(&mut client, "/", &fields).await;
            let mut asked = message(&format!("GET / HTTP/1.1\r\n{fields}\r\n"));
            entry.edge.inspect(|edge| (edge.inbound)(&mut asked));
            let arrives = asked.value("if-none-match").is_some();
            assert_eq!(response.status == 304, arrives, "{entry:?}");
            assert_eq!(response.field("content-encoding"), None, "{entry:?}");
            assert_eq!(get(&mut client, "/image", "").await.status, 200, "{entry:?}");
        }
    }
}

#[tokio::test]
async fn an_http_1_0_client_gets_no_chunks_and_an_end() {
    for entry in coding_edges() {
        let (_replica, gateway) = behind(entry).await;
        let mut client = gateway.client().await;
        client.send(format!("GET / HTTP/1.0\r\nConnection: keep-alive\r\n{GZIP}\r\n")).await;
        let response = client.response().await;
        assert_eq!(response.field("connection"), Some("close"), "{entry:?}");
        assert_eq!(response.field("transfer-encoding"), None, "{entry:?}");
        assert!(decoded(&response) == content(), "{entry:?}");
    }
}

/// Measured behaviour of the products: the tag of a coded 200, strong and weak, and the status
/// when it comes back.
#[tokio::test]
async fn tags_are_treated_as_the_products_treat_them() {
    for (product, strong, weak, status) in [
        ("mod_deflate", Some("\"abc-gzip\""), Some("W/\"abc-gzip\""), 200),
        ("caddy", Some("\"abc-gzip\""), Some("W/\"abc-gzip\""), 304),
        ("nginx", Some("W/\"abc\""), Some("W/\"abc\""), 304),
        ("haproxy", Some("W/\"abc\""), Some("W/\"abc\""), 304),
        ("envoy", None, Some("W/\"abc\""), 200),
        ("tower-http", Some(TAG), Some("W/\"abc\""), 304),
    ] {
        let (_replica, gateway) = behind(find_edge(product).expect("a product")).await;
        let mut client = gateway.client().await;
        let coded = get(&mut client, "/", GZIP).await;
        assert_eq!(coded.field("etag"), strong, "{product}");
        assert_eq!(get(&mut client, "/weak", GZIP).await.field("etag"), weak, "{product}");
        let back = strong.map(|tag| format!("If-None-Match: {tag}\r\n")).unwrap_or_default();
        let again = get(&mut client, "/", &format!("{GZIP}{back}")).await;
        assert_eq!(again.status, status, "{product}");
    }
}

#[tokio::test]
async fn an_understood_suffix_comes_off_in_every_condition_but_if_range() {
    let (replica, gateway) = behind(find_edge("gzip-suffix-understood").expect("an edge")).await;
    let mut client = gateway.client().await;
    let fields = "If-Match: \"x-gzip\", \"abc-gzip\"\r\nIf-Range: \"abc-gzip\"\r\n\
                  If-None-Match: W/\"y\", \"abc-gzip\"\r\n";
    let response = get(&mut client, "/", &format!("{GZIP}{fields}")).await;
    assert_eq!((response.status, response.field("etag")), (304, Some("\"abc-gzip\"")));
    let head = replica.heads().pop().expect("a request");
    assert_eq!(field(&head, "if-match"), Some("\"x\", \"abc\""));
    assert_eq!(field(&head, "if-none-match"), Some("W/\"y\", \"abc\""));
    assert_eq!(field(&head, "if-range"), Some("\"abc-gzip\""));
}

/// The field lines of a head in their order, without `Date`, whose second may end between two requests.
fn fields_but(head: &str, others: &[&str]) -> Vec<String> {
    let is_left = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        name != "date" && !others.contains(&name.as_str())
    };
    head.trim_end().split("\r\n").filter(is_left).map(Into::into).collect()
}

fn message(text: &str) -> MessageHead {
    MessageHead::from(text.as_bytes().to_vec())
}

fn text(head: &MessageHead) -> String {
    String::from_utf8(head.as_bytes().to_vec()).expect("text")
}

/// Dates, tags, codings or anything else: the gateway sends on what the edge makes of it, and does
/// nothing of its own except for the framing of coded content.
#[tokio::test]
async fn clients_get_the_fields_that_the_edge_makes() {
    const FRAMING: [&str; 3] = ["content-length", "transfer-encoding", "connection"];
    let (_replica, bare) = behind(no_edge()).await;
    for entry in EDGES {
        let Some(edge) = entry.edge else { continue };
        let (_replica, gateway) = behind(entry).await;
        let (mut bare, mut client) = (bare.client().await, gateway.client().await);
        for path in ["/", "/image", "/weak", "/varies", "/no-transform", "/coded", "/missing"] {
            for fields in [
                "",
                GZIP,
                "Accept-Encoding: gzip\r\nIf-None-Match: W/\"abc\"\r\n",
                "Accept-Encoding: gzip\r\nIf-None-Match: \"x\", \"abc-gzip\"\r\n",
                "If-Modified-Since: Tue, 06 Jan 2026 12:00:00 GMT\r\n",
            ] {
                let request = message(&format!("GET {path} HTTP/1.1\r\nHost: lab\r\n{fields}\r\n"));
                let mut asked = request.clone();
                (edge.inbound)(&mut asked);
                bare.send(text(&asked)).await;
                let mut expected = message(&bare.response().await.head);
                (edge.outbound)(&request, &mut expected);
                let response = get(&mut client, path, fields).await;
                assert_eq!(
                    fields_but(&response.head, &FRAMING),
                    fields_but(&text(&expected), &FRAMING),
                    "{entry:?} {path} {fields}"
                );
            }
        }
    }
}

/// What stands around the fields that an edge changes arrives as it was sent.
#[tokio::test]
async fn replicas_get_the_request_that_the_edge_makes() {
    const CODINGS: [&str; 3] =
        ["accept-ENCODING: ", "Accept-Encoding: gzip", "Accept-Encoding: br , zstd"];
    const OTHERS: [&str; 3] = ["X-Before: 1", "X-Accept-Encoding: br", "Content-Length: 5"];
    let lines = [CODINGS[0], OTHERS[0], CODINGS[1], CODINGS[2], OTHERS[1], OTHERS[2], CODINGS[1]];
    let head = format!("POST / HTTP/1.1\r\nHost: lab\r\n{}\r\n", lines.join("\r\n"));
    for entry in EDGES {
        let replica = FakeReplica::doing(|mut peer| async move {
            while peer.next_head().await.is_some() {
                assert_eq!(peer.exactly(5).await.as_deref(), Some(&b"01234"[..]));
                peer.send("HTTP/1.1 204 No Content\r\n\r\n").await;
            }
        })
        .await;
        let set = |settings: &mut etag_lab_balancer::Settings| settings.edge = entry;
        let gateway = Gateway::start_with(&[replica.address], "round-robin", set).await;
        let mut client = gateway.client().await;
        client.send(format!("{head}\r\n01234").repeat(2)).await;
        for _ in 0..2 {
            assert_eq!(client.response().await.status, 204, "{entry:?}");
        }
        let mut expected = message(&format!("{head}via: 1.1 etag-lab\r\n\r\n"));
        if let Some(edge) = entry.edge {
            (edge.inbound)(&mut expected);
        }
        assert_eq!(replica.heads().len(), 2, "{entry:?}");
        for received in replica.heads() {
            assert_eq!(received, text(&expected), "{entry:?}");
        }
    }
}

#[test]
fn no_spelling_of_a_hidden_field_gets_through() {
    let edge = find_edge("hide-codings").and_then(|entry| entry.edge).expect("an edge");
    let mut request = message(
        "GET / HTTP/1.1\r\naccept-ENCODING: \r\nX-Accept-Encoding: br\r\n\
         Accept-Encoding: br , zstd\r\nAccept-Encoding: gzip\r\n\r\n",
    );
    (edge.inbound)(&mut request);
    assert_eq!(text(&request), "GET / HTTP/1.1\r\nX-Accept-Encoding: br\r\n\r\n");
}

#[tokio::test]
async fn an_edge_can_be_put_in_place_while_connections_are_open() {
    let (_replica, gateway) = behind(find_edge("none").expect("an edge")).await;
    let mut client = gateway.client().await;
    for (edge, tag) in [
        ("none", TAG),
        ("gzip-suffix", "\"abc-gzip\""),
        ("gzip-weaken", "W/\"abc\""),
        ("none", TAG),
    ] {
        gateway.balancer.set_edge(find_edge(edge).expect("an edge"));
        let response = get(&mut client, "/", GZIP).await;
        assert_eq!(response.field("etag"), Some(tag), "{edge}");
    }
}

/// A replica that dies in the midst of coded content must not look like the end of it.
#[tokio::test]
async fn content_that_is_cut_is_cut_for_the_client_too() {
    for minor in [0, 1] {
        let replica = FakeReplica::doing(|mut peer| async move {
            peer.next_head().await.expect("a request");
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 300000\r\n\r\n";
            peer.send(format!("{head}{}", content().repeat(5))).await;
        })
        .await;
        let set = |settings: &mut etag_lab_balancer::Settings| {
            settings.edge = find_edge("gzip-keep").expect("an edge");
        };
        let gateway = Gateway::start_with(&[replica.address], "round-robin", set).await;
        let mut client = gateway.client().await;
        client.send(format!("GET / HTTP/1.{minor}\r\nHost: lab\r\n{GZIP}\r\n")).await;
        client.next_head().await.expect("a head");
        if minor == 0 {
            assert_eq!(client.rest().await, None, "a reset, not an end");
        } else {
            assert_eq!(client.chunks().await, None, "no last chunk");
        }
    }
}
