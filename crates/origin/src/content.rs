//! Sample content: a JSON configuration of exactly the size that is asked for.
//!
//! The same size, seed and edition give the same bytes on every machine and in every version of
//! the lab, for tables that are reproducible to the byte; hence a generator of its own and not
//! that of a library. Does not read or write files.

mod document;

/// A content of exactly `size_bytes` bytes, valid JSON from 1 byte on.
///
/// Large enough, it is a configuration of features, endpoints and limits, and its last member is
/// openly named `padding`. Two editions of the same seed differ in `revision` and a few values.
/// Below that, it is an object that holds the revision and padding, and below 9 bytes a number;
/// then editions repeat once the digits are used up, which a single byte does after 10.
pub fn sample(size_bytes: usize, seed: u64, edition: u32) -> Vec<u8> {
    let content = document::write(size_bytes, seed, edition)
        .or_else(|| revision_and_padding(size_bytes, edition))
        .or_else(|| revision_only(size_bytes, edition))
        .unwrap_or_else(|| number(size_bytes, edition));
    debug_assert_eq!(content.len(), size_bytes);
    content.into_bytes()
}

/// `{"revision":"00000001","padding":"…"}`, from 36 bytes on.
fn revision_and_padding(size_bytes: usize, edition: u32) -> Option<String> {
    let opening = format!(r#"{{"revision":"{edition:08x}","padding":""#);
    let padding_bytes = size_bytes.checked_sub(opening.len() + r#""}"#.len())?;
    Some(format!(r#"{opening}{}"}}"#, ".".repeat(padding_bytes)))
}

/// `{"r":"001"}`, from 9 bytes on.
fn revision_only(size_bytes: usize, edition: u32) -> Option<String> {
    let width = size_bytes.checked_sub(r#"{"r":""}"#.len())?;
    if width == 0 {
        return None;
    }
    let revision = u64::from(edition) % spellings(width);
    Some(format!(r#"{{"r":"{revision:0width$}"}}"#))
}

/// A number without leading zeros, which JSON forbids; nothing at all for 0 bytes.
fn number(size_bytes: usize, edition: u32) -> String {
    match size_bytes {
        0 => String::new(),
        1 => (edition % 10).to_string(),
        _ => {
            let smallest = spellings(size_bytes - 1);
            (smallest + u64::from(edition) % (spellings(size_bytes) - smallest)).to_string()
        }
    }
}

/// Count of numbers with at most `digits` digits, of those that an edition can reach.
fn spellings(digits: usize) -> u64 {
    10_u64.pow(digits.min(10) as u32)
}

/// The content with this replica's name in it: as the first member of a JSON object, else in a
/// line of its own at the end.
pub fn naming(content: &[u8], replica: &str) -> Vec<u8> {
    let first = |content: &[u8]| content.iter().position(|byte| !byte.is_ascii_whitespace());
    match first(content) {
        Some(brace) if content[brace] == b'{' => {
            let (before, after) = content.split_at(brace + 1);
            let is_empty = first(after).is_some_and(|next| after[next] == b'}');
            let comma = if is_empty { "" } else { "," };
            let member = format!("\"served_by\":\"{replica}\"{comma}");
            [before, member.as_bytes(), after].concat()
        }
        _ => [content, format!("\nserved by {replica}\n").as_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn parsed(content: &[u8]) -> Value {
        let text = String::from_utf8_lossy(content);
        serde_json::from_slice(content).unwrap_or_else(|e| panic!("{e} in {text}"))
    }

    #[test]
    fn every_size_is_exact_and_valid_json() {
        for size_bytes in (1..=2_000).chain([8_192, 65_537, 2 * 1_024 * 1_024]) {
            for edition in [0, 1, 99, u32::MAX] {
                let content = sample(size_bytes, 42, edition);
                assert_eq!(content.len(), size_bytes);
                parsed(&content);
            }
        }
        assert_eq!(sample(0, 42, 1), b"");
    }

    #[test]
    fn editions_differ_as_far_as_the_size_allows() {
        for (size_bytes, editions) in [(1, 10), (2, 90), (3, 500), (8, 500), (9, 10), (10, 100)]
            .into_iter()
            .chain((11..400).map(|size_bytes| (size_bytes, 300)))
        {
            let distinct: std::collections::HashSet<_> =
                (0..editions).map(|edition| sample(size_bytes, 42, edition)).collect();
            assert_eq!(distinct.len(), editions as usize, "{size_bytes} bytes");
        }
    }

    #[test]
    fn the_same_three_numbers_give_the_same_bytes() {
        assert_eq!(sample(8_192, 42, 3), sample(8_192, 42, 3));
        assert_ne!(sample(8_192, 42, 3), sample(8_192, 43, 3));
    }

    #[test]
    fn tiny_contents_are_what_their_documentation_says() {
        assert_eq!(sample(1, 42, 7), b"7");
        assert_eq!(sample(2, 42, 7), b"17");
        assert_eq!(sample(9, 42, 7), br#"{"r":"7"}"#);
        assert_eq!(sample(11, 42, 7), br#"{"r":"007"}"#);
        assert_eq!(sample(40, 42, 7), br#"{"revision":"00000007","padding":"...."}"#[..].to_vec());
    }

    #[test]
    fn eight_kilobytes_are_a_configuration_with_features_endpoints_and_limits() {
        let config = parsed(&sample(8_192, 42, 1));
        for section in ["features", "endpoints", "limits"] {
            let members = config[section].as_object().map_or(0, serde_json::Map::len);
            assert!(members > 5, "{section} has {members} members");
        }
        assert_eq!(config["revision"], "00000001");
        assert!(config["padding"].as_str().is_some_and(|padding| padding.len() < 200));
    }

    #[test]
    fn an_edition_changes_a_few_values_only() {
        let (one, two) = (sample(8_192, 42, 1), sample(8_192, 42, 2));
        let changed = one.iter().zip(&two).filter(|(one, two)| one != two).count();
        assert!((2..200).contains(&changed), "{changed} bytes");
    }

    fn check(content: &str, expected: &str) {
        assert_eq!(String::from_utf8_lossy(&naming(content.as_bytes(), "r2")), expected);
    }

    #[test]
    fn an_object_stays_an_object() {
        check("{\n \"a\": 1\n}\n", "{\"served_by\":\"r2\",\n \"a\": 1\n}\n");
        check(" { }", " {\"served_by\":\"r2\" }");
    }

    #[test]
    fn anything_else_gets_a_line_more() {
        check("plain", "plain\nserved by r2\n");
        check("", "\nserved by r2\n");
    }
}
