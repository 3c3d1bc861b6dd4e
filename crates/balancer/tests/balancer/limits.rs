//! Requests that go too far, and answers that come too early.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::support::{Client, FakeReplica, Gateway, nobody};

async fn check_refused(client: &mut Client, request: &[u8], status: u16) {
    client.send(request).await;
    let response = client.response().await;
    assert_eq!((response.status, response.field("connection")), (status, Some("close")));
    assert_eq!(client.rest().await.as_deref(), Some(&b""[..]), "closed in order");
}

#[tokio::test]
async fn oversized_and_invalid_heads_are_refused_and_the_connection_closed() {
    let gateway = Gateway::start(&[nobody().await]).await;
    let fields = format!("GET / HTTP/1.1\r\nHost: lab\r\na: {}\r\n\r\n", "b".repeat(70_000));
    let lines = format!("GET / HTTP/1.1\r\nHost: lab\r\n{}\r\n", "a: b\r\n".repeat(2_000));
    let target = format!("GET /{} HTTP/1.1\r\nHost: lab\r\n\r\n", "b".repeat(70_000));
    for (request, status) in [
        (fields.as_str(), 431),
        (&lines, 431),
        (&target, 414),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
        ("CONNECT lab:80 HTTP/1.1\r\nHost: lab\r\n\r\n", 501),
        ("GET / HTTP/1.1\r\nHost: x y\r\n\r\n", 400),
        ("GET /#fragment HTTP/1.1\r\nHost: lab\r\n\r\n", 400),
        ("GET https://lab/ HTTP/1.1\r\nHost: lab\r\n\r\n", 421),
        ("POST / HTTP/1.1\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\nnonsense", 400),
    ] {
        check_refused(&mut gateway.client().await, request.as_bytes(), status).await;
    }
    assert_eq!(gateway.balancer.counts().rejected, 10);
}

#[tokio::test]
async fn chunks_that_two_parsers_could_read_differently_reach_no_replica() {
    for content in [
        "3 4\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        " 3\r\nabc\r\n0\r\n\r\n",
        "3\nabc\r\n0\r\n\r\n",
        "0\r\nGET /SMUGGLED HTTP/1.1\r\n\r\n",
    ] {
        let replica = FakeReplica::answering(|_| unreachable!("nothing is forwarded")).await;
        let gateway = Gateway::start(&[replica.address]).await;
        let head = "POST / HTTP/1.1\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\n";
        let request = format!("{head}{content}");
        check_refused(&mut gateway.client().await, request.as_bytes(), 400).await;
        assert_eq!(replica.accepted(), 0, "{content:?}");
    }
}

#[tokio::test]
async fn a_slow_head_is_not_waited_for() {
    let gateway = Gateway::start_with(&[nobody().await], "round-robin", |settings| {
        settings.limits.request_head = Duration::from_millis(50);
    })
    .await;
    check_refused(&mut gateway.client().await, b"GET / HTTP/1.1\r\nHo", 408).await;
}

#[tokio::test]
async fn content_that_stops_coming_is_the_clients_fault() {
    let replica = FakeReplica::doing(|mut peer| async move {
        peer.next_head().await;
        peer.rest().await;
    })
    .await;
    let gateway = Gateway::start_with(&[replica.address], "round-robin", |settings| {
        settings.limits.response_head = Duration::from_millis(50);
    })
    .await;
    let request = b"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 9\r\n\r\nhalf";
    check_refused(&mut gateway.client().await, request, 408).await;
}

#[tokio::test]
async fn malformed_chunks_in_the_middle_of_a_request_are_refused() {
    let replica = FakeReplica::doing(|mut peer| async move {
        peer.next_head().await;
        peer.rest().await;
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    client.send("POST / HTTP/1.1\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab").await;
    check_refused(&mut client, b"no", 400).await;
}

#[tokio::test]
async fn an_early_answer_arrives_although_content_is_still_coming() {
    let replica = FakeReplica::doing(|mut peer| async move {
        peer.next_head().await;
        peer.send("HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n").await;
        peer.rest().await;
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    client.send("POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 1000000\r\n\r\n").await;
    client.send([0; 1_000]).await;
    assert_eq!(client.response().await.status, 413);
    assert_eq!(client.rest().await.as_deref(), Some(&b""[..]), "no reset takes the answer away");
}

#[tokio::test]
async fn a_client_may_close_its_sending_side_and_still_be_answered() {
    let answer = |_: &str| "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_owned();
    let replica = FakeReplica::answering(answer).await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    client.send("GET / HTTP/1.1\r\nHost: lab\r\n\r\n").await;
    client.stream.shutdown().await.expect("an open connection");
    assert_eq!(client.response().await.text(), "ok");
}
