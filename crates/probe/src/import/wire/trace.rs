//! curl's other logs, `--trace`, `--trace-ascii` and `--trace-time`, as `-v` would have printed them.
//!
//! `--trace` prints every octet in hexadecimal, so that contents come back whole. `--trace-ascii`
//! prints dots where octets are not printable and drops line ends: its contents are left out.

use std::io::{self, BufRead as _, BufReader, Read};

/// Most bytes of a line; a longer one is taken for several.
pub(super) const MOST_LINE_BYTES: usize = 64 * 1024;

/// A log as `-v` would have printed it, line by line.
pub(super) struct Verbose<R> {
    log: BufReader<R>,
    /// True if the first line began with the time; `None` before it.
    has_times: Option<bool>,
    /// True behind a line that was too long.
    is_within_line: bool,
    /// A request in the form of `-v` was seen.
    saw_request: bool,
    /// The block of a trace that is being read.
    block: Option<Block>,
}

impl<R: Read> Verbose<R> {
    pub(super) fn of(log: R) -> Self {
        let log = BufReader::with_capacity(MOST_LINE_BYTES, log);
        Self { log, has_times: None, is_within_line: false, saw_request: false, block: None }
    }

    /// Appends what the next line comes to; false at the end of the log.
    pub(super) fn more(&mut self, to: &mut Vec<u8>) -> io::Result<bool> {
        let mut line = Vec::new();
        (&mut self.log).take(MOST_LINE_BYTES as u64).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            self.block.take().unwrap_or_default().end(to);
            return Ok(false);
        }
        let is_within = std::mem::replace(&mut self.is_within_line, !line.ends_with(b"\n"));
        let mut line = line.as_slice();
        if !is_within && *self.has_times.get_or_insert_with(|| has_time(line)) && has_time(line) {
            line = &line[TIME.len()..];
        }
        self.saw_request |= line.starts_with(b"> ");
        let begins = TRACES.iter().any(|start| line.starts_with(start));
        if begins && !self.saw_request && self.block.is_none() {
            self.block = Some(Block::default());
        }
        match &mut self.block {
            None => to.extend(line),
            Some(block) if !is_within => block.take(trimmed(line), to),
            Some(_) => {}
        }
        Ok(true)
    }
}

/// Beginnings of the first lines of a trace.
const TRACES: [&[u8]; 2] = [b"== Info", b"=> Send header"];

/// Beginnings of blocks, and the mark that `-v` puts before their lines: none before content, and
/// `None` where the block is left out.
const BLOCKS: [(&[u8], Option<&[u8]>); 6] = [
    (b"== ", None),
    (b"=> Send header", Some(b"> ")),
    (b"<= Recv header", Some(b"< ")),
    (b"<= Recv data", Some(b"")),
    (b"=> Send ", None),
    (b"<= Recv ", None),
];

#[derive(Default)]
struct Block {
    mark: Option<&'static [u8]>,
    octets: Vec<u8>,
    /// True if the octets are those on the wire.
    exact: bool,
}

impl Block {
    /// A line of a trace: the first of the next block, or one of this one.
    fn take(&mut self, line: &[u8], log: &mut Vec<u8>) {
        let Some((start, mark)) = BLOCKS.iter().find(|(start, _)| line.starts_with(start)) else {
            return self.push(line, log);
        };
        self.end(log);
        *self = Self { mark: *mark, ..Self::default() };
        if *start == b"== " {
            log.extend([b"* ", line, b"\n"].concat());
        }
    }

    /// A line `0040: …`: octets in hexadecimal, or text.
    fn push(&mut self, line: &[u8], log: &mut Vec<u8>) {
        let Some((offset, rest)) = offset(line) else { return };
        let octets = hexadecimal(rest);
        self.exact |= octets.is_some();
        match (self.mark, octets) {
            // Content goes on as it comes; without its octets it is left out.
            (Some(b""), Some(octets)) => log.extend(octets),
            (None | Some(b""), _) => {}
            _ if self.octets.len() > MOST_LINE_BYTES => {}
            (Some(_), Some(octets)) => self.octets.extend(octets),
            (Some(_), None) => {
                // What is missing in between is a line end, of two octets; a longer line goes on.
                if offset > self.octets.len() {
                    self.octets.extend(b"\r\n");
                }
                self.octets.extend(rest);
            }
        }
    }

