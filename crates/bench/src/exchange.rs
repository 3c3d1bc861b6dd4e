//! Single GETs by hand, before a measurement: they give the tag that the load repeats, and show
//! that a 304 is what it will be answered.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

/// Path of the resource on every server.
pub(crate) const PATH: &str = "/api/config";

/// Path of the table of a proxy.
const ROUTES: &str = "/routes";

const LIMIT: Duration = Duration::from_secs(10);

/// Status and tag of one response.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    entity_tag: Option<String>,
}

/// The resource of a server.
pub(crate) fn url(address: SocketAddr) -> String {
    format!("http://{address}{PATH}")
}

/// The table of a proxy.
pub(crate) fn routes_url(address: SocketAddr) -> String {
    format!("http://{address}{ROUTES}")
}

/// The tag of a proxy's table, after the same question.
pub(crate) fn routes_tag(address: SocketAddr) -> Result<String> {
    validated_tag(address, ROUTES)
}

/// The tag of the resource, after a second GET has shown that the server answers it with 304.
pub(crate) fn entity_tag(address: SocketAddr) -> Result<String> {
    validated_tag(address, PATH)
}

fn validated_tag(address: SocketAddr, path: &str) -> Result<String> {
    let first = get(address, path, "")?;
    let tag = first.entity_tag.with_context(|| format!("{address} sends no entity tag"))?;
    ensure!(first.status == 200, "{address} answers {}", first.status);
    let second = get(address, path, &format!("If-None-Match: {tag}\r\n"))?;
    ensure!(second.status == 304, "{address} answers {} to its own tag", second.status);
    Ok(tag)
}

fn get(address: SocketAddr, path: &str, fields: &str) -> Result<Head> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{fields}\r\n")?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    let text = String::from_utf8_lossy(&response);
    parse_head(&text).with_context(|| format!("{address} answers no HTTP: {text:.100}"))
}

fn parse_head(response: &str) -> Option<Head> {
    let (head, _) = response.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let fields = lines.filter_map(|line| line.split_once(':'));
    let mut tags = fields.filter(|(name, _)| name.eq_ignore_ascii_case("etag"));
    let entity_tag = tags.next().map(|(_, value)| value.trim().to_owned());
    Some(Head { status, entity_tag })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(response: &str, expected: Option<(u16, Option<&str>)>) {
        let expected =
            expected.map(|(status, tag)| Head { status, entity_tag: tag.map(ToOwned::to_owned) });
        assert_eq!(parse_head(response), expected, "{response}");
    }

    #[test]
    fn status_and_tag_are_found() {
        check(
            "HTTP/1.1 200 OK\r\nServer: x\r\nETag: \"a:b\"\r\n\r\n{}",
            Some((200, Some("\"a:b\""))),
        );
        check("HTTP/1.1 304 Not Modified\r\netag:W/\"7\"\r\n\r\n", Some((304, Some("W/\"7\""))));
        check("HTTP/1.1 503 \r\n\r\n", Some((503, None)));
    }

    #[test]
    fn anything_else_is_no_response() {
        for response in ["", "HTTP/1.1 200 OK", "SSH-2.0\r\n\r\n", "HTTP/1.1 2\r\n\r\n"] {
            check(response, None);
        }
    }
}
