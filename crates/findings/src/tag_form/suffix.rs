//! Suffixes that a compressing server or gateway puts inside the quotes: `-gzip`, `;br`, `+gzip`.

const CODINGS: [&str; 8] = ["gzip", "br", "zstd", "deflate", "brotli", "gz", "df", "zst"];
const SEPARATORS: [char; 8] = ['-', ';', '+', ':', '.', '/', '_', '~'];

/// The tag without the suffix of a content coding, and the suffix, separators included.
pub fn split_suffix(tag: &str) -> (&str, &str) {
    for coding in CODINGS {
        let Some(head) = tag.strip_suffix(coding) else { continue };
        let base = head.trim_end_matches(SEPARATORS);
        if base.len() < head.len() && !base.is_empty() {
            return tag.split_at(base.len());
        }
    }
    (tag, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_of_real_servers_come_off_and_nothing_else_does() {
        for (tag, expected) in [
            ("5f-6a-gzip", ("5f-6a", "-gzip")),
            ("abc--gzip", ("abc", "--gzip")),
            ("abc;gzip", ("abc", ";gzip")),
            ("abc+gzip", ("abc", "+gzip")),
            ("abc-br", ("abc", "-br")),
            ("abcgzip", ("abcgzip", "")),
            ("gzip", ("gzip", "")),
            ("-gzip", ("-gzip", "")),
            ("", ("", "")),
        ] {
            assert_eq!(split_suffix(tag), expected, "{tag}");
        }
    }
}
