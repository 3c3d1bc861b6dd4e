//! Heads of responses (RFC 9112 §4, §5): status, framing (§6.3) and persistence (§9.3).
//!
//! Works on bytes in memory and copies nothing; fields that frame no message go to the caller, who
//! knows which of them matter.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};

use crate::framing::Framing;

const MAX_FIELD_LINES: usize = 128;

/// Treatment of heads that break a rule without being unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Errors: for measurements, which leniency would falsify.
    Strict,
    /// Readings that common clients agree on: for a diagnosis, which has to see what is wrong.
    Tolerant,
}

/// A head, as far as reading the message depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Status code.
    pub status: u16,
    /// Bytes up to and including the empty line.
    pub len: usize,
    /// True if the version is HTTP/1.0, not HTTP/1.1.
    pub is_http_1_0: bool,
    /// Delimitation of the content that follows.
    pub framing: Framing,
    /// True if the connection may carry another exchange.
    pub persistent: bool,
}

/// Reason why bytes are no head that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHead {
    /// No status line and field lines of HTTP/1.x.
    #[error("{0}")]
    Syntax(String),
    /// More than 128 field lines.
    #[error("more than {MAX_FIELD_LINES} field lines")]
    TooManyFields,
    /// A `Content-Length` that is no number, or several that differ.
    #[error("Content-Length is no number")]
    ContentLength,
    /// `Transfer-Encoding` beside `Content-Length`, or in HTTP/1.0.
    #[error("Transfer-Encoding contradicts Content-Length or the version")]
    Contradiction,
}

