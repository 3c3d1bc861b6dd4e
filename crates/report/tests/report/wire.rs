//! The wire log from outside: of exchanges made by hand, some of them hostile.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use etag_lab_report::{Style, WireLog, WireOptions};
use measure::{
    ArmTranscript, ErrorReason, ExchangeBytes, Transcript, Verdict, WireConnection, WireExchange,
    WireTiming,
};
use serde_json::{Value, json};
use truth::{ContentId, ReplicaId};

use crate::har_1_2::{self, list};
use crate::{assert_same_lines, scenes, without_colour};

const CONTENT: &[u8] = b"{\"limit\": 1}\n";

/// Client 1 asks `replica` with the tag `sent` and gets this head, with content if it is a 200.
fn exchange(verdict: Verdict, replica: u32, sent: Option<&str>, head: &[u8]) -> WireExchange {
    let condition = sent.map_or_else(String::new, |tag| format!("if-none-match: {tag}\r\n"));
    let request =
        format!("GET /a?b=c&d HTTP/1.1\r\nhost: 127.0.0.1:9000\r\n{condition}\r\n").into_bytes();
    let id = ContentId::of(CONTENT);
    let transferred = !verdict.is_not_modified() && verdict != Verdict::Error;
    WireExchange {
        client: 0,
        number: replica.max(1),
        response_head: head.to_vec(),
        content: transferred.then(|| Arc::from(CONTENT)),
        octets: transferred.then_some(id),
        tagged_content: Some(id),
        held: Some(id),
        verdict: Some(verdict),
        error: (verdict == Verdict::Error).then_some(ErrorReason::Status(502)),
        replica: (replica > 0).then_some(ReplicaId(replica)),
        bytes: ExchangeBytes {
            request: request.len() as u64,
            response_fields: head.len() as u64,
            response_content: if transferred { CONTENT.len() as u64 } else { 0 },
            instrumentation: 0,
        },
        request,
        connection: WireConnection {
            ends: Some(([127, 0, 0, 1], 40_000).into()).zip(Some(([127, 0, 0, 1], 9_000).into())),
            reused: replica > 1,
        },
        timing: WireTiming {
            started: Duration::from_micros(1_500 * u64::from(replica)),
            connect: (replica == 1).then_some(Duration::from_nanos(100_999)),
            send: Duration::from_nanos(10_999),
            wait: Duration::from_nanos(300_999),
            receive: Duration::from_nanos(999),
        },
    }
}

fn with_content(mut exchange: WireExchange, content: &[u8]) -> WireExchange {
    exchange.content = Some(Arc::from(content));
    exchange.bytes.response_content = content.len() as u64;
    exchange
}

fn ok(tag: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nlab-replica: 1/5WfYATEP.0\r\nETag: {tag}\r\n\r\n").into_bytes()
}

fn not_modified(tag: &str) -> Vec<u8> {
    format!("HTTP/1.1 304 Not Modified\r\netag: {tag}\r\n\r\n").into_bytes()
}

fn arm(name: &str, exchanges: Vec<WireExchange>, left_out: u64) -> ArmTranscript {
    let started = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_600_000_123);
    let transcript = Transcript { started, exchanges, left_out, wrong_write: None };
    ArmTranscript { arm: name.to_owned(), transcript }
}

/// Three tags before, one after.
fn arms() -> [ArmTranscript; 2] {
    let needless = Verdict::NeedlessTransfer;
    let before = vec![
        exchange(Verdict::FirstFetch, 1, None, &ok("\"41\"")),
        exchange(needless, 2, Some("\"41\""), &ok("\"18\"")),
        exchange(needless, 3, Some("\"18\""), &ok("W/\"2\"")),
        exchange(needless, 1, Some("W/\"2\""), &ok("\"41\"")),
        exchange(Verdict::Validated, 1, Some("\"41\""), &not_modified("\"41\"")),
    ];
    let tag = "\"1227cc784a62d6c769ec31a68739c4a5\"";
    let after = vec![
        exchange(Verdict::FirstFetch, 1, None, &ok(tag)),
        exchange(Verdict::Validated, 2, Some(tag), &not_modified(tag)),
        exchange(Verdict::Validated, 3, Some(tag), &not_modified(&format!("W/{tag}"))),
    ];
    [arm("before", before, 0), arm("after", after, 7)]
}

