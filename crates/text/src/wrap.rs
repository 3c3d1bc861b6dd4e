//! Lines that fit: widths are columns of a terminal, not bytes and not characters.
//!
//! Expects neutralised text; knows nothing of escape codes, which are added after wrapping.

use unicode_width::UnicodeWidthStr;

/// Breaks of a line, best first: between parts, between groups, between words.
const BREAKS: &[&str] = &[" · ", "   ", " "];

/// Between groups; parts of a group that do not fit go below it, indented by as much.
const GROUPS: &str = BREAKS[1];

/// Columns that the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text in lines of at most `limit` columns, broken at the best places there are; a word
/// longer than a line is cut. At least one line.
pub fn wrap(text: &str, limit: usize) -> Vec<String> {
    fill(text, BREAKS, limit)
}

/// The text, or as much of it as fits with an ellipsis into `limit` columns.
pub fn shorten(text: &str, limit: usize) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let (head, _) = split_at_width(text, limit.saturating_sub(1));
    format!("{}…", head.trim_end())
}

fn fill(text: &str, breaks: &[&str], limit: usize) -> Vec<String> {
    if width(text) <= limit {
        return vec![text.to_owned()];
    }
    let mut lines = Vec::new();
    let Some((separator, finer)) = breaks.split_first() else {
        let mut rest = text;
        while !rest.is_empty() {
            // A character may be two columns wide, and each line has to take one.
            let (head, tail) = split_at_width(rest, limit.max(2));
            lines.push(head.to_owned());
            rest = tail;
        }
        return lines;
    };
    let mut line = String::new();
    for token in text.split(separator) {
        if line.is_empty() {
            line.push_str(token);
        } else if width(&line) + width(separator) + width(token) <= limit {
            line.push_str(separator);
            line.push_str(token);
        } else {
            lines.push(line.trim_end().to_owned());
            token.clone_into(&mut line);
        }
        if width(&line) > limit {
            let grouped = *separator == GROUPS && text.contains(GROUPS);
            let hang = if grouped { GROUPS } else { "" };
            for (at, part) in
                fill(&line, finer, limit.saturating_sub(hang.len())).iter().enumerate()
            {
                lines.push(if at > 0 { format!("{hang}{part}") } else { part.clone() });
            }
            line = lines.pop().unwrap_or_default();
        }
    }
    lines.push(line);
    lines
}

/// Splits after as many characters as fit.
fn split_at_width(text: &str, limit: usize) -> (&str, &str) {
    // Measured as a whole up to each character: those that combine take fewer columns together.
    let end = text
        .char_indices()
        .map(|(start, character)| start + character.len_utf8())
        .take_while(|&end| width(&text[..end]) <= limit)
        .last()
        .unwrap_or(0);
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, limit: usize, expected: &[&str]) {
        assert_eq!(wrap(text, limit), expected, "{text:?} in {limit}");
    }

    #[test]
    fn the_best_break_is_taken_first() {
        check("one · two · three", 40, &["one · two · three"]);
        check("one · two three · four", 12, &["one", "two three", "four"]);
        check("r1 \"41\"   r2 \"18\"   r3 \"2\"", 20, &["r1 \"41\"   r2 \"18\"", "r3 \"2\""]);
        check("a bc def", 4, &["a bc", "def"]);
        check("r1 \"a\" \"b\"   r2 \"c\"", 9, &["r1 \"a\"", "   \"b\"", "r2 \"c\""]);
        check("a  bc  def", 6, &["a  bc", "def"]);
    }

    #[test]
    fn a_word_without_a_break_is_cut() {
        check("abcdefgh", 3, &["abc", "def", "gh"]);
        check("x 漢字漢字", 5, &["x", "漢字", "漢字"]);
    }

    #[test]
    fn empty_text_is_one_empty_line() {
        check("", 10, &[""]);
    }

    #[test]
    fn shortening_counts_columns() {
        assert_eq!(shorten("before", 6), "before");
        assert_eq!(shorten("content-hash", 8), "content…");
        assert_eq!(shorten("漢字漢字", 6), "漢字…");
    }
}
