//! Field lines of a head that was parsed already, for the few fields that only some clients read:
//! the others do not pay for them.
//!
//! Checks nothing: folded lines and control characters were refused before.

/// Name and value of each field line, in order; values without the white space around them.
pub(crate) fn lines(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    head.split(|&byte| byte == b'\n').skip(1).filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    })
}

/// The value of the first line with this name.
pub(crate) fn value<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let is_named = |line: &(&[u8], &[u8])| line.0.eq_ignore_ascii_case(name.as_bytes());
    lines(head).find(is_named).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"HTTP/1.1 200 OK: fine\r\nLAST-Modified:\t a: b \r\nX:\r\nX: 2\r\n\r\n";

    #[test]
    fn values_are_found_whatever_the_case_and_the_status_line_is_no_field() {
        assert_eq!(value(HEAD, "last-modified"), Some(&b"a: b"[..]));
        assert_eq!(value(HEAD, "x"), Some(&b""[..]));
        assert_eq!(value(HEAD, "HTTP/1.1 200 OK"), None);
        assert_eq!(lines(HEAD).count(), 3);
    }
}
