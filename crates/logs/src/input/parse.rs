//! Blocks of lines as events.

use super::Block;
use crate::field::Fields;
use crate::formats::trimmed;
use crate::line::LineReader;
use crate::summary::Lines;

/// Takes the lines of a block apart.
pub(super) fn parse(reader: &mut LineReader, block: &mut Block) {
    block.lines = Lines::default();
    let Some(layout) = &block.layout else { return };
    reader.key = layout.key;
    let data = &block.data[..block.length];
    let mut fields = Fields::none();
    let mut rest = data;
    while let Some(first) = rest.first() {
        // Lines of a W3C log that are no data begin with a number sign.
        let is_data = !matches!(first, b'\n' | b'#') && rest != b"\r" && !rest.starts_with(b"\r\n");
        let length = if is_data {
            let (length, is_read) = layout.read(rest, &mut fields);
            block.lines.read += 1;
            let event = is_read.then(|| reader.event(data, &fields)).flatten();
            if let Some(event) = event {
                block.events.push(event);
            } else {
                block.lines.unparsed += 1;
                let number = block.lines.read;
                let line = trimmed(&rest[..length]);
                block.lines.first_unparsed.get_or_insert_with(|| (number, shape(line)));
            }
            length
        } else {
            memchr::memchr(b'\n', rest).unwrap_or(rest.len())
        };
        rest = rest.get(length + 1..).unwrap_or_default();
    }
}

/// A line with its letters and digits covered, because anything may stand in it.
fn shape(line: &[u8]) -> String {
    const MOST: usize = 120;
    let cover = |c: char| match c {
        c if c.is_ascii_digit() => '0',
        c if c.is_alphanumeric() => 'a',
        c => c,
    };
    let text = String::from_utf8_lossy(&line[..line.len().min(MOST)]);
    let covered: String = text.chars().map(cover).collect();
    if line.len() > MOST { covered + "…" } else { covered }
}
