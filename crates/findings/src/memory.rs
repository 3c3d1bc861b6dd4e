//! Memory of an earlier check of the same URL: its validators and the contents that they stood for.
//!
//! One look at a deployment cannot show that a release never arrives, or that it makes everybody
//! download what they have: both are healthy before it and healthy after it. Compares hashes, since
//! no content is kept.

mod recall;
mod replays;

use std::collections::BTreeSet;

pub use recall::Change;
pub(crate) use recall::{Confirmation, Recall, Renewal, Unseen};
pub(crate) use replays::Forgotten;

use crate::evidence::Fingerprint;
use crate::kind::shown;
use crate::view::{ContentKey, FullResponse, View};

/// Result of an earlier check, as far as a later one compares itself with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Moment of the earlier check, RFC 3339 in UTC.
    pub at: String,
    /// Names of the request fields that the user gave then, in lower case.
    pub given: Vec<String>,
    /// Validators that it saw, in the order of their appearance.
    pub last: Vec<Remembered>,
    /// Validators of checks before that one, the newest first.
    pub older: Vec<Remembered>,
}

/// Validators that stood for a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// With quotes and weakness; `None` where there was only a date.
    pub tag: Option<Vec<u8>>,
    /// Content coding in lower case; `identity` when there was none.
    pub coding: String,
    /// Value of `Last-Modified`.
    pub last_modified: Option<Vec<u8>>,
    /// Hash of the decoded content; `None` when it was not seen whole.
    pub content: Option<Fingerprint>,
}

impl Memory {
    /// Validators of one check that are kept.
    pub const MOST: usize = 64;

    /// All validators, those of the last check first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Remembered> {
        self.last.iter().chain(&self.older)
    }

    /// Contents that the last check saw.
    pub(crate) fn last_contents(&self) -> BTreeSet<Fingerprint> {
        self.last.iter().filter_map(|seen| seen.content).collect()
    }
}

/// What changed since an earlier check, in one line; `None` without one.
pub(crate) fn since(view: &View<'_>) -> Option<(Change, String)> {
    let memory = view.evidence.earlier.as_ref()?;
    Some(Recall::of(view).map_or_else(|| asked_otherwise(memory), |recall| recall.change()))
}

fn asked_otherwise(memory: &Memory) -> (Change, String) {
    let fields = if memory.given.is_empty() { "none".to_owned() } else { memory.given.join(", ") };
    let line = format!(
        "nothing can be said of what changed since {}: the earlier check sent other request fields \
         of the user ({})",
        shown(memory.at.as_bytes()),
        shown(fields.as_bytes())
    );
    (Change::Unclear, line)
}

/// Validators of the complete responses, each set of them once.
pub(crate) fn remember(view: &View<'_>) -> Vec<Remembered> {
    let mut all: Vec<Remembered> = Vec::new();
    for one in view.full.iter().filter_map(remembered) {
        if all.len() < Memory::MOST && !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

fn remembered(seen: &FullResponse<'_>) -> Option<Remembered> {
    let content = match seen.key {
        Some(ContentKey::Known(content)) => Some(content),
        _ => None,
    };
    (!seen.is_bare()).then(|| Remembered {
        tag: seen.tag.map(<[u8]>::to_vec),
        coding: seen.coding.clone(),
        last_modified: seen.answer.last_modified().map(<[u8]>::to_vec),
        content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::fixture::since;

    const THEN: &str = r#"8 × -> 200; ETag: "7" | old"#;
    const NOW: &str = r#"
        -> 200; ETag: "8" | new
        3 × If-None-Match: "7" -> 200; ETag: "8" | new
        7 × -> 200; ETag: "8" | new
        4 × If-None-Match: "8" -> 304; ETag: "8"
    "#;

    fn check(then: &str, now: &str, expected: Change, line: &str) {
        let check = Check::of(&since(then, now));
        let (change, said) = check.since.expect("there is an earlier check");
        assert_eq!((change, said.as_str()), (expected, line), "{now}");
    }

    #[test]
    fn each_change_is_told_in_one_line() {
        let sound = r#"4 × If-None-Match: "7" -> 304; ETag: "7""#;
        let unchanged = "unchanged since then: the same content, the same validator";
        check(THEN, &format!("{THEN}\n{sound}"), Change::Unchanged, unchanged);
        let reached = "the deploy reaches everybody: the content is another than at then, and the \
                       old validator got it, 3 of 3 times";
        check(THEN, NOW, Change::Reached, reached);
        let unseen = "since then the content changed, and the old validator hides it";
        check(THEN, r#"8 × -> 200; ETag: "7" | new"#, Change::Unseen, unseen);
        let renewed = "since then the validator changed and the content did not";
        check(THEN, r#"8 × -> 200; ETag: "8" | old"#, Change::Renewed, renewed);
        let rolling = "4 of 8 responses had the content of then";
        let turns = "-> 200; ETag: \"7\" | old\n-> 200; ETag: \"8\" | new\n".repeat(4);
        check(THEN, &turns, Change::Rolling, rolling);
        let unclear = "nothing can be said of what changed since then";
        check(THEN, "8 × -> 500", Change::Unclear, unclear);
    }

    #[test]
    fn the_line_is_part_of_the_conclusion_and_a_note_beside_findings() {
        let check = Check::of(&since(THEN, NOW));
        assert!(check.findings[0].is_healthy(), "{:?}", check.findings);
        let line = check.since.expect("there is an earlier check").1;
        assert!(check.findings[0].evidence.contains(&line));
        let bare = NOW.replace("304; ETag: \"8\"", "200; ETag: \"8\" | new");
        let check = Check::of(&since(THEN, &bare));
        assert_eq!(check.findings[0].kind.name, "conditionals-ignored");
        assert_eq!(check.notes, [line]);
    }

    #[test]
    fn replays_of_the_past_are_none_of_the_present() {
        let check = Check::of(&since(THEN, NOW));
        assert_eq!((check.not_modified, check.conditional), (4, 4));
    }

    #[test]
    fn another_request_explains_every_difference() {
        let mut evidence = since(THEN, r#"8 × -> 200; ETag: "7" | new"#);
        evidence.given.push("authorization".to_owned());
        let (change, line) = Check::of(&evidence).since.expect("there is an earlier check");
        assert_eq!(change, Change::Unclear);
        assert!(line.ends_with("other request fields of the user (none)"), "{line}");
    }
}
