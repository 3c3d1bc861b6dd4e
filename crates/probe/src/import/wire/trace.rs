//! curl's other logs, `--trace`, `--trace-ascii` and `--trace-time`, as `-v` would have printed them.
//!
//! `--trace` prints every octet in hexadecimal, so that contents come back whole. `--trace-ascii`
//! prints dots where octets are not printable and drops line ends: its contents are left out.

/// The log as `-v` would have printed it.
pub(super) fn as_verbose(text: &[u8]) -> Vec<u8> {
    let text = without_times(text);
    if !lines(&text).any(|line| line.starts_with(b"=> Send header")) {
        return text;
    }
    let mut log = Vec::new();
    let mut block = Block::default();
    for line in lines(&text) {
        if let Some((start, mark)) = BLOCKS.iter().find(|(start, _)| line.starts_with(start)) {
            block.end(&mut log);
            block = Block { mark: *mark, ..Block::default() };
            if *start == b"== " {
                log.extend([b"* ", line, b"\n"].concat());
            }
        } else {
            block.push(line);
        }
    }
    block.end(&mut log);
    log
}

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
    /// A line `0040: …`: octets in hexadecimal, or text.
    fn push(&mut self, line: &[u8]) {
        let Some((offset, rest)) = offset(line) else { return };
        if let Some(octets) = hexadecimal(rest) {
            self.exact = true;
            self.octets.extend(octets);
        } else {
            // What is missing in between is a line end, of two octets; a longer line goes on.
            if offset > self.octets.len() {
                self.octets.extend(b"\r\n");
            }
            self.octets.extend(rest);
        }
    }

    fn end(&self, log: &mut Vec<u8>) {
        let mark = match self.mark {
            Some(b"") if self.exact => return log.extend(&self.octets),
            None | Some(b"") => return,
            Some(mark) => mark,
        };
        // Text comes without the last line end.
        let ended = self.octets.strip_suffix(b"\r\n").filter(|_| self.exact);
        let text = ended.unwrap_or(&self.octets);
        for line in lines(text) {
            log.extend([mark, line, b"\r\n"].concat());
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

/// Without `16:41:06.671468 ` and `[0-0] ` before each line.
fn without_times(text: &[u8]) -> Vec<u8> {
    let has_time = |line: &[u8]| {
        let shape = b"00:00:00.000000 ";
        line.len() >= shape.len()
            && line.iter().zip(shape).all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                like => byte == like,
            })
    };
    if !lines(text).next().is_some_and(has_time) {
        return text.to_vec();
    }
    let mut log = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        log.extend(if has_time(line) { &line[16..] } else { line });
    }
    log
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.split(|byte| *byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(trace: &str, expected: &str) {
        let verbose = as_verbose(trace.as_bytes());
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
