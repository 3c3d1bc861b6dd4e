//! Characters that act without being seen, and text in which they are spelled out.

/// Longest excerpt, in characters without the ellipsis.
const EXCERPT_CHARS: usize = 120;

/// True of characters that act without being seen: controls (C0, DEL, C1), line and paragraph
/// separators, bidirectional marks, overrides and isolates, zero-width joiners and spaces, the
/// byte order mark, fillers, tags.
///
/// These are Unicode's controls, separators and default-ignorable characters. Only U+FE00 to U+FE0F
/// may pass: they choose between two forms of the character before them, as emoji do.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The text in one line, hidden characters spelled out: `\n`, `\u{1b}`, `\u{202e}`.
pub fn visible(text: &str) -> String {
    spelled_out(text, &[])
}

/// Text of several lines, hidden characters spelled out; line feeds and tabs stay.
pub fn visible_lines(text: &str) -> String {
    spelled_out(text, &['\n', '\t'])
}

/// A name, value or reason from outside as a message repeats it: visible, in one line, cut with an
/// ellipsis where it is too long.
pub fn excerpt(text: &str) -> String {
    // A value may be megabytes long, and no character becomes shorter when it is spelled out.
    let beginning: String = text.chars().take(EXCERPT_CHARS + 1).collect();
    let mut excerpt = visible(&beginning);
    if let Some((end, _)) = excerpt.char_indices().nth(EXCERPT_CHARS) {
        excerpt.truncate(end);
        excerpt.push('…');
    }
    excerpt
}

fn spelled_out(text: &str, kept: &[char]) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) && !kept.contains(&character) {
            visible.extend(character.escape_default());
        } else {
            visible.push(character);
        }
    }
    visible
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
            ("\u{feff}a\u{2028}b\u{e0041}", "\\u{feff}a\\u{2028}b\\u{e0041}"),
            ("größer 漢字 ⚠\u{fe0f}", "größer 漢字 ⚠\u{fe0f}"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn of_several_lines_only_the_breaks_and_tabs_stay() {
        assert_eq!(visible_lines("a\r\n\tb\u{1b}"), "a\\r\n\tb\\u{1b}");
    }

    #[test]
    fn a_long_excerpt_is_cut_after_it_was_spelled_out() {
        assert_eq!(excerpt("a\u{1b}[2J\u{202e}ü"), "a\\u{1b}[2J\\u{202e}ü");
        for long in ["x".repeat(121), "\u{1b}".repeat(40), "ü".repeat(1_000)] {
            assert_eq!(excerpt(&long).chars().count(), EXCERPT_CHARS + 1);
            assert!(excerpt(&long).ends_with('…'));
        }
        assert_eq!(excerpt(&"x".repeat(120)), "x".repeat(120));
    }
}
