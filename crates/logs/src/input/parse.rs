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
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', data).chain([data.len()]);
    for end in ends {
        let line = trimmed(&data[start..end]);
        start = (end + 1).min(data.len());
        // Lines of a W3C log that are no data begin with a number sign.
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        block.lines.read += 1;
        let mut fields = Fields::none();
        let event = layout.split(line, &mut fields).then(|| reader.event(data, &fields)).flatten();
        if let Some(event) = event {
            block.events.push(event);
        } else {
            block.lines.unparsed += 1;
            let number = block.lines.read;
            block.lines.first_unparsed.get_or_insert_with(|| (number, shape(line)));
        }
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