fn text(arms: &[ArmTranscript], options: WireOptions, style: Style) -> String {
    let record = scenes::two_arms();
    let arms: Vec<_> = arms.iter().collect();
    WireLog { record: &record, arms: &arms }.text(options, style)
}

fn har(arms: &[ArmTranscript]) -> Vec<Value> {
    let record = scenes::two_arms();
    let arms: Vec<_> = arms.iter().collect();
    let text = WireLog { record: &record, arms: &arms }.har().expect("it is plain data");
    assert!(text.is_ascii() || !text.contains('\u{1b}'));
    har_1_2::read(&text).expect("HAR 1.2")
}

#[test]
fn one_exchange_for_each_replica_tells_the_story() {
    insta::assert_snapshot!(text(&arms(), WireOptions::default(), Style::default()));
}

#[test]
fn all_of_them_with_content() {
    let options = WireOptions { all: true, content_bytes: 10 };
    insta::assert_snapshot!(text(&arms()[..1], options, Style::default()));
}

#[test]
fn a_wrong_304_and_an_error_are_shown_first_and_last() {
    let mut stale = exchange(Verdict::FalseValidation, 2, Some("\"7\""), &not_modified("\"7\""));
    stale.tagged_content = Some(ContentId::of(b"other"));
    let exchanges = vec![
        exchange(Verdict::Validated, 1, Some("\"7\""), &not_modified("\"7\"")),
        exchange(Verdict::Validated, 2, Some("\"7\""), &not_modified("\"7\"")),
        exchange(Verdict::NeedlessTransfer, 3, Some("\"7\""), &ok("\"7\"")),
        exchange(Verdict::Error, 0, Some("\"7\""), b"HTTP/1.1 502 Bad Gateway\r\n\r\n"),
        stale,
    ];
    insta::assert_snapshot!(text(
        &[arm("before", exchanges, 0)],
        WireOptions::default(),
        Style::default()
    ));
}

#[test]
fn another_coding_may_have_another_tag() {
    let tag = "\"1227cc784a62d6c769ec31a68739c4a5\"";
    let coded_tag = "\"1227cc784a62d6c769ec31a68739c4a5-gzip\"";
    let validated = |replica, tag: &str, fields: &str| {
        let validated = Verdict::Validated;
        let mut exchange = exchange(validated, replica, Some(tag), &not_modified(tag));
        exchange.request.truncate(exchange.request.len() - 2);
        exchange.request.extend_from_slice(format!("{fields}\r\n").as_bytes());
        exchange
    };
    let gzip = "accept-encoding: gzip\r\n";
    let exchanges = [(1, tag, ""), (1, coded_tag, gzip), (2, tag, ""), (2, coded_tag, gzip)];
    let exchanges = exchanges.map(|(replica, tag, fields)| validated(replica, tag, fields));
    let text = text(&[arm("after", exchanges.into(), 0)], WireOptions::default(), Style::default());
    assert!(text.contains("✓ same content, one tag on 2 replicas: \"1227"), "{text}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let plain = text(&arms(), WireOptions::default(), Style::default());
    let coloured = text(&arms(), WireOptions::default(), Style { color: true, ..Style::default() });
    assert!(coloured.contains("\u{1b}["));
    assert_same_lines(&without_colour(&coloured), &plain, "wire");
}

#[test]
fn captions_fit_and_lines_of_the_wire_are_whole() {
    for width in [40, 60, 80] {
        let style = Style { color: false, width };
        let text = text(&arms(), WireOptions { all: true, content_bytes: 0 }, style);
        for line in text.lines().filter(|line| !line.starts_with(['<', '>'])) {
            assert!(line.chars().count() <= width.max(46), "{width}: {line}");
        }
        assert!(text.contains("\n> if-none-match: \"1227cc784a62d6c769ec31a68739c4a5\"\n"));
    }
}

/// The lines of the wire, as a reader of our own output finds them.
fn wire_lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with(['<', '>'])).collect()
}

