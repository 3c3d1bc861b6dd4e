//! One line as what it says about revalidation: an [`Event`] of numbers and hashes, without a copy of
//! anything. Texts are kept as their places in the block of lines that they stand in.

use memchr::{memchr, memmem};

use crate::agent::{Agents, Family};
use crate::field::{Field, Fields};
use crate::hashed::{hashed, seeded};
use crate::moment::Clock;
use crate::scan::{position, position_of_either};
use crate::tag;

/// Place of a text in its block.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    at: u32,
    length: u32,
}

impl Span {
    fn of(block: &[u8], text: &[u8]) -> Self {
        // Slices of one block: the distance of their beginnings.
        let at = (text.as_ptr() as usize).wrapping_sub(block.as_ptr() as usize);
        let is_inside = at <= block.len() && text.len() <= block.len() - at;
        if is_inside { Self { at: at as u32, length: text.len() as u32 } } else { Self::default() }
    }

    /// The text.
    pub(crate) fn text(self, block: &[u8]) -> &[u8] {
        block.get(self.at as usize..(self.at + self.length) as usize).unwrap_or_default()
    }

    fn cut(self, length: usize) -> Self {
        Self { length: self.length.min(length as u32), ..self }
    }
}

/// Sort of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A GET that was answered 200 or 304.
    Poll,
    /// A HEAD.
    Head,
    /// A range.
    Partial,
    /// Another method.
    OtherMethod,
    /// Another status.
    OtherStatus,
}

/// Condition and answer, where the log has the tags of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The request named no tag.
    Without,
    /// The tag of the answer is among those of the request.
    Matches,
    /// It is not.
    Differs,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    /// Seconds since 1970; `None` where the line has no moment.
    pub(crate) time: Option<i64>,
    /// Hash of what tells clients apart.
    pub(crate) client: u64,
    /// Hash of the connection, one of 65,535; 0 where the log has none.
    pub(crate) connection: u16,
    /// Hash of host, path and query.
    pub(crate) resource: u64,
    /// Hash of host and path, and of the query where it is shown.
    pub(crate) path: u64,
    pub(crate) host_text: Span,
    pub(crate) path_text: Span,
    pub(crate) kind: Kind,
    pub(crate) status: u16,
    pub(crate) bytes: u64,
    /// Content-Length, where the log has it.
    pub(crate) length: Option<u64>,
    pub(crate) family: Family,
    /// Hash of the server that answered; 0 where none is named.
    pub(crate) upstream: u32,
    pub(crate) upstream_text: Span,
    pub(crate) condition: Condition,
    /// Hash of the one tag of the request without its quotes; 0 where there is none, or several.
    pub(crate) sent: u64,
    pub(crate) sent_text: Span,
    /// Hash of the tag of the answer without its quotes; 0 where there is none.
    pub(crate) tag: u64,
    pub(crate) tag_text: Span,
    /// Hash of the content coding; 0 for none.
    pub(crate) coding: u8,
    /// `If-Modified-Since` beside the tag; `Some(true)` if it is the date of the answer.
    pub(crate) date: Option<bool>,
}

/// What tells clients apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClientKey {
    /// Address and `User-Agent`.
    #[default]
    AddressAndAgent,
    /// Connection.
    Connection,
}

/// Reads lines of one log in turn.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineReader {
    pub(crate) clock: Clock,
    pub(crate) agents: Agents,
    pub(crate) key: ClientKey,
    /// True if queries are part of the paths that are shown.
    pub(crate) shows_query: bool,
}

impl LineReader {
    /// The event of a line that was taken apart; `None` if it has no status, or no request that could
    /// be one.
    pub(crate) fn event(&mut self, block: &[u8], fields: &Fields<'_>) -> Option<Event> {
        let status = status(fields.get(Field::Status))?;
        let request = Request::of(fields);
        let (family, agent) = self.agents.read(fields.get(Field::Agent));
        let (client, connection) = self.client(fields, agent);
        let shown = self.shown(request.target);
        let path = seeded(hashed(request.host), shown);
        let resource = seeded(path, &request.target[shown.len()..]);
        let resource = seeded(resource, request.query);
        let tags = Tags::of(fields, status);
        let upstream = last_upstream(fields.get(Field::Upstream));
        Some(Event {
            time: self.time(fields),
            client,
            connection,
            resource,
            path,
            host_text: Span::of(block, request.host).cut(128),
            path_text: Span::of(block, shown).cut(512),
            kind: kind(request.method, status),
            status,
            bytes: number(fields.get(Field::Bytes)).unwrap_or(0),
            length: number(fields.get(Field::Length)),
            family,
            upstream: if upstream.is_empty() { 0 } else { hashed(upstream) as u32 | 1 },
            upstream_text: Span::of(block, upstream).cut(128),
            condition: tags.condition,
            sent: tags.sent,
            sent_text: Span::of(block, fields.get(Field::NoneMatch)).cut(256),
            tag: tags.tag,
            tag_text: Span::of(block, fields.get(Field::Tag)).cut(256),
            coding: coding(fields.get(Field::Coding)),
            date: date(fields),
        })
    }

