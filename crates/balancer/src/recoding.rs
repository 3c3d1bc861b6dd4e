//! Applies an edge to the heads of an exchange, after the gateway has translated them.
//!
//! Works on the finished heads, parsed once more, instead of hooks in the translation: that costs an
//! exchange with an edge a second parse, and one without an edge a load and a comparison. A 304 passes
//! as it is, as with nginx, httpd and `HAProxy`.

use std::mem::MaybeUninit;
use std::ops::Range;

use httparse::Header;

use crate::coder::Coder;
use crate::edge::{Candidate, Edge, accepts_gzip, each_replica_tag, forbids_transform};
use crate::wire::{Addressee, MAX_FIELDS, ResponseHead, push_field};

/// Our own fields come on top of those that were received.
const MOST_FIELDS: usize = MAX_FIELDS + 8;

const ACCEPT_ENCODING: &str = "accept-encoding";

/// Facts of a request that an edge needs when the response arrives.
#[derive(Clone, Copy)]
pub(crate) struct EdgeRequest {
    edge: &'static Edge,
    accepts_gzip: bool,
    /// True when a tag of coded content was translated into the replica's own.
    translated: bool,
}

impl EdgeRequest {
    /// Reads the forwarded head of a request, translates the tags in it that the edge made, and
    /// takes out what it hides.
    pub(crate) fn of(edge: &'static Edge, head: &mut Vec<u8>) -> Self {
        let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let mut request = httparse::Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(head, &mut fields);
        let mut asked = Self { edge, accepts_gzip: false, translated: false };
        if parsed.is_err() {
            return asked;
        }
        asked.accepts_gzip = accepts_gzip(values(request.headers, ACCEPT_ENCODING));
        let mut changes: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
        for field in request.headers.iter() {
            let is = |name: &str| field.name.eq_ignore_ascii_case(name);
            if edge.hides_codings && is(ACCEPT_ENCODING) {
                changes.push((line_of(head, field), Vec::new()));
            } else if (is("if-none-match") || is("if-match"))
                && let Some(value) = each_replica_tag(field.value, edge.replica_tag)
            {
                let start = offset(head, field.value);
                changes.push((start..start + field.value.len(), value));
                asked.translated = true;
            }
        }
        // From the last one on, so that the places before it stay where they are.
        for (place, value) in changes.into_iter().rev() {
            head.splice(place, value);
        }
        asked
    }

    /// Changes the head of the response in `reply` as the edge does; the coder through which the
    /// content is to go, where it is to be coded.
    pub(crate) fn recode(
        self,
        reply: &mut Vec<u8>,
        head: &mut ResponseHead,
        addressee: &Addressee<'_>,
    ) -> Option<Box<Coder>> {
        let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let mut response = httparse::Response::new(&mut []);
        let parser = httparse::ParserConfig::default();
        parser.parse_response_with_uninit_headers(&mut response, reply, &mut fields).ok()?;
        let (status, fields) = (response.code.unwrap_or_default(), &*response.headers);
        if status == 304 && self.translated {
            // A 304 has the tag that the 200 in its place would have (RFC 9110 §15.4.5).
            let mut out = with_coded_tag(reply, fields, self.edge, |_| true);
            out.extend_from_slice(b"\r\n");
            *reply = out;
            return None;
        }
        let compression = self.edge.compression?;
        if !candidate(status, fields).is_codable(self.edge) {
            return None;
        }
        let varies = varies(fields);
        if !self.accepts_gzip {
            // Another client would have got this coded (RFC 9110 §12.5.5).
            if !varies {
                reply.truncate(reply.len() - 2);
                push_field(reply, "vary", b"Accept-Encoding");
                reply.extend_from_slice(b"\r\n");
            }
            return None;
        }
        // HTTP/1.0 knows no chunks: coded content of unknown length ends with the connection there.
        let chunked = addressee.minor > 0;
        let keep_alive = head.keep_alive && chunked;
        let is_kept = |name: &str| !REPLACED.iter().any(|other| name.eq_ignore_ascii_case(other));
        let mut out = with_coded_tag(reply, fields, self.edge, is_kept);
        if !varies {
            push_field(&mut out, "vary", b"Accept-Encoding");
        }
        push_field(&mut out, "content-encoding", b"gzip");
        if chunked && !addressee.head {
            push_field(&mut out, "transfer-encoding", b"chunked");
        }
        if !keep_alive && !addressee.head {
            push_field(&mut out, "connection", b"close");
        } else if let Some(as_before) = values(fields, "connection").next() {
            push_field(&mut out, "connection", as_before);
        }
        out.extend_from_slice(b"\r\n");
        *reply = out;
        if addressee.head {
            return None;
        }
        (head.keep_alive, head.decode) = (keep_alive, !chunked);
        Some(Box::new(Coder::new(compression.level, chunked)))
    }
}

fn values<'a>(fields: &'a [Header<'a>], name: &str) -> impl Iterator<Item = &'a [u8]> {
    let is_named = move |field: &&Header<'_>| field.name.eq_ignore_ascii_case(name);
    fields.iter().filter(is_named).map(|field| field.value)
}

fn candidate<'a>(status: u16, fields: &'a [Header<'a>]) -> Candidate<'a> {
    let value = |name: &str| values(fields, name).next();
    let length =
        value("content-length").and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
    Candidate {
        status,
        length,
        content_type: value("content-type").unwrap_or_default(),
        is_coded: value("content-encoding").is_some(),
        is_partial: value("content-range").is_some(),
        keeps_form: values(fields, "cache-control").any(forbids_transform),
    }
}

fn varies(fields: &[Header<'_>]) -> bool {
    let mut members = values(fields, "vary").flat_map(|value| value.split(|&byte| byte == b','));
    members.any(|member| {
        let member = member.trim_ascii();
        member == b"*" || member.eq_ignore_ascii_case(b"accept-encoding")
    })
}

/// Fields that describe the content as it was, its length, its ranges, digests of its bytes; and the
/// connection, which may have to end otherwise.
///
/// `HAProxy`, nginx and httpd let a `Repr-Digest` pass, which is then wrong.
const REPLACED: [&str; 8] = [
    "content-length",
    "transfer-encoding",
    "accept-ranges",
    "content-md5",
    "content-digest",
    "repr-digest",
    "digest",
    "connection",
];

/// The status line, and the fields that are kept, with the tag that the edge gives to coded content.
fn with_coded_tag(
    head: &[u8],
    fields: &[Header<'_>],
    edge: &Edge,
    is_kept: impl Fn(&str) -> bool,
) -> Vec<u8> {
    let line_end = head.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let mut out = head[..line_end].to_vec();
    for &Header { name, value } in fields {
        if name.eq_ignore_ascii_case("etag") {
            if let Some(tag) = (edge.coded_tag)(value) {
                push_field(&mut out, name, &tag);
            }
        } else if is_kept(name) {
            push_field(&mut out, name, value);
        }
    }
    out
}

/// Range of the line of `field` in `head`, with its line end; lines are not folded.
fn line_of(head: &[u8], field: &Header<'_>) -> Range<usize> {
    let start = offset(head, field.name.as_bytes());
    let length = head[start..].iter().position(|&byte| byte == b'\n');
    start..length.map_or(head.len(), |length| start + length + 1)
}

fn offset(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
}
