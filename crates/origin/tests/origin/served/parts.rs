//! Several ranges in one answer: `multipart/byteranges` (RFC 9110 §14.6).

use crate::support::Tested;
use crate::support::fleet::{Served, entry};
use crate::support::raw::{Answer, Raw};

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

/// Type, range and content of each part; panics where the form is not that of RFC 2046 §5.1.
fn parts(answer: &Answer) -> Vec<(String, String, String)> {
    let content_type = answer.field("content-type").unwrap_or_default();
    let boundary = content_type
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap_or_else(|| panic!("{content_type} has no boundary"));
    let content = String::from_utf8_lossy(&answer.content).into_owned();
    let delimiter = format!("--{boundary}");
    let mut sections = content.split(&delimiter);
    assert_eq!(sections.next(), Some(""), "the content starts with a delimiter");
    let mut parts = Vec::new();
    for section in sections {
        if section == "--\r\n" {
            return parts;
        }
        let (fields, content) = section.split_once("\r\n\r\n").expect("a part has fields");
        let field = |name: &str| {
            let line = fields.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|value| value.strip_prefix(": ")).unwrap_or_default().to_owned()
        };
        let content = content.strip_suffix("\r\n").expect("a delimiter starts a line");
        parts.push((field("content-type"), field("content-range"), content.to_owned()));
    }
    panic!("{content} has no closing delimiter")
}

/// A replica that holds [`LETTERS`], and a client of it.
async fn letters() -> Result<(Served, Raw), Box<dyn std::error::Error>> {
    let served = Served::empty(entry("content-hash"), |_| {}).await?;
    served.deploy(LETTERS, 1).await?;
    let client = served.connect().await?;
    Ok((served, client))
}

fn part(range: &str, content: &str) -> (String, String, String) {
    ("application/json".to_owned(), format!("bytes {range}/26"), content.to_owned())
}

#[tokio::test]
async fn each_satisfiable_range_is_a_part_in_the_order_asked_for() -> Tested {
    let (served, mut client) = letters().await?;
    for (range, expected) in [
        ("0-1,4-5", vec![part("0-1", "ab"), part("4-5", "ef")]),
        ("-2, 0-0", vec![part("24-25", "yz"), part("0-0", "a")]),
        ("20-,99-,3-3", vec![part("20-25", "uvwxyz"), part("3-3", "d")]),
        ("0-1,2-3", vec![part("0-1", "ab"), part("2-3", "cd")]),
    ] {
        let answer = client.ask("GET", &format!("Range: bytes={range}\r\n")).await?;
        assert_eq!((answer.status, answer.field("content-range")), (206, None), "{range}");
        assert!(answer.field("etag").is_some() && answer.field("last-modified").is_some());
        assert_eq!(parts(&answer), expected, "{range}");
    }
    served.stop().await
}

#[tokio::test]
async fn a_multipart_answer_to_if_range_still_says_what_it_is() -> Tested {
    let (served, mut client) = letters().await?;
    let tag = served.replica.entity_tag().map(|tag| tag.to_string()).unwrap_or_default();
    let lines = format!("Range: bytes=0-0,2-2\r\nIf-Range: {tag}\r\n");
    let answer = client.ask("GET", &lines).await?;
    assert_eq!(parts(&answer).len(), 2);
    served.stop().await
}

#[tokio::test]
async fn the_boundary_is_another_one_each_time() -> Tested {
    let (served, mut client) = letters().await?;
    let one = client.ask("GET", "Range: bytes=0-0,2-2\r\n").await?;
    let two = client.ask("GET", "Range: bytes=0-0,2-2\r\n").await?;
    assert_ne!(one.field("content-type"), two.field("content-type"));
    assert_eq!(parts(&one), parts(&two));
    served.stop().await
}
