//! Reads the fields of one response (RFC 9112 §4, §5) and tells how its content is framed (§6.3).
//!
//! Pure: works on bytes in memory. Strict where leniency would make a false measurement.

use std::mem::MaybeUninit;
use std::ops::Range;

use httparse::{Header, ParserConfig, Status};
use measure::{ContentCoding, ErrorReason};
use truth::{Declaration, REPLICA_FIELD};

/// Most bytes of status line and fields that are accepted.
pub(crate) const MAX_FIELDS_BYTES: usize = 64 * 1024;
const MAX_FIELD_LINES: usize = 128;

/// Status line and fields of one response, as far as a polling client needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// Bytes up to and including the empty line.
    pub(crate) len: usize,
    /// Where the value of `ETag` stands in the buffer.
    pub(crate) entity_tag: Option<Range<usize>>,
    pub(crate) declaration: Option<Declaration>,
    /// Bytes of the declared field's line.
    pub(crate) instrumentation: usize,
    pub(crate) framing: Framing,
    /// Whether the connection may carry another exchange (RFC 9112 §9.3).
    pub(crate) persistent: bool,
    /// The content coding that was applied, so that the octets are not the content itself.
    pub(crate) coding: ContentCoding,
}

/// Where the content ends (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length(u64),
    Chunked,
    UntilClose,
}

/// Reads the head at the start of `buffer`; `None` when it is not complete yet.
pub(crate) fn parse(buffer: &[u8]) -> Result<Option<Head>, ErrorReason> {
    let mut lines = [const { MaybeUninit::<Header<'_>>::uninit() }; MAX_FIELD_LINES];
    let mut response = httparse::Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        buffer,
        &mut lines,
    );
    let len = match parsed {
        Ok(Status::Complete(len)) => len,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(ErrorReason::FieldsTooLarge),
        Err(_) => return Err(ErrorReason::Malformed),
    };
    let status = response.code.ok_or(ErrorReason::Malformed)?;
    let http_1_0 = response.version == Some(0);
    let mut fields = Fields { persistent: !http_1_0, ..Fields::default() };
    for line in response.headers.iter() {
        fields.read(buffer, line)?;
    }
    let framing = fields.framing(status, http_1_0)?;
    Ok(Some(Head {
        status,
        len,
        entity_tag: fields.entity_tag,
        declaration: fields.declaration,
        instrumentation: fields.instrumentation,
        persistent: fields.persistent && framing != Framing::UntilClose,
        framing,
        coding: fields.coding,
    }))
}

/// Whether `buffer` could still become a response: cheap early notice of garbage.
pub(crate) fn may_become_response(buffer: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/1.";
    let known = buffer.len().min(START.len());
    buffer[..known] == START[..known]
}

#[derive(Default)]
struct Fields {
    entity_tag: Option<Range<usize>>,
    declaration: Option<Declaration>,
    instrumentation: usize,
    content_length: Option<u64>,
    transfer_coded: bool,
    chunked: bool,
    persistent: bool,
    coding: ContentCoding,
}

impl Fields {
    fn read(&mut self, buffer: &[u8], line: &Header<'_>) -> Result<(), ErrorReason> {
        let is = |name: &str| line.name.eq_ignore_ascii_case(name);
        // The length decides first: this runs for every field of every response.
        match line.name.len() {
            4 if is("etag") && self.entity_tag.is_none() => {
                self.entity_tag = Some(position(buffer, line.value));
            }
            10 if is("connection") => self.read_connection(line.value),
            11 if is(REPLICA_FIELD) => {
                self.declaration = Declaration::parse(line.value);
                self.instrumentation += line.name.len() + line.value.len() + ": \r\n".len();
            }
            14 if is("content-length") => self.read_content_length(line.value)?,
            16 if is("content-encoding") => {
                self.coding = self.coding.then(ContentCoding::of_list(line.value));
            }
            17 if is("transfer-encoding") => {
                self.transfer_coded = true;
                let last = members(line.value).last().unwrap_or_default();
                self.chunked = last.eq_ignore_ascii_case(b"chunked");
            }
            _ => {}
        }
        Ok(())
    }

    fn read_connection(&mut self, value: &[u8]) {
        for option in members(value) {
            if option.eq_ignore_ascii_case(b"close") {
                self.persistent = false;
            } else if option.eq_ignore_ascii_case(b"keep-alive") {
                self.persistent = true;
            }
        }
    }

    /// A repeated equal length is one length; different ones are an attack or a bug.
    fn read_content_length(&mut self, value: &[u8]) -> Result<(), ErrorReason> {
        for member in members(value) {
            let digits = !member.is_empty() && member.iter().all(u8::is_ascii_digit);
            let length = digits
                .then(|| str::from_utf8(member).ok()?.parse::<u64>().ok())
                .flatten()
                .ok_or(ErrorReason::BadFraming)?;
            if self.content_length.is_some_and(|known| known != length) {
                return Err(ErrorReason::BadFraming);
            }
            self.content_length = Some(length);
        }
        Ok(())
    }

    fn framing(&self, status: u16, http_1_0: bool) -> Result<Framing, ErrorReason> {
        if matches!(status, 100..=199 | 204 | 304) {
            return Ok(Framing::None);
        }
        if self.transfer_coded {
            let contradicted = self.content_length.is_some() || http_1_0;
            return match (contradicted, self.chunked) {
                (true, _) => Err(ErrorReason::BadFraming),
                (false, true) => Ok(Framing::Chunked),
                (false, false) => Ok(Framing::UntilClose),
            };
        }
        Ok(self.content_length.map_or(Framing::UntilClose, Framing::Length))
    }
}

fn members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&b| b == b',').map(<[u8]>::trim_ascii)
}

