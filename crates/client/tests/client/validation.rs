//! Conditions that clients send, and when: by tag or by date, and not at all while the stored response
//! is fresh. Every request is one that a server read from its socket.

use std::time::{Duration, SystemTime};

use etag_lab_client::{Caching, Cadence, Load, Milestone, Validate};
use measure::Verdict;
use semantics::HttpDate;

use crate::support::{Heard, hear, hear_load, hear_with_milestones, load};

/// A date that no library would write like this; it must come back as it is.
const DATE: &str = "Tuesday, 06-Jan-26 12:00:00 GMT";
const CONDITIONS: [&str; 2] = ["if-none-match", "if-modified-since"];

fn full(fields: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 5\r\n\r\nhello")
}

fn not_modified(fields: &str) -> String {
    format!("HTTP/1.1 304 Not Modified\r\n{fields}\r\n")
}

fn by(validate: Validate) -> Caching {
    Caching { validate, ..Caching::default() }
}

fn fresh() -> Caching {
    Caching { honour_freshness: true, ..Caching::default() }
}

fn counts(heard: &Heard, verdicts: &[Verdict]) -> Vec<u64> {
    verdicts.iter().map(|verdict| heard.tally.verdicts.of(*verdict)).collect()
}

#[tokio::test]
async fn each_client_sends_back_the_validators_it_goes_by() {
    let both = format!("ETag: \"1\"\r\nLast-Modified: {DATE}\r\n");
    let (tag, date) = ("if-none-match: \"1\"", format!("if-modified-since: {DATE}"));
    for (validate, expected) in [
        (Validate::EntityTag, vec![tag]),
        (Validate::LastModified, vec![date.as_str()]),
        (Validate::Both, vec![tag, date.as_str()]),
    ] {
        let heard = hear(by(validate), 2, vec![full(&both), not_modified(&both)]).await;
        assert_eq!(heard.lines(0, &CONDITIONS), Vec::<&str>::new());
        assert_eq!(heard.lines(1, &CONDITIONS), expected, "{validate:?}");
        assert_eq!((heard.tally.counts.conditional, heard.tally.counts.not_modified), (1, 1));
    }
}

#[tokio::test]
async fn a_304_that_lacks_the_validator_does_not_erase_it() {
    let date = format!("Last-Modified: {DATE}\r\n");
    let responses = vec![full(&date), not_modified(""), not_modified("")];
    let heard = hear(by(Validate::LastModified), 3, responses).await;
    assert_eq!(heard.lines(2, &CONDITIONS), [format!("if-modified-since: {DATE}")]);
}

#[tokio::test]
async fn a_response_without_the_validator_leaves_nothing_to_send_back() {
    let heard = hear(by(Validate::LastModified), 2, vec![full("ETag: \"1\"\r\n"); 2]).await;
    assert_eq!(heard.lines(1, &CONDITIONS), Vec::<&str>::new());
    assert_eq!(heard.tally.counts.conditional, 0);
}

#[tokio::test]
async fn a_fresh_response_needs_no_request_and_a_304_renews_it() {
    let fields = "ETag: \"1\"\r\nCache-Control: max-age=3\r\n";
    // Requests at 0, 3 and 6 virtual seconds.
    let heard = hear(fresh(), 9, vec![full(fields), not_modified(fields), not_modified(fields)]);
    let heard = heard.await;
    let verdicts = [Verdict::FirstFetch, Verdict::FreshHit, Verdict::Unverifiable];
    assert_eq!(counts(&heard, &verdicts), [1, 6, 2]);
    assert_eq!((heard.requests.len(), heard.tally.counts.conditional), (3, 2));
    assert_eq!(heard.tally.bytes.requests, heard.requests.iter().map(|r| r.1.len() as u64).sum());
}

#[tokio::test]
async fn a_304_renews_with_its_own_fields_and_only_what_it_speaks_of() {
    let stored = full("ETag: \"1\"\r\nCache-Control: max-age=1\r\n");
    for (fields, hits) in [
        ("ETag: \"1\"\r\nCache-Control: max-age=9\r\n", 2),
        ("ETag: W/\"1\"\r\nCache-Control: max-age=9\r\n", 2),
        ("ETag: \"1\"\r\nCache-Control: max-age=9\r\nAge: 9\r\n", 0),
        ("ETag: \"1\"\r\nCache-Control: no-store, max-age=9\r\n", 0),
        ("ETag: \"2\"\r\nCache-Control: max-age=9\r\n", 0),
        ("Cache-Control: max-age=9\r\n", 0),
        ("ETag: \"1\"\r\n", 0),
    ] {
        let responses =
            vec![stored.clone(), not_modified(fields), not_modified(""), not_modified("")];
        let heard = hear(fresh(), 4, responses).await;
        assert_eq!(counts(&heard, &[Verdict::FreshHit]), [hits], "{fields}");
        assert_eq!(heard.lines(1, &CONDITIONS), ["if-none-match: \"1\""], "{fields}");
    }
}

