//! Did you mean …?

use super::diagnostic::shown;

/// The candidate that the user most likely meant; `None` when nothing is close.
pub(crate) fn nearest<'a>(given: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let given = normal(given);
    let distance = |candidate: &str| strsim::damerau_levenshtein(&given, &normal(candidate));
    let close = given.chars().count().max(3) / 3;
    let similar = candidates
        .iter()
        .map(|candidate| (distance(candidate), *candidate))
        .filter(|(distance, _)| *distance <= close)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    // `counter` for `per-process-counter`.
    let part = || {
        let contains = |candidate: &&&str| given.len() >= 4 && normal(candidate).contains(&given);
        candidates.iter().find(contains).copied()
    };
    similar.or_else(part)
}

/// Longest list in a message.
const MOST_LISTED: usize = 18;

/// `did you mean …?`, or else what there is, of a long list the beginning.
pub(crate) fn suggestion(given: &str, candidates: &[&str]) -> String {
    if let Some(name) = nearest(given, candidates) {
        return format!("did you mean `{name}`?");
    }
    let (first, rest) = candidates.split_at(candidates.len().min(MOST_LISTED));
    let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("known: {}{rest}", listed(first))
}

/// Names as a list in prose.
pub(crate) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{}`", shown(name))).collect::<Vec<_>>().join(", ")
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
