//! The table of conformance: a request, and what RFC 9110 and 9112 want as its answer.
//!
//! Which precondition, range or coding holds is tried case by case in `semantics`, and 490 requests
//! meet the whole program in `cli`. Here are the fields on their way to those rules, what an answer
//! carries then, and all that only a server can get wrong.
//!
//! Each row is asked on a fresh replica and, if it is a GET without a range, as a HEAD as well.
//! After the answer the connection has to be closed or good for another request, so that no
//! answer can hide in the bytes of the next.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etag_lab_origin::{Coding, ContentSource, ReplicaSpec};

use crate::support::Tested;
use crate::support::fleet::{Served, entry};
use crate::support::raw::{Answer, Raw};

/// Content of the replica of each row, last modified at [`MODIFIED_S`].
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

/// Thu, 04 Jan 2024 05:06:07 GMT.
const MODIFIED_S: u64 = 1_704_344_767;

/// A request and its answer, as `answers.txt` explains.
struct Row {
    section: &'static str,
    request: &'static str,
    status: u16,
    checks: &'static str,
}

/// The rows of this table of `answers.txt`.
fn table(name: &str) -> Vec<Row> {
    let tables = include_str!("conformance/answers.txt").split("\n[");
    let mut tables = tables.filter_map(|table| table.split_once("]\n"));
    let (_, rows) = tables.find(|(title, _)| *title == name).expect("a table of the file");
    rows_of(rows).map(|line| row(line).unwrap_or_else(|| panic!("not a row: {line}"))).collect()
}

/// All lines but empty ones and comments.
fn rows_of(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn row(line: &'static str) -> Option<Row> {
    let (section, rest) = line.split_once("  ")?;
    let (request, answer) = rest.split_once("  => ")?;
    let (status, checks) = answer.split_once("  ").unwrap_or((answer, ""));
    Some(Row { section, request: request.trim_start(), status: status.parse().ok()?, checks })
}

/// The octets that a text of the files stands for.
fn octets(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match (octet, if octet == b'\\' { rest.next() } else { None }) {
            (_, Some(b'n')) => b'\n',
            (_, Some(b'r')) => b'\r',
            (_, Some(b't')) => b'\t',
            (_, Some(b'x')) => {
                let digits =
                    [rest.next(), rest.next()].map(Option::unwrap_or_default).map(char::from);
                let octet = u8::from_str_radix(&String::from_iter(digits), 16);
                octet.expect("two digits follow \\x")
            }
            (octet, _) => octet,
        });
    }
    octets
}

/// Difference of the replica of a table from the default one.
type Edit = fn(&mut ReplicaSpec);

async fn replica(strategy: &str, edit: Edit) -> Result<Served, Box<dyn std::error::Error>> {
    let served = Served::empty(entry(strategy), edit).await?;
    let modified = UNIX_EPOCH + Duration::from_secs(MODIFIED_S);
    served.replica.deploy(ContentSource::Content(LETTERS), Some(1), Some(modified))?;
    Ok(served)
}

/// Replaces the placeholders of a row.
fn fill(template: &str, served: &Served) -> String {
    let tag = served.replica.entity_tag().map(|tag| tag.to_string()).unwrap_or_default();
    let opaque = tag.trim_start_matches("W/").trim_matches('"');
    template
        .replace("{tag}", &tag)
        .replace("{opaque}", opaque)
        .replace("{lm}", "Thu, 04 Jan 2024 05:06:07 GMT")
        .replace("{before}", "Thu, 04 Jan 2024 05:06:06 GMT")
}

async fn check_all(strategy: &str, edit: Edit, name: &str) -> Tested {
    for row in table(name) {
        let method = row.request.split(' ').next().unwrap_or_default();
        check(strategy, edit, &row, method).await?;
        if method == "GET" && !row.request.to_ascii_lowercase().contains("range:") {
            check(strategy, edit, &row, "HEAD").await?;
        }
    }
    Ok(())
}

