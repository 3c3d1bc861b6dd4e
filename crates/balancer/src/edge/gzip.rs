//! Compression as layers do it that compress on the way: which responses, for which clients, and
//! how their fields then read.
//!
//! Products differ in details; these rules are what most of them share, and where they differ the
//! standard decides: `no-transform` is honoured (nginx and httpd do not), and HEAD is answered with
//! the fields of GET (httpd and `HAProxy` do not). Only a 200 is touched, so a 304 passes as it is, as
//! with nginx, httpd and `HAProxy`.

use semantics::coding::{Coding, preferred};

use super::{GzipLevel, MessageHead};

/// Compression settings of an edge; the entries use the defaults of the products.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gzip {
    pub(crate) level: GzipLevel,
    /// Least length of content that is worth coding; content of unknown length is coded.
    pub(crate) least_bytes: u64,
}

/// Fields that describe the content as it was: its ranges, and digests of its bytes.
///
/// `HAProxy`, nginx and httpd let a `Repr-Digest` pass, which is then wrong.
const OUTDATED: [&str; 5] =
    ["accept-ranges", "content-md5", "content-digest", "repr-digest", "digest"];

impl Gzip {
    /// Changes the fields of a response whose content such a layer codes; returns the level where
    /// this client gets it coded.
    ///
    /// `coded_tag` gives the tag under which coded content leaves, from the value that the replica
    /// sent; `None` sends it without one.
    pub(crate) fn code(
        self,
        request: &MessageHead,
        response: &mut MessageHead,
        coded_tag: impl Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> Option<GzipLevel> {
        if !self.is_candidate(response) {
            return None;
        }
        if !varies(response) {
            // Another client would have got another form (RFC 9110 §12.5.5).
            response.add("vary", b"Accept-Encoding");
        }
        if !accepts_gzip(request.values("accept-encoding")) {
            return None;
        }
        response.replace("etag", coded_tag);
        for name in OUTDATED {
            response.remove(name);
        }
        response.add("content-encoding", b"gzip");
        Some(self.level)
    }

    /// True of content that is coded for a client that accepts it: neither coded before nor a part,
    /// which is no content of its own.
    fn is_candidate(self, response: &MessageHead) -> bool {
        let digits = response.value("content-length");
        let length = digits.and_then(|digits| str::from_utf8(digits).ok()?.parse::<u64>().ok());
        response.status() == 200
            && length.is_none_or(|length| length >= self.least_bytes.max(1))
            && is_compressible(response.value("content-type").unwrap_or_default())
            && response.value("content-encoding").is_none()
            && response.value("content-range").is_none()
            && !response.values("cache-control").any(forbids_transform)
    }
}

fn varies(response: &MessageHead) -> bool {
    let mut members = response.values("vary").flat_map(|value| value.split(|&byte| byte == b','));
    members.any(|member| {
        let member = member.trim_ascii();
        member == b"*" || member.eq_ignore_ascii_case(b"accept-encoding")
    })
}

/// True when the values of all `Accept-Encoding` field lines ask for gzip.
///
/// Without the field the answer is no, as all products have it: a client that says nothing may be
/// one that cannot decode. `gzip;q=0` is a refusal, and so is a weight that is malformed; a client
/// that prefers `identity` gets that.
fn accepts_gzip<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    preferred(lines, std::iter::once(Coding::Gzip)).is_some()
}

/// True when the directives of one `Cache-Control` line contain `no-transform` (RFC 9111 §5.2.2.6).
fn forbids_transform(cache_control: &[u8]) -> bool {
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
