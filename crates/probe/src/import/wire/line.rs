//! A line of a paste without what it is wrapped in: colours, a progress meter, the quoting of mails
//! and issues, indentation, and the marks of curl.
//!
//! `> ` is curl's mark of what was sent and the mark of a quotation. Which of them it is decides what
//! stands behind it, so that both are taken off and only the last is remembered.

use std::borrow::Cow;

const ESCAPE: u8 = 0x1b;

/// Mark before the text of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// None, as curl's `-i`, `HTTPie` and wget write.
    #[default]
    None,
    /// `>`: sent, or quoted.
    Sent,
    /// `<`: received.
    Received,
    /// `*`: a remark of curl.
    Remark,
}

/// Wrapping of a line: those of one head have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) mark: Mark,
    /// Bytes of white space between the mark and the text.
    pub(super) indent: usize,
}

/// A line taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) style: Style,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    /// Takes apart a line of [`decoded`] text.
    pub(super) fn of(text: &'a str) -> Self {
        let mut rest = behind_progress(text.trim_end());
        let mut mark = Mark::None;
        loop {
            let text = rest.trim_start();
            let indent = rest.len() - text.len();
            let sign = match text.as_bytes() {
                [b'>', ..] => Mark::Sent,
                [b'<'] | [b'<', b' ' | b'\t', ..] => Mark::Received,
                [b'*'] | [b'*', b' ', ..] => Mark::Remark,
                _ => return Self { style: Style { mark, indent }, text },
            };
            (mark, rest) = (sign, &text[1..]);
            if sign != Mark::Sent {
                let text = rest.trim_start();
                return Self { style: Style { mark, indent: rest.len() - text.len() }, text };
            }
        }
    }
}

/// A line as text without escape sequences of a terminal.
pub(super) fn decoded(line: &[u8]) -> Cow<'_, str> {
    if line.contains(&ESCAPE) {
        return Cow::Owned(String::from_utf8_lossy(&without_escapes(line)).into_owned());
    }
    String::from_utf8_lossy(line)
}

/// The line without `ESC [ … letter` and `ESC ] … BEL`.
fn without_escapes(line: &[u8]) -> Vec<u8> {
    let mut bytes = line.iter().copied();
    let mut kept = Vec::with_capacity(line.len());
    while let Some(byte) = bytes.next() {
        if byte != ESCAPE {
            kept.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'[') => _ = bytes.find(|byte| (0x40..=0x7e).contains(byte)),
            Some(b']') => _ = bytes.find(|byte| [0x07, b'\\'].contains(byte)),
            _ => {}
        }
    }
    kept
}

/// Text behind the progress meter of curl, which ends no line: `…  0 --:--:--     0< HTTP/1.1 200 OK`.
fn behind_progress(text: &str) -> &str {
    const CLOCK: &str = "--:--:--";
    let Some(at) = text.rfind(CLOCK) else { return text };
    let rest = text[at + CLOCK.len()..].trim_start();
    rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || "kMGT.".contains(letter))
}

/// First line of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Start<'a> {
    /// Request line.
    Request { method: &'a str, target: &'a str, version: &'static str },
    /// Status line; `reason` is empty in HTTP/2 and later.
    Answer { status: u16, version: &'static str, reason: &'a str },
}

impl<'a> Start<'a> {
    /// Reads a line; `None` of any other text.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        // Longer ones are content.
        if text.len() > 16 * 1024 {
            return None;
        }
        if let Some(rest) = text.strip_prefix("HTTP/") {
            let (version, rest) = rest.split_once(' ')?;
            let (status, reason) = rest.split_at_checked(3)?;
            let status = status.parse().ok().filter(|status| (100..600).contains(status))?;
            let is_alone = reason.is_empty() || reason.starts_with(' ');
            let version = self::version(version)?;
            return is_alone.then_some(Self::Answer { status, version, reason: reason.trim() });
        }
        if !text.as_bytes().first()?.is_ascii_uppercase() {
            return None;
        }
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let is_method = method.len() <= 16 && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let version = self::version(version.strip_prefix("HTTP/")?)?;
        (is_method && words.next().is_none()).then_some(Self::Request { method, target, version })
    }
}

fn version(text: &str) -> Option<&'static str> {
    match text {
        "1.0" | "1.1" | "1.x" => Some("HTTP/1.1"),
        "2" | "2.0" => Some("HTTP/2"),
        "3" | "3.0" => Some("HTTP/3"),
        _ => None,
    }
}

/// Name and value of a field line.
pub(super) fn field(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once(':')?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_name = (1..=128).contains(&name.len()) && name.bytes().all(is_token);
    is_name.then(|| (name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, mark: Mark, text: &str) {
        let decoded = decoded(line.as_bytes());
        let found = Line::of(&decoded);
        assert_eq!((found.style.mark, found.text), (mark, text), "{line:?}");
    }

    #[test]
    fn marks_quotes_and_colours_come_off() {
        check("> Host: a.example\r\n", Mark::Sent, "Host: a.example");
        check("> > GET / HTTP/1.1", Mark::Sent, "GET / HTTP/1.1");
        check(">> < HTTP/1.1 200 OK", Mark::Received, "HTTP/1.1 200 OK");
        check("> * Connected to a.example", Mark::Remark, "Connected to a.example");
        check("    <", Mark::Received, "");
        check(">", Mark::Sent, "");
        check("\x1b[36mETag\x1b[39;49;00m: \"a\"", Mark::None, "ETag: \"a\"");
        check("\x1b]8;;http://a\x07ETag\x1b]8;;\x07: \"a\"", Mark::None, "ETag: \"a\"");
        check("  0  0 --:--:-- --:--:-- --:--:--     0< HTTP/2 200", Mark::Received, "HTTP/2 200");
        check("<p>", Mark::None, "<p>");
    }

    #[test]
    fn first_lines_are_told_from_text() {
        let (method, target) = ("GET", "/a?b=c");
        for (line, expected) in [
            ("GET /a?b=c HTTP/2", Some(Start::Request { method, target, version: "HTTP/2" })),
            ("HTTP/2 304", Some(Start::Answer { status: 304, version: "HTTP/2", reason: "" })),
            (
                "HTTP/1.0 200 Connection established",
                Some(Start::Answer {
                    status: 200,
                    version: "HTTP/1.1",
                    reason: "Connection established",
                }),
            ),
            ("GET /a HTTP/1.1 and so on", None),
            ("GET it from here", None),
            ("HTTP/1.1 is old", None),
            ("HTTP/1.1 2000 x", None),
            ("", None),
        ] {
            assert_eq!(Start::of(line), expected, "{line}");
        }
        assert_eq!(field("ETag: \"a:b\""), Some(("ETag", "\"a:b\"")));
        assert_eq!(field("{\"a\":1}"), None);
    }
}
