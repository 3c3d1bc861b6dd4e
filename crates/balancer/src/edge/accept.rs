//! Whether a client wants gzip (RFC 9110 §12.5.3).
//!
//! Chooses among nothing: these edges know one coding.

/// Whether the values of all `Accept-Encoding` field lines ask for gzip.
///
/// Without the field the answer is no, as all products have it: a client that says nothing may be
/// one that cannot decode. `gzip;q=0` is a refusal, and so is a weight that is malformed; a client
/// that prefers `identity` gets that.
pub fn accepts_gzip<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let (mut gzip, mut identity, mut others) = (None, None, None);
    for member in lines.flat_map(|line| line.split(|&byte| byte == b',')) {
        let mut parts = member.splitn(2, |&byte| byte == b';');
        let name = parts.next().unwrap_or_default().trim_ascii();
        let quality = parts.next().map_or(Some(1_000), thousandths).unwrap_or(0);
        let place = match name {
            b"*" => &mut others,
            _ if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") => {
                &mut gzip
            }
            _ if name.eq_ignore_ascii_case(b"identity") => &mut identity,
            _ => continue,
        };
        // Named twice, the lower one counts: better a coding too few than one too many.
        *place = Some(place.map_or(quality, |before: u16| before.min(quality)));
    }
    let gzip = gzip.or(others).unwrap_or(0);
    gzip > 0 && gzip >= identity.unwrap_or(0)
}

/// `q=0.5` in thousandths, with at most three decimals (RFC 9110 §12.4.2).
fn thousandths(weight: &[u8]) -> Option<u16> {
    let [b'q' | b'Q', b'=', value @ ..] = weight.trim_ascii() else { return None };
    let (whole, decimals) = match value {
        [whole] => (whole, &[][..]),
        [whole, b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
    let mut sum = digit(whole)? * 1_000;
    for (byte, worth) in decimals.iter().zip([100, 10, 1]) {
        sum += digit(byte)? * worth;
    }
    (sum <= 1_000).then_some(sum)
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
    }
}
