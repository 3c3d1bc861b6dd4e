//! The server says how often it wants to be polled, and clients that obey do: on their own clock,
//! which is a virtual one unless the loop is open. Requests are those that a server read.

use std::time::Duration;

use etag_lab_client::{Caching, Cadence, Load, Milestone, OnError};
use measure::Verdict;

use crate::support::{Heard, hear_load, load};

/// One round is one second of the clients' time.
fn obeying(polls: u64) -> Load {
    Load { obey_poll_interval: true, ..load(Caching::default(), polls) }
}

fn full(fields: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\n{fields}Content-Length: 5\r\n\r\nhello")
}

fn not_modified(fields: &str) -> String {
    format!("HTTP/1.1 304 Not Modified\r\n{fields}\r\n")
}

async fn hear(load: &Load, responses: Vec<String>) -> Heard {
    hear_load(load, responses, &[], async |_| Ok(Milestone::default())).await
}

/// Requests that were made, and slots that were not polled.
fn counts(heard: &Heard) -> (usize, u64) {
    assert_eq!(heard.tally.verdicts.total(), heard.requests.len() as u64, "paused is no verdict");
    (heard.requests.len(), heard.tally.paused)
}

#[tokio::test]
async fn no_poll_comes_before_the_interval_has_passed_since_the_response() {
    for (fields, expected) in [
        ("Poll-Interval: 3000\r\n", (3, 6)),
        ("poll-interval:2001\r\n", (3, 6)),
        ("POLL-INTERVAL: 1000\r\n", (9, 0)),
        ("Poll-Interval: 1\r\n", (9, 0)),
        ("Poll-Interval: 0\r\n", (9, 0)),
        ("Poll-Interval: 99999999999999999999\r\n", (1, 8)),
        ("Poll-Interval: -1\r\n", (1, 8)),
        ("Poll-Interval: -2\r\n", (9, 0)),
        ("Poll-Interval: soon\r\n", (9, 0)),
        ("", (9, 0)),
    ] {
        let responses = [vec![full(fields)], vec![not_modified(fields); 8]].concat();
        assert_eq!(counts(&hear(&obeying(9), responses).await), expected, "{fields}");
    }
}

#[tokio::test]
async fn each_response_sets_the_pace_anew_whatever_its_status() {
    let (fast, slow) = (String::new(), "Poll-Interval: 3000\r\n".to_owned());
    let unavailable = |fields: &str| format!("HTTP/1.1 503 x\r\n{fields}Content-Length: 0\r\n\r\n");
    // Requests at 0, 3, 4, 7 and 8 virtual seconds.
    let responses = vec![
        full(&slow),
        not_modified(&fast),
        unavailable(&slow),
        not_modified("Poll-Interval: nonsense\r\n"),
        unavailable(&fast),
    ];
    let heard = hear(&obeying(9), responses).await;
    assert_eq!(counts(&heard), (5, 4));
    assert_eq!(heard.tally.verdicts.of(Verdict::Unverifiable), 2);
}

#[tokio::test]
async fn a_failure_that_says_nothing_leaves_the_pace_to_the_client() {
    let load = Load { on_error: OnError::Drop, ..obeying(6) };
    let garbage = "Poll-Interval: 3000\r\n\r\n".to_owned();
    // Requests at 0 and 3 virtual seconds, and from then on every second.
    let responses = vec![full("Poll-Interval: 3000\r\n"), garbage, full(""), full("")];
    assert_eq!(counts(&hear(&load, responses).await), (4, 2));
}

#[tokio::test]
async fn stopped_clients_start_again_when_they_are_told_to() {
    let stop = "Poll-Interval: -1\r\n";
    let responses = vec![full(stop), not_modified(stop), not_modified(""), not_modified("")];
    let reach = async |round| Ok(Milestone { resumes: round / 4, ..Milestone::default() });
    // Told at 4 and 8 virtual seconds; the first time they are stopped at once again.
    let heard = hear_load(&obeying(10), responses, &[2, 4, 6, 8], reach).await;
    assert_eq!(counts(&heard), (4, 6));
}

#[tokio::test]
async fn to_start_again_does_not_shorten_an_interval() {
    let responses = vec![full("Poll-Interval: 5000\r\n"), not_modified("")];
    let reach = async |round| Ok(Milestone { resumes: round, ..Milestone::default() });
    let heard = hear_load(&obeying(6), responses, &[1, 3], reach).await;
    assert_eq!(counts(&heard), (2, 4));
}

#[tokio::test]
async fn whoever_does_not_obey_does_not_even_read_the_field() {
    let load = Load { obey_poll_interval: false, ..obeying(3) };
    let heard = hear(&load, vec![full("Poll-Interval: -1\r\n"); 3]).await;
    assert_eq!(counts(&heard), (3, 0));
}

#[tokio::test]
async fn the_interval_holds_for_a_fresh_response_as_well_and_a_fresh_response_within_it() {
    let caching = Caching { honour_freshness: true, ..Caching::default() };
    let fields =
        |interval, age| format!("Poll-Interval: {interval}\r\nCache-Control: max-age={age}\r\n");
    let load = |polls| Load { caching, ..obeying(polls) };
    let heard = hear(&load(5), vec![full(&fields(2_000, 4)), not_modified("")]).await;
    assert_eq!((heard.requests.len(), heard.tally.paused), (2, 1));
    assert_eq!(heard.tally.verdicts.of(Verdict::FreshHit), 2);
    let heard = hear(&load(5), vec![full(&fields(4_000, 2)), not_modified("")]).await;
    assert_eq!((heard.requests.len(), heard.tally.paused), (2, 3));
}

/// Slots come a millisecond apart: an hour does not pass.
#[tokio::test]
async fn in_an_open_loop_real_time_counts() {
    let cadence = Cadence::OpenLoop { interval: Duration::from_millis(1), jitter: 0.0 };
    for (fields, expected) in [
        ("Poll-Interval: 3600000\r\n", (1, 9)),
        ("Poll-Interval: -1\r\n", (1, 9)),
        ("Poll-Interval: 0\r\n", (10, 0)),
    ] {
        let load = Load { cadence, ..obeying(10) };
        assert_eq!(counts(&hear(&load, vec![full(fields); 10]).await), expected, "{fields}");
    }
}

/// However slow the machine: no two requests are closer to each other than the interval, and when
/// that has passed, there is another one.
#[tokio::test]
async fn in_an_open_loop_the_interval_passes() {
    let cadence = Cadence::OpenLoop { interval: Duration::from_millis(1), jitter: 0.0 };
    let load = Load { cadence, ..obeying(400) };
    let heard = hear(&load, vec![full("Poll-Interval: 5\r\n"); 400]).await;
    let (requests, paused) = counts(&heard);
    assert_eq!(requests as u64 + paused, 400);
    let most = 1 + heard.tally.elapsed.as_millis() / 5;
    assert!(requests >= 2 && requests as u128 <= most, "{requests} of {most}");
}

/// With several connections, and so several drivers, in a shuffled order.
#[tokio::test]
async fn shuffled_clients_go_by_the_virtual_clock_too() {
    let load = Load { cadence: Cadence::Shuffled, ..obeying(9) };
    let fields = "Poll-Interval: 3000\r\n";
    let responses = [vec![full(fields)], vec![not_modified(fields); 2]].concat();
    assert_eq!(counts(&hear(&load, responses).await), (3, 6));
}
