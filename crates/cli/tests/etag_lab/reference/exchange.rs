//! One request on a connection of its own, and what of the answer is compared.
//! Judges nothing, and understands as much of HTTP as is needed to find the content.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use crate::support::http::{Answer, fields};

/// For servers that keep a connection although they were asked to close it.
const PATIENCE: Duration = Duration::from_secs(20);

impl Answer {
    /// Contents of the parts with their `Content-Range`, of a 206 with several.
    pub(crate) fn parts(&self) -> Option<Vec<(String, &[u8])>> {
        let kind = self.field("content-type")?;
        let boundary = kind.strip_prefix("multipart/byteranges; boundary=")?.trim_matches('"');
        let delimiter = format!("\r\n--{boundary}");
        let mut parts = split(&self.content, delimiter.as_bytes());
        // What stands before the first delimiter is the preamble; here it may lack its CRLF.
        let preamble = parts.remove(0);
        if let Some(first) = preamble.strip_prefix(&delimiter.as_bytes()[2..]) {
            parts.insert(0, first);
        }
        assert!(parts.pop().is_some_and(|end| end.starts_with(b"--")), "no closing delimiter");
        Some(parts.into_iter().map(part).collect())
    }
}

fn part(bytes: &[u8]) -> (String, &[u8]) {
    let end = find(bytes, b"\r\n\r\n").expect("a part has a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let range = fields(head.split("\r\n")).into_iter().find(|(name, _)| name == "content-range");
    (range.map(|(_, value)| value).unwrap_or_default(), &bytes[end + 4..])
}

/// Sends `request` and reads until the server closes.
pub(crate) fn ask(server: SocketAddr, request: &[u8], is_head: bool) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // A server may answer and close before it has read everything: then there is an answer.
    let sent = stream.write_all(request);
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    let _ = stream.shutdown(Shutdown::Both);
    if bytes.is_empty() {
        sent?;
        read?;
    }
    Ok(parsed(&bytes, is_head))
}

/// The final answer, with its transfer coding undone; status 0 where there is none.
fn parsed(bytes: &[u8], is_head: bool) -> Answer {
    let answer = Answer::read(bytes).unwrap_or_default();
    if answer.status == 100 {
        return parsed(&answer.content, is_head);
    }
    if answer.field("transfer-encoding").is_some() && !is_head {
        return Answer { content: unchunked(&answer.content), ..answer };
    }
    answer
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(end) = find(bytes, b"\r\n") {
        let size = String::from_utf8_lossy(&bytes[..end]);
        let size = usize::from_str_radix(size.trim(), 16).expect("a chunk has a size");
        if size == 0 {
            break;
        }
        let chunk = &bytes[end + 2..];
        content.extend_from_slice(&chunk[..size]);
        bytes = &chunk[size + 2..];
    }
    content
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn split<'a>(mut bytes: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = find(bytes, delimiter) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + delimiter.len()..];
    }
    parts.push(bytes);
    parts
}
