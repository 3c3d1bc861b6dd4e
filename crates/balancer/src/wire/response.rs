//! Reads the head of a response and writes the one to forward (RFC 9110 §7.6, RFC 9112 §6).

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

use httparse::Header;

use super::MAX_FIELDS;
use super::fields::{
    ConnectionOptions, Role, connection_options, content_length, is_named, push_date, push_field,
    push_via, role,
};
use ::wire::framing::FramedContent;

/// Receiver of a response: everything that its forwarded head depends on besides the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addressee<'a> {
    pub(crate) head: bool,
    /// The client speaks HTTP/1.`minor`.
    pub(crate) minor: u8,
    pub(crate) keep_alive: bool,
    /// Set when it is to end all the same, which may happen while the replica works.
    pub(crate) stopping: &'a AtomicBool,
    /// The line to add where the replica does not declare itself.
    pub(crate) declaration: Option<&'a [u8]>,
}

/// A head, as far as the gateway has to know it.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 1xx: the answer proper is still to come.
    Interim,
    Final(ResponseHead),
}

/// Facts of a response that the gateway itself needs.
#[derive(Debug)]
pub(crate) struct ResponseHead {
    /// True when the replica's connection can serve another request once the content is complete.
    pub(crate) reusable: bool,
    /// True when the client was promised that its connection persists.
    pub(crate) keep_alive: bool,
    pub(crate) content: FramedContent,
    /// True when the client needs the content without its framing.
    pub(crate) decode: bool,
    pub(crate) status: u16,
    /// Bytes of content that the client was given so far, framing included.
    pub(crate) delivered: u64,
}

#[cfg(test)]
impl ResponseHead {
    pub(crate) fn of_content(content: FramedContent) -> Self {
        let (status, delivered) = (200, 0);
        Self { reusable: true, keep_alive: true, content, decode: false, status, delivered }
    }
}

/// The bytes are not the head of a response that could be forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct InvalidResponse(pub(crate) &'static str);

/// Reads a head from `bytes` and appends the forwarded one to `out`.
///
/// Returns the length of the head with what it says, and `None` when it is not complete; `out` is
/// then unchanged. For an interim answer that the client cannot read, nothing is appended.
pub(crate) fn translate_response(
    bytes: &[u8],
    addressee: &Addressee<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<(usize, Answer)>, InvalidResponse> {
    // Not `wire::head`, which reads for clients: a gateway forwards, so it refuses codings that a client
    // may take, and needs all lines at once to know which of them the `Connection` field names.
    let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut []);
    let parser = httparse::ParserConfig::default();
    match parser.parse_response_with_uninit_headers(&mut response, bytes, &mut fields) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(length)) => {
            let translation = ResponseTranslation::of(&response, addressee)?;
            let start = out.len();
            let answer = translation.write(out).inspect_err(|_| out.truncate(start))?;
            Ok(Some((length, answer)))
        }
        Err(httparse::Error::TooManyHeaders) => {
            Err(InvalidResponse("the replica sent too many field lines"))
        }
        Err(_) => Err(InvalidResponse("the replica sent something that is not HTTP/1.x")),
    }
}

struct ResponseTranslation<'a> {
    status: u16,
    reason: &'a str,
    minor: u8,
    fields: &'a [Header<'a>],
    options: ConnectionOptions,
    addressee: &'a Addressee<'a>,
}

/// Findings of one pass over the fields, which also copies them.
#[derive(Default)]
struct ResponseNotes {
    length: Option<u64>,
    chunked: bool,
    dated: bool,
    declared: bool,
}