#[test]
fn hostile_octets_are_spelled_out_and_make_no_lines_of_their_own() {
    let head = b"HTTP/1.1 200 \x1b[2J\r\nETag: \"\xff\x1b]0;pwned\x07\r> GET /forged\"\r\n\r\n";
    let mut hostile = exchange(Verdict::NeedlessTransfer, 1, Some("\"\u{202e}x\""), head);
    hostile = with_content(hostile, b"< HTTP/1.1 304 forged\n\x1b[31mred");
    let arms = [arm("before", vec![hostile], 0)];
    let text = text(&arms, WireOptions { all: true, content_bytes: 99 }, Style::default());
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(!text.contains('\u{202e}'));
    assert_eq!(
        wire_lines(&text),
        [
            "> GET /a?b=c&d HTTP/1.1",
            "> host: 127.0.0.1:9000",
            "> if-none-match: \"\\u{202e}x\"",
            ">",
            "< HTTP/1.1 200 \\u{1b}[2J",
            "< ETag: \"\\xff\\u{1b}]0;pwned\\u{7}\\r> GET /forged\"",
            "<",
        ]
    );
    let response = &har(&arms)[0]["response"];
    let tag = list(&response["headers"]).iter().find(|field| field["name"] == "ETag");
    // Not UTF-8: each octet is the character of its number, so that none is lost.
    let expected = "\"\u{ff}\u{1b}]0;pwned\u{7}\r> GET /forged\"";
    assert_eq!(tag.expect("a tag")["value"], expected);
}

#[test]
fn an_archive_holds_every_exchange_and_says_what_it_left_out() {
    let entries = har(&arms());
    assert_eq!(entries.len(), 8);
    let (request, response) = (&entries[1]["request"], &entries[1]["response"]);
    let started = entries[1]["startedDateTime"].as_str().and_then(|text| text.parse().ok());
    let started: jiff::Timestamp = started.expect("a moment");
    assert_eq!(started.as_millisecond(), 1_767_600_000_126);
    assert_eq!(request["method"], "GET");
    assert_eq!(request["url"], "http://127.0.0.1:9000/a?b=c&d");
    let query = json!([{"name": "b", "value": "c"}, {"name": "d", "value": ""}]);
    assert_eq!(request["queryString"], query);
    assert_eq!((&request["headersSize"], &request["bodySize"]), (&68.into(), &0.into()));
    assert_eq!(response["status"], 200);
    assert_eq!((&response["headersSize"], &response["bodySize"]), (&58.into(), &13.into()));
    assert_eq!(response["content"]["text"].as_str(), str::from_utf8(CONTENT).ok());
    let fields = list(&response["headers"]).iter();
    let noted: Vec<_> = fields.map(|field| field["comment"].is_string()).collect();
    assert_eq!(noted, [true, false], "only the lab's own field has a comment");
}

#[test]
fn content_that_is_no_text_is_base64_and_coded_content_is_not_kept() {
    let binary = exchange(Verdict::FirstFetch, 1, None, &ok("\"1\""));
    let binary = with_content(binary, b"\xff\x00");
    let mut coded = binary.clone();
    coded.response_head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n".to_vec();
    let mut large = binary.clone();
    large.content = None;
    let entries = har(&[arm("before", vec![binary, coded, large], 0)]);
    let contents = entries.iter().map(|entry| &entry["response"]["content"]);
    let contents: Vec<_> = contents
        .map(|c| (c["text"].as_str(), c["encoding"].as_str(), c["comment"].is_string(), &c["size"]))
        .collect();
    let (two, base64) = (&json!(2), Some("base64"));
    let left_out = (None, None, true, two);
    assert_eq!(contents, [(Some("/wA="), base64, false, two), left_out, left_out]);
}

#[test]
fn an_exchange_without_an_answer_is_an_entry_too() {
    let mut refused = exchange(Verdict::Error, 0, None, b"");
    refused.connection = WireConnection::default();
    let response = &har(&[arm("before", vec![refused.clone()], 0)])[0]["response"];
    for (name, expected) in [("status", 0), ("headersSize", -1), ("bodySize", -1)] {
        assert_eq!(response[name], expected, "{name}");
    }
    let text = text(&[arm("before", vec![refused], 0)], WireOptions::default(), Style::default());
    assert!(text.contains("✗ nobody revalidated what had not changed"), "{text}");
}
