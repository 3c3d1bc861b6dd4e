//! A log of curl as a stream: lines, fields and contents, one after the other.

use std::io::{self, Read};

use findings::evidence::FieldLines;

use super::trace::{MOST_LINE_BYTES, Verbose};
use crate::import::bounds::{Bounds, MOST_BYTES_OF_ONE};

/// Most bytes of the fields of one message that are kept.
const MOST_FIELD_BYTES: usize = 256 * 1024;
/// Bytes that are looked at behind a content.
const BEHIND_BYTES: usize = 4 * 1024;

/// Text left to read, and what curl said about the connection.
pub(super) struct Log<'a, R> {
    text: Verbose<R>,
    bounds: &'a Bounds,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are done with.
    done: usize,
    has_ended: bool,
    pub(super) failed: Option<io::Error>,
    pub(super) kept: bool,
    pub(super) secure: bool,
}

impl<'a, R: Read> Log<'a, R> {
    pub(super) fn of(input: R, bounds: &'a Bounds) -> Self {
        Self {
            text: Verbose::of(input),
            bounds,
            buffer: Vec::new(),
            done: 0,
            has_ended: false,
            failed: None,
            kept: false,
            secure: false,
        }
    }

    /// Skips to the next request line and gives its path.
    pub(super) fn request_line(&mut self) -> Option<String> {
        loop {
            let (line, end) = self.peek()?;
            let line = &self.buffer[line];
            if contains(line, b"Connected to ") {
                (self.kept, self.secure) = (false, false);
            } else if contains(line, b"e-using existing ") {
                self.kept = true;
            } else if contains(line, b"SSL connection using") {
                self.secure = true;
            }
            // A content without a line feed at its end stands before the mark.
            let path = line.strip_prefix(b"> GET ").and_then(|rest| {
                let path = rest.split(|&byte| byte == b' ').next()?;
                Some(String::from_utf8_lossy(path).into_owned())
            });
            self.done = end;
            if path.is_some() {
                return path;
            }
        }
    }

    /// The final status; interim ones are passed over.
    pub(super) fn status_line(&mut self) -> Option<(u16, &'static str)> {
        loop {
            let (line, end) = self.peek()?;
            let line = &self.buffer[line];
            if line.starts_with(b"> GET ") {
                return None;
            }
            self.done = end;
            let Some(rest) = line.strip_prefix(b"< HTTP/") else { continue };
            let text = String::from_utf8_lossy(rest);
            let mut words = text.split(' ');
            let version = if words.next() == Some("2") { "HTTP/2" } else { "HTTP/1.1" };
            let status = words.next().and_then(|status| status.parse().ok())?;
            if status >= 200 {
                return Some((status, version));
            }
        }
    }

    /// Lines with this mark up to an empty one; what curl says in between is passed over.
    pub(super) fn fields(&mut self, mark: &[u8]) -> FieldLines {
        let (mut fields, mut bytes) = (FieldLines::default(), 0);
        loop {
            let Some((line, end)) = self.peek() else { return fields };
            let line = &self.buffer[line];
            if !is_noise(line) {
                let is_last = line == mark.trim_ascii_end() || line == mark;
                let Some(field) = line.strip_prefix(mark).filter(|_| !is_last) else {
                    self.done = if is_last { end } else { self.done };
                    return fields;
                };
                bytes += field.len();
                let text = String::from_utf8_lossy(field);
                if let Some((name, value)) = text.split_once(':')
                    && bytes <= MOST_FIELD_BYTES
                {
                    fields.push(name, value.as_bytes());
                }
            }
            self.done = end;
        }
    }

    /// As many bytes as the response announces, if they are there.
    pub(super) fn content(&mut self, fields: &FieldLines) -> Option<Vec<u8>> {
        // What curl says of itself may come before the content, which it writes when it ends.
        while let Some((_, end)) = self.peek()
            && is_noise(&self.buffer[self.done..end])
        {
            self.done = end;
        }
        let length: usize = fields.text("content-length")?.trim().parse().ok()?;
        if length as u64 > MOST_BYTES_OF_ONE {
            return None;
        }
        self.hold(length + BEHIND_BYTES);
        let rest = &self.buffer[self.done..];
        let (content, after) = rest.split_at_checked(length)?;
        let ends = after.trim_ascii_start();
        let is_whole = ends.is_empty()
            || is_noise(after)
            || [&b"* "[..], b"> ", b"% Total"].iter().any(|mark| ends.starts_with(mark));
        // Without its content the log goes on with the next request.
        if !is_whole || content.starts_with(b"> ") {
            return None;
        }
        let content = content.to_vec();
        self.done += length;
        Some(content)
    }

    /// Place of the next line in the buffer, without its end, and of what comes after it.
    fn peek(&mut self) -> Option<(std::ops::Range<usize>, usize)> {
        if self.done >= MOST_LINE_BYTES {
            self.buffer.drain(..self.done);
            self.done = 0;
        }
        let mut searched = self.done;
        let end = loop {
            let unseen = &self.buffer[searched..];
            // Looked for before its place is: that is fast over what has none.
            if unseen.contains(&b'\n') {
                let found = unseen.iter().position(|&byte| byte == b'\n');
                break searched + found.map_or(unseen.len(), |found| found + 1);
            }
            searched = self.buffer.len();
            // A longer one is taken for several.
            if self.has_ended || searched - self.done >= MOST_LINE_BYTES {
                break searched;
            }
            self.hold(searched - self.done + 1);
        };
        let line = &self.buffer[self.done..end];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        (end > self.done).then(|| (self.done..self.done + line.len(), end))
    }

    /// Reads until so many bytes are here, or all that there are.
    fn hold(&mut self, bytes: usize) {
        while self.buffer.len() - self.done < bytes && !self.has_ended {
            self.bounds.next();
            match self.text.more(&mut self.buffer) {
                Ok(is_more) => self.has_ended = !is_more,
                Err(error) => (self.has_ended, self.failed) = (true, Some(error)),
            }
        }
    }
}

/// A line of curl's own: what it does, how many bytes went by, how fast.
fn is_noise(line: &[u8]) -> bool {
    let marks = [&b"* "[..], b"{ [", b"} [", b"\r", b"  % Total", b"                   "];
    marks.iter().any(|mark| line.starts_with(mark))
}

/// True if the words are in the beginning of a line, where curl's own are.
fn contains(line: &[u8], words: &[u8]) -> bool {
    line[..line.len().min(1024)].windows(words.len()).any(|window| window == words)
}
