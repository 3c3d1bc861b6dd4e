//! Decides whether a client wants gzip (RFC 9110 §12.5.3).
//!
//! Reads no weights itself: that is `semantics`, with the one coding that these edges know on offer.

use semantics::coding::{Coding, preferred};

/// True when the values of all `Accept-Encoding` field lines ask for gzip.
///
/// Without the field the answer is no, as all products have it: a client that says nothing may be
/// one that cannot decode. `gzip;q=0` is a refusal, and so is a weight that is malformed; a client
/// that prefers `identity` gets that.
pub fn accepts_gzip<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    preferred(lines, std::iter::once(Coding::Gzip)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

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