    /// The part of a target that is shown.
    fn shown<'a>(&self, target: &'a [u8]) -> &'a [u8] {
        if self.shows_query {
            return before(target, b'#');
        }
        position_of_either(b'?', b'#', target).map_or(target, |at| &target[..at])
    }

    fn time(&mut self, fields: &Fields<'_>) -> Option<i64> {
        match fields.get(Field::Clock) {
            [] => self.clock.read(fields.get(Field::Time)),
            clock => self.clock.read_parts(fields.get(Field::Day), clock),
        }
    }

    /// Hashes of client and connection.
    fn client(&self, fields: &Fields<'_>, agent: u64) -> (u64, u16) {
        let peer = fields.get(Field::Peer);
        let (peer_address, peer_port) = split_peer(peer);
        // Behind a balancer the connection is the balancer's.
        let forwarded = before(fields.get(Field::Forwarded), b',');
        let address = [forwarded, fields.get(Field::Address), peer_address];
        let address = address.into_iter().find(|one| !one.is_empty()).unwrap_or_default();
        let port = match fields.get(Field::Connection) {
            [] => peer_port,
            port => port,
        };
        let address = hashed(address);
        let connection = seeded(address, port);
        let number = if port.is_empty() { 0 } else { (connection >> 48) as u16 | 1 };
        let client = match self.key {
            ClientKey::Connection if !port.is_empty() => connection,
            _ => address ^ agent.rotate_left(17),
        };
        (client, number)
    }
}

/// Method, host and target, wherever the log has them.
struct Request<'a> {
    method: &'a [u8],
    host: &'a [u8],
    target: &'a [u8],
    query: &'a [u8],
}

impl<'a> Request<'a> {
    fn of(fields: &Fields<'a>) -> Self {
        let line = fields.get(Field::Request);
        let (method, target) = if line.is_empty() {
            (fields.get(Field::Method), fields.get(Field::Target))
        } else {
            of_line(line)
        };
        let (host, target) = match of_url(target) {
            Some((host, target)) => (host, target),
            None => (fields.get(Field::Host), target),
        };
        let query = fields.get(Field::Query);
        Self { method, host, target, query: query.strip_prefix(b"?").unwrap_or(query) }
    }
}

/// Method and target of `GET /path HTTP/1.1`; nothing of what is no request line.
fn of_line(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(space) = position(b' ', line) else { return (&[], &[]) };
    let (method, rest) = (&line[..space], &line[space + 1..]);
    let is_method =
        method == b"GET" || (method.len() <= 16 && method.iter().all(u8::is_ascii_uppercase));
    if is_method { (method, without_version(rest)) } else { (&[], &[]) }
}

/// A target without the version behind it, which has eight letters, or six as in `HTTP/2`.
fn without_version(rest: &[u8]) -> &[u8] {
    if let Some((target, [b' ', b'H', b'T', b'T', b'P', b'/', _, b'.', _])) =
        rest.split_last_chunk()
    {
        target
    } else if let Some((target, [b' ', b'H', b'T', b'T', b'P', b'/', _])) = rest.split_last_chunk()
    {
        target
    } else {
        rest
    }
}

/// Host and path of a whole URL.
fn of_url(target: &[u8]) -> Option<(&[u8], &[u8])> {
    if target.first() == Some(&b'/') {
        return None;
    }
    let rest = target.strip_prefix(b"http").map(|rest| rest.strip_prefix(b"s").unwrap_or(rest))?;
    let rest = rest.strip_prefix(b"://")?;
    let slash = memchr(b'/', rest).unwrap_or(rest.len());
    Some((&rest[..slash], &rest[slash..]))
}

fn kind(method: &[u8], status: u16) -> Kind {
    match (method, status) {
        ([b'G', b'E', b'T'], 200 | 304) => Kind::Poll,
        ([b'H', b'E', b'A', b'D'], _) => Kind::Head,
        ([b'G', b'E', b'T'], 206 | 416) => Kind::Partial,
        ([b'G', b'E', b'T'] | [], _) => Kind::OtherStatus,
        _ => Kind::OtherMethod,
    }
}