impl Head {
    /// Reads the head at the start of `buffer` and calls `field` with name and value of each line;
    /// `None` when it is not complete yet.
    #[inline]
    pub fn parse<'b>(
        buffer: &'b [u8],
        strictness: Strictness,
        mut field: impl FnMut(&'b str, &'b [u8]),
    ) -> Result<Option<Self>, InvalidHead> {
        // Not initialised: a usual head fills a few of these 4 KB.
        let mut lines = [const { MaybeUninit::<Header<'_>>::uninit() }; MAX_FIELD_LINES];
        let mut response = httparse::Response::new(&mut []);
        let mut parser = ParserConfig::default();
        parser.ignore_invalid_headers_in_responses(strictness == Strictness::Tolerant);
        let parsed = parser.parse_response_with_uninit_headers(&mut response, buffer, &mut lines);
        let len = match parsed {
            Ok(Status::Complete(len)) => len,
            Ok(Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(InvalidHead::TooManyFields),
            Err(error) => return Err(InvalidHead::Syntax(error.to_string())),
        };
        let status = response.code.expect("a complete status line has a code");
        let is_http_1_0 = response.version == Some(0);
        let mut fields = FramingFields { persistent: !is_http_1_0, ..FramingFields::default() };
        for line in response.headers.iter() {
            fields.read(line);
            field(line.name, line.value);
        }
        let framing = fields.framing(status, is_http_1_0, strictness)?;
        let persistent = fields.persistent && framing != Framing::UntilClose;
        Ok(Some(Self { status, len, is_http_1_0, framing, persistent }))
    }
}

#[derive(Default)]
struct FramingFields {
    content_length: Option<u64>,
    is_length_invalid: bool,
    /// Framing by `Transfer-Encoding`, which need not be chunked.
    transfer_coded: Option<Framing>,
    persistent: bool,
}

impl FramingFields {
    #[inline]
    fn read(&mut self, line: &Header<'_>) {
        let is = |name: &str| line.name.eq_ignore_ascii_case(name);
        // The length decides first: this runs for every field of every response.
        match line.name.len() {
            10 if is("connection") => {
                for option in members(line.value) {
                    let keeps = option.eq_ignore_ascii_case(b"keep-alive");
                    if keeps || option.eq_ignore_ascii_case(b"close") {
                        self.persistent = keeps;
                    }
                }
            }
            14 if is("content-length") => {
                for length in members(line.value).map(decimal) {
                    // A repeated equal length is one length; different ones are an attack or a bug.
                    let contradicts =
                        self.content_length.is_some() && self.content_length != length;
                    self.is_length_invalid |= length.is_none() || contradicts;
                    self.content_length = length;
                }
            }
            17 if is("transfer-encoding") => {
                let last = members(line.value).last().unwrap_or_default();
                let chunked = last.eq_ignore_ascii_case(b"chunked");
                self.transfer_coded =
                    Some(if chunked { Framing::Chunked } else { Framing::UntilClose });
            }
            _ => {}
        }
    }

    fn framing(
        &self,
        status: u16,
        is_http_1_0: bool,
        strictness: Strictness,
    ) -> Result<Framing, InvalidHead> {
        let strict = strictness == Strictness::Strict;
        // Even where there is no content: a measurement does not trust such a server.
        if strict && self.is_length_invalid {
            return Err(InvalidHead::ContentLength);
        }
        if matches!(status, 100..=199 | 204 | 304) {
            return Ok(Framing::None);
        }
        match (self.transfer_coded, self.content_length) {
            // A tolerant reader takes the coding (§6.3, item 3), as gateways on the way do.
            (Some(_), length) if strict && (length.is_some() || is_http_1_0) => {
                Err(InvalidHead::Contradiction)
            }
            (Some(transfer_coded), _) => Ok(transfer_coded),
            (None, _) if self.is_length_invalid => Err(InvalidHead::ContentLength),
            (None, Some(length)) => Ok(Framing::Length(length)),
            (None, None) => Ok(Framing::UntilClose),
        }
    }
}

fn members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// A number in digits only; `None` for anything else, and beyond 64 bits.
pub fn decimal(value: &[u8]) -> Option<u64> {
    // `parse` alone would take a sign, in which parsers on the way may differ.
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    digits.then(|| str::from_utf8(value).ok()?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str, strictness: Strictness) -> Result<Head, InvalidHead> {
        let text = format!("{text}\r\n\r\n");
        let head = Head::parse(text.as_bytes(), strictness, |_, _| ());
        head.map(|head| head.expect("a complete head"))
    }

    fn check_framing(fields: &str, expected: &Result<Framing, InvalidHead>) {
        let framing =
            head(&format!("HTTP/1.1 {fields}"), Strictness::Strict).map(|head| head.framing);
        assert_eq!(&framing, expected, "{fields:?}");
    }

    #[test]
    fn framing_follows_the_order_of_the_rfc() {
        check_framing("200 OK\r\nContent-Length: 5", &Ok(Framing::Length(5)));
        check_framing("200 OK\r\ncontent-length: 5, 5", &Ok(Framing::Length(5)));
        check_framing("200 OK\r\nTransfer-Encoding: gzip, chunked", &Ok(Framing::Chunked));
        check_framing("200 OK\r\nTransfer-Encoding: gzip", &Ok(Framing::UntilClose));
        check_framing("200 OK", &Ok(Framing::UntilClose));
        check_framing("304 Not Modified\r\nContent-Length: 8192", &Ok(Framing::None));
        check_framing("204 No Content", &Ok(Framing::None));
    }

    #[test]
    fn contradictory_framing_is_an_error() {
        for lengths in [
            "5\r\nContent-Length: 6",
            "5, 6",
            "-1",
            "+5",
            "",
            "5,",
            "x\r\nContent-Length: 5",
            "99999999999999999999",
        ] {
            let fields = format!("200 OK\r\nContent-Length: {lengths}");
            check_framing(&fields, &Err(InvalidHead::ContentLength));
        }
        let both = "200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked";
        check_framing(both, &Err(InvalidHead::Contradiction));
    }

    #[test]
    fn a_tolerant_reading_takes_the_transfer_coding_and_drops_broken_lines() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked",
            "HTTP/1.1 200 OK\r\nbad line\r\nTransfer-Encoding: chunked",
        ] {
            let framing = |strictness| head(text, strictness).map(|head| head.framing);
            assert_eq!(framing(Strictness::Tolerant), Ok(Framing::Chunked), "{text}");
            assert!(framing(Strictness::Strict).is_err(), "{text}");
        }
        let not_modified = "HTTP/1.1 304 x\r\nContent-Length: x";
        let framing = head(not_modified, Strictness::Tolerant).map(|head| head.framing);
        assert_eq!(framing, Ok(Framing::None));
    }

    #[test]
    fn persistence_follows_version_and_connection() {
        let check = |text: &str, expected| {
            let head = head(text, Strictness::Strict);
            assert_eq!(head.map(|head| head.persistent), Ok(expected), "{text}");
        };
        check("HTTP/1.1 304 x", true);
        check("HTTP/1.1 304 x\r\nConnection: x, Close", false);
        check("HTTP/1.0 304 x", false);
        check("HTTP/1.0 304 x\r\nconnection: keep-alive", true);
        check("HTTP/1.1 200 x", false);
    }

    #[test]
    fn a_part_is_awaited_and_garbage_is_named() {
        let parse = |text: &str| Head::parse(text.as_bytes(), Strictness::Strict, |_, _| ());
        assert_eq!(parse("HTTP/1.1 200 OK\r\nETag: \"1"), Ok(None));
        for garbage in ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n"] {
            assert!(matches!(parse(garbage), Err(InvalidHead::Syntax(_))), "{garbage}");
        }
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(200));
        assert_eq!(parse(&many), Err(InvalidHead::TooManyFields));
    }
}
