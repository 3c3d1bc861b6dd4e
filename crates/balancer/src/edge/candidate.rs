//! Selects the responses that a compressing layer codes, and the clients that want it.
//!
//! Products differ in details; these rules are what most of them share, and where they differ the
//! standard decides: `no-transform` is honoured (nginx and httpd do not), and HEAD is answered with
//! the fields of GET (httpd and `HAProxy` do not).

use semantics::coding::{Coding, preferred};

use super::Edge;

/// A response, as far as an edge decides by it whether to code the content.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Status code.
    pub status: u16,
    /// Length of the content, where it is known beforehand.
    pub length: Option<u64>,
    /// Value of `Content-Type`; empty without one.
    pub content_type: &'a [u8],
    /// A content coding was applied before.
    pub is_coded: bool,
    /// The response has `Content-Range`: a part is no content of its own.
    pub is_partial: bool,
    /// `Cache-Control` forbids a transformation (RFC 9111 §5.2.2.6).
    pub keeps_form: bool,
}

impl Candidate<'_> {
    /// True when this edge would code the content for a client that accepts it.
    pub fn is_codable(&self, edge: &Edge) -> bool {
        let Some(compression) = edge.compression else { return false };
        self.status == 200
            && !self.is_coded
            && !self.is_partial
            && !self.keeps_form
            && self.length.is_none_or(|length| length >= compression.least_bytes.max(1))
            && is_compressible(self.content_type)
    }
}

/// True when the values of all `Accept-Encoding` field lines ask for gzip.
///
/// Without the field the answer is no, as all products have it: a client that says nothing may be
/// one that cannot decode. `gzip;q=0` is a refusal, and so is a weight that is malformed; a client
/// that prefers `identity` gets that.
pub fn accepts_gzip<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    preferred(lines, std::iter::once(Coding::Gzip)).is_some()
}

/// True when the directives of one `Cache-Control` line contain `no-transform`.
pub fn forbids_transform(cache_control: &[u8]) -> bool {
    let mut directives = cache_control.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    directives.any(|directive| directive.eq_ignore_ascii_case(b"no-transform"))
}

/// True of content that is text in some form. Not of event streams: events are sent as they happen, and
/// compression would hold them back.
fn is_compressible(content_type: &[u8]) -> bool {
    let essence = content_type.split(|&byte| byte == b';').next().unwrap_or_default();
    let essence = essence.trim_ascii().to_ascii_lowercase();
    match essence.as_slice() {
        b"text/event-stream" => false,
        b"application/json"
        | b"application/javascript"
        | b"application/xml"
        | b"application/x-ndjson"
        | b"application/toml"
        | b"application/yaml" => true,
        other => {
            let is_text = other.starts_with(b"text/");
            is_text || other.ends_with(b"+json") || other.ends_with(b"+xml")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_any_form_is_compressible() {
        for (content_type, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/html;charset=utf-8", true),
            ("image/svg+xml", true),
            ("application/problem+json", true),
            ("text/event-stream", false),
            ("image/png", false),
            ("application/octet-stream", false),
            ("", false),
        ] {
            assert_eq!(is_compressible(content_type.as_bytes()), expected, "{content_type:?}");
        }
    }

    #[test]
    fn no_transform_is_found_among_directives() {
        for (line, expected) in [
            ("no-transform", true),
            ("max-age=60 , No-Transform", true),
            ("no-cache", false),
            ("x-no-transform", false),
            ("", false),
        ] {
            assert_eq!(forbids_transform(line.as_bytes()), expected, "{line:?}");
        }
    }

    fn check(lines: &[&str], expected: bool) {
        assert_eq!(accepts_gzip(lines.iter().map(|line| line.as_bytes())), expected, "{lines:?}");
    }

    #[test]
    fn gzip_is_wanted_by_name_and_by_wildcard() {
        for line in ["gzip", "GZIP", "x-gzip", "br, gzip;q=0.5", "*", "*;q=0.1", "gzip; q=1.000"] {
            check(&[line], true);
        }
        check(&["br", "gzip"], true);
        check(&["gzip, identity"], true);
        check(&["*;q=0, gzip"], true);
    }

    #[test]
    fn silence_and_refusal_get_identity() {
        check(&[], false);
        for line in
            ["", "identity", "br", "gzip;q=0", "gzip;q=0.000", "*, gzip;q=0", "gzip, gzip;q=0"]
        {
            check(&[line], false);
        }
    }

    #[test]
    fn a_malformed_weight_is_a_refusal_and_a_preference_is_kept() {
        for line in
            ["gzip;q", "gzip;q=x", "gzip;q=2", "gzip;q=0.1234", "gzip;q=1.5", "gzip;level=1"]
        {
            check(&[line], false);
        }
        check(&["identity, gzip;q=0.5"], false);
        check(&["identity;q=0.5, gzip"], true);
        // The wildcard covers `identity`, too.
        check(&["gzip;q=0.5, *"], false);
    }
}
