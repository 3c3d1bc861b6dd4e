//! Checks the `Host` of a request (RFC 9112 §3.2, RFC 9110 §7.2).
//!
//! Only the form: it does not know which hosts exist.

/// Reason to refuse a request with 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHost {
    /// An HTTP/1.1 request without the field.
    #[error("request has no Host field")]
    Missing,
    /// More than one field line, even if they are equal.
    #[error("request has several Host field lines")]
    Several,
    /// Not `uri-host [ ":" port ]`.
    #[error("Host field is not the name of a host")]
    Malformed,
}

/// Checks the values of all `Host` field lines of a request.
///
/// `is_required` where the request is of HTTP/1.1. An empty value is well-formed: it names a
/// target without an authority, which not every request may have.
pub fn check<'a>(
    mut lines: impl Iterator<Item = &'a [u8]>,
    is_required: bool,
) -> Result<Option<&'a [u8]>, InvalidHost> {
    let Some(host) = lines.next() else {
        return if is_required { Err(InvalidHost::Missing) } else { Ok(None) };
    };
    if lines.next().is_some() {
        return Err(InvalidHost::Several);
    }
    if is_host(host) { Ok(Some(host)) } else { Err(InvalidHost::Malformed) }
}

/// True of `uri-host [ ":" port ]`, where the host may be an address in brackets, or empty.
pub fn is_host(value: &[u8]) -> bool {
    let (is_valid_name, after) = if let Some(literal) = value.strip_prefix(b"[") {
        let Some(end) = literal.iter().position(|&octet| octet == b']') else { return false };
        (is_ip_literal(&literal[..end]), &literal[end + 1..])
    } else {
        let end = value.iter().position(|&octet| octet == b':').unwrap_or(value.len());
        (is_reg_name(&value[..end]), &value[end..])
    };
    is_valid_name
        && match after.split_first() {
            None => true,
            Some((b':', port)) => port.iter().all(u8::is_ascii_digit),
            Some(_) => false,
        }
}

/// `reg-name` (RFC 3986 §3.2.2), which an IPv4 address is, too.
fn is_reg_name(name: &[u8]) -> bool {
    let mut rest = name;
    while let Some((&octet, after)) = rest.split_first() {
        rest = match (octet, after) {
            (b'%', [one, two, after @ ..])
                if one.is_ascii_hexdigit() && two.is_ascii_hexdigit() =>
            {
                after
            }
            (octet, after) if is_unreserved_or_sub_delim(octet) => after,
            _ => return false,
        };
    }
    true
}

/// True of the text between brackets: an IPv6 address, or `v`, a version, a dot and the rest.
fn is_ip_literal(literal: &[u8]) -> bool {
    if let [b'v' | b'V', future @ ..] = literal {
        let Some(dot) = future.iter().position(|&octet| octet == b'.') else { return false };
        let (version, address) = (&future[..dot], &future[dot + 1..]);
        let is_address = |&octet: &u8| octet == b':' || is_unreserved_or_sub_delim(octet);
        return !version.is_empty()
            && version.iter().all(u8::is_ascii_hexdigit)
            && !address.is_empty()
            && address.iter().all(is_address);
    }
    str::from_utf8(literal).is_ok_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok())
}

fn is_unreserved_or_sub_delim(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_lines(lines: &[&str], expected: Result<Option<&[u8]>, InvalidHost>) {
        let values = || lines.iter().map(|line| line.as_bytes());
        assert_eq!(check(values(), true), expected, "{lines:?}");
    }

    #[test]
    fn names_and_addresses_with_and_without_a_port_are_hosts() {
        for host in [
            "lab",
            "lab.example:8080",
            "LAB.example.",
            "127.0.0.1:80",
            "[::1]",
            "[2001:db8::7]:443",
            "[::ffff:192.0.2.1]",
            "[v1.fe80::a+en1]",
            "xn--bcher-kva.example",
            "a%20b",
            "lab:",
            "a_b!$&'()*+,;=",
            "",
        ] {
            check_lines(&[host], Ok(Some(host.as_bytes())));
        }
    }

    #[test]
    fn everything_else_is_malformed() {
        for host in [
            "a b",
            "a/b",
            "user@lab",
            "http://lab",
            "lab:http",
            "lab:80:80",
            "lab:-1",
            "::1",
            "[::1",
            "[::1]x",
            "[:::1]",
            "[lab]",
            "[]",
            "[v.x]",
            "[v1.]",
            "lab?x",
            "lab#x",
            "lab\\x",
            "a%2",
            "a%zz",
            "b\u{fc}cher",
            "\"lab\"",
            "lab\t",
            "<lab>",
        ] {
            check_lines(&[host], Err(InvalidHost::Malformed));
        }
    }

    #[test]
    fn one_line_is_needed_and_no_more_is_allowed() {
        check_lines(&[], Err(InvalidHost::Missing));
        check_lines(&["lab", "lab"], Err(InvalidHost::Several));
        check_lines(&["lab", ""], Err(InvalidHost::Several));
        assert_eq!(check([].into_iter(), false), Ok(None));
    }
}