#[tokio::test]
async fn what_is_not_fresh_or_not_to_be_stored_is_asked_for_every_time() {
    for (fields, conditional) in [
        ("ETag: \"1\"\r\n", 2),
        ("ETag: \"1\"\r\nCache-Control: max-age=60, no-cache\r\n", 2),
        ("ETag: \"1\"\r\nCache-Control: no-store\r\n", 0),
        ("ETag: \"1\"\r\nCache-Control: max-age=60, no-store\r\n", 0),
        ("ETag: \"1\"\r\nExpires: 0\r\n", 2),
        ("ETag: \"1\"\r\nCache-Control: max-age=60\r\nAge: 60\r\n", 2),
    ] {
        let heard = hear(fresh(), 3, vec![full(fields); 3]).await;
        assert_eq!(
            (heard.requests.len(), heard.tally.counts.conditional),
            (3, conditional),
            "{fields}"
        );
    }
}

#[tokio::test]
async fn absurd_freshness_fields_neither_break_the_client_nor_keep_it_from_asking_for_ever() {
    for (fields, requests) in [
        // 2³¹ seconds (RFC 9111 §1.2.2): fresh for as long as this run lasts.
        ("Cache-Control: max-age=99999999999999999999999\r\n", 1),
        ("Cache-Control: max-age=-1\r\n", 4),
        ("Cache-Control: max-age=\"\r\n", 4),
        ("Cache-Control: ,,,;=\"\\\r\n", 4),
        ("Cache-Control: max-age=60\r\nAge: 99999999999999999999999\r\n", 4),
        ("Cache-Control: max-age=60\r\nAge: -5\r\nDate: yesterday\r\n", 1),
        ("Expires: Fri, 31 Dec 9999 23:59:59 GMT\r\nDate: Thu, 99 Foo 0000 99:99:99 GMT\r\n", 4),
        ("Expires: Fri, 31 Dec 9999 23:59:59 GMT\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n", 1),
        ("Expires: \u{1F600}\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n", 4),
    ] {
        let heard = hear(fresh(), 4, vec![full(fields); 4]).await;
        assert_eq!(heard.requests.len(), requests, "{fields}");
        assert_eq!(heard.tally.verdicts.of(Verdict::Error), 0, "{fields}");
    }
}

/// Polls come a millisecond apart: an hour does not pass, unless the response was an hour old.
#[tokio::test]
async fn in_an_open_loop_real_time_counts() {
    let cadence = Cadence::OpenLoop { interval: Duration::from_millis(1), jitter: 0.0 };
    let now = HttpDate::try_from(SystemTime::now()).expect("between 1970 and 9999");
    let hours_ago = HttpDate::from_unix_seconds(now.unix_seconds() - 7_200).expect("the same");
    for (fields, requests) in [
        (format!("Date: {now}\r\n"), 1),
        (format!("Date: {hours_ago}\r\n"), 5),
        (format!("Date: {now}\r\nAge: 3600\r\n"), 5),
    ] {
        let response = full(&format!("Cache-Control: max-age=3600\r\n{fields}"));
        let load = Load { cadence, ..load(fresh(), 5) };
        let reach = async |_| Ok(Milestone::default());
        let heard = hear_load(&load, vec![response; 5], &[], reach).await;
        assert_eq!(heard.requests.len(), requests, "{fields}");
        assert_eq!(heard.tally.verdicts.of(Verdict::FreshHit), 5 - requests as u64, "{fields}");
    }
}

#[tokio::test]
async fn without_being_told_to_clients_ignore_cache_control() {
    let fields = "ETag: \"1\"\r\nCache-Control: max-age=60\r\n";
    let heard = hear(Caching::default(), 3, vec![full(fields); 3]).await;
    assert_eq!((heard.requests.len(), heard.tally.counts.conditional), (3, 2));
}

#[tokio::test]
async fn told_to_reconnect_clients_open_new_connections_and_keep_what_they_have() {
    let responses =
        vec![full("ETag: \"1\"\r\n"), not_modified(""), not_modified(""), not_modified("")];
    let reach = async |round| Ok(Milestone { reconnects: round, ..Milestone::default() });
    let heard = hear_with_milestones(Caching::default(), 4, responses, &[2], reach).await;
    let connections: Vec<_> = heard.requests.iter().map(|(connection, _)| *connection).collect();
    assert_eq!(connections, [0, 0, 1, 1]);
    assert_eq!((heard.tally.counts.conditional, heard.tally.counts.not_modified), (3, 3));
}