struct Tags {
    condition: Condition,
    sent: u64,
    tag: u64,
}

impl Tags {
    fn of(fields: &Fields<'_>, status: u16) -> Self {
        let (sent, tag) = (fields.get(Field::NoneMatch), fields.get(Field::Tag));
        if sent.is_empty() && tag.is_empty() {
            return Self { condition: Condition::Without, sent: 0, tag: 0 };
        }
        let hash = |tag: &[u8]| if tag.is_empty() { 0 } else { hashed(tag::inner(tag)) | 1 };
        let is_list = memchr(b',', sent).is_some();
        let tag_hash = hash(tag);
        let matches = if is_list {
            sent.split(|byte| *byte == b',').any(|one| hash(one.trim_ascii()) == tag_hash)
        } else {
            hash(sent) == tag_hash
        };
        let condition = match (sent.is_empty(), tag.is_empty()) {
            (true, _) => Condition::Without,
            // A 304 need not repeat the tag in every log.
            (false, true) if status == 304 => Condition::Matches,
            _ if matches => Condition::Matches,
            _ => Condition::Differs,
        };
        let sent_hash = if is_list { 0 } else { hash(sent) };
        Self { condition, sent: sent_hash, tag: tag_hash }
    }
}

fn date(fields: &Fields<'_>) -> Option<bool> {
    let since = fields.get(Field::ModifiedSince);
    (!since.is_empty()).then(|| since == fields.get(Field::LastModified))
}

/// Hash of a coding in few bits, 0 for none.
fn coding(value: &[u8]) -> u8 {
    match value {
        [] | b"identity" => 0,
        value => (hashed(value) >> 57) as u8 | 1,
    }
}

fn status(text: &[u8]) -> Option<u16> {
    let [hundreds @ b'0'..=b'9', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = text else {
        return None;
    };
    let digit = |byte: &u8| u16::from(byte - b'0');
    Some(digit(hundreds) * 100 + digit(tens) * 10 + digit(ones))
}

fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    let mut sum = 0_u64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some(sum)
}

fn before(text: &[u8], end: u8) -> &[u8] {
    // Most logs lack most fields.
    if text.is_empty() {
        return text;
    }
    position(end, text).map_or(text, |at| &text[..at])
}

/// Address and port behind the last colon.
fn split_peer(peer: &[u8]) -> (&[u8], &[u8]) {
    if peer.is_empty() {
        return (peer, peer);
    }
    match memchr::memrchr(b':', peer) {
        Some(colon) => (&peer[..colon], &peer[colon + 1..]),
        None => (peer, &[]),
    }
}

/// The server that answered in the end: nginx names all that it tried, with `, ` and ` : ` between
/// them.
fn last_upstream(tried: &[u8]) -> &[u8] {
    if tried.is_empty() {
        return tried;
    }
    if position(b' ', tried).is_none() {
        return if tried == b"-" { &[] } else { tried };
    }
    let last = match memmem::rfind(tried, b", ") {
        Some(at) => &tried[at + 2..],
        None => tried,
    };
    let last = memmem::rfind(last, b" : ").map_or(last, |at| &last[at + 3..]);
    if last == b"-" { &[] } else { last }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_from_lines_parts_and_urls() {
        for (line, expected) in [
            ("GET /a?b HTTP/1.1", ("GET", "", "/a?b")),
            ("GET /a b HTTP/2", ("GET", "", "/a b")),
            ("GET https://h.example/a HTTP/2.0", ("GET", "h.example", "/a")),
            ("GET http://h.example HTTP/1.1", ("GET", "h.example", "")),
            ("\\x16\\x03 x", ("", "", "")),
            ("", ("", "", "")),
        ] {
            let mut fields = Fields::none();
            fields.set(Field::Request, line.as_bytes());
            let request = Request::of(&fields);
            let found = [request.method, request.host, request.target];
            let found = found.map(|part| str::from_utf8(part).expect("text"));
            assert_eq!((found[0], found[1], found[2]), expected, "{line}");
        }
    }

    #[test]
    fn the_server_that_answered_is_the_last_of_those_tried() {
        for (list, expected) in [
            ("10.0.0.1:80", "10.0.0.1:80"),
            ("10.0.0.1:80, 10.0.0.2:80", "10.0.0.2:80"),
            ("10.0.0.1:80 : 10.0.0.3:80", "10.0.0.3:80"),
            ("unix:/tmp/a.sock", "unix:/tmp/a.sock"),
            ("10.0.0.1:80, -", ""),
            ("", ""),
        ] {
            assert_eq!(last_upstream(list.as_bytes()), expected.as_bytes(), "{list}");
        }
    }
}
