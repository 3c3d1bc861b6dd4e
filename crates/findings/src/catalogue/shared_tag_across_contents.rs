//! `shared-tag-across-contents`: one tag, several contents.

use std::collections::{BTreeMap, BTreeSet};

use measure::{Conduct, Verdict};

use super::cache_answering::sign;
use crate::contents;
use crate::evidence::{EvidenceSource, is_weak, opaque};
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::run::evidence::{ArmEvidence, Validator};
use crate::run::sightings::shared_tags;
use crate::view::{ContentKey, FullResponse, View, key};

mod of_size;
mod over_time;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("shared_tag_across_contents.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    of_one_time(view).or_else(|| over_time::judge(view)).or_else(|| of_size::judge(view))
}

fn of_one_time(view: &View<'_>) -> Option<Judgement> {
    let mut contents: BTreeMap<&[u8], BTreeSet<ContentKey>> = BTreeMap::new();
    let mut strong: BTreeSet<&[u8]> = BTreeSet::new();
    // What is sent for another value of a field is another content as well.
    let varied = view.unusual().filter(|(seen, answer)| {
        seen.asked.is_whole_get() && seen.asked.is_plain() && answer.status == 200
    });
    let is_live = view.evidence.source == EvidenceSource::Live;
    let varied = varied.filter(|_| is_live).map(|(_, answer)| (answer.tag(), key(answer)));
    let usual = view.full.iter().map(|seen| (seen.tag, seen.key));
    for (tag, key) in usual.chain(varied) {
        let (Some(tag), Some(key)) = (tag, key) else { continue };
        contents.entry(opaque(tag)).or_default().insert(key);
        if !is_weak(tag) {
            strong.insert(opaque(tag));
        }
    }
    let count = |keys: &BTreeSet<ContentKey>| {
        let known = keys.iter().filter(|key| matches!(key, ContentKey::Known(_))).count();
        known.max(keys.len() - known)
    };
    let (tag, keys) = contents.iter().max_by_key(|(_, keys)| count(keys))?;
    let several = count(keys);
    let weak = !strong.contains(tag);
    // Data in another order means the same, which is all that a weak tag promises.
    if several < 2 || (weak && contents::are_reordered(view)) {
        return None;
    }
    if let Some(judgement) = emptied(view, tag).filter(|_| several == 2) {
        return Some(judgement);
    }
    let severity = if weak { Severity::Warn } else { Severity::Bad };
    let title =
        format!("one tag for {several} contents: a 304 can leave clients with stale content");
    let quoted = view.full.iter().filter_map(|seen| seen.tag).find(|one| opaque(one) == *tag);
    let meaning = "the tag is weak: that is allowed if the contents mean the same";
    Some(
        Judgement::new(severity, if weak { 0.8 } else { 0.97 }, title)
            .with(format!("{} came with {several} contents", shown(quoted.unwrap_or(tag))))
            .with_all(contents::place(view).map(|place| format!("they differ {place}")))
            .with_all(weak.then_some(meaning)),
    )
}

/// Reports whether what differs under one tag is a content that was lost, and no other content.
pub(super) fn is_emptied(view: &View<'_>) -> bool {
    of_one_time(view).is_some_and(|judgement| judgement.cause == Some(EMPTY))
}

const EMPTY: &str = "empty";

