//! Strings for Markdown (GitHub's dialect): text stays text, also inside a table.
//!
//! Never call it for the first thing in a line: list and heading marks there are not escaped,
//! since the formats put words of their own before every foreign string.

/// The text with everything escaped that could become markup, HTML, a link or a mention.
pub fn escape(text: &str) -> String {
    let visible = crate::visible(text);
    let mut escaped = String::with_capacity(visible.len());
    for (index, character) in visible.char_indices() {
        let (before, after) = (&visible[..index], &visible[index + character.len_utf8()..]);
        // GitHub makes links of bare `scheme://` and `www.`.
        let starts_link = match character {
            ':' => after.starts_with("//"),
            '.' => {
                before.get(index.saturating_sub(3)..).is_some_and(|w| w.eq_ignore_ascii_case("www"))
            }
            _ => false,
        };
        if r"\`*_[]<>|~&$#".contains(character) || starts_link {
            escaped.push('\\');
        }
        escaped.push(character);
        // A mention would notify a stranger. GitHub looks for it after the escapes are gone, so
        // only something between the sign and the name prevents it.
        if character == '@' {
            escaped.push_str("&#8203;");
        }
    }
    escaped
}

/// The text as a code span that it cannot leave. Not for table cells, where a pipe still counts.
pub fn code(text: &str) -> String {
    let visible = crate::visible(text);
    let longest_run = visible.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest_run + 1);
    let pad = if visible.starts_with('`') || visible.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{visible}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        for (raw, expected) in [
            ("per-process-counter", "per-process-counter"),
            ("a | b\n| c", "a \\| b\\\\n\\| c"),
            ("<img src=x onerror=alert(1)>", "\\<img src=x onerror=alert(1)\\>"),
            ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
            ("**`_~$#&amp;", "\\*\\*\\`\\_\\~\\$\\#\\&amp;"),
            ("@torvalds", "@&#8203;torvalds"),
            ("http://a.example www.b.example 10:20", "http\\://a.example www\\.b.example 10:20"),
        ] {
            assert_eq!(escape(raw), expected);
        }
    }

    #[test]
    fn a_code_span_cannot_be_left() {
        for (raw, expected) in [
            ("etag-lab run | tee <x>", "`etag-lab run | tee <x>`"),
            ("a ``b` c", "```a ``b` c```"),
            ("`", "`` ` ``"),
            ("a\nb", "`a\\nb`"),
        ] {
            assert_eq!(code(raw), expected);
        }
    }
}