async fn check(strategy: &str, edit: Edit, row: &Row, method: &str) -> Tested {
    let served = replica(strategy, edit).await?;
    let mut client = served.connect().await?;
    let Row { section, request, status, checks } = row;
    let (request, content) = request.split_once(" |  | ").unwrap_or((request, ""));
    let lines: String =
        request.split(" | ").skip(1).map(|line| fill(line, &served) + "\\r\\n").collect();
    let request =
        format!("{method} /api/config HTTP/1.1\\r\\nHost: lab\\r\\n{lines}\\r\\n{content}");
    let named = format!("{section}: {request} to {strategy}");
    client.send(&octets(&request)).await?;
    let answer = client.receive(method).await.map_err(|error| format!("{named}: {error}"))?;
    assert_eq!(answer.status, *status, "{named}: {answer:?}");
    for check in checks.split("; ").filter(|check| !check.is_empty()) {
        holds(&fill(check, &served), &answer, method, &named);
    }
    is_well_formed(&answer, method, &named);
    stays_in_step(&mut client, &answer, &named).await?;
    served.stop().await
}

fn holds(check: &str, answer: &Answer, method: &str, named: &str) {
    if let Some(absent) = check.strip_prefix('!') {
        assert_eq!(answer.field(absent), None, "{named}: {answer:?}");
    } else if check == "empty" {
        assert!(answer.content.is_empty(), "{named}: {answer:?}");
    } else if let Some(content) = check.strip_prefix("= ") {
        let content = if method == "HEAD" { "" } else { content };
        assert_eq!(String::from_utf8_lossy(&answer.content), content, "{named}");
    } else {
        let (name, value) = check.split_once(": ").expect("a check is one of the four forms");
        assert_eq!(answer.field(name), Some(value), "{named}: {answer:?}");
    }
}

/// Checks what holds for every answer, whatever was asked.
fn is_well_formed(answer: &Answer, method: &str, named: &str) {
    let all = answer.names();
    let mut once = all.clone();
    once.dedup();
    assert_eq!(all, once, "{named}: a field stands twice");
    assert!(answer.field("date").is_some(), "{named}: RFC 9110 §6.6.1 {answer:?}");
    if answer.status == 405 {
        assert!(answer.field("allow").is_some(), "{named}: RFC 9110 §15.5.6");
    }
    if matches!(answer.status, 204 | 304) {
        assert_eq!(answer.field("content-length"), None, "{named}: RFC 9110 §8.6");
    }
    let describes = answer.field("content-range").is_some();
    let is_multipart =
        answer.field("content-type").is_some_and(|value| value.starts_with("multipart/"));
    match answer.status {
        206 => assert_ne!(describes, is_multipart, "{named}: RFC 9110 §15.3.7"),
        416 => assert!(describes, "{named}: RFC 9110 §15.5.17"),
        _ => assert!(!describes, "{named}: RFC 9110 §14.4"),
    }
    if method == "HEAD" {
        assert!(answer.content.is_empty(), "{named}: RFC 9110 §9.3.2");
    }
    if let (Some(modified), Some(date)) = (answer.field("last-modified"), answer.field("date")) {
        let read = |text: &str| semantics::HttpDate::parse(text.as_bytes()).ok();
        assert!(read(modified).is_some() && read(modified) <= read(date), "{named}: §8.8.2.1");
    }
}

async fn stays_in_step(client: &mut Raw, answer: &Answer, named: &str) -> Tested {
    if answer.field("connection") == Some("close") {
        assert!(client.is_ended().await.unwrap_or(true), "{named}: not closed after it said so");
        return Ok(());
    }
    let next = client.ask("GET", "").await.map_err(|error| format!("{named}, then: {error}"))?;
    assert!(matches!(next.status, 200 | 503), "{named}, then: {next:?}");
    Ok(())
}

/// A whole message: its section, its octets, the statuses of all answers, and what becomes of the
/// connection after them, as `messages.txt` explains.
async fn check_message(section: &str, bytes: &[u8], statuses: &[u16], then: &str) -> Tested {
    let named = format!("{section}: {}", bytes[..bytes.len().min(300)].escape_ascii());
    let method = if bytes.starts_with(b"HEAD ") { "HEAD" } else { "GET" };
    let served = replica("content-hash", |_| {}).await?;
    let mut client = served.connect().await?;
    // The server may answer and close before it has read everything.
    let _ = client.send(bytes).await;
    if then == "cut" {
        client.finish().await?;
    }
    for status in statuses {
        let answer = client.receive(method).await.map_err(|error| format!("{named}: {error}"))?;
        assert_eq!(answer.status, *status, "{named}: {answer:?}");
        if *status >= 200 {
            is_well_formed(&answer, method, &named);
        }
    }
    if then == "open" {
        assert_eq!(client.ask("GET", "").await?.status, 200, "{named}, then");
    } else {
        assert!(client.is_ended().await.unwrap_or(true), "{named}: still open");
    }
    served.stop().await
}

