//! JSON that may be shown on a terminal. It reads back as the very same values.

/// Finished JSON with the hidden characters that a JSON writer leaves as they are (DEL, C1
/// controls, bidirectional overrides, …) as `\u` escapes. They occur in strings only.
pub fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        // A control below U+0080 other than DEL is the writer's own line feed.
        if crate::is_hidden(character) && !character.is_ascii_whitespace() {
            // JSON names characters beyond the first 65,536 by their two UTF-16 units (RFC 8259 §7).
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units).iter();
            escaped.extend(units.map(|unit| format!("\\u{unit:04x}")));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_read_back() -> Result<(), serde_json::Error> {
        let text = "a\u{7f}\u{9b}\u{202e}\u{e0041}\n\u{1b}é";
        let json = escape(&serde_json::to_string_pretty(&[text])?);
        assert!(json.chars().all(|c| c == '\n' || !crate::is_hidden(c)), "{json:?}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&json)?, [text]);
        Ok(())
    }
}
