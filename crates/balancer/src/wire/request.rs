//! Reads the head of a request and writes the one to forward (RFC 9110 §7.6, RFC 9112 §3).

use std::mem::MaybeUninit;
use std::net::SocketAddr;

use httparse::Header;
use semantics::host;

use super::MAX_FIELDS;
use super::fields::{
    ConnectionOptions, Role, connection_options, content_length, is_named, push_field, push_via,
    role,
};
use super::reply::Reply;
use super::target::{Target, forwarded_target};
use ::wire::framing::FramedContent;
use ::wire::head::decimal;

/// Facts of a request that the gateway itself needs.
#[derive(Debug)]
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    /// The client speaks HTTP/1.`minor`.
    pub(crate) minor: u8,
    pub(crate) keep_alive: bool,
    pub(crate) content: FramedContent,
    /// True once content was forwarded and not kept, so that it cannot be sent again.
    pub(crate) streamed: bool,
    pub(crate) client: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Idempotent, and its response goes without content.
    Head,
    /// May be sent again (RFC 9110 §9.2.2).
    Idempotent,
    /// May not.
    Other,
}

impl Method {
    fn of(method: &str) -> Self {
        match method {
            "HEAD" => Self::Head,
            "GET" | "PUT" | "DELETE" | "OPTIONS" | "TRACE" => Self::Idempotent,
            _ => Self::Other,
        }
    }
}

/// Reads a head from `bytes` and appends the forwarded one to `out`.
///
/// Returns the length of the head with what it says, and `None` when it is not complete; `out` is
/// then unchanged. `local` replaces the host that an HTTP/1.0 client did not name.
pub(crate) fn translate_request(
    bytes: &[u8],
    local: SocketAddr,
    out: &mut Vec<u8>,
) -> Result<Option<(usize, RequestHead)>, Reply> {
    let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(bytes, &mut fields) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(length)) => {
            let start = out.len();
            let written = RequestTranslation::of(&request, local)?.write(out);
            Ok(Some((length, written.inspect_err(|_| out.truncate(start))?)))
        }
        Err(httparse::Error::TooManyHeaders) => Err(Reply::new(431, "too many field lines")),
        Err(httparse::Error::Version) => Err(Reply::new(505, "only HTTP/1.x is spoken here")),
        Err(_) => Err(Reply::new(400, "malformed request")),
    }
}

struct RequestTranslation<'a> {
    method: &'a str,
    target: Target<'a>,
    minor: u8,
    fields: &'a [Header<'a>],
    options: ConnectionOptions,
    local: SocketAddr,
}

/// Findings of one pass over the fields, which also copies them.
#[derive(Default)]
struct RequestNotes {
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
    client: Option<u64>,
}

