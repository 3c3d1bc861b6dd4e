//! A paste as a stream: first lines of messages, commands, fields and contents, one after the other.

use std::io::{self, Read};
use std::ops::Range;

use findings::evidence::FieldLines;

use super::command::{Command, Manner, command, goes_on, is_command};
use super::line::{Line, Mark, Start, Style, decoded, field};
use super::trace::{MOST_LINE_BYTES, Verbose};
use crate::import::bounds::{Bounds, MOST_BYTES_OF_ONE};

/// Most bytes of the fields of one message that are kept.
const MOST_FIELD_BYTES: usize = 256 * 1024;
/// Most bytes of one command line.
const MOST_COMMAND_BYTES: usize = 256 * 1024;
/// Bytes that are looked at behind a content.
const BEHIND_BYTES: usize = 4 * 1024;
/// Bytes without anything that can be read, after which it matters what kind of bytes they are.
const ENOUGH_BYTES: u64 = 64 * 1024;

/// Part of a paste.
pub(super) enum Part {
    /// A request line; its fields follow.
    Request { method: String, target: String, version: &'static str, style: Style },
    /// A status line; its fields follow.
    Answer { status: u16, version: &'static str, reason: Reason, style: Style },
    /// A command line.
    Command(Command),
    /// URL that wget says it asks next.
    Retrieval(String),
}

/// Words behind a status.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// None, or those of the standard.
    Usual,
    /// Those of a proxy that has made a tunnel.
    Tunnel,
    /// Any others: a server's own, or a sentence.
    Other,
}

/// Text left to read, and what was said about the connection.
pub(super) struct Log<'a, R> {
    text: Verbose<R>,
    bounds: &'a Bounds,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are done with.
    done: usize,
    has_ended: bool,
    unread: Unread,
    is_in_loop: bool,
    pub(super) failed: Option<io::Error>,
    pub(super) connection: Remarks,
}

/// Remarks about the connection in use.
#[derive(Clone, Copy, Default)]
pub(super) struct Remarks {
    pub(super) is_kept: bool,
    pub(super) is_secure: bool,
    /// True if it was said how it was made, so that it would have been said that it is secure.
    pub(super) is_known: bool,
}

/// Bytes before anything that can be read.
#[derive(Default)]
struct Unread {
    is_over: bool,
    bytes: u64,
    /// Bytes that no text has.
    odd: u64,
}

impl Unread {
    /// Counts a line; true if it is hopeless to go on.
    fn is_hopeless(&mut self, line: &[u8]) -> bool {
        if self.is_over {
            return false;
        }
        let is_odd = |byte: &&u8| **byte < 0x20 && !b"\t\r\n\x08\x0c\x1b".contains(byte);
        self.bytes += line.len() as u64;
        self.odd += line.iter().filter(is_odd).count() as u64;
        let is_binary = self.bytes > ENOUGH_BYTES && self.odd * 20 > self.bytes;
        is_binary || self.bytes > MOST_BYTES_OF_ONE
    }
}

impl<'a, R: Read> Log<'a, R> {
    pub(super) fn of(input: R, bounds: &'a Bounds) -> Self {
        Self {
            text: Verbose::of(input),
            bounds,
            buffer: Vec::new(),
            done: 0,
            has_ended: false,
            unread: Unread::default(),
            is_in_loop: false,
            failed: None,
            connection: Remarks::default(),
        }
    }

    /// Skips to the next part.
    pub(super) fn next(&mut self) -> Option<Part> {
        loop {
            let (line, end) = self.peek()?;
            let raw = &self.buffer[line];
            if self.unread.is_hopeless(raw) {
                return None;
            }
            let text = decoded(raw);
            let line = Line::of(&text);
            let part = part(line);
            self.connection.note(line);
            self.is_in_loop = is_in_loop(line.text).unwrap_or(self.is_in_loop);
            let begun = part.is_none().then(|| begun(line)).flatten();
            self.done = end;
            let part = part.or_else(|| Some(Part::Command(self.command(begun?)?)));
            if part.is_some() {
                self.unread.is_over = true;
                return part;
            }
        }
    }

