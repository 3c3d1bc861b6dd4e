//! Downloads that break in the middle: what the client asks for afterwards, and that a server which
//! answers something else than the rest never makes it believe in a content that nobody sent.

use etag_lab_client::{Caching, IfRange, Interruption};
use measure::record::ResumesRecord;
use measure::{ErrorReason, Verdict};
use truth::ContentId;

use crate::support::{Heard, hear};

const HELLO: &str = "hello, all";
const ETAG: &str = "ETag: \"1\"\r\n";
const ASKED: [&str; 3] = ["range", "if-range", "if-none-match"];

fn cut(if_range: IfRange) -> Caching {
    let interruption = Some(Interruption { at: 0.5, if_range });
    Caching { interruption, ..Caching::default() }
}

fn full(fields: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n{HELLO}", HELLO.len())
}

fn partial(fields: &str, content: &str) -> String {
    let length = content.len();
    format!("HTTP/1.1 206 Partial Content\r\n{fields}Content-Length: {length}\r\n\r\n{content}")
}

/// The five octets that the client lacks.
fn rest(fields: &str) -> String {
    partial(&format!("Content-Range: bytes 5-9/10\r\n{fields}"), &HELLO[5..])
}

fn declared(content: &str) -> String {
    format!("lab-replica: 1/{}\r\n", ContentId::of(content.as_bytes()))
}

fn resumes(heard: &Heard) -> (u64, u64, u64) {
    let ResumesRecord { attempted, partial, whole } = heard.tally.resumes;
    (attempted, partial, whole)
}

