//! Parser of plain reads: the requests that the fast lane answers.
//!
//! Whatever is not is nobody's mistake: it is read by hyper, and refused there if it has to be. So
//! in doubt a request is odd.

use std::mem::MaybeUninit;

use httparse::{Header, Request, Status};
use semantics::{FieldName, Method, RequestFields, host};

// Programs that poll send a handful; browsers some twenty.
const MAX_FIELDS: usize = 32;

pub(super) type Room<'a> = [MaybeUninit<Header<'a>>; MAX_FIELDS];

/// A GET or HEAD of HTTP/1.1 for one host, whose target is a path, and which has neither content nor
/// wishes about the connection.
#[derive(Debug)]
pub struct Plain<'a> {
    /// GET or HEAD.
    pub method: Method,
    /// Path of the target as it was sent, without its query.
    pub path: &'a str,
    fields: &'a [Header<'a>],
}

#[derive(Debug)]
pub(super) enum ParsedHead<'a> {
    /// A plain read whose head has this length.
    Plain(usize, Plain<'a>),
    /// A head that is not complete.
    Begun,
    Odd,
}

impl<'a> Plain<'a> {
    pub(super) fn room() -> Room<'a> {
        [const { MaybeUninit::uninit() }; MAX_FIELDS]
    }

    /// Reads the first head.
    pub(super) fn read(octets: &'a [u8], room: &'a mut Room<'a>) -> ParsedHead<'a> {
        let mut request = Request::new(&mut []);
        let length = match request.parse_with_uninit_headers(octets, room) {
            Ok(Status::Complete(length)) => length,
            Ok(Status::Partial) => return ParsedHead::Begun,
            Err(_) => return ParsedHead::Odd,
        };
        match Self::of(request) {
            Some(plain) => ParsedHead::Plain(length, plain),
            None => ParsedHead::Odd,
        }
    }

    fn of(request: Request<'a, 'a>) -> Option<Self> {
        let method = match (request.version?, request.method?) {
            (1, "GET") => Method::Get,
            (1, "HEAD") => Method::Head,
            _ => return None,
        };
        let path = path(request.path?)?;
        let fields = request.headers;
        is_plain(fields).then_some(Self { method, path, fields })
    }
}

impl RequestFields for Plain<'_> {
    fn lines(&self, name: FieldName) -> impl Iterator<Item = &[u8]> {
        let named = self.fields.iter().filter(move |field| is_named(field, name.as_str()));
        named.map(|field| field.value)
    }
}

/// The path of a target in which every octet means the same to everybody.
fn path(target: &str) -> Option<&str> {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"/-._~%".contains(&octet);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let is_query = query.bytes().all(|octet| is_plain(octet) || b"=&".contains(&octet));
    (path.starts_with('/') && path.bytes().all(is_plain) && is_query).then_some(path)
}

fn is_plain(fields: &[Header<'_>]) -> bool {
    let hosts = fields.iter().filter(|field| is_named(field, "host"));
    host::check(hosts.map(|field| field.value), true)
        .is_ok_and(|host| host.is_some_and(|host| !host.is_empty()))
        && fields.iter().all(|field| !is_odd(field))
}

fn is_odd(field: &Header<'_>) -> bool {
    // By length first: comparing every field with seven names costs more than reading it did.
    match field.name.len() {
        2 => is_named(field, "te"),
        6 => is_named(field, "expect"),
        7 => is_named(field, "upgrade") || is_named(field, "trailer"),
        10 => is_named(field, "connection") && !field.value.eq_ignore_ascii_case(b"keep-alive"),
        14 => is_named(field, "content-length"),
        17 => is_named(field, "transfer-encoding"),
        _ => false,
    }
}

fn is_named(field: &Header<'_>, name: &str) -> bool {
    field.name.eq_ignore_ascii_case(name)
}