/// Where `part`, a slice of `whole`, stands in it.
fn position(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(fields: &str) -> Result<Option<Head>, ErrorReason> {
        parse(format!("HTTP/1.1 {fields}\r\n\r\n").as_bytes())
    }

    fn check_framing(fields: &str, expected: Result<Framing, ErrorReason>) {
        let framing = head(fields).map(|head| head.expect("a complete head").framing);
        assert_eq!(framing, expected, "{fields:?}");
    }

    #[test]
    fn framing_follows_the_order_of_the_rfc() {
        check_framing("200 OK\r\nContent-Length: 5", Ok(Framing::Length(5)));
        check_framing("200 OK\r\ncontent-length: 5, 5", Ok(Framing::Length(5)));
        check_framing("200 OK\r\nTransfer-Encoding: gzip, chunked", Ok(Framing::Chunked));
        check_framing("200 OK\r\nTransfer-Encoding: gzip", Ok(Framing::UntilClose));
        check_framing("200 OK", Ok(Framing::UntilClose));
        check_framing("304 Not Modified\r\nContent-Length: 8192", Ok(Framing::None));
        check_framing("204 No Content", Ok(Framing::None));
    }

    #[test]
    fn contradictory_framing_is_an_error() {
        for fields in [
            "200 OK\r\nContent-Length: 5\r\nContent-Length: 6",
            "200 OK\r\nContent-Length: 5, 6",
            "200 OK\r\nContent-Length: -1",
            "200 OK\r\nContent-Length: +5",
            "200 OK\r\nContent-Length: ",
            "200 OK\r\nContent-Length: 99999999999999999999",
            "200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
        ] {
            check_framing(fields, Err(ErrorReason::BadFraming));
        }
    }

    #[test]
    fn the_tag_is_found_where_it_stands() {
        let text = b"HTTP/1.1 200 OK\r\nETAG:   W/\"a b\"  \r\ncontent-length: 0\r\n\r\n";
        let head = parse(text).ok().flatten().expect("a complete head");
        assert_eq!(head.entity_tag.map(|range| &text[range]), Some(&b"W/\"a b\""[..]));
    }

    #[test]
    fn persistence_follows_version_and_connection() {
        let persistent = |text: &str| parse(text.as_bytes()).ok().flatten().map(|h| h.persistent);
        assert_eq!(persistent("HTTP/1.1 304 x\r\n\r\n"), Some(true));
        assert_eq!(persistent("HTTP/1.1 304 x\r\nConnection: x, Close\r\n\r\n"), Some(false));
        assert_eq!(persistent("HTTP/1.0 304 x\r\n\r\n"), Some(false));
        assert_eq!(persistent("HTTP/1.0 304 x\r\nconnection: keep-alive\r\n\r\n"), Some(true));
        assert_eq!(persistent("HTTP/1.1 200 x\r\n\r\n"), Some(false));
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