#[tokio::test]
async fn the_rest_is_asked_for_on_a_new_connection_and_joined_to_what_came() {
    let fields = format!("{ETAG}{}", declared(HELLO));
    let heard = hear(
        cut(IfRange::Any),
        2,
        vec![full(&fields), rest(&fields), "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned()],
    )
    .await;
    assert_eq!(heard.lines(0, &ASKED), Vec::<&str>::new());
    assert_eq!(heard.lines(1, &ASKED), ["range: bytes=5-", "if-range: \"1\""]);
    assert_eq!(heard.lines(2, &ASKED), ["if-none-match: \"1\""]);
    let connections: Vec<_> = heard.requests.iter().map(|(connection, _)| *connection).collect();
    assert_eq!(connections, [0, 1, 1]);
    assert_eq!(resumes(&heard), (1, 1, 0));
    assert_eq!(heard.tally.verdicts.of(Verdict::FirstFetch), 1);
    // Not an octet more was read than was wanted.
    assert_eq!(heard.tally.bytes.response_content, HELLO.len() as u64);
}

#[tokio::test]
async fn a_206_need_not_repeat_the_validators() {
    let responses = vec![full(ETAG), rest(""), full(ETAG), rest("")];
    let heard = hear(cut(IfRange::Any), 2, responses).await;
    assert_eq!(heard.lines(2, &ASKED), ["if-none-match: \"1\""]);
    assert_eq!(heard.tally.verdicts.of(Verdict::NeedlessTransfer), 1);
}

#[tokio::test]
async fn a_refused_range_brings_the_whole_again_and_is_not_cut_again() {
    let heard = hear(cut(IfRange::Any), 1, vec![full("ETag: W/\"1\"\r\n"); 2]).await;
    assert_eq!(heard.lines(1, &ASKED), ["range: bytes=5-", "if-range: W/\"1\""]);
    assert_eq!(resumes(&heard), (1, 0, 1));
    assert_eq!(heard.tally.verdicts.of(Verdict::FirstFetch), 1);
    assert_eq!(heard.tally.bytes.response_content, 15);
}

#[tokio::test]
async fn without_a_tag_to_hold_on_to_the_download_starts_again_without_a_range() {
    for (if_range, fields) in
        [(IfRange::StrongOnly, "ETag: W/\"1\"\r\n"), (IfRange::StrongOnly, ""), (IfRange::Any, "")]
    {
        let heard = hear(cut(if_range), 1, vec![full(fields); 2]).await;
        assert_eq!(heard.lines(1, &ASKED), Vec::<&str>::new(), "{if_range:?} {fields}");
        assert_eq!(resumes(&heard), (1, 0, 1));
    }
}

#[tokio::test]
async fn what_cannot_be_cut_in_two_or_has_no_length_is_left_alone() {
    let chunked = format!(
        "HTTP/1.1 200 OK\r\n{ETAG}Transfer-Encoding: chunked\r\n\r\na\r\n{HELLO}\r\n0\r\n\r\n"
    );
    let tiny = format!("HTTP/1.1 200 OK\r\n{ETAG}Content-Length: 1\r\n\r\nx");
    let unavailable = "HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nnone".to_owned();
    let heard = hear(cut(IfRange::Any), 3, vec![chunked, tiny, unavailable]).await;
    assert_eq!((heard.requests.len(), resumes(&heard)), (3, (0, 0, 0)));
    assert_eq!(heard.tally.errors.get(&ErrorReason::Status(503)), Some(&1));
}

/// The answer to the resuming request is an error for this reason; nothing of the download is kept.
async fn check(first: String, answer: String, expected: ErrorReason) {
    let shown = answer.clone();
    let heard = hear(cut(IfRange::Any), 2, vec![first, answer, full(ETAG), rest(ETAG)]).await;
    let errors: Vec<_> = heard.tally.errors.iter().map(|(reason, n)| (*reason, *n)).collect();
    assert_eq!(errors, [(expected, 1)], "{shown}");
    assert_eq!(resumes(&heard), (2, 1, 0), "{shown}");
    assert_eq!(heard.lines(2, &ASKED), Vec::<&str>::new(), "nothing is revalidated: {shown}");
    assert_eq!(heard.tally.verdicts.of(Verdict::FirstFetch), 1, "{shown}");
}

#[tokio::test]
async fn a_206_that_is_not_the_rest_is_no_use() {
    let lie = |fields: &str, content: &str| partial(fields, content);
    let multipart = "Content-Type: multipart/byteranges; boundary=x\r\n";
    for answer in [
        lie("", ", all"),
        lie("Content-Range: bytes 4-9/10\r\n", "o, all"),
        lie("Content-Range: bytes 6-9/10\r\n", " all"),
        lie("Content-Range: bytes 5-8/10\r\n", ", al"),
        lie("Content-Range: bytes 5-9/11\r\n", ", all"),
        lie("Content-Range: bytes 5-9/10\r\n", ", al"),
        lie("Content-Range: bytes 5-9/10\r\n", ", all of them"),
        lie("Content-Range: bytes 0-9/10\r\n", HELLO),
        lie("Content-Range: bytes */10\r\n", ", all"),
        lie("Content-Range: lines 5-9/10\r\n", ", all"),
        lie("Content-Range: bytes 18446744073709551615-18446744073709551615/1\r\n", ", all"),
        lie(multipart, "--x\r\nContent-Range: bytes 5-9/10\r\n\r\n, all\r\n--x--\r\n"),
    ] {
        check(full(ETAG), answer, ErrorReason::WrongRange).await;
    }
    let other = lie("Content-Range: bytes 5-9/10\r\nETag: \"2\"\r\n", ", all");
    check(full(ETAG), other, ErrorReason::IfRangeIgnored).await;
}

#[tokio::test]
async fn other_answers_to_the_resuming_request_are_errors_too() {
    let refused = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */10\r\n\
                   Content-Length: 0\r\n\r\n";
    check(full(ETAG), refused.to_owned(), ErrorReason::Status(416)).await;
    let not_modified = "HTTP/1.1 304 Not Modified\r\n\r\n";
    check(full(ETAG), not_modified.to_owned(), ErrorReason::Status(304)).await;
}

#[tokio::test]
async fn parts_of_two_contents_under_one_tag_are_spliced_and_noticed() {
    let first = full(&format!("{ETAG}{}", declared(HELLO)));
    let other = format!("{ETAG}{}", declared("jello; ALL"));
    let answer = partial(&format!("Content-Range: bytes 5-9/10\r\n{other}"), &"jello; ALL"[5..]);
    check(first, answer, ErrorReason::Spliced).await;
}

#[tokio::test]
async fn parts_that_fit_by_chance_are_the_content_that_they_make() {
    let first = full(&format!("{ETAG}{}", declared(HELLO)));
    let other = format!("{ETAG}{}", declared("jello, all"));
    let heard = hear(cut(IfRange::Any), 1, vec![first, rest(&other)]).await;
    assert_eq!((resumes(&heard), heard.tally.verdicts.of(Verdict::FirstFetch)), ((1, 1, 0), 1));
}

#[tokio::test]
async fn a_206_that_nobody_asked_for_is_an_error() {
    let heard = hear(Caching::default(), 1, vec![rest(ETAG)]).await;
    assert_eq!(heard.tally.errors.get(&ErrorReason::Status(206)), Some(&1));
    assert_eq!(resumes(&heard), (0, 0, 0));
}