#[tokio::test]
async fn messages_are_read_as_rfc_9112_says() -> Tested {
    for line in rows_of(include_str!("conformance/messages.txt")) {
        let mut rest = line;
        let [section, statuses, then] = [(); 3].map(|()| {
            let (column, after) = rest.split_once("  ").expect("columns stand two spaces apart");
            rest = after.trim_start();
            column
        });
        let statuses: Vec<_> =
            statuses.split(' ').filter_map(|status| status.parse().ok()).collect();
        check_message(section, &octets(rest), &statuses, then).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_too_long_is_refused_by_its_name() -> Tested {
    for (target_bytes, field_bytes, status) in [
        (8_000, 8_000, 404),
        (60_000, 10, 404),
        (70_000, 10, 414),
        (200_000, 10, 414),
        (3_000_000, 10, 414),
        (10, 200_000, 431),
        (10, 3_000_000, 431),
    ] {
        let (target, field) = ("t".repeat(target_bytes), "f".repeat(field_bytes));
        let request = format!("GET /{target} HTTP/1.1\r\nHost: lab\r\nX: {field}\r\n\r\n");
        let then = if status == 404 { "open" } else { "closed" };
        check_message("9110 §15.5.15", request.as_bytes(), &[status], then).await?;
    }
    Ok(())
}

fn all_codings(spec: &mut ReplicaSpec) {
    spec.codings = Coding::ALL.to_vec();
}

#[tokio::test]
async fn conditional_requests_are_answered_as_section_13_says() -> Tested {
    check_all("content-hash", |_| {}, "preconditions strong").await?;
    check_all("weak-content-hash", |_| {}, "preconditions weak").await?;
    check_all("none", |_| {}, "preconditions untagged").await?;
    check_all("content-hash", |spec| spec.last_modified = false, "preconditions undated").await
}

#[tokio::test]
async fn ranges_are_answered_as_section_14_says() -> Tested {
    check_all("content-hash", |_| {}, "ranges strong").await?;
    check_all("weak-content-hash", |_| {}, "ranges weak").await?;
    check_all("none", |_| {}, "ranges untagged").await
}

#[tokio::test]
async fn codings_are_negotiated_as_section_12_says() -> Tested {
    check_all("content-hash", all_codings, "codings strong").await?;
    check_all("weak-content-hash", all_codings, "codings weak").await?;
    check_all("none", all_codings, "codings untagged").await?;
    check_all("content-hash", |_| {}, "codings none-on-offer").await
}

#[tokio::test]
async fn methods_are_answered_as_section_9_says() -> Tested {
    check_all("content-hash", |_| {}, "methods writable").await?;
    check_all("content-hash", |spec| spec.read_only = true, "methods read-only").await
}

#[tokio::test]
async fn put_replaces_the_resource_under_its_preconditions() -> Tested {
    check_all("content-hash", |_| {}, "put strong").await?;
    check_all("weak-content-hash", |_| {}, "put weak").await?;
    check_all("content-hash", all_codings, "put coded").await?;
    check_all("content-hash", |spec| spec.require_if_match = true, "put required").await?;
    check_all("content-hash", |spec| spec.max_content_bytes = 4, "put small").await
}

#[tokio::test]
async fn a_date_is_not_a_strong_validator_within_its_own_second() -> Tested {
    let served = replica("none", |_| {}).await?;
    // A year ahead, so that whatever the clock does meanwhile, its second is not over.
    let later = SystemTime::now() + Duration::from_secs(31_000_000);
    served.replica.deploy(ContentSource::Content(LETTERS), Some(2), Some(later))?;
    let mut client = served.connect().await?;
    let whole = client.ask("GET", "").await?;
    assert_eq!(whole.field("last-modified"), whole.field("date"));
    let lines = format!("Range: bytes=0-1\r\nIf-Range: {}\r\n", whole.field("date").unwrap_or(""));
    assert_eq!(client.ask("GET", &lines).await?.status, 200);
    served.stop().await
}
