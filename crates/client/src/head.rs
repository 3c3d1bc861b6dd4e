//! Head of a response, as far as a polling client needs it.
//!
//! Pure: works on bytes in memory. Strict where leniency would make a false measurement.

use std::ops::Range;

use measure::{ContentCoding, ErrorReason};
use truth::{Declaration, REPLICA_FIELD};
use wire::head::{Head, InvalidHead, Strictness};

/// Most bytes of status line and fields that are accepted.
pub(crate) const MAX_FIELDS_BYTES: usize = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PollHead {
    pub(crate) message: Head,
    pub(crate) fields: PollFields,
}

/// Fields that matter to every polling client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PollFields {
    pub(crate) entity_tag: Option<Range<usize>>,
    pub(crate) declaration: Option<Declaration>,
    pub(crate) instrumentation: usize,
    pub(crate) coding: ContentCoding,
}

/// Reads the head at the start of `buffer`; `None` when it is not complete yet.
pub(crate) fn parse(buffer: &[u8]) -> Result<Option<PollHead>, ErrorReason> {
    let mut fields = PollFields::default();
    let message = Head::parse(buffer, Strictness::Strict, |name, value| {
        fields.read(buffer, name, value);
    });
    match message {
        Ok(message) => Ok(message.map(|message| PollHead { message, fields })),
        Err(InvalidHead::Syntax(_)) => Err(ErrorReason::Malformed),
        Err(InvalidHead::TooManyFields) => Err(ErrorReason::FieldsTooLarge),
        Err(InvalidHead::ContentLength | InvalidHead::Contradiction) => {
            Err(ErrorReason::BadFraming)
        }
    }
}

/// True while `buffer` may still become a response: cheap early notice of garbage.
pub(crate) fn may_become_response(buffer: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/1.";
    let known = buffer.len().min(START.len());
    buffer[..known] == START[..known]
}

impl PollFields {
    #[inline]
    fn read(&mut self, buffer: &[u8], name: &str, value: &[u8]) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        // The length decides first: this runs for every field of every response.
        match name.len() {
            4 if is("etag") && self.entity_tag.is_none() => {
                let start = value.as_ptr().addr() - buffer.as_ptr().addr();
                self.entity_tag = Some(start..start + value.len());
            }
            11 if is(REPLICA_FIELD) => {
                self.declaration = Declaration::parse(value);
                // Only the lab adds this line; its bytes are reported beside the others.
                self.instrumentation += name.len() + value.len() + ": \r\n".len();
            }
            16 if is("content-encoding") => {
                self.coding = self.coding.then(ContentCoding::of_list(value));
            }
            _ => {}
        }
    }
}

// Fields that only some clients read are looked for in the raw head by those alone: the others do not
// pay for them. Nothing is checked again, because folded lines and control characters were refused.

/// Name and value of each field line, in order; values without the white space around them.
pub(crate) fn lines(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    head.split(|&byte| byte == b'\n').skip(1).filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    })
}

pub(crate) fn value<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let is_named = |line: &(&[u8], &[u8])| line.0.eq_ignore_ascii_case(name.as_bytes());
    lines(head).find(is_named).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_found_where_it_stands() {
        let text = b"HTTP/1.1 200 OK\r\nETAG:   W/\"a b\"  \r\ncontent-length: 0\r\n\r\n";
        let head = parse(text).ok().flatten().expect("a complete head");
        assert_eq!(head.fields.entity_tag.map(|range| &text[range]), Some(&b"W/\"a b\""[..]));
    }

    #[test]
    fn garbage_is_noticed_early_and_a_part_is_awaited() {
        assert!(may_become_response(b"HTT") && !may_become_response(b"ICY 200"));
        assert_eq!(parse(b"HTTP/1.1 200 OK\r\nETag: \"1"), Ok(None));
        assert_eq!(parse(b"HTTP/1.1 2x0 OK\r\n\r\n"), Err(ErrorReason::Malformed));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(200));
        assert_eq!(parse(many.as_bytes()), Err(ErrorReason::FieldsTooLarge));
    }

    const HEAD: &[u8] = b"HTTP/1.1 200 OK: fine\r\nLAST-Modified:\t a: b \r\nX:\r\nX: 2\r\n\r\n";

    #[test]
    fn values_are_found_whatever_the_case_and_the_status_line_is_no_field() {
        assert_eq!(value(HEAD, "last-modified"), Some(&b"a: b"[..]));
        assert_eq!(value(HEAD, "x"), Some(&b""[..]));
        assert_eq!(value(HEAD, "HTTP/1.1 200 OK"), None);
        assert_eq!(lines(HEAD).count(), 3);
    }
}
