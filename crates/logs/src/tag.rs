//! Tags as logs write them: with their quotes escaped in the way of each product.

/// Quotes in the notations of logs: plain, of JSON and Apache, of nginx, of `HAProxy`.
const QUOTES: [&[u8]; 4] = [b"\"", b"\\\"", b"\\x22", b"#22"];

/// The octets between the quotes, without the sign of weakness; two tags with the same are equal in
/// weak comparison (RFC 9110 §8.8.3.2).
pub(crate) fn inner(tag: &[u8]) -> &[u8] {
    let tag = tag.strip_prefix(b"W/").unwrap_or(tag);
    let open = |quote: &&[u8]| tag.len() >= 2 * quote.len() && tag.starts_with(quote);
    let quoted = QUOTES.iter().filter(|quote| open(quote)).find(|quote| tag.ends_with(quote));
    quoted.map_or(tag, |quote| &tag[quote.len()..tag.len() - quote.len()])
}

/// Reports whether a tag has its quotes.
pub(crate) fn is_quoted(tag: &[u8]) -> bool {
    let strong = tag.strip_prefix(b"W/").unwrap_or(tag);
    inner(tag).len() < strong.len()
}

/// Reports whether a tag is weak.
pub(crate) fn is_weak(tag: &[u8]) -> bool {
    tag.starts_with(b"W/")
}

/// The tag as it travelled.
pub(crate) fn plain(tag: &[u8]) -> Vec<u8> {
    if is_quoted(tag) {
        let weak: &[u8] = if is_weak(tag) { b"W/" } else { b"" };
        [weak, b"\"", inner(tag), b"\""].concat()
    } else {
        tag.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_come_off_in_the_notation_of_each_product() {
        for (tag, expected, is_whole) in [
            ("\"a\"", "a", true),
            ("W/\"a\"", "a", true),
            ("\\\"a\\\"", "a", true),
            ("W/\\x22a\\x22", "a", true),
            ("#22a#22", "a", true),
            ("a", "a", false),
            ("W/a", "a", false),
            ("\"a", "\"a", false),
            ("\"\"", "", true),
            ("\"", "\"", false),
            ("", "", false),
        ] {
            assert_eq!(inner(tag.as_bytes()), expected.as_bytes(), "{tag}");
            assert_eq!(is_quoted(tag.as_bytes()), is_whole, "{tag}");
        }
        assert_eq!(plain(b"W/\\x22a\\x22"), b"W/\"a\"");
        assert_eq!(plain(b"a"), b"a");
    }
}