    /// The command that begins with this line, with the lines in which it goes on.
    fn command(&mut self, mut line: String) -> Option<Command> {
        let mut is_of_dos = false;
        while goes_on(&line) && line.len() < MOST_COMMAND_BYTES {
            is_of_dos |= line.ends_with('^');
            line.truncate(line.trim_end().len() - 1);
            let Some((next, end)) = self.peek() else { break };
            line.push_str(Line::of(&decoded(&self.buffer[next])).text);
            self.done = end;
        }
        let line = if is_of_dos { line.replace('^', "") } else { line };
        let command = command(&line)?;
        let repeats = command.manner.repeats || self.is_in_loop;
        Some(Command { manner: Manner { repeats, ..command.manner }, ..command })
    }

    /// Fields of the head that began with a line in this style; remarks in between are passed over.
    pub(super) fn fields(&mut self, style: Style) -> FieldLines {
        let mut head = Head { style, lines: Vec::new(), bytes: 0 };
        while let Some((line, end)) = self.peek() {
            let raw = &self.buffer[line];
            let text = decoded(raw);
            let line = Line::of(&text);
            let taken = if is_noise(raw) { Taken::More } else { head.take(line) };
            self.connection.note(line);
            if taken != Taken::Nothing {
                self.done = end;
            }
            if taken != Taken::More {
                break;
            }
        }
        head.lines.into_iter().collect()
    }

    /// As many bytes as the response announces, if they are there.
    pub(super) fn content(&mut self, fields: &FieldLines) -> Option<Vec<u8>> {
        // What curl says of itself may come before the content, which it writes when it ends.
        while let Some((line, end)) = self.peek()
            && is_noise(&self.buffer[self.done..end])
        {
            self.connection.note(Line::of(&decoded(&self.buffer[line])));
            self.done = end;
        }
        let length: usize = fields.text("content-length")?.trim().parse().ok()?;
        if length as u64 > MOST_BYTES_OF_ONE {
            return None;
        }
        self.hold(length + BEHIND_BYTES);
        let rest = &self.buffer[self.done..];
        let (content, after) = rest.split_at_checked(length)?;
        // Without its content the paste goes on with the next message, or with the next command.
        if !is_end(content, after) || rest.split(is_feed).next().is_some_and(begins) {
            return None;
        }
        if content.split(is_feed).skip(1).any(|line| line.len() < 1024 && is_message(line)) {
            return None;
        }
        let content = content.to_vec();
        self.done += length;
        Some(content)
    }

