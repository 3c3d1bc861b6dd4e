//! Forms that a tag loses on its way through a client: quotes, case, its end.
//!
//! A suffix of a coding and the weakness are none of them: gateways add and remove both.

use crate::evidence::{is_weak, opaque};

/// Change of a tag between its receipt and its return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mangling {
    /// Without its quotes, or with one of them.
    Unquoted,
    /// With quotes that are escaped, or in others.
    Escaped,
    /// In other letters.
    Case,
    /// Without its end.
    Truncated,
}

impl Mangling {
    /// The change in words, behind "the client sends the tag".
    pub(crate) fn says(self) -> &'static str {
        match self {
            Self::Unquoted => "without its quotes",
            Self::Escaped => "with its quotes escaped",
            Self::Case => "in letters of another case",
            Self::Truncated => "without its end",
        }
    }
}

/// Shortest part of a tag that tells which one it was.
const TELLING: usize = 8;

/// The change that makes one of the other; `None` where they have nothing to do with each other.
pub(crate) fn mangling(sent: &[u8], issued: &[u8]) -> Option<Mangling> {
    let strong = issued.strip_prefix(b"W/").unwrap_or(issued);
    let inner = strong.strip_prefix(b"\"")?.strip_suffix(b"\"").filter(|it| !it.is_empty())?;
    let text = unescaped(sent);
    if text.is_some() && inside(text.as_deref()?) == inner {
        return Some(Mangling::Escaped);
    }
    let own = inside(sent);
    if own == inner {
        return Some(Mangling::Unquoted);
    }
    if own.len() >= TELLING && own.eq_ignore_ascii_case(inner) {
        return Some(Mangling::Case);
    }
    // A counter or a date begins like the next one: more than half must be there, of what no number is.
    let is_telling = own.len() >= TELLING && own.len() * 2 > inner.len();
    let is_number = inner.iter().all(|byte| byte.is_ascii_digit() || b".-:TZ ".contains(byte));
    (is_telling && !is_number && inner.starts_with(own)).then_some(Mangling::Truncated)
}

/// What stands between quotes, whatever is left of them.
fn inside(tag: &[u8]) -> &[u8] {
    let tag = if is_weak(tag) { &tag[2..] } else { tag };
    let tag = tag.strip_prefix(b"\"").unwrap_or(tag);
    tag.strip_suffix(b"\"").unwrap_or(tag)
}

/// Escapes of a quote.
const ESCAPES: [&str; 6] = ["&quot;", "&#34;", "&#x22;", "%22", "\\\"", "'"];

/// The tag with escaped quotes made plain; `None` where there are none.
fn unescaped(tag: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(tag);
    let has_one = ESCAPES.iter().any(|escape| text.contains(escape));
    let is_doubled = text.contains("\"\"") && opaque(tag) != b"";
    if !(has_one || is_doubled) {
        return None;
    }
    let plain = ESCAPES.iter().fold(text.into_owned(), |text, escape| text.replace(escape, "\""));
    let plain = plain.replace("%2F", "/").replace("%2f", "/");
    let weak = if plain.starts_with("W/") { "W/" } else { "" };
    let inner = plain.trim_start_matches("W/").trim_matches('"');
    Some(format!("{weak}\"{inner}\"").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sent: &str, issued: &str, expected: Option<Mangling>) {
        assert_eq!(mangling(sent.as_bytes(), issued.as_bytes()), expected, "{sent} {issued}");
    }

    #[test]
    fn what_a_client_does_to_a_tag_is_told() {
        check("5f-6a", "\"5f-6a\"", Some(Mangling::Unquoted));
        check("W/5f-6a", "W/\"5f-6a\"", Some(Mangling::Unquoted));
        check("5f-6a", "W/\"5f-6a\"", Some(Mangling::Unquoted));
        check("\"5f-6a", "\"5f-6a\"", Some(Mangling::Unquoted));
        check("&quot;5f-6a&quot;", "\"5f-6a\"", Some(Mangling::Escaped));
        check("%225f-6a%22", "\"5f-6a\"", Some(Mangling::Escaped));
        check("\\\"5f-6a\\\"", "\"5f-6a\"", Some(Mangling::Escaped));
        check("\"\"5f-6a\"\"", "\"5f-6a\"", Some(Mangling::Escaped));
        check("'5f-6a'", "W/\"5f-6a\"", Some(Mangling::Escaped));
        check("\"abcdef0123\"", "\"ABCDEF0123\"", Some(Mangling::Case));
        check("\"abcdef0123\"", "\"abcdef0123456\"", Some(Mangling::Truncated));
    }

    #[test]
    fn other_tags_are_other_tags() {
        for sent in ["\"5f-6b\"", "\"5f-6a-gzip\"", "\"other\"", "", "\"\""] {
            check(sent, "\"5f-6a\"", None);
        }
        check("\"17000000\"", "\"170000001\"", None);
        check("\"2026-01-01T10:00\"", "\"2026-01-01T10:00:01\"", None);
        // A server without quotes gets back what it gave.
        check("\"5f-6a\"", "5f-6a", None);
    }
}
