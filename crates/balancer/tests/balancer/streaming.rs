//! Content larger than any buffer, in both directions, at the pace of the slower side.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::support::{FakeReplica, Gateway};

const MEGABYTE: usize = 1024 * 1024;

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 7 + n / 251) as u8).collect()
}

/// Returns the content while it is still being received.
async fn echo() -> FakeReplica {
    FakeReplica::doing(|mut peer| async move {
        while let Some(head) = peer.next_head().await {
            let length = crate::support::field(&head, "content-length").map(str::to_owned);
            let Some(length) = length else {
                peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
                let content = peer.chunks().await.expect("all chunks");
                for chunk in content.chunks(10_000) {
                    peer.send(format!("{:x}\r\n", chunk.len())).await;
                    peer.send(chunk).await;
                    peer.send("\r\n").await;
                }
                peer.send("0\r\n\r\n").await;
                continue;
            };
            peer.send(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n")).await;
            let mut left: usize = length.parse().expect("a length");
            while left > 0 {
                let part = peer.exactly(left.min(5_000)).await.expect("content");
                left -= part.len();
                peer.send(part).await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn content_travels_in_both_directions_at_once_and_unchanged() {
    let replica = echo().await;
    let gateway = Gateway::start(&[replica.address]).await;
    let content = pattern(8 * MEGABYTE);
    for _ in 0..2 {
        let mut client = gateway.client().await;
        client
            .send(format!(
                "POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: {}\r\n\r\n",
                content.len()
            ))
            .await;
        let head = client.next_head().await.expect("an answer before the content was sent");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let (mut from, mut to) = client.stream.split();
        let mut returned = vec![0; content.len()];
        let (sent, received) = tokio::join!(to.write_all(&content), from.read_exact(&mut returned));
        sent.expect("sent");
        received.expect("received");
        assert!(returned == content);
    }
    assert_eq!(replica.accepted(), 1, "the connection persists");
}

#[tokio::test]
async fn chunks_travel_in_both_directions_unchanged() {
    let replica = echo().await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    let content = pattern(2 * MEGABYTE);
    client.send("PUT / HTTP/1.1\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    for chunk in content.chunks(70_001) {
        client.send(format!("{:X};name=value\r\n", chunk.len())).await;
        client.send(chunk).await;
        client.send("\r\n").await;
    }
    client.send("0\r\n\r\nGET /next HTTP/1.1\r\nHost: lab\r\nContent-Length: 0\r\n\r\n").await;
    assert!(client.response().await.content == content);
    assert_eq!(client.response().await.status, 200, "the request behind the content is found");
    assert_eq!(replica.accepted(), 1);
}

#[tokio::test]
async fn a_replica_waits_for_a_client_that_does_not_read() {
    const CONTENT: usize = 200 * MEGABYTE;
    let (report, mut blocked_at) = mpsc::unbounded_channel();
    let replica = FakeReplica::doing(move |mut peer| {
        let report = report.clone();
        async move {
            peer.next_head().await;
            peer.send(format!("HTTP/1.1 200 OK\r\ncontent-length: {CONTENT}\r\n\r\n")).await;
            let (part, mut sent) = (vec![7; MEGABYTE], 0);
            while sent < CONTENT {
                let end = part.len().min(CONTENT - sent);
                match timeout(Duration::from_millis(300), peer.stream.write(&part[..end])).await {
                    Ok(count) => sent += count.expect("an open connection"),
                    Err(_) => drop(report.send(sent)),
                }
            }
        }
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    client.send("GET / HTTP/1.1\r\nHost: lab\r\n\r\n").await;
    client.next_head().await.expect("a head");
    let sent = blocked_at.recv().await.expect("the replica cannot send everything");
    assert!(sent < CONTENT / 2, "{sent} bytes went somewhere");

    let (mut part, mut received) = (vec![0; MEGABYTE], client.exactly(1).await.map_or(0, |_| 1));
    received += client.buffered();
    while received < CONTENT {
        let count = client.stream.read(&mut part).await.expect("an open connection");
        assert!(count > 0, "cut after {received}");
        received += count;
    }
}

/// Sends content that ends with its connection, for as long as somebody takes it; reports its end.
async fn endless() -> (FakeReplica, mpsc::UnboundedReceiver<()>) {
    let (report, ended) = mpsc::unbounded_channel();
    let replica = FakeReplica::doing(move |mut peer| {
        let report = report.clone();
        async move {
            peer.next_head().await;
            peer.send("HTTP/1.1 200 OK\r\n\r\n").await;
            while peer.stream.write_all(&[7; 10_000]).await.is_ok() {}
            let _ = report.send(());
        }
    });
    (replica.await, ended)
}

#[tokio::test]
async fn a_cut_is_a_reset_where_a_close_would_be_the_end() {
    let (replica, mut ended) = endless().await;
    let gateway = Gateway::start_with(&[replica.address], "round-robin", |settings| {
        settings.limits.stalled_content = Duration::from_millis(50);
        settings.limits.grace = Duration::from_millis(10);
    })
    .await;
    let mut stalled = gateway.client().await;
    stalled.send("GET / HTTP/1.1\r\nHost: lab\r\n\r\n").await;
    stalled.next_head().await.expect("a head");
    ended.recv().await.expect("the gateway gives a client up that reads no further");
    assert_eq!(stalled.rest().await, None);

    let mut reading = gateway.client().await;
    reading.send("GET / HTTP/1.1\r\nHost: lab\r\n\r\n").await;
    reading.next_head().await.expect("a head");
    let (stopped, rest) = tokio::join!(gateway.stop(), reading.rest());
    stopped.expect("an orderly end");
    assert_eq!(rest, None, "stopped in the middle of it");
}
