//! Modification time in nanoseconds and size of the file in base 36, as Caddy 2 writes them.
//!
//! Leaves the tag out where the time says nothing (0 and 1 second after 1970), as Caddy does
//! since frozen times made it answer 304 for changed files.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "mtime-base36",
    summary: "Mtime in nanoseconds and size, in base 36 and joined, as in \
              \"b4m2t5kwbqpsh0\".",
    seen_in: "Caddy 2 (its latest versions put a hyphen between)",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let file = facts.file();
    // Reproducible builds stamp every copy so, whatever it holds.
    if matches!(file.modified_s(), 0 | 1) {
        return None;
    }
    // Caddy counts in signed 64 bits, which last until the year 2262.
    let modified_ns = file.modified_ns as i64;
    let sign = if modified_ns < 0 { "-" } else { "" };
    let (time, size) = (base36(modified_ns.unsigned_abs()), base36(file.size_bytes));
    Some(EntityTag::strong(format!("{sign}{time}{size}")).expect("base 36 is etagc"))
}

/// Lower-case digits of base 36 without leading zeros.
fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((number % 36) as u32, 36).expect("a digit is below its base"));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::FileMetadata;

    fn check(file: FileMetadata, expected: Option<&str>) {
        let tag = entity_tag(&RepresentationFacts { file: Some(file), ..Default::default() });
        assert_eq!(tag.map(|tag| tag.to_string()).as_deref(), expected);
    }

    const WELCOME: FileMetadata =
        FileMetadata { inode: 7, size_bytes: 612, modified_ns: 1_464_705_622_000_000_000 };

    #[test]
    fn the_form_is_that_of_calculate_etag() {
        // strconv.FormatInt(mtime.UnixNano(), 36) + strconv.FormatInt(size, 36)
        check(WELCOME, Some(r#""b4m2t5kwbqpsh0""#));
        check(FileMetadata { size_bytes: 0, ..WELCOME }, Some(r#""b4m2t5kwbqps0""#));
        check(FileMetadata { size_bytes: 1, modified_ns: -37, ..WELCOME }, Some(r#""-111""#));
    }

    #[test]
    fn a_time_that_says_nothing_makes_no_tag() {
        check(FileMetadata { modified_ns: 0, ..WELCOME }, None);
        check(FileMetadata { modified_ns: 1_999_999_999, ..WELCOME }, None);
        check(FileMetadata { modified_ns: 2_000_000_000, ..WELCOME }, Some(r#""x2qxvkh0""#));
    }
}
