//! Suggestions for names that do not exist: `did you mean …?`

use crate::excerpt;

/// The candidate most like the name that was given; `None` when none is close.
pub fn nearest<'a>(given: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let given = normal(given);
    let distance = |candidate: &str| strsim::damerau_levenshtein(&given, &normal(candidate));
    // One slip in three characters: more would suggest names that only share a few letters.
    let close = given.chars().count().max(3) / 3;
    let similar = candidates.iter().copied().filter(|candidate| distance(candidate) <= close);
    // A part of a name is far from it in edits: `counter` for `per-process-counter`.
    let part = || {
        let contains = |candidate: &&&str| given.len() >= 4 && normal(candidate).contains(&given);
        candidates.iter().find(contains).copied()
    };
    similar.min_by_key(|candidate| distance(candidate)).or_else(part)
}

/// `did you mean …?`, or else the names there are, of a long list the first ones.
pub fn suggestion(given: &str, candidates: &[&str]) -> String {
    if let Some(name) = nearest(given, candidates) {
        return format!("did you mean `{name}`?");
    }
    // More would push the message itself off the screen; the commands that list them have all.
    let (first, rest) = candidates.split_at(candidates.len().min(18));
    let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("known: {}{rest}", listed(first))
}

/// Names as a list in prose.
pub fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{}`", excerpt(name))).collect::<Vec<_>>().join(", ")
}

fn normal(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, expected: Option<&str>) {
        let names = ["per-process-counter", "content-hash", "all-200s", "scale-out"];
        assert_eq!(nearest(given, &names), expected, "{given:?}");
    }

    #[test]
    fn slips_and_parts_find_their_name_and_nothing_else_does() {
        check("content-hsah", Some("content-hash"));
        check("Content_Hash", Some("content-hash"));
        check("scaleout", Some("scale-out"));
        check("counter", Some("per-process-counter"));
        check("all-200", Some("all-200s"));
        check("etag", None);
        check("", None);
    }
}