    /// Place of the next line in the buffer, without its end, and of what comes after it.
    fn peek(&mut self) -> Option<(Range<usize>, usize)> {
        if self.done >= MOST_LINE_BYTES {
            self.buffer.drain(..self.done);
            self.done = 0;
        }
        let mut searched = self.done;
        let end = loop {
            let unseen = &self.buffer[searched..];
            // Looked for before its place is: that is fast over what has none.
            if unseen.contains(&b'\n') {
                let found = unseen.iter().position(is_feed);
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

impl Remarks {
    /// Takes note of what curl or wget says about the connection.
    fn note(&mut self, line: Line<'_>) {
        let says = |words: &str| line.text.contains(words);
        if line.style.mark != Mark::Remark {
            self.is_kept |= line.text.starts_with("Reusing existing connection");
        } else if says("Connected to ") || says("Established connection to ") {
            *self = Self { is_known: true, ..Self::default() };
        } else if says("using existing ") {
            self.is_kept = true;
        } else if says("SSL connection using") {
            self.is_secure = true;
        }
    }
}

/// A head that is being read.
struct Head {
    style: Style,
    lines: Vec<(String, String)>,
    bytes: usize,
}

/// Use of a line for a head.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// It belongs to the head, or is passed over.
    More,
    /// It ends the head.
    Last,
    /// The head ended before it.
    Nothing,
}

impl Head {
    fn take(&mut self, line: Line<'_>) -> Taken {
        if line.style.mark != self.style.mark {
            let passed = line.style.mark == Mark::Remark || self.is_repeated(line);
            return if passed { Taken::More } else { Taken::Nothing };
        }
        if line.text.is_empty() {
            return Taken::Last;
        }
        if line.style.indent < self.style.indent || Start::of(line.text).is_some() {
            return Taken::Nothing;
        }
        let is_folded = line.style.indent > self.style.indent;
        match (field(line.text), self.lines.last_mut()) {
            (_, Some((_, value))) if is_folded => value.extend([" ", line.text]),
            (Some((name, value)), _) => {
                self.bytes += line.text.len();
                if self.bytes <= MOST_FIELD_BYTES {
                    self.lines.push((name.to_owned(), value.to_owned()));
                }
            }
            _ if self.style.mark == Mark::None => return Taken::Nothing,
            _ => {}
        }
        Taken::More
    }

    /// True of what `curl -v -i` prints beside the marked line: the same without the mark.
    fn is_repeated(&self, line: Line<'_>) -> bool {
        let is_plain = line.style.mark == Mark::None && self.style.mark == Mark::Received;
        let is_line = |(name, value): &(String, String)| field(line.text) == Some((name, value));
        let is_first = || matches!(Start::of(line.text), Some(Start::Answer { .. }));
        is_plain
            && (self.lines.last().is_some_and(is_line) || (self.lines.is_empty() && is_first()))
    }
}

/// Part that is one line.
fn part(line: Line<'_>) -> Option<Part> {
    let style = line.style;
    if style.mark == Mark::Remark {
        return None;
    }
    // wget: `--2026-11-29 10:00:00--  http://a.example/`.
    if let Some((_, url)) = line.text.strip_prefix("--2").and_then(|rest| rest.split_once("--  ")) {
        return Some(Part::Retrieval(url.to_owned()));
    }
    Some(match Start::of(line.text)? {
        Start::Request { method, target, version } => {
            let (method, target) = (method.to_owned(), target.to_owned());
            Part::Request { method, target, version, style }
        }
        Start::Answer { status, version, reason } => {
            Part::Answer { status, version, reason: self::reason(status, reason), style }
        }
    })
}

fn reason(status: u16, words: &str) -> Reason {
    let known =
        http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    if words.to_ascii_lowercase().starts_with("connection established") {
        Reason::Tunnel
    } else if words.is_empty() || known.is_some_and(|known| known.eq_ignore_ascii_case(words)) {
        Reason::Usual
    } else {
        Reason::Other
    }
}

/// A command line, or the beginning of one.
fn begun(line: Line<'_>) -> Option<String> {
    (line.style.mark != Mark::Remark && is_command(line.text)).then(|| line.text.to_owned())
}

/// The beginning of a loop over several lines, or its end.
fn is_in_loop(text: &str) -> Option<bool> {
    let begins = text.ends_with("; do") || text.ends_with(";do");
    let ends = text.starts_with("done");
    (begins || ends).then_some(begins)
}

/// True if a content ends here, as far as what follows tells.
fn is_end(content: &[u8], after: &[u8]) -> bool {
    let next = after.trim_ascii_start();
    let is_fed = |bytes: &[u8]| bytes.starts_with(b"\n") || bytes.starts_with(b"\r\n");
    let line = after.strip_prefix(b"\r").unwrap_or(after);
    let line = line.strip_prefix(b"\n").unwrap_or(line);
    // An empty line, behind the end of the last one.
    let is_paragraph = is_fed(line) && (is_fed(after) || content.ends_with(b"\n"));
    next.is_empty()
        || is_paragraph
        || is_noise(after)
        || next.starts_with(b"% Total")
        || next.split(is_feed).next().is_some_and(begins)
}

/// True if a line begins something else than content.
fn begins(line: &[u8]) -> bool {
    let text = decoded(&line[..line.len().min(1024)]);
    let line = Line::of(&text);
    let is_marked = ["* ", "> ", "$ "].iter().any(|mark| text.starts_with(mark)) || text == "$";
    is_marked || line.text.starts_with("```") || part(line).is_some() || begun(line).is_some()
}

/// True if a line is the first of a message.
fn is_message(line: &[u8]) -> bool {
    [&b">"[..], b"<", b"HTTP/", b" "].iter().any(|start| line.starts_with(start))
        && part(Line::of(&decoded(line))).is_some()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "slices are split by it")]
fn is_feed(byte: &u8) -> bool {
    *byte == b'\n'
}

/// A line of curl's own: what it does, how many bytes went by, how fast.
fn is_noise(line: &[u8]) -> bool {
    let marks = [&b"* "[..], b"{ [", b"} [", b"\r", b"  % Total", b"                   "];
    marks.iter().any(|mark| line.starts_with(mark))
}
