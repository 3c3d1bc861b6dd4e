//! A cache before an origin whose answers and requests are known, by a clock that is set.

mod rules;
mod support;
mod writes;

use etag_lab_cache::Counts;

use crate::support::{CUT, Stage};

const TAGGED: &str = "HTTP/1.1 200 OK\r\netag: \"a\"\r\ncache-control: s-maxage=10\r\n\
                      content-length: 3\r\n\r\none";
const OTHER: &str = "HTTP/1.1 200 OK\r\netag: \"b\"\r\ncache-control: s-maxage=10\r\n\
                     content-length: 3\r\n\r\ntwo";
const CONFIRMED: &str =
    "HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\ncache-control: s-maxage=10\r\n\r\n";

fn counts(hits: u64, revalidated: u64, fetched: u64) -> Counts {
    Counts { hits, revalidated, fetched, bytes_from_origin: 0 }
}

/// Compares all but the bytes.
#[track_caller]
fn check_counts(stage: &Stage, expected: Counts) {
    let counts = Counts { bytes_from_origin: 0, ..stage.cache.counts() };
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn a_fresh_response_is_used_and_a_stale_one_is_validated() {
    let stage = Stage::start("revalidating", &[TAGGED, CONFIRMED]).await;
    let first = stage.get("").await;
    assert_eq!((first.status, first.content.as_str()), (200, "one"));
    stage.passed(9);
    let second = stage.get("").await;
    assert_eq!((second.content.as_str(), second.field("age")), ("one", Some("9")));
    check_counts(&stage, counts(1, 0, 1));
    stage.passed(10);
    assert_eq!(stage.get("").await.content, "one");
    check_counts(&stage, counts(1, 1, 1));
    assert_eq!(stage.asked()[1].field("if-none-match"), Some("\"a\""));
    // The confirmed response is as fresh as it was when it came.
    stage.passed(19);
    assert_eq!(stage.get("").await.field("age"), Some("9"));
    check_counts(&stage, counts(2, 1, 1));
}

#[tokio::test]
async fn bytes_from_the_origin_are_those_of_its_answers() {
    let stage = Stage::start("revalidating", &[TAGGED, CONFIRMED]).await;
    stage.get("").await;
    stage.passed(10);
    stage.get("").await;
    stage.get("").await;
    let expected = (TAGGED.len() + CONFIRMED.len()) as u64;
    assert_eq!(stage.cache.counts().bytes_from_origin, expected);
}

#[tokio::test]
async fn a_condition_of_a_client_is_answered_by_the_cache_and_not_passed_on() {
    let stage = Stage::start("revalidating", &[TAGGED, OTHER]).await;
    let known = "if-none-match: \"x\", W/\"a\"\r\n";
    let first = stage.get(known).await;
    assert_eq!(
        (first.status, first.field("etag"), first.content.as_str()),
        (304, Some("\"a\""), "")
    );
    assert_eq!(stage.get("if-none-match: \"x\"\r\n").await.status, 200);
    assert_eq!(stage.asked()[0].field("if-none-match"), None);
    stage.passed(10);
    let changed = stage.get(known).await;
    assert_eq!((changed.status, changed.content.as_str()), (200, "two"));
    check_counts(&stage, counts(1, 0, 2));
}

#[tokio::test]
async fn a_cache_that_fetches_anew_sends_no_condition() {
    let stage = Stage::start("refetching", &[TAGGED, TAGGED]).await;
    stage.get("").await;
    stage.passed(10);
    assert_eq!(stage.get("if-none-match: \"a\"\r\n").await.status, 304);
    assert_eq!(stage.asked()[1].field("if-none-match"), None);
    check_counts(&stage, counts(0, 0, 2));
}

#[tokio::test]
async fn within_its_grace_a_stale_response_is_used_once_more() {
    let stage = Stage::start("grace", &[TAGGED, OTHER, TAGGED]).await;
    stage.get("").await;
    stage.passed(19);
    assert_eq!(stage.get("").await.content, "one");
    // It waits for what was asked meanwhile.
    assert_eq!(stage.get("").await.content, "two");
    check_counts(&stage, counts(2, 0, 2));
    // Ten seconds of life and ten of grace are over.
    stage.passed(39);
    assert_eq!(stage.get("").await.content, "one");
    check_counts(&stage, counts(2, 0, 3));
}

#[tokio::test]
async fn a_response_may_allow_a_grace_of_its_own() {
    let lenient = "HTTP/1.1 200 OK\r\ncache-control: s-maxage=10, stale-while-revalidate=5\r\n\
                   content-length: 3\r\n\r\none";
    let stage = Stage::start("revalidating", &[lenient, OTHER]).await;
    stage.get("").await;
    stage.passed(14);
    assert_eq!(stage.get("").await.content, "one");
    assert_eq!(stage.get("").await.content, "two");
}

#[tokio::test]
async fn points_of_presence_take_turns_and_ask_the_shield() {
    let stage = Stage::start("shielded", &[TAGGED, CONFIRMED]).await;
    for _ in 0..4 {
        assert_eq!(stage.get("").await.content, "one");
    }
    // The second point of presence got it from the shield.
    check_counts(&stage, counts(3, 0, 1));
    stage.passed(10);
    stage.get("").await;
    stage.get("").await;
    check_counts(&stage, counts(4, 1, 1));
}

#[tokio::test]
async fn what_varies_is_stored_for_each_selection() {
    let of = |coding: &str, content: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nvary: Accept-Encoding\r\ncontent-encoding: {coding}\r\n\
             cache-control: s-maxage=10\r\ncontent-length: 3\r\n\r\n{content}"
        )
    };
    let answers = [of("br", "one"), of("gzip", "two")];
    let stage = Stage::start("revalidating", &answers.each_ref().map(String::as_str)).await;
    for _ in 0..2 {
        assert_eq!(stage.get("accept-encoding: br\r\n").await.content, "one");
        assert_eq!(stage.get("accept-encoding: gzip\r\n").await.content, "two");
    }
    check_counts(&stage, counts(2, 0, 2));
}

#[tokio::test]
async fn what_must_not_be_stored_is_fetched_each_time() {
    for directive in ["no-store", "private, max-age=60"] {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncache-control: {directive}\r\ncontent-length: 3\r\n\r\none"
        );
        let stage = Stage::start("revalidating", &[&answer, &answer]).await;
        stage.get("").await;
        stage.get("").await;
        check_counts(&stage, counts(0, 0, 2));
    }
}

#[tokio::test]
async fn many_that_want_the_same_ask_once() {
    let stage = Stage::start("revalidating", &[TAGGED]).await;
    let all = [stage.get(""), stage.get(""), stage.get(""), stage.get("")];
    let [one, two, three, four] = all;
    let answers = tokio::join!(one, two, three, four);
    assert_eq!([answers.0, answers.1, answers.2, answers.3].map(|a| a.status), [200; 4]);
    check_counts(&stage, counts(3, 0, 1));
}

#[tokio::test]
async fn a_kept_connection_that_ends_under_a_request_is_replaced() {
    let stage = Stage::start("revalidating", &[TAGGED, CUT, CONFIRMED]).await;
    stage.get("").await;
    stage.passed(10);
    assert_eq!(stage.get("").await.content, "one");
    check_counts(&stage, counts(0, 1, 1));
}

#[tokio::test]
async fn an_origin_that_does_not_answer_is_a_bad_gateway() {
    let stage = Stage::start("revalidating", &["nonsense\r\n\r\n"]).await;
    assert_eq!(stage.get("").await.status, 502);
}
