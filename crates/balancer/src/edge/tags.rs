//! Entity tags as field values, taken apart no further than edges need (RFC 9110 §8.8.3).

/// Adds `suffix` inside the closing quote, as httpd and its kin do; a value that is no tag, or an
/// empty one, stays as it is.
pub(crate) fn with_suffix(tag: &[u8], suffix: &str) -> Vec<u8> {
    match tag {
        // A tag shorter than `"x"` cannot hold a suffix.
        [start @ .., b'"'] if tag.len() > 2 => [start, suffix.as_bytes(), b"\""].concat(),
        _ => tag.to_vec(),
    }
}

/// Takes `suffix` from inside the closing quote; `None` when it is not there.
pub(crate) fn without_suffix(tag: &[u8], suffix: &str) -> Option<Vec<u8>> {
    let start = tag.strip_suffix(b"\"")?.strip_suffix(suffix.as_bytes())?;
    Some([start, b"\""].concat())
}

/// The field value with every tag that `replace` knows replaced; `None` when it knows none.
///
/// Commas inside quotes separate nothing, and what is no tag stays as it is.
pub(crate) fn each_replica_tag(
    value: &[u8],
    replace: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let (mut out, mut replaced) = (Vec::with_capacity(value.len()), false);
    let (mut start, mut quoted) = (0, false);
    for end in 0..=value.len() {
        match value.get(end) {
            Some(b'"') => quoted = !quoted,
            Some(b',') | None if !quoted || end == value.len() => {
                let member = &value[start..end];
                let tag = member.trim_ascii();
                match replace(tag) {
                    Some(known) => {
                        replaced = true;
                        let before = member.len() - member.trim_ascii_start().len();
                        out.extend_from_slice(&member[..before]);
                        out.extend_from_slice(&known);
                    }
                    None => out.extend_from_slice(member),
                }
                out.extend(value.get(end));
                start = end + 1;
            }
            _ => {}
        }
    }
    replaced.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_go_inside_the_quotes_and_come_out_again() {
        for (tag, coded) in [
            ("\"abc\"", "\"abc-gzip\""),
            ("W/\"abc\"", "W/\"abc-gzip\""),
            ("\"\"", "\"\""),
            ("abc", "abc"),
            ("", ""),
        ] {
            assert_eq!(with_suffix(tag.as_bytes(), "-gzip"), coded.as_bytes(), "{tag}");
            let back = without_suffix(coded.as_bytes(), "-gzip");
            assert_eq!(back, (tag != coded).then(|| tag.as_bytes().to_vec()), "{tag}");
        }
    }

    fn check(value: &str, expected: Option<&str>) {
        let found = each_replica_tag(value.as_bytes(), |tag| without_suffix(tag, "-gzip"));
        assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{value:?}");
    }

    #[test]
    fn every_tag_of_a_list_is_replaced_and_the_rest_stays() {
        check("\"a-gzip\"", Some("\"a\""));
        check("\"a\", W/\"b-gzip\" ,\"c-gzip\"", Some("\"a\", W/\"b\",\"c\""));
        check("\"a,b-gzip\"", Some("\"a,b\""));
        check("\"x-gzip\",", Some("\"x\","));
        check("\"a\", \"b\"", None);
        check("*", None);
        check("", None);
        check("\"open-gzip", None);
    }
}
