//! Makes strings from outside harmless, one small module per medium, at the point of printing.
//!
//! Names, tags, reasons and commands come from scenario files, servers and saved runs. A string
//! is kept as it came until a format prints it, because what is dangerous depends on the medium:
//! an escape code on a terminal, a pipe in Markdown, a leading `=` in a spreadsheet.
//! This file holds what no medium may pass on: characters that are not seen but act.

pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod terminal;

/// Whether a character acts without being seen: controls (C0, DEL, C1), line and paragraph
/// separators, bidirectional marks, overrides and isolates, joiners and other invisible formats.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The text in one line, hidden characters spelled out: `\n`, `\u{1b}`, `\u{202e}`.
fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            seen.extend(character.escape_default());
        } else {
            seen.push(character);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_unseen_is_spelled_out_and_the_rest_is_kept() {
        for (text, expected) in [
            ("per-process-counter \"9c1f0a…\"", "per-process-counter \"9c1f0a…\""),
            ("a\nb\tc", "a\\nb\\tc"),
            ("\u{1b}[2J\u{7f}\u{9b}31m", "\\u{1b}[2J\\u{7f}\\u{9b}31m"),
            ("\u{202e}gnp\u{2066}\u{200b}", "\\u{202e}gnp\\u{2066}\\u{200b}"),
            ("größer 漢字", "größer 漢字"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }
}
