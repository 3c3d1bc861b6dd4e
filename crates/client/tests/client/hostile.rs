//! A misbehaving server costs its own polls and nothing else: each misdeed is an error with its
//! reason, nothing hangs, and the next poll is right.

use std::time::Duration;

use etag_lab_client::cadence::{Cadence, Rounds};
use etag_lab_client::{Caching, Load, PollTarget};
use measure::{ErrorReason, Tally, Verdict};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::support::{load, poll_to_the_end, read_request};

const GOOD: &str = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 5\r\n\r\nhello";
const NOT_MODIFIED: &str = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n";

/// Reaction of the server to one request.
#[derive(Clone)]
enum Act {
    /// Sends these bytes and goes on with the connection.
    Send(Vec<u8>),
    /// Sends these bytes and closes.
    SendAndClose(Vec<u8>),
    /// Sends these bytes again and again for as long as anybody reads.
    SendForEver(Vec<u8>),
    /// Says nothing and keeps the connection.
    Silence,
}

/// Serves one act per request, in order; then good responses. Returns the requests it read.
async fn serve(listener: TcpListener, acts: Vec<Act>) {
    let mut acts = acts.into_iter();
    let mut kept = Vec::new();
    loop {
        let Ok((mut stream, _)) = listener.accept().await else {
            return;
        };
        while read_request(&mut stream).await.is_some() {
            match acts.next().unwrap_or_else(|| Act::Send(GOOD.into())) {
                Act::Send(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                }
                Act::SendAndClose(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                    break;
                }
                Act::SendForEver(bytes) => {
                    while stream.write_all(&bytes).await.is_ok() {}
                    break;
                }
                Act::Silence => {
                    kept.push(stream);
                    break;
                }
            }
        }
    }
}

async fn run(acts: Vec<Act>, polls: u64) -> Tally {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let target = PollTarget::new(listener.local_addr().expect("bound"), "/api/config");
    let server = tokio::spawn(serve(listener, acts));
    let tally = poll_in_turn(&target, polls).await;
    server.abort();
    tally
}

async fn poll_in_turn(target: &PollTarget, polls: u64) -> Tally {
    // Long enough for a good answer on a busy machine, and short enough to wait for in vain.
    let load = Load { timeout: Duration::from_secs(1), ..load(Caching::default(), polls) };
    let outcome = poll_to_the_end(target, &load).await;
    assert!(outcome.complete);
    outcome.tally
}

/// The misdeed is an error with this reason, and the two polls after it are sound: the stored
/// response of the first poll is still there and still validated.
async fn check(act: Act, expected: ErrorReason) {
    let acts = vec![Act::Send(GOOD.into()), act, Act::Send(NOT_MODIFIED.into())];
    let tally = run(acts, 4).await;
    let counts = |verdict| tally.verdicts.of(verdict);
    assert_eq!(tally.errors.into_iter().collect::<Vec<_>>(), [(expected, 1)]);
    assert_eq!(counts(Verdict::Error), 1, "{expected:?}");
    assert_eq!(counts(Verdict::FirstFetch), 1, "{expected:?}");
    assert_eq!(counts(Verdict::Unverifiable), 1, "the next poll is a 304 after {expected:?}");
    assert_eq!(counts(Verdict::NeedlessTransfer), 1, "and the one after it a 200: {expected:?}");
}

fn send(bytes: impl AsRef<[u8]>) -> Act {
    Act::Send(bytes.as_ref().to_vec())
}

fn send_and_close(bytes: impl AsRef<[u8]>) -> Act {
    Act::SendAndClose(bytes.as_ref().to_vec())
}

#[tokio::test]
async fn content_that_does_not_decode_is_named() {
    let coded = "HTTP/1.1 200 OK\r\nETag: \"2\"\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello";
    check(send(coded), ErrorReason::Undecodable).await;
}

#[tokio::test]
async fn garbage_is_malformed() {
    check(send(b"\x00\xff\x1b[31m garbage\r\n\r\n"), ErrorReason::Malformed).await;
    check(send("HTTP/1.1 abc\r\n\r\n"), ErrorReason::Malformed).await;
    check(send("HTTP/2.0 200 OK\r\n\r\n"), ErrorReason::Malformed).await;
    check(send("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"), ErrorReason::Malformed).await;
}

#[tokio::test]
async fn endless_fields_are_cut_off() {
    let line = format!("a: {}\r\n", "x".repeat(1_000));
    let start = format!("HTTP/1.1 200 OK\r\n{line}");
    check(Act::SendForEver(start.into_bytes()), ErrorReason::FieldsTooLarge).await;
}

#[tokio::test]
async fn content_in_a_304_is_noticed() {
    check(send(format!("{NOT_MODIFIED}hello")), ErrorReason::ExcessBytes).await;
}

#[tokio::test]
async fn a_content_length_that_is_wrong_is_noticed_either_way() {
    let too_short = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello";
    check(send(too_short), ErrorReason::ExcessBytes).await;
    let too_long = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    check(send(too_long), ErrorReason::TimedOut).await;
    check(send_and_close(too_long), ErrorReason::Cut).await;
}

