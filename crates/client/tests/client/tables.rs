//! Tables of a client: what it does with them when the server fails it, which tables it takes when, and
//! which of several resources it polls. Every request is one that a server read from its socket.

use etag_lab_client::cadence::Rounds;
use etag_lab_client::{Caching, Load, Milestone, OnError};
use measure::{ErrorReason, Verdict};
use truth::ContentId;

use crate::support::{Heard, hear_load, load};

const CONDITION: [&str; 1] = ["if-none-match"];
const NOT_MODIFIED: &str = "HTTP/1.1 304 Not Modified\r\n\r\n";

/// Failures of a server: each costs one poll and none of them a table.
const FAILURES: [(&str, ErrorReason); 5] = [
    (
        "HTTP/1.1 503 Service Unavailable\r\nETag: \"bad\"\r\nContent-Length: 2\r\n\r\nno",
        ErrorReason::Status(503),
    ),
    ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ErrorReason::Status(404)),
    ("<html>not HTTP at all</html>\r\n\r\n", ErrorReason::Malformed),
    (
        "HTTP/1.1 200 OK\r\nETag: \"bad\"\r\nContent-Length: 3\r\n\r\nhello",
        ErrorReason::ExcessBytes,
    ),
    (
        "HTTP/1.1 200 OK\r\nETag: \"bad\"\r\nlab-replica: 1/AAAAAAAA\r\nContent-Length: 5\r\n\r\nhello",
        ErrorReason::ContentMismatch,
    ),
];

fn full(tag: &str, content: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nETag: {tag}\r\nContent-Length: {}\r\n\r\n{content}", content.len())
}

fn client(on_error: OnError, polls: u64) -> Load {
    Load { on_error, log_changes: true, ..load(Caching::default(), polls) }
}

async fn hear(load: &Load, responses: &[&str]) -> Heard {
    let responses = responses.iter().map(|&response| response.to_owned()).collect();
    hear_load(load, responses, &[], async |_| Ok(Milestone::default())).await
}

#[tokio::test]
async fn the_last_known_good_table_survives_every_failure() {
    let good = full("\"1\"", "hello");
    for (failure, reason) in FAILURES {
        let responses = [good.as_str(), failure, failure, NOT_MODIFIED];
        let heard = hear(&client(OnError::Keep, 4), &responses).await;
        let tables = heard.tally.tables;
        assert_eq!(heard.tally.errors.get(&reason), Some(&2), "{reason}");
        assert_eq!((tables.held_at_end, tables.lost), (1, 0), "{reason}");
        assert_eq!((tables.kept_through_errors, tables.loads), (2, 1), "{reason}");
        assert!(tables.longest_unconfirmed_us > 0, "{reason}");
        for request in 1..4 {
            assert_eq!(heard.lines(request, &CONDITION), ["if-none-match: \"1\""], "{reason}");
        }
    }
}

#[tokio::test]
async fn the_naive_client_forgets_content_and_validator_and_loads_both_again() {
    let good = full("\"1\"", "hello");
    for (failure, reason) in FAILURES {
        let responses = [good.as_str(), failure, failure, &good, NOT_MODIFIED];
        let heard = hear(&client(OnError::Drop, 5), &responses).await;
        let tables = heard.tally.tables;
        // The second failure finds nothing that could be lost.
        assert_eq!((tables.lost, tables.kept_through_errors), (1, 0), "{reason}");
        assert_eq!((tables.held_at_end, tables.loads), (1, 2), "{reason}");
        assert_eq!(tables.longest_unconfirmed_us, 0, "{reason}");
        assert_eq!(heard.tally.verdicts.of(Verdict::FirstFetch), 2, "{reason}");
        assert_eq!(heard.lines(1, &CONDITION), ["if-none-match: \"1\""], "{reason}");
        assert_eq!(heard.lines(2, &CONDITION), Vec::<&str>::new(), "{reason}");
        assert_eq!(heard.lines(3, &CONDITION), Vec::<&str>::new(), "{reason}");
        assert_eq!(heard.lines(4, &CONDITION), ["if-none-match: \"1\""], "{reason}");
    }
}

#[tokio::test]
async fn a_client_that_never_had_a_table_has_none_to_keep_or_to_lose() {
    for on_error in OnError::ALL {
        let heard = hear(&client(on_error, 2), &[FAILURES[0].0; 2]).await;
        assert_eq!(heard.tally.tables, measure::record::TablesRecord::default(), "{on_error:?}");
        assert_eq!(heard.takes, []);
    }
}

#[tokio::test]
async fn a_table_that_may_not_be_stored_is_neither_held_nor_lost() {
    let caching = Caching { honour_freshness: true, ..Caching::default() };
    let load = Load { caching, ..client(OnError::Drop, 3) };
    let no_store = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 1\r\n\r\na";
    let heard = hear(&load, &[&full("\"1\"", "hello"), no_store, FAILURES[0].0]).await;
    let tables = heard.tally.tables;
    assert_eq!((tables.held_at_end, tables.lost, tables.loads), (0, 0, 1));
}

#[tokio::test]
async fn takes_are_the_contents_that_a_client_did_not_hold_already() {
    let (a, b) = (full("\"1\"", "a"), full("\"2\"", "b"));
    let again = full("\"other tag\"", "b");
    let responses = [&a, NOT_MODIFIED, &a, &b, &again, FAILURES[0].0, NOT_MODIFIED, &a];
    let heard = hear(&client(OnError::Keep, 8), &responses).await;
    let contents: Vec<_> = heard.takes.iter().map(|take| take.content).collect();
    assert_eq!(contents, [b"a", b"b", b"a"].map(|content| ContentId::of(content)));
    assert!(heard.takes.is_sorted_by_key(|take| take.at));
    assert!(heard.takes.iter().all(|take| take.poller == 0 && take.at <= heard.tally.elapsed));
    assert_eq!(heard.tally.tables.loads, 3);
}

#[tokio::test]
async fn takes_are_kept_for_those_only_who_ask() {
    let load = Load { log_changes: false, ..client(OnError::Keep, 1) };
    let heard = hear(&load, &[&full("\"1\"", "a")]).await;
    assert_eq!((heard.takes.len(), heard.tally.tables.loads), (0, 1));
}

/// The same tag on both resources is no fault, and neither is another content for one edition.
#[tokio::test]
async fn clients_take_turns_in_the_resources_that_they_poll() {
    let rounds = Rounds { clients: 3, polls: 6 };
    let load = Load { rounds, ..client(OnError::Keep, 6) };
    let (a, b) = (full("\"1\"", "a"), full("\"1\"", "b"));
    let heard = crate::support::hear_paths(
        &load,
        &["/other?zone=b"],
        [&a, &b, &a].into_iter().cloned().chain(vec![NOT_MODIFIED.to_owned(); 3]).collect(),
    );
    let heard = heard.await;
    let lines: Vec<_> = heard.requests.iter().filter_map(|(_, r)| r.lines().next()).collect();
    let (first, second) = ("GET /api/config HTTP/1.1", "GET /other?zone=b HTTP/1.1");
    assert_eq!(lines, [first, second, first, first, second, first]);
    assert_eq!((heard.tally.contents_for_same_tag(), heard.tally.tables.loads), (1, 3));
    let read: u64 = heard.requests.iter().map(|(_, request)| request.len() as u64).sum();
    assert_eq!(heard.tally.bytes.requests, read);
}
