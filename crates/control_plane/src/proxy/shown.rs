//! Text from outside as it may stand in a message: short, and without what a terminal would obey.

use std::fmt::Write as _;

const SHOWN_CHARS: usize = 120;

/// The text, neutralised.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars().take(SHOWN_CHARS) {
        if c.is_control() || is_invisible(c) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

/// Characters that reorder or break a line without being control characters.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out_and_what_is_long_is_cut() {
        assert_eq!(shown("a\u{1b}[2J\u{202e}ü"), "a\\u{1b}[2J\\u{202e}ü");
        assert_eq!(shown(&"x".repeat(121)).chars().count(), 121);
        assert!(shown(&"x".repeat(121)).ends_with("x…"));
    }
}
