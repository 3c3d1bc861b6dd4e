//! The protocol between a harness and the servers that it starts, over their standard input and
//! output: one JSON object a line, orders in one direction and reports in the other.
//!
//! ```text
//! server ─► {"ready":{"address":"127.0.0.1:40123"}}      once, before anything else
//! server ◄─ {"counts":{}}                                an order of the server's own
//! server ─► {"counts":{"requests":240}}                  its report
//! server ─► {"failed":{"reason":"order not understood"}} the report of an order that failed
//! ```
//!
//! Each order has exactly one report. The end of the orders is the order to stop, so that a harness
//! that is killed leaves no orphan. No administrative port exists: whoever can reach a server under
//! test over HTTP cannot change it.
//!
//! Knows neither the orders nor the reports of any server, and does not open the streams itself.

use std::io;
use std::net::SocketAddr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// A line from a server to its harness; `R` holds the reports of one kind of server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Report<R> {
    /// The address is taken.
    Ready {
        /// Address that connections will be accepted on.
        address: SocketAddr,
    },
    /// An order was not understood or not carried out.
    Failed {
        /// The reason, in one line.
        reason: String,
    },
    /// Answer of this kind of server to one of its own orders.
    #[serde(untagged)]
    Own(R),
}

/// An order of one kind of server.
pub trait Order: Serialize + DeserializeOwned {
    /// The reports of a server that takes such orders.
    type Report: Serialize + DeserializeOwned;
}

/// Reports of a server that knows no orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoReport {}

/// Writes one message and flushes it.
pub async fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    // One write: a reader that gives up waiting never finds half a message.
    stream.write_all(&line).await?;
    stream.flush().await
}

/// Messages read from a stream, one a line.
#[derive(Debug)]
pub struct Messages<S> {
    stream: S,
    /// The beginning of a line whose end has not come yet, so that [`Self::next`] may be cancelled.
    line: Vec<u8>,
}

impl<S: AsyncBufRead + Unpin> Messages<S> {
    /// Reads from this stream.
    pub fn from(stream: S) -> Self {
        Self { stream, line: Vec::new() }
    }

    /// The next message, blank lines skipped; `None` at the end of the stream.
    ///
    /// A line that is no message is an error of its own, in words, and does not end the stream.
    pub async fn next<M: DeserializeOwned>(&mut self) -> io::Result<Option<Result<M, String>>> {
        while self.stream.read_until(b'\n', &mut self.line).await? > 0 {
            let line = std::mem::take(&mut self.line);
            if !line.trim_ascii().is_empty() {
                return Ok(Some(serde_json::from_slice(&line).map_err(|error| error.to_string())));
            }
        }
        Ok(None)
    }

    /// Completes at the end of the stream, but not while there is a message to be read first.
    pub async fn closed(&mut self) -> io::Result<()> {
        if self.stream.fill_buf().await?.is_empty() { Ok(()) } else { std::future::pending().await }
    }

    /// Reads to the end of the stream and ignores what it reads: for servers that know no orders.
    pub async fn drain(&mut self) -> io::Result<()> {
        loop {
            match self.stream.fill_buf().await?.len() {
                0 => return Ok(()),
                read => self.stream.consume(read),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Counted {
        Counts(u32),
    }

    #[tokio::test]
    async fn reports_of_a_server_stand_beside_those_of_every_server() -> io::Result<()> {
        let mut written = Vec::new();
        let address = ([127, 0, 0, 1], 40_123).into();
        let reports: [Report<Counted>; 3] = [
            Report::Ready { address },
            Report::Own(Counted::Counts(7)),
            Report::Failed { reason: "no".to_owned() },
        ];
        for report in &reports {
            send(&mut written, report).await?;
        }
        let lines = "{\"ready\":{\"address\":\"127.0.0.1:40123\"}}\n{\"counts\":7}\n\
                     {\"failed\":{\"reason\":\"no\"}}\n";
        assert_eq!(String::from_utf8_lossy(&written), lines);
        let mut messages = Messages::from(written.as_slice());
        for report in reports {
            assert_eq!(messages.next().await?, Some(Ok(report)));
        }
        assert_eq!(messages.next::<Report<Counted>>().await?, None);
        Ok(())
    }

    #[tokio::test]
    async fn what_is_no_message_is_passed_over_by_the_next_one() -> io::Result<()> {
        let mut messages = Messages::from(&b"\n{\"lost\":1}\n \r\n{\"counts\":2}"[..]);
        assert!(matches!(messages.next::<Counted>().await?, Some(Err(_))));
        assert_eq!(messages.next().await?, Some(Ok(Counted::Counts(2))));
        messages.closed().await
    }
}
