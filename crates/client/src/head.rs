//! Head of a response, as far as a polling client needs it.
//!
//! Pure: works on bytes in memory. Strict where leniency would make a false measurement.

use std::ops::Range;

use measure::{ContentCoding, ErrorReason};
use truth::{Declaration, REPLICA_FIELD};
use wire::framing::Framing;
use wire::head::{InvalidHead, Strictness};

/// Most bytes of status line and fields that are accepted.
pub(crate) const MAX_FIELDS_BYTES: usize = 64 * 1024;

/// Status line and fields of one response, as far as a polling client needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PollHead {
    pub(crate) status: u16,
    /// Bytes up to and including the empty line.
    pub(crate) len: usize,
    /// Position of the value of `ETag` in the buffer.
    pub(crate) entity_tag: Option<Range<usize>>,
    pub(crate) declaration: Option<Declaration>,
    /// Bytes of the declared field's line.
    pub(crate) instrumentation: usize,
    pub(crate) framing: Framing,
    /// True if the connection may carry another exchange (RFC 9112 §9.3).
    pub(crate) persistent: bool,
    /// The content coding that was applied, so that the octets are not the content itself.
    pub(crate) coding: ContentCoding,
}

/// Reads the head at the start of `buffer`; `None` when it is not complete yet.
pub(crate) fn parse(buffer: &[u8]) -> Result<Option<PollHead>, ErrorReason> {
    let mut fields = PollFields::default();
    let head = wire::head::Head::parse(buffer, Strictness::Strict, |name, value| {
        fields.read(buffer, name, value);
    });
    let Some(head) = head.map_err(|error| reason(&error))? else { return Ok(None) };
    let PollFields { entity_tag, declaration, instrumentation, coding } = fields;
    let wire::head::Head { status, len, framing, persistent, .. } = head;
    Ok(Some(PollHead {
        status,
        len,
        entity_tag,
        declaration,
        instrumentation,
        framing,
        persistent,
        coding,
    }))
}

fn reason(error: &InvalidHead) -> ErrorReason {
    match error {
        InvalidHead::Syntax(_) => ErrorReason::Malformed,
        InvalidHead::TooManyFields => ErrorReason::FieldsTooLarge,
        InvalidHead::ContentLength | InvalidHead::Contradiction => ErrorReason::BadFraming,
    }
}

/// True while `buffer` may still become a response: cheap early notice of garbage.
pub(crate) fn may_become_response(buffer: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/1.";
    let known = buffer.len().min(START.len());
    buffer[..known] == START[..known]
}

/// Fields that matter to a polling client.
#[derive(Default)]
struct PollFields {
    entity_tag: Option<Range<usize>>,
    declaration: Option<Declaration>,
    instrumentation: usize,
    coding: ContentCoding,
}

impl PollFields {
    #[inline]
    fn read(&mut self, buffer: &[u8], name: &str, value: &[u8]) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        // The length decides first: this runs for every field of every response.
        match name.len() {
            4 if is("etag") && self.entity_tag.is_none() => {
                self.entity_tag = Some(position(buffer, value));
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

/// Position of `part`, a slice of `whole`.
fn position(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_found_where_it_stands() {
        let text = b"HTTP/1.1 200 OK\r\nETAG:   W/\"a b\"  \r\ncontent-length: 0\r\n\r\n";
        let head = parse(text).ok().flatten().expect("a complete head");
        assert_eq!(head.entity_tag.map(|range| &text[range]), Some(&b"W/\"a b\""[..]));
    }

    #[test]
    fn garbage_is_noticed_early_and_a_part_is_awaited() {
        assert!(may_become_response(b"HTT") && !may_become_response(b"ICY 200"));
        assert_eq!(parse(b"HTTP/1.1 200 OK\r\nETag: \"1"), Ok(None));
        assert_eq!(parse(b"HTTP/1.1 2x0 OK\r\n\r\n"), Err(ErrorReason::Malformed));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(200));
        assert_eq!(parse(many.as_bytes()), Err(ErrorReason::FieldsTooLarge));
    }
}