#[tokio::test]
async fn a_cut_response_is_noticed_wherever_it_is_cut() {
    check(send_and_close("HTTP/1.1 200 OK\r\nETag: \"2"), ErrorReason::Cut).await;
    check(
        send_and_close("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
        ErrorReason::Cut,
    )
    .await;
}

#[tokio::test]
async fn silence_times_out() {
    check(Act::Silence, ErrorReason::TimedOut).await;
    check(send("HTTP/1.1 200"), ErrorReason::TimedOut).await;
}

#[tokio::test]
async fn contradictory_framing_is_refused() {
    let both =
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    check(send(both), ErrorReason::BadFraming).await;
    let two = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello";
    check(send(two), ErrorReason::BadFraming).await;
}

#[tokio::test]
async fn other_statuses_are_errors_by_number() {
    let unavailable = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno";
    check(send(unavailable), ErrorReason::Status(503)).await;
}

#[tokio::test]
async fn a_content_other_than_declared_is_noticed() {
    let liar = "HTTP/1.1 200 OK\r\nETag: \"2\"\r\nlab-replica: 1/AAAAAAAA\r\nContent-Length: 5\r\n\r\nhello";
    check(send(liar), ErrorReason::ContentMismatch).await;
}

/// The 304 is complete when its content comes, so the first poll cannot know; the connection is
/// given up when the bytes are found, and the poll after that is sound.
#[tokio::test]
async fn content_that_follows_a_304_later_does_not_reach_the_next_response() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let target = PollTarget::new(listener.local_addr().expect("bound"), "/");
    tokio::spawn(async move {
        let (mut first, _) = listener.accept().await.expect("a connection");
        read_request(&mut first).await;
        first.write_all(GOOD.as_bytes()).await.expect("sent");
        read_request(&mut first).await;
        first.write_all(NOT_MODIFIED.as_bytes()).await.expect("sent");
        // The next request shows that the 304 was taken as complete.
        read_request(&mut first).await;
        first.write_all(b"stray content of the 304").await.expect("sent");
        serve(listener, vec![send(NOT_MODIFIED)]).await;
    });
    let tally = poll_in_turn(&target, 4).await;
    assert_eq!(tally.errors.into_iter().collect::<Vec<_>>(), [(ErrorReason::Malformed, 1)]);
    assert_eq!((tally.counts.conditional, tally.counts.not_modified), (3, 2));
}

#[tokio::test]
async fn a_304_to_an_unconditional_request_leads_to_one_unconditional_refetch() {
    let tally = run(vec![send(NOT_MODIFIED), send(GOOD), send(NOT_MODIFIED)], 3).await;
    assert_eq!(tally.errors.get(&ErrorReason::UnsolicitedNotModified), Some(&1));
    assert_eq!((tally.counts.conditional, tally.counts.not_modified), (1, 1));
}

#[tokio::test]
async fn a_tag_is_committed_only_with_complete_content() {
    let cut = "HTTP/1.1 200 OK\r\nETag: \"2\"\r\nContent-Length: 9\r\n\r\nhell";
    let tally = run(vec![send_and_close(cut), send(GOOD), send(NOT_MODIFIED)], 3).await;
    assert_eq!(tally.verdicts.of(Verdict::FirstFetch), 1);
    assert_eq!((tally.counts.conditional, tally.counts.not_modified), (1, 1));
}

#[tokio::test]
async fn a_tagless_304_does_not_erase_the_validator() {
    let tagless = "HTTP/1.1 304 Not Modified\r\n\r\n";
    let tally = run(vec![send(GOOD), send(tagless), send(NOT_MODIFIED)], 3).await;
    assert_eq!((tally.counts.conditional, tally.counts.not_modified), (2, 2));
}

#[tokio::test]
async fn a_connection_closed_while_idle_costs_no_poll() {
    let tally = run(vec![send_and_close(GOOD), send_and_close(NOT_MODIFIED)], 3).await;
    assert_eq!(tally.verdicts.of(Verdict::Error), 0);
}

#[tokio::test]
async fn an_interim_response_is_skipped_and_its_bytes_are_counted() {
    let hinted = format!("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{GOOD}");
    let length = hinted.len() as u64;
    let tally = run(vec![send(hinted)], 1).await;
    assert_eq!(tally.bytes.responses(), length);
    assert_eq!(tally.verdicts.of(Verdict::FirstFetch), 1);
}

#[tokio::test]
async fn nobody_listening_is_connection_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let target = PollTarget::new(listener.local_addr().expect("bound"), "/");
    drop(listener);
    let load = Load {
        rounds: Rounds { clients: 2, polls: 4 },
        cadence: Cadence::Shuffled,
        connections: 2,
        ..load(Caching::default(), 4)
    };
    let outcome = poll_to_the_end(&target, &load).await;
    assert_eq!(outcome.tally.errors.get(&ErrorReason::ConnectionRefused), Some(&4));
}