/// A 200 without content under the tag of some content, which whoever sent it has lost.
fn emptied(view: &View<'_>, tag: &[u8]) -> Option<Judgement> {
    let is_own = |seen: &&FullResponse<'_>| seen.tag.is_some_and(|own| opaque(own) == tag);
    let bytes = |seen: &&FullResponse<'_>| seen.digests().map(|content| content.bytes);
    let own: Vec<_> = view.full.iter().filter(is_own).collect();
    let whole = own.iter().filter_map(bytes).find(|bytes| *bytes > 0)?;
    let empty: Vec<_> = own.iter().filter(|seen| bytes(seen) == Some(0)).collect();
    let first = empty.first()?;
    let title = format!("a 200 without content under the tag of a content of {whole} bytes");
    let is_cached = empty.iter().all(|seen| sign(seen.answer).is_some());
    let told = of_all(empty.len(), own.len(), "200");
    let request =
        format!("without content: {told}, the first in answer to request {}", first.place + 1);
    let cached = "each of them came out of a cache, which has lost the content: ask past it";
    Some(
        Judgement::new(Severity::Bad, 0.95, title)
            .because(EMPTY)
            .with(request)
            .with_all(is_cached.then_some(cached)),
    )
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let stale = arm.tally.verdicts.of(Verdict::FalseValidation);
    // A date that no server gave is the client's fault, which has a name of its own.
    if stale == 0 || arm.tally.conduct == Conduct::InventsDate {
        return None;
    }
    let (shared, evidence) = match arm.validator {
        Validator::Date => {
            let seconds = "Last-Modified counts whole seconds, and a replica whose copy is older \
                           than the client's calls it unmodified";
            ("one date for several contents".to_owned(), seconds.to_owned())
        }
        Validator::Tag | Validator::SharedTag(_) => {
            let contents = arm.tally.contents_for_same_tag().max(2);
            (format!("one tag for {contents} contents"), shared_tags(arm.tally))
        }
    };
    let title = format!("{shared}: {stale} false 304s left clients with stale content");
    Some(Judgement::certain(Severity::Bad, title).with(evidence))
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{FalseValidation, FirstFetch};

    use super::*;
    use crate::Check;
    use crate::fixture::{check, evidence};
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn a_content_that_was_lost_under_its_tag_is_no_second_one() {
        let lost = r#"
            6 × -> 200; ETag: "x"; X-Cache: MISS | hello
            6 × -> 200; ETag: "x"; X-Cache: HIT; Age: 3
        "#;
        let title = "a 200 without content under the tag of a content of 5 bytes";
        check(&kind(), lost, Some((Severity::Bad, title)));
        let found = judge(&View::of(&evidence(lost))).expect("it is lost");
        assert_eq!(found.cause, Some("empty"));
        assert!(found.evidence[0].ends_with("answer to request 7"), "{:?}", found.evidence);
        assert!(found.evidence[1].contains("out of a cache"), "{:?}", found.evidence);
        let check = Check::of(&evidence(lost));
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert_eq!(names, ["shared-tag-across-contents", "cache-answering"]);
    }

    #[test]
    fn one_tag_for_two_contents_is_found_and_two_tags_are_not() {
        let shared = r#"
            2 × -> 200; ETag: "7" | hello
            2 × -> 200; ETag: "7" | world
        "#;
        let title = "one tag for 2 contents: a 304 can leave clients with stale content";
        check(&kind(), shared, Some((Severity::Bad, title)));
        check(&kind(), &shared.replace(r#""7""#, r#"W/"7""#), Some((Severity::Warn, title)));
        let own = r#"
            2 × -> 200; ETag: "7" | hello
            2 × -> 200; ETag: "8" | world
        "#;
        check(&kind(), own, None);
    }

    #[test]
    fn a_weak_tag_may_stand_for_one_content_in_two_orders() {
        let reordered = r#"
            -> 200; ETag: W/"7" | {"a":1,"b":2}
            -> 200; ETag: W/"7" | {"b":2,"a":1}
        "#;
        check(&kind(), reordered, None);
    }

    #[test]
    fn runs_blame_what_the_clients_revalidate_with() {
        let polls =
            [exchange(FirstFetch, 1, "\"7\"", "a"), exchange(FalseValidation, 2, "\"7\"", "b")];
        run::check(Validator::Tag, &polls, &[("ETL002", Severity::Bad, "\"7\" on r1, r2")]);
        let dates = "Last-Modified counts whole seconds, and a replica whose copy is older than the \
                     client's calls it unmodified";
        run::check(Validator::Date, &polls, &[("ETL002", Severity::Bad, dates)]);
    }
}
