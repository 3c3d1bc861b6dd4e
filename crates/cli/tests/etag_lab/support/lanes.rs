//! The same request twice: as the first one of a connection, and behind one that no fast lane
//! answers. What comes back has to be the same, octet for octet.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// Nothing plain: every server of the lab leaves it, and what follows it, to hyper.
const ODD: &[u8] = b"OPTIONS /lanes HTTP/1.1\r\nHost: lab\r\n\r\n";

/// Answers to a first request and to one behind another; what differs from one answer to the next in
/// any case is blotted out.
pub(crate) fn both(server: SocketAddr, request: &[u8]) -> [String; 2] {
    let (mut first, mut behind) = (connected(server), connected(server));
    behind.write_all(ODD).expect("the server reads");
    let mut odd = Vec::new();
    while !odd.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        behind.read_exact(&mut octet).expect("the other request is answered, too");
        odd.extend(octet);
    }
    [&mut first, &mut behind].map(|stream| blotted(&answered(stream, request)))
}

fn connected(server: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(server).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket has a time limit");
    stream
}

fn answered(stream: &mut TcpStream, request: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    // A server may refuse and close before it has read everything: then there is an answer.
    let _ = stream.write_all(request).and_then(|()| stream.shutdown(Shutdown::Write));
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// Without times and the random boundaries of parts.
fn blotted(answer: &[u8]) -> String {
    let text = answer.escape_ascii().to_string();
    let boundary = text.split_once("boundary=").map(|(_, rest)| rest[..16].to_owned());
    let text = boundary.map_or(text.clone(), |boundary| text.replace(&boundary, "BOUNDARY"));
    let undated = |line: &str| if line.starts_with("date: ") { "date: " } else { line }.to_owned();
    text.split("\\r\\n").map(undated).collect::<Vec<_>>().join("\r\n")
}
