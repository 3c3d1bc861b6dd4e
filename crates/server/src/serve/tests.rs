//! Slow clients and those that have stopped, in virtual time and in both lanes.

use std::io;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::*;
use crate::{Answering, Plain, Prepared, content};

const BYTES: usize = 1 << 20;

/// Octets that the stream takes without its other end: progress that no client has made.
const ROOM: usize = 32 << 10;

/// Answers a GET with a megabyte, in either lane, and a PUT with the length of its content.
struct Large;

impl Handler for Large {
    type Content = Full<Bytes>;

    fn quick(&self, _: &Plain<'_>) -> Option<Prepared> {
        let fields = HeaderMap::from_iter([(CONTENT_LENGTH, BYTES.into())]);
        Prepared::ok(&fields, vec![b'x'; BYTES].into())
    }

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Self::Content> {
        if request.method() == http::Method::GET {
            return Answering::done(Response::new(vec![b'x'; BYTES].into()));
        }
        Answering::waited(async move {
            let memory = content::Memory::new(2 * BYTES as u32);
            let read = content::read(request.into_body(), BYTES as u64, &memory).await;
            let (status, length) = match read {
                Ok(content) => (StatusCode::OK, content.bytes.len()),
                Err(status) => (status, 0),
            };
            let mut response = Response::new(Full::from(length.to_string()));
            *response.status_mut() = status;
            response
        })
    }
}

fn connect() -> (DuplexStream, watch::Sender<()>) {
    let (client, server) = duplex(ROOM);
    let (stopping, stop) = watch::channel(());
    tokio::spawn(converse(server, Scheme::HTTP, Arc::new(Large), stop));
    (client, stopping)
}

const QUICK: &str = "GET / HTTP/1.1\r\nHost: lab\r\n\r\n";
const BY_HYPER: &str = "GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n";
const PUT: &str = "PUT / HTTP/1.1\r\nHost: lab\r\nContent-Length: 1048576\r\n\r\n";

/// Reads the head, and the rest as the client does that `pause`s before each part of it.
async fn read(client: &mut DuplexStream, pause: Duration) -> io::Result<usize> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let (mut part, mut content) = (vec![0; ROOM], 0);
    while content < BYTES {
        sleep(pause).await;
        match client.read(&mut part).await? {
            0 => break,
            bytes => content += bytes,
        }
    }
    Ok(content)
}

#[tokio::test(start_paused = true)]
async fn content_that_is_read_slowly_is_not_cut() -> io::Result<()> {
    for request in [QUICK, BY_HYPER] {
        let ((mut client, _stopping), start) = (connect(), Instant::now());
        client.write_all(request.as_bytes()).await?;
        assert_eq!(read(&mut client, IDLE / 2).await?, BYTES, "{request}");
        assert!(start.elapsed() > 10 * IDLE);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn content_that_is_read_no_further_is_cut_and_seen_to_be() -> io::Result<()> {
    for request in [QUICK, BY_HYPER] {
        let (mut client, _stopping) = connect();
        client.write_all(request.as_bytes()).await?;
        let read = read(&mut client, 3 * IDLE).await?;
        assert!((1..BYTES).contains(&read), "{read} bytes: {request}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn content_that_is_sent_slowly_is_read_to_its_end() -> io::Result<()> {
    let ((mut client, _stopping), start) = (connect(), Instant::now());
    client.write_all(PUT.as_bytes()).await?;
    for part in vec![b'x'; BYTES].chunks(8 << 10) {
        sleep(Duration::from_secs(9)).await;
        client.write_all(part).await?;
    }
    assert!(start.elapsed() > 10 * IDLE);
    client.shutdown().await?;
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("1048576"), "{answer}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn content_that_stops_coming_is_answered_and_one_that_drips_is_cut() -> io::Result<()> {
    let (mut client, _stopping) = connect();
    client.write_all(PUT.as_bytes()).await?;
    client.write_all(b"half").await?;
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");

    let (mut client, _stopping) = connect();
    client.write_all(PUT.as_bytes()).await?;
    ends(&mut client, Duration::from_secs(9)).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_head_that_drips_is_cut() -> io::Result<()> {
    for begun in ["", BY_HYPER.trim_end()] {
        let (mut client, _stopping) = connect();
        client.write_all(begun.as_bytes()).await?;
        ends(&mut client, Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Sends a byte after each pause, until nobody takes one any more.
async fn ends(client: &mut DuplexStream, pause: Duration) {
    let start = Instant::now();
    while client.write_all(b"x").await.is_ok() {
        sleep(pause).await;
        assert!(start.elapsed() <= 2 * IDLE + GRACE + pause, "nobody has ended it");
    }
}