impl<'a> ResponseTranslation<'a> {
    fn of(
        response: &'a httparse::Response<'_, 'a>,
        addressee: &'a Addressee<'a>,
    ) -> Result<Self, InvalidResponse> {
        let (Some(status), Some(minor)) = (response.code, response.version) else {
            return Err(InvalidResponse("the replica sent an incomplete status line"));
        };
        if status < 100 || status == 101 {
            return Err(InvalidResponse("the replica sent a status that nobody asked for"));
        }
        let (reason, fields) = (response.reason.unwrap_or(""), &*response.headers);
        Ok(Self { status, reason, minor, fields, options: connection_options(fields), addressee })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<Answer, InvalidResponse> {
        let interim = self.status < 200;
        if interim && self.addressee.minor == 0 {
            return Ok(Answer::Interim);
        }
        // Written digit by digit: formatting would be the dearest part of the status line.
        let digit = |value: u16| b'0' + (value % 10) as u8;
        let code = [digit(self.status / 100), digit(self.status / 10), digit(self.status), b' '];
        for part in [b"HTTP/1.1 ", &code[..], self.reason.as_bytes(), b"\r\n"] {
            out.extend_from_slice(part);
        }
        let mut seen = ResponseNotes::default();
        for field in self.fields {
            self.write_field(field, &mut seen, out)?;
        }
        push_via(out, self.minor);
        let answer = if interim {
            Answer::Interim
        } else {
            let head = self.head(self.content(&seen)?);
            self.write_own_fields(&seen, &head, out);
            Answer::Final(head)
        };
        out.extend_from_slice(b"\r\n");
        Ok(answer)
    }

    fn write_field(
        &self,
        field: &Header<'_>,
        seen: &mut ResponseNotes,
        out: &mut Vec<u8>,
    ) -> Result<(), InvalidResponse> {
        let Header { name, value } = *field;
        let role = role(name);
        if self.options.names_fields && is_named(name, role, self.fields) {
            return Ok(());
        }
        match role {
            Role::HopByHop => return Ok(()),
            Role::TransferEncoding => {
                if seen.chunked || self.minor == 0 || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(InvalidResponse("the replica sent an unsupported transfer coding"));
                }
                seen.chunked = true;
                return Ok(());
            }
            Role::ContentLength => {
                let repeated = seen.length.is_some();
                seen.length = content_length(seen.length, value);
                let malformed = InvalidResponse("the replica sent a malformed Content-Length");
                let length = seen.length.ok_or(malformed)?;
                let misplaced = self.status < 200 || self.status == 204;
                if !repeated && !misplaced {
                    push_field(out, name, length.to_string().as_bytes());
                }
                return Ok(());
            }
            Role::Date => seen.dated = true,
            Role::LabReplica => seen.declared = true,
            Role::Host | Role::MaxForwards | Role::LabClient | Role::EndToEnd => {}
        }
        push_field(out, name, value);
        Ok(())
    }

    /// RFC 9112 §6.3.
    fn content(&self, seen: &ResponseNotes) -> Result<FramedContent, InvalidResponse> {
        if seen.chunked && seen.length.is_some() {
            return Err(InvalidResponse(
                "the replica sent both Transfer-Encoding and Content-Length",
            ));
        }
        if self.addressee.head || matches!(self.status, 204 | 304) {
            return Ok(FramedContent::NONE);
        }
        Ok(match seen.length {
            Some(length) => FramedContent::of_length(length),
            None if seen.chunked => FramedContent::CHUNKED,
            None => FramedContent::UNTIL_CLOSE,
        })
    }

    fn head(&self, content: FramedContent) -> ResponseHead {
        let ConnectionOptions { close, keep_alive, .. } = self.options;
        let until_close = content.ends_with_connection();
        let decode = content.is_chunked() && self.addressee.minor == 0;
        ResponseHead {
            reusable: !close && !until_close && (self.minor > 0 || keep_alive),
            keep_alive: self.addressee.keep_alive
                && !self.addressee.stopping.load(Ordering::SeqCst)
                && !until_close
                && !decode,
            content,
            decode,
            status: self.status,
            delivered: 0,
        }
    }

    fn write_own_fields(&self, seen: &ResponseNotes, head: &ResponseHead, out: &mut Vec<u8>) {
        if !seen.dated {
            push_date(out);
        }
        if let Some(line) = self.addressee.declaration.filter(|_| !seen.declared) {
            out.extend_from_slice(line);
        }
        if head.content.is_chunked() && !head.decode {
            push_field(out, "transfer-encoding", b"chunked");
        }
        if !head.keep_alive {
            push_field(out, "connection", b"close");
        } else if self.addressee.minor == 0 {
            push_field(out, "connection", b"keep-alive");
        }
    }
}

#[cfg(test)]
mod tests;
