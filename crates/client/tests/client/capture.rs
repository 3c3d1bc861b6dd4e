//! The log of a run is what was on the wire: compared octet by octet with what a server read and
//! sent that knows nothing of it.

use std::net::SocketAddr;
use std::time::Duration;

use etag_lab_client::{Caching, Capture, Load, PollTarget};
use measure::{ErrorReason, Transcript, Verdict};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::{load, poll_to_the_end};

const INTERIM: &str = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";
const CHUNKED_HEAD: &str =
    "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nX:  é \r\nTransfer-Encoding: chunked\r\n\r\n";
const CHUNKS: &str = "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: 1\r\n\r\n";
const NOT_MODIFIED: &str = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n";
const PLAIN: &str = "HTTP/1.1 200 OK\r\nETag: \"2\"\r\nContent-Length: 5\r\n\r\nhello";
const CUT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel";

const EVERYTHING: Capture =
    Capture { exchanges: 100, content_bytes: 1_000, total_content_bytes: 10_000 };

/// Answers one request after the other and returns what it read of each.
async fn serve(listener: TcpListener, answers: Vec<String>) -> Vec<Vec<u8>> {
    let mut requests = Vec::new();
    let mut answers = answers.into_iter().peekable();
    while answers.peek().is_some() {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut request = Vec::new();
        while let Ok(octet) = stream.read_u8().await {
            request.push(octet);
            if !request.ends_with(b"\r\n\r\n") {
                continue;
            }
            requests.push(std::mem::take(&mut request));
            let answer = answers.next().expect("an answer for each request");
            stream.write_all(answer.as_bytes()).await.expect("the client reads");
            if answer == CUT || answers.peek().is_none() {
                break;
            }
        }
    }
    requests
}

/// Polls with one client; returns the log and the requests that the server read.
async fn capture(capture: Capture, answers: &[String]) -> (Transcript, Vec<Vec<u8>>, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let server = tokio::spawn(serve(listener, answers.to_vec()));
    let log = poll_with_one_client(address, answers.len() as u64, capture).await;
    (log, server.await.expect("the server answered everything"), address)
}

async fn poll_with_one_client(address: SocketAddr, polls: u64, capture: Capture) -> Transcript {
    let load = Load {
        timeout: Duration::from_secs(60),
        capture: Some(capture),
        ..load(Caching::default(), polls)
    };
    let outcome = poll_to_the_end(&PollTarget::new(address, "/api/config"), &load).await;
    assert!(outcome.complete);
    outcome.transcript.expect("a log was asked for")
}

#[tokio::test]
async fn every_octet_is_kept_and_content_without_its_chunks() {
    let answers = [format!("{INTERIM}{CHUNKED_HEAD}{CHUNKS}"), NOT_MODIFIED.into(), PLAIN.into()];
    let (log, requests, address) = capture(EVERYTHING, &answers).await;
    let sent: Vec<_> = log.exchanges.iter().map(|exchange| exchange.request.clone()).collect();
    assert_eq!(sent, requests);
    let heads: Vec<_> = log.exchanges.iter().map(|e| e.response_head.clone()).collect();
    let plain_head = PLAIN.trim_end_matches("hello");
    let expected = [format!("{INTERIM}{CHUNKED_HEAD}"), NOT_MODIFIED.into(), plain_head.into()];
    assert_eq!(heads, expected.map(String::into_bytes));
    let contents: Vec<_> = log.exchanges.iter().map(|e| e.content.as_deref()).collect();
    assert_eq!(contents, [Some(&b"hello"[..]), None, Some(b"hello")]);
    let verdicts: Vec<_> = log.exchanges.iter().map(|e| e.verdict).collect();
    let needless = Verdict::NeedlessTransfer;
    assert_eq!(verdicts, [Verdict::FirstFetch, Verdict::Unverifiable, needless].map(Some));
    assert_eq!(log.exchanges.iter().map(|e| e.number).collect::<Vec<_>>(), [1, 2, 3]);
    let connections: Vec<_> = log.exchanges.iter().map(|e| e.connection).collect();
    assert_eq!(connections.iter().map(|c| c.reused).collect::<Vec<_>>(), [false, true, true]);
    assert!(connections.iter().all(|c| c.ends == connections[0].ends));
    assert_eq!(connections[0].ends.map(|(_, server)| server), Some(address));
}

#[tokio::test]
async fn phases_follow_one_another() {
    let answers = [(); 3].map(|()| PLAIN.to_owned());
    let (log, _, _) = capture(EVERYTHING, &answers).await;
    for pair in log.exchanges.windows(2) {
        let [one, next] = [&pair[0].timing, &pair[1].timing];
        let end = one.started + one.connect.unwrap_or_default() + one.send + one.wait + one.receive;
        assert!(one.wait > Duration::ZERO && end <= next.started, "{one:?} {next:?}");
    }
    let connect: Vec<_> = log.exchanges.iter().map(|e| e.timing.connect.is_some()).collect();
    assert_eq!(connect, [true, false, false]);
}

#[tokio::test]
async fn a_response_that_was_cut_keeps_its_head_and_no_content() {
    let answers = [CUT.to_owned(), PLAIN.to_owned()];
    let (log, requests, _) = capture(EVERYTHING, &answers).await;
    let cut = &log.exchanges[0];
    assert_eq!((cut.verdict, cut.error), (Some(Verdict::Error), Some(ErrorReason::Cut)));
    assert_eq!(cut.response_head, CUT.trim_end_matches("hel").as_bytes());
    assert_eq!((cut.content.as_deref(), cut.octets, cut.bytes.response_content), (None, None, 3));
    assert_eq!(requests.len(), 2);
    assert!(!log.exchanges[1].connection.reused);
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    let answers = [(); 4].map(|()| PLAIN.to_owned());
    let (log, _, _) = capture(Capture { exchanges: 3, ..EVERYTHING }, &answers).await;
    assert_eq!((log.exchanges.len(), log.left_out), (3, 1));
    for (content_bytes, total_content_bytes, kept) in [(5, 5, true), (4, 5, false), (5, 4, false)] {
        let limits = Capture { exchanges: 3, content_bytes, total_content_bytes };
        let (log, _, _) = capture(limits, &answers).await;
        // Equal contents take room once.
        assert!(log.exchanges.iter().all(|e| e.content.is_some() == kept), "{limits:?}");
        assert!(log.exchanges.iter().all(|e| e.octets.is_some()));
    }
}

#[tokio::test]
async fn nobody_there_is_an_exchange_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let log = poll_with_one_client(address, 1, EVERYTHING).await;
    let exchange = &log.exchanges[0];
    assert_eq!(exchange.error, Some(ErrorReason::ConnectionRefused));
    assert_eq!((exchange.connection.ends, exchange.response_head.len()), (None, 0));
}
