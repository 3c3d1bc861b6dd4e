//! Strings for HTML: text stays text, in elements and in quoted attributes, and also in SVG.

/// The text in one line, hidden characters spelled out, with nothing left that could end the
/// element or the attribute around it.
///
/// Attributes must be quoted, and neither scripts nor style sheets are a place for foreign text.
pub fn escape(text: &str) -> String {
    let visible = crate::visible(text);
    let mut escaped = String::with_capacity(visible.len());
    for character in visible.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_in_elements_and_attributes() {
        for (raw, expected) in [
            ("per-process-counter", "per-process-counter"),
            (
                "</title><script>alert(1)</script>",
                "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
            ),
            ("\" onload='x'", "&quot; onload=&#39;x&#39;"),
            ("&lt;", "&amp;lt;"),
            ("a\u{202e}\n\u{1b}b", "a\\u{202e}\\n\\u{1b}b"),
            ("–  %", "–  %"),
        ] {
            assert_eq!(escape(raw), expected);
        }
    }
}
