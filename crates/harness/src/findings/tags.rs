//! What the entity tags of an arm show where clients revalidate by them.

use measure::record::Severity;
use measure::{Tally, Verdict};

use super::evidence::{shared_tags, tags_of_most_tagged};
use super::{Finding, codings};

/// Replicas disagree about the tag of the same bytes.
pub(super) fn node_local(tally: &Tally) -> Option<Finding> {
    let tags = tally.tags_for_same_content();
    if tags < 2 {
        return None;
    }
    let hidden = tally.verdicts.of(Verdict::NeedlessTransfer) == 0;
    let why_hidden = match (hidden, tally.conditional, tally.not_modified) {
        (false, ..) => "",
        (true, 0, _) => ", not felt because nothing was revalidated",
        (true, _, 0) => ", not felt because the content had changed whenever a client came",
        (true, ..) => ", not felt because clients kept meeting the same replica",
    };
    Some(Finding {
        code: "ETL001",
        severity: if hidden { Severity::Warn } else { Severity::Bad },
        title: format!("node-local tag{why_hidden}: the same bytes carry {tags} tags"),
        evidence: tags_of_most_tagged(tally),
    })
}

/// The same, which clients that revalidate by date do not feel.
pub(super) fn node_local_but_unused(tally: &Tally) -> Option<Finding> {
    let tags = tally.tags_for_same_content();
    (tags > 1).then(|| Finding {
        code: "ETL001",
        severity: Severity::Warn,
        title: format!(
            "node-local tag, not felt because clients revalidate by date: the same bytes carry \
             {tags} tags"
        ),
        evidence: tags_of_most_tagged(tally),
    })
}

/// One tag stands for several contents.
pub(super) fn stale(tally: &Tally) -> Option<Finding> {
    let stale = tally.verdicts.of(Verdict::FalseValidation);
    (stale > 0).then(|| Finding {
        code: "ETL002",
        severity: Severity::Bad,
        title: format!(
            "one tag for {} contents: {stale} false 304s left clients with stale content",
            tally.contents_for_same_tag().max(2)
        ),
        evidence: shared_tags(tally),
    })
}

/// Nothing has a tag.
pub(super) fn absent(tally: &Tally) -> Option<Finding> {
    let responses = tally.verdicts.total() - tally.verdicts.of(Verdict::Error);
    let tagged = tally.replicas.values().any(|replica| replica.sightings().next().is_some());
    (responses > 0 && !tagged && tally.conditional == 0).then(|| Finding {
        code: "ETL003",
        severity: Severity::Bad,
        title: "no entity tag: nothing to revalidate with, every poll is a full 200".to_owned(),
        evidence: format!(
            "responses without ETag: {responses}{}",
            codings::perhaps_stripped(tally)
        ),
    })
}

/// The tag is the same everywhere, and matching it changes nothing.
pub(super) fn ignored(tally: &Tally) -> Option<Finding> {
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    let wrong = needless > 0
        && tally.conditional > 0
        && tally.tags_for_same_content() == 1
        // These have names of their own.
        && tally.contents_for_same_edition() < 2
        && codings::suffix_not_understood(tally).is_none()
        && codings::stripped(tally).is_none()
        && codings::switched(tally).is_none();
    wrong.then(|| Finding {
        code: "ETL004",
        severity: Severity::Bad,
        title: "If-None-Match ignored: the tag is stable, and content is sent all the same"
            .to_owned(),
        evidence: format!("{needless} needless 200s under one tag: {}", tags_of_most_tagged(tally)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{check, exchange};
    use super::*;

    #[test]
    fn several_tags_for_the_same_bytes_are_node_local() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"41\"", "a"),
                exchange(Verdict::NeedlessTransfer, 2, "\"18\"", "a"),
            ],
            &[("ETL001", Severity::Bad, "r1 \"41\"   r2 \"18\"")],
        );
    }

    #[test]
    fn node_local_tags_that_nobody_felt_are_a_warning() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"41\"", "a"),
                exchange(Verdict::FirstFetch, 2, "\"18\"", "a"),
                exchange(Verdict::Validated, 2, "\"18\"", "a"),
            ],
            &[("ETL001", Severity::Warn, "r1 \"41\"   r2 \"18\"")],
        );
    }

    #[test]
    fn one_tag_for_two_contents_is_stale() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"7\"", "a"),
                exchange(Verdict::FalseValidation, 2, "\"7\"", "b"),
            ],
            &[("ETL002", Severity::Bad, "\"7\" on r1, r2")],
        );
    }

    #[test]
    fn a_stable_tag_with_needless_content_is_ignored() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"x\"", "a"),
                exchange(Verdict::NeedlessTransfer, 1, "\"x\"", "a"),
            ],
            &[("ETL004", Severity::Bad, "1 needless 200s under one tag: r1 \"x\"")],
        );
    }

    #[test]
    fn no_tag_at_all_is_said() {
        check(
            &[exchange(Verdict::FirstFetch, 1, "", "a")],
            &[("ETL003", Severity::Bad, "responses without ETag: 1")],
        );
    }
}
