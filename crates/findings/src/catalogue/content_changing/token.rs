//! Tokens that a page carries for each response, by the names that stand before them.

use crate::contents;
use crate::view::View;

/// Names of such values, in lower case. Only these are shown, and nothing else of a content.
const NAMES: [&str; 6] = [
    "csrf-token",
    "csrfmiddlewaretoken",
    "authenticity_token",
    "__requestverificationtoken",
    "csrf",
    "xsrf",
];

/// Bytes before a difference in which its name stands.
const BEFORE: usize = 64;

/// Name of the token at which the first two contents begin to differ.
pub(super) fn name(view: &View<'_>) -> Option<&'static str> {
    let offset = contents::place(view)?.offset;
    let first =
        view.contents().into_iter().find_map(|content| view.evidence.samples.get(&content))?;
    let before = first.get(offset.saturating_sub(BEFORE)..offset)?;
    let before = String::from_utf8_lossy(before).to_ascii_lowercase();
    // In the same element.
    let before = before.rsplit('<').next()?;
    NAMES.into_iter().find(|name| before.contains(name))
}
