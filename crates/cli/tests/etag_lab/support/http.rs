//! A request by hand, and a server that answers whatever a test wants: bytes in, bytes out.
//! Understands no more of HTTP than where a head ends.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;

use super::process::PATIENCE;

/// Answer of a server.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Field lines, names in lower case.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
}

impl Answer {
    /// The value of the first line of a field, given in lower case.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Reads `bytes`: a head, and whatever follows it; `None` where there is no head.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, fields: fields(lines), content: bytes[end + 4..].to_vec() })
    }
}

/// `GET /api/config` on a connection of its own.
pub(crate) fn get(address: SocketAddr, fields: &[&str]) -> std::io::Result<Answer> {
    ask(address, "GET /api/config", fields)
}

/// A method and a target on a connection of its own.
pub(crate) fn ask(address: SocketAddr, what: &str, fields: &[&str]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let fields: String = fields.iter().flat_map(|field| [*field, "\r\n"]).collect();
    let request =
        format!("{what} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{fields}\r\n");
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Answer::read(&bytes).ok_or_else(|| std::io::Error::other("the answer has no head"))
}

/// Field lines with their names in lower case.
pub(crate) fn fields<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let field = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    lines.filter_map(field).collect()
}

/// A server that answers each request with `bytes` and closes; serves until the test program ends.
pub(crate) fn serve_bytes(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A client that went away is no concern of this server.
            let _ = answer(stream, bytes);
        }
    });
    address
}

/// A server that answers one request after the other, each on a connection of its own, and then
/// listens no more, which ends its thread.
pub(crate) fn serve_in_turn<A: AsRef<[u8]> + Send + 'static>(
    answers: Vec<A>,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    let serving = std::thread::spawn(move || {
        for (bytes, stream) in answers.iter().zip(listener.incoming().map_while(Result::ok)) {
            let _ = answer(stream, bytes.as_ref());
        }
    });
    (address, serving)
}

fn answer(mut stream: TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut part)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&part[..count]),
        }
    }
    stream.write_all(bytes)
}
