//! Writers: what they read and send, and what their run says of the answers. Every request is one that
//! a server read from its socket.

use etag_lab_client::{Caching, Load, Milestone, WriteCondition, Writing};
use measure::record::WritesRecord;

use crate::support::{Heard, hear_load, load};

fn full(tag: &str, content: &str) -> String {
    let length = content.len();
    format!("HTTP/1.1 200 OK\r\n{tag}Content-Length: {length}\r\n\r\n{content}")
}

fn status(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")
}

/// One poll each round, and the requests of the writers after it.
async fn write(condition: WriteCondition, rounds: u64, responses: Vec<String>) -> Heard {
    let writing = Some(Writing { writers: 1, condition, content_bytes: 100 });
    let load = Load { writing, ..load(Caching::default(), rounds) };
    hear_load(&load, responses, &[], async |_| Ok(Milestone::default())).await
}

const TAG: &str = "ETag: W/\"a b\"\r\n";

#[tokio::test]
async fn a_writer_reads_anew_and_sends_the_tag_back_as_it_came() {
    let answers = vec![full(TAG, "hello"), full(TAG, "hello"), status("412 No")];
    let heard = write(WriteCondition::IfMatch, 1, answers).await;
    assert!(heard.requests[1].1.starts_with("GET /api/config HTTP/1.1\r\nhost: "));
    assert_eq!(heard.lines(1, &["if-"]), Vec::<&str>::new());
    let put = &heard.requests[2].1;
    assert!(put.starts_with("PUT /api/config HTTP/1.1\r\nhost: "), "{put}");
    let described = ["if-match: W/\"a b\"", "content-length: 100"];
    assert_eq!(heard.lines(2, &["if-", "content-length"]), [described[1], described[0]]);
    assert!(put.contains("\r\n\r\n{\"writer\":1,\"round\":1,"), "{put}");
    let expected = WritesRecord { refused_wrongly: 1, ..WritesRecord::default() };
    assert_eq!(heard.tally.writes, Some(expected));
    // What writers do is no poll.
    assert_eq!(heard.tally.verdicts.total(), 1);
}

#[tokio::test]
async fn without_a_condition_or_without_a_tag_a_write_names_nothing() {
    for (condition, tag) in [(WriteCondition::None, TAG), (WriteCondition::IfMatch, "")] {
        let answers = vec![full(tag, "hello"), full(tag, "hello"), status("204 Done")];
        let heard = write(condition, 1, answers).await;
        assert_eq!(heard.lines(2, &["if-"]), Vec::<&str>::new());
        let expected = WritesRecord { accepted: 1, ..WritesRecord::default() };
        assert_eq!(heard.tally.writes, Some(expected));
    }
}

#[tokio::test]
async fn a_write_over_what_was_not_read_is_a_lost_update_and_an_error_is_no_refusal() {
    let mut answers = Vec::new();
    // The second read still brings the first content, as a replica with a copy of its own has it.
    for answer in ["204 Done", "204 Done", "405 No"] {
        answers.extend([full(TAG, "hello"), full(TAG, "hello"), status(answer)]);
    }
    let heard = write(WriteCondition::IfMatch, 3, answers).await;
    let expected = WritesRecord { accepted: 2, lost: 1, failed: 1, ..WritesRecord::default() };
    assert_eq!(heard.tally.writes, Some(expected));
}

#[tokio::test]
async fn a_read_that_fails_is_a_write_that_failed() {
    let heard =
        write(WriteCondition::IfMatch, 1, vec![full(TAG, "hello"), status("503 Later")]).await;
    assert_eq!(heard.requests.len(), 2, "nothing is written");
    let expected = WritesRecord { failed: 1, ..WritesRecord::default() };
    assert_eq!(heard.tally.writes, Some(expected));
}

#[tokio::test]
async fn nobody_writes_unless_it_is_asked_for() {
    let load = load(Caching::default(), 1);
    let reach = async |_| Ok(Milestone::default());
    let heard = hear_load(&load, vec![full(TAG, "hello")], &[], reach).await;
    assert_eq!(heard.tally.writes, None);
}