    fn end(&self, log: &mut Vec<u8>) {
        let Some(mark) = self.mark.filter(|mark| !mark.is_empty()) else { return };
        // Text comes without the last line end.
        let ended = self.octets.strip_suffix(b"\r\n").filter(|_| self.exact);
        let text = ended.unwrap_or(&self.octets);
        for line in text.split(|byte| *byte == b'\n') {
            log.extend([mark, trimmed(line), b"\r\n"].concat());
        }
    }
}

fn offset(line: &[u8]) -> Option<(usize, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':').filter(|at| *at >= 4)?;
    let offset = usize::from_str_radix(str::from_utf8(&line[..colon]).ok()?, 16).ok()?;
    Some((offset, line[colon + 1..].strip_prefix(b" ").unwrap_or_default()))
}

/// `47 45 54 …  GET`: up to sixteen octets, and the same as text from a fixed column on.
fn hexadecimal(rest: &[u8]) -> Option<Vec<u8>> {
    const COLUMNS: usize = 16 * 3;
    let columns = rest.get(..COLUMNS)?;
    let pairs = columns.chunks(3).take_while(|pair| pair[0] != b' ');
    let octets: Option<Vec<u8>> = pairs
        .map(|pair| {
            let text = str::from_utf8(&pair[..2]).ok().filter(|_| pair[2] == b' ')?;
            u8::from_str_radix(text, 16).ok()
        })
        .collect();
    octets.filter(|octets| !octets.is_empty() && rest.len() == COLUMNS + octets.len())
}

const TIME: &[u8] = b"00:00:00.000000 ";

/// True of a line that begins with `16:41:06.671468 `.
fn has_time(line: &[u8]) -> bool {
    line.len() >= TIME.len()
        && line.iter().zip(TIME).all(|(byte, shape)| match *shape {
            b'0' => byte.is_ascii_digit(),
            literal => *byte == literal,
        })
}

fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(trace: &str, expected: &str) {
        let (mut log, mut verbose) = (Verbose::of(trace.as_bytes()), Vec::new());
        while log.more(&mut verbose).expect("memory can be read") {}
        assert_eq!(String::from_utf8_lossy(&verbose), expected, "{trace}");
    }

    #[test]
    fn octets_in_hexadecimal_come_back_whole() {
        check(
            "== Info: Connected\n\
             => Send header, 18 bytes (0x12)\n\
             0000: 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a GET / HTTP/1.1..\n\
             0010: 0d 0a                                           ..\n\
             <= Recv header, 17 bytes (0x11)\n\
             0000: 48 54 54 50 2f 31 2e 31 20 32 30 30 20 4f 4b 0d HTTP/1.1 200 OK.\n\
             0010: 0a                                              .\n\
             <= Recv header, 2 bytes (0x2)\n\
             0000: 0d 0a                                           ..\n\
             <= Recv data, 2 bytes (0x2)\n\
             0000: 7b 7d                                           {}\n",
            "* == Info: Connected\n> GET / HTTP/1.1\r\n> \r\n< HTTP/1.1 200 OK\r\n< \r\n{}",
        );
    }

    #[test]
    fn text_is_joined_where_a_line_was_too_long_and_contents_are_left_out() {
        let long = "x".repeat(62);
        check(
            &format!(
                "=> Send header, 90 bytes (0x5a)\n0000: GET / HTTP/1.1\n0010: {long}y\n004f: z\n\
                 0052: \n<= Recv header, 2 bytes (0x2)\n0000: \n<= Recv data, 2 bytes (0x2)\n\
                 0000: {{}}\n"
            ),
            &format!("> GET / HTTP/1.1\r\n> {long}yz\r\n> \r\n< \r\n"),
        );
    }

    #[test]
    fn times_come_off_and_other_logs_stay_as_they_are() {
        check("16:41:06.671468 > GET / HTTP/1.1\r\n{}\n", "> GET / HTTP/1.1\r\n{}\n");
        check("> GET / HTTP/1.1\r\n16:41:06.671468 x\n", "> GET / HTTP/1.1\r\n16:41:06.671468 x\n");
        check("", "");
    }
}
