//! What the precondition fields of a request make of the answer.

use crate::support::Tested;
use crate::support::fleet::{CONTENT, Served, entry};
use crate::support::raw::Raw;

/// Asks with GET and with HEAD on one connection, and expects both to have the same status.
async fn check(client: &mut Raw, lines: &str, expected: u16) -> std::io::Result<()> {
    for method in ["GET", "HEAD"] {
        let answer = client.ask(method, lines).await?;
        assert_eq!(answer.status, expected, "{method} {lines:?}");
        let content = if method == "GET" && expected == 200 { CONTENT } else { b"" };
        assert_eq!(answer.content, content, "{method} {lines:?}");
    }
    Ok(())
}

async fn tag_of(client: &mut Raw) -> std::io::Result<String> {
    let answer = client.ask("GET", "").await?;
    Ok(answer.field("etag").expect("content hashes are tags").to_owned())
}

#[tokio::test]
async fn the_current_tag_in_any_valid_form_is_answered_304() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let mut client = served.connect().await?;
    let tag = tag_of(&mut client).await?;
    let thousand: Vec<String> = (0..1_000).map(|n| format!("\"stored-{n:032}\"")).collect();
    for lines in [
        format!("if-none-match: {tag}\r\n"),
        format!("If-None-Match:{tag}\r\n"),
        format!("if-none-match: W/{tag}\r\n"),
        format!("if-none-match: \"a,b\", {tag} , \"c\"\r\n"),
        format!("if-none-match: \"a\"\r\nif-none-match: {tag}\r\n"),
        format!("if-none-match: {},{tag}\r\n", thousand.join(", ")),
        "if-none-match: *\r\n".to_owned(),
        format!("if-none-match: {tag}\r\nif-modified-since: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
        format!("if-match: *\r\nif-none-match: {tag}\r\n"),
    ] {
        check(&mut client, &lines, 304).await?;
    }
    served.stop().await
}

#[tokio::test]
async fn everything_else_is_answered_with_the_content() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let mut client = served.connect().await?;
    let tag = tag_of(&mut client).await?;
    let opaque = tag.trim_matches('"').to_owned();
    for lines in [
        String::new(),
        "if-none-match: \"other\"\r\n".to_owned(),
        "if-none-match: \"\"\r\n".to_owned(),
        "if-none-match:\r\n".to_owned(),
        format!("if-none-match: {opaque}\r\n"),
        format!("if-none-match: \"{opaque}\r\n"),
        format!("if-none-match: {opaque}\"\r\n"),
        format!("if-none-match: w/{tag}\r\n"),
        format!("if-none-match: \"{opaque}-gzip\"\r\n"),
        "if-none-match: \"*\"\r\n".to_owned(),
        "if-none-match: \u{fffd}, \"\u{80}\",,,;=\\\r\n".to_owned(),
        format!("x-if-none-match: {tag}\r\n"),
        "if-modified-since: Fri, 31 Dec 9999 23:59:59 GMT\r\n".to_owned(),
        "if-modified-since: yesterday\r\n".to_owned(),
        format!("if-match: {tag}\r\n"),
        "if-unmodified-since: Fri, 31 Dec 9999 23:59:59 GMT\r\n".to_owned(),
    ] {
        check(&mut client, &lines, 200).await?;
    }
    served.stop().await
}

#[tokio::test]
async fn a_failed_if_match_is_answered_412() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let mut client = served.connect().await?;
    let tag = tag_of(&mut client).await?;
    check(&mut client, "if-match: \"other\"\r\n", 412).await?;
    check(&mut client, &format!("if-match: W/{tag}\r\n"), 412).await?;
    check(&mut client, &format!("if-match: \"other\"\r\nif-none-match: {tag}\r\n"), 412).await?;
    served.stop().await
}

#[tokio::test]
async fn a_representation_without_a_tag_matches_the_star_only() -> Tested {
    let served = Served::with_content(entry("none")).await?;
    let mut client = served.connect().await?;
    assert_eq!(client.ask("GET", "").await?.field("etag"), None);
    check(&mut client, "if-none-match: \"\"\r\n", 200).await?;
    check(&mut client, "if-none-match: *\r\n", 304).await?;
    served.stop().await
}
