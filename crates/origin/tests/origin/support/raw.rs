//! A client that writes bytes and reads bytes, and trusts no HTTP library.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One kept-alive connection.
pub(crate) struct Raw {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// One response; names of fields are in lower case.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
}

impl Answer {
    /// The value of a field; panics if it stands there twice.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "{name} stands twice in {self:?}");
        value
    }

    /// The names of all fields, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { stream: TcpStream::connect(address).await?, unread: Vec::new() })
    }

    /// Sends a request for the resource with these field lines, each ended by CRLF.
    pub(crate) async fn ask(&mut self, method: &str, lines: &str) -> io::Result<Answer> {
        self.ask_at(method, "/api/config", lines).await
    }

    pub(crate) async fn ask_at(
        &mut self,
        method: &str,
        target: &str,
        lines: &str,
    ) -> io::Result<Answer> {
        self.send(format!("{method} {target} HTTP/1.1\r\nhost: lab\r\n{lines}\r\n").as_bytes())
            .await?;
        self.receive(method).await
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Reads one response to a request with this method, and nothing beyond it.
    pub(crate) async fn receive(&mut self, method: &str) -> io::Result<Answer> {
        let head_bytes = loop {
            if let Some(end) = self.unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more().await?;
        };
        let head = String::from_utf8_lossy(&self.unread[..head_bytes]).into_owned();
        self.unread.drain(..head_bytes);
        let mut answer = parse(&head);
        if method != "HEAD" && !matches!(answer.status, 100 | 204 | 304) {
            let length = answer.field("content-length").and_then(|value| value.parse().ok());
            let length: usize =
                length.ok_or_else(|| io::Error::other(format!("no length in {head}")))?;
            while self.unread.len() < length {
                self.read_more().await?;
            }
            answer.content = self.unread.drain(..length).collect();
        }
        Ok(answer)
    }

    /// Says that nothing more will be sent.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// True if the server has closed the connection after everything that was received.
    pub(crate) async fn is_ended(&mut self) -> io::Result<bool> {
        Ok(self.unread.is_empty() && self.stream.read(&mut [0]).await? == 0)
    }

    async fn read_more(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.unread).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

fn parse(head: &str) -> Answer {
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap_or_default();
    // The version is the lower one of client and server.
    let status = line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 "));
    let status = status.and_then(|rest| rest.get(..3));
    let field = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no field: {line}"));
        (name.to_ascii_lowercase(), value.to_owned())
    };
    Answer {
        status: status.and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{head}")),
        fields: lines.map(field).collect(),
        content: Vec::new(),
    }
}
