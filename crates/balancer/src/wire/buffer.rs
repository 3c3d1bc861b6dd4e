//! Bytes received and not yet dealt with.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpStream;

pub(crate) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Buffer {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { bytes: vec![0; capacity], start: 0, end: 0 }
    }

    /// A buffer without room, which it makes when it is filled.
    pub(crate) const fn none() -> Self {
        Self { bytes: Vec::new(), start: 0, end: 0 }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
        if self.start == self.end {
            self.clear();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// Gives an empty buffer exactly this capacity; one that holds bytes is left alone.
    pub(crate) fn resize(&mut self, capacity: usize) {
        if self.is_empty() && self.bytes.len() != capacity {
            self.bytes = vec![0; capacity];
        }
    }

    /// Receives once, after making room; returns the number of new bytes, 0 at the end.
    ///
    /// Loses nothing when it is dropped before it is done.
    pub(crate) async fn fill(&mut self, from: &mut (impl AsyncRead + Unpin)) -> io::Result<usize> {
        self.make_room();
        let received = from.read(&mut self.bytes[self.end..]).await?;
        self.end += received;
        Ok(received)
    }

    /// Receives what is there already.
    pub(crate) fn try_fill(&mut self, from: &TcpStream) -> io::Result<usize> {
        self.make_room();
        let received = from.try_read(&mut self.bytes[self.end..])?;
        self.end += received;
        Ok(received)
    }

    fn make_room(&mut self) {
        if self.end < self.bytes.len() {
            return;
        }
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        } else {
            self.bytes.resize((self.bytes.len() * 2).max(1024), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_come_out_in_the_order_in_which_they_went_in() {
        let source: Vec<u8> = (0..=255).cycle().take(5_000).collect();
        let mut from = source.as_slice();
        let (mut buffer, mut seen) = (Buffer::new(16), Vec::new());
        while buffer.fill(&mut from).await.expect("a slice") > 0 {
            let count = (buffer.filled().len() * 2).div_ceil(3);
            seen.extend_from_slice(&buffer.filled()[..count]);
            buffer.consume(count);
        }
        seen.extend_from_slice(buffer.filled());
        assert_eq!(seen, source);
    }
}
