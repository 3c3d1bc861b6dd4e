//! Optional white space, `OWS = *( SP / HTAB )` (RFC 9110 §5.6.3).
//!
//! Narrower than ASCII white space on purpose: a form feed is content, not decoration.

/// `bytes` without the optional white space around them.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    let bytes = &bytes[leading(bytes)..];
    let trailing = bytes.iter().rev().take_while(|&&byte| is_ows(byte)).count();
    &bytes[..bytes.len() - trailing]
}

/// Number of octets of optional white space at the start.
pub(crate) fn leading(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| is_ows(byte)).count()
}

fn is_ows(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spaces_and_tabs_at_the_ends_are_trimmed() {
        assert_eq!(trim(b" \t a b\t "), b"a b");
        assert_eq!(trim(b"\x0ca\r"), b"\x0ca\r");
        assert_eq!(trim(b" \t "), b"");
        assert_eq!(trim(b""), b"");
    }
}
