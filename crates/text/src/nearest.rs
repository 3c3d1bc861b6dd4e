//! Suggestions for names that do not exist: `did you mean …?`

use crate::excerpt;

// More would push the message itself off the screen; the commands that list them have all.
const MOST_LISTED: usize = 8;
const MOST_NEAR: usize = 6;

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
    match nearest(given, candidates) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("known: {}", first_of(candidates)),
    }
}

/// A list in prose, of a long one the beginning: `a`, `b` and 40 more.
pub fn first_of(candidates: &[&str]) -> String {
    // One more name takes no more room than "and 1 more".
    let shown = if candidates.len() <= MOST_LISTED { candidates.len() } else { MOST_LISTED - 2 };
    let (first, rest) = candidates.split_at(shown);
    let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{rest}", listed(first))
}

/// Names that may have been meant, the likeliest first; at most six.
pub fn near<'a>(given: &str, candidates: &[&'a str]) -> Vec<&'a str> {
    let short = letters(given);
    let is_part = |candidate: &&&str| short.len() >= 4 && letters(candidate).contains(&short);
    let mut near: Vec<_> = nearest(given, candidates).into_iter().collect();
    for candidate in candidates.iter().filter(is_part) {
        if near.len() < MOST_NEAR && !near.contains(candidate) {
            near.push(candidate);
        }
    }
    near
}

/// Letters and digits of a name alone, in lower case: `nodelocal` for `node-local`.
pub fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Names as a list in prose.
pub fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{}`", excerpt(name))).collect::<Vec<_>>().join(", ")
}

/// `a`, `b` or `c`.
pub fn alternatives(names: &[&str]) -> String {
    match names {
        [first @ .., second, last] => {
            format!("{} or `{}`", listed(&[first, &[*second]].concat()), excerpt(last))
        }
        _ => listed(names),
    }
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

    #[test]
    fn a_long_list_is_shown_in_part() {
        let names: Vec<_> = (0..30).map(|_| "name").collect();
        assert_eq!(first_of(&names[..8]).matches("name").count(), 8);
        assert!(first_of(&names).ends_with("`name` and 24 more"));
        assert_eq!(near("hash", &["content-hash", "none", "hash-x"]), ["content-hash", "hash-x"]);
        assert_eq!(near("name", &names), ["name"]);
    }
}