impl<'a> RequestTranslation<'a> {
    fn of(request: &'a httparse::Request<'_, 'a>, local: SocketAddr) -> Result<Self, Reply> {
        let (Some(method), Some(target), Some(minor)) =
            (request.method, request.path, request.version)
        else {
            return Err(Reply::new(400, "malformed request"));
        };
        if method == "CONNECT" {
            return Err(Reply::new(501, "CONNECT is not supported"));
        }
        let target = forwarded_target(method, target)?;
        let fields = &*request.headers;
        Ok(Self { method, target, minor, fields, options: connection_options(fields), local })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<RequestHead, Reply> {
        let Target { prefix, path, authority } = self.target;
        for part in [self.method, " ", prefix, path, " HTTP/1.1\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        if let Some(authority) = authority {
            push_field(out, "host", authority.as_bytes());
        }
        let mut seen = RequestNotes::default();
        for field in self.fields {
            self.write_field(field, &mut seen, out)?;
        }
        self.check_host(&seen, out)?;
        let content = self.content(&seen)?;
        if seen.chunked {
            push_field(out, "transfer-encoding", b"chunked");
        }
        push_via(out, self.minor);
        out.extend_from_slice(b"\r\n");
        Ok(self.head(&seen, content))
    }

    fn write_field(
        &self,
        field: &Header<'_>,
        seen: &mut RequestNotes,
        out: &mut Vec<u8>,
    ) -> Result<(), Reply> {
        let Header { name, value } = *field;
        let role = role(name);
        if self.options.names_fields && is_named(name, role, self.fields) {
            return Ok(());
        }
        match role {
            Role::HopByHop => {}
            Role::LabClient => seen.client = decimal(value),
            Role::TransferEncoding => {
                if seen.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Reply::new(501, "only the chunked transfer coding is supported"));
                }
                seen.chunked = true;
            }
            Role::ContentLength => {
                let repeated = seen.length.is_some();
                seen.length = content_length(seen.length, value);
                let length = seen.length.ok_or(Reply::new(400, "malformed Content-Length"))?;
                if !repeated {
                    push_field(out, name, length.to_string().as_bytes());
                }
            }
            Role::Host => {
                seen.hosts += 1;
                let may_be_empty = self.target.authority.is_some();
                if !host::is_host(value) || (value.is_empty() && !may_be_empty) {
                    return Err(Reply::new(400, "the Host field is not the name of a host"));
                }
                if self.target.authority.is_none() {
                    push_field(out, name, value);
                }
            }
            Role::MaxForwards if matches!(self.method, "OPTIONS" | "TRACE") => {
                push_field(out, name, self.fewer_forwards(value)?.to_string().as_bytes());
            }
            Role::MaxForwards | Role::LabReplica | Role::Date | Role::EndToEnd => {
                push_field(out, name, value);
            }
        }
        Ok(())
    }

    /// At zero this gateway answers as the final recipient would (RFC 9110 §7.6.2); it offers no
    /// options and does not trace.
    fn fewer_forwards(&self, value: &[u8]) -> Result<u64, Reply> {
        match decimal(value) {
            Some(0) if self.method == "OPTIONS" => Err(Reply::new(204, "no options")),
            Some(0) => Err(Reply::new(501, "TRACE is not answered here")),
            Some(forwards) => Ok(forwards - 1),
            None => Err(Reply::new(400, "malformed Max-Forwards")),
        }
    }

    /// RFC 9112 §3.2: exactly one `Host` in HTTP/1.1, at most one before it; its form was checked.
    fn check_host(&self, seen: &RequestNotes, out: &mut Vec<u8>) -> Result<(), Reply> {
        match seen.hosts {
            0 if self.minor > 0 => Err(Reply::new(400, "a request needs a Host field")),
            0 if self.target.authority.is_none() => {
                push_field(out, "host", self.local.to_string().as_bytes());
                Ok(())
            }
            0 | 1 => Ok(()),
            _ => Err(Reply::new(400, "a request has one Host field only")),
        }
    }

    /// RFC 9112 §6.3; what could be read as two different framings is refused (§11.2).
    fn content(&self, seen: &RequestNotes) -> Result<FramedContent, Reply> {
        match (seen.chunked, seen.length) {
            (true, Some(_)) => Err(Reply::new(400, "both Transfer-Encoding and Content-Length")),
            (true, None) if self.minor == 0 => {
                Err(Reply::new(400, "HTTP/1.0 knows no Transfer-Encoding"))
            }
            (true, None) => Ok(FramedContent::CHUNKED),
            (false, Some(length)) => Ok(FramedContent::of_length(length)),
            (false, None) => Ok(FramedContent::NONE),
        }
    }

    fn head(&self, seen: &RequestNotes, content: FramedContent) -> RequestHead {
        let ConnectionOptions { close, keep_alive, .. } = self.options;
        RequestHead {
            method: Method::of(self.method),
            minor: self.minor,
            keep_alive: !close && (self.minor > 0 || keep_alive),
            content,
            streamed: false,
            client: seen.client,
        }
    }
}

#[cfg(test)]
mod tests;
