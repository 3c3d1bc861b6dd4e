//! `conditionals-ignored`: the validator matches, and content is sent all the same.

use measure::Verdict;

use super::{coding_switched, stripped_when_compressed, suffix_not_understood};
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::run::evidence::{ArmEvidence, Validator};
use crate::run::sightings::tags_of_most_tagged;
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("conditionals_ignored.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    by_tag(view).or_else(|| by_date(view))
}

fn by_tag(view: &View<'_>) -> Option<Judgement> {
    let single = view.tag_tally(false);
    let list = View::tally(&view.by_list);
    let plain = single.total() > 0;
    let single = if plain { single } else { View::tally(&view.by_tag) };
    let honoured = single.honoured + list.honoured;
    // Two are told, and one where no tag got a 304. One beside 304s counts for nothing, here and in
    // the conclusion.
    let alone = single.ignored >= 2 || (single.ignored > 0 && honoured == 0);
    let in_list = single.matching() == 0 && list.ignored > 0 && list.honoured == 0;
    // A suffix that is not understood has a name of its own.
    let named = suffix_not_understood::judge(view).is_some() && !plain;
    if !(alone || in_list) || named {
        return None;
    }
    let title = match (honoured, View::tally(&view.by_date).honoured) {
        (0, 0) => "the tag matches, and a full 200 is sent all the same",
        (0, _) => "If-None-Match is ignored; only If-Modified-Since gets a 304",
        _ => "some replies ignore a matching If-None-Match",
    };
    let of_single = (single.matching() > 0).then(|| {
        let what = of_all(single.ignored, single.matching(), "matching request");
        format!("full 200 with the very tag that was sent: {what}")
    });
    let of_list = (list.ignored > 0).then(|| {
        let what = of_all(list.ignored, list.matching(), "request");
        format!("all tags seen in one If-None-Match: {what} got a full 200 with one of them")
    });
    // It may be lists alone that are not understood.
    let confidence = if alone { 0.97 } else { 0.6 };
    let judgement = Judgement::new(Severity::Bad, confidence, title);
    Some(judgement.with_all(of_single).with_all(of_list))
}

/// For servers without tags.
fn by_date(view: &View<'_>) -> Option<Judgement> {
    let tally = View::tally(&view.by_date);
    (!view.is_tagged() && tally.ignored >= 2 && tally.honoured == 0).then(|| {
        let what = of_all(tally.ignored, tally.total(), "request");
        Judgement::new(Severity::Bad, 0.95, "If-Modified-Since is ignored, and there is no ETag")
            .with(format!("full 200 with the very date that was sent: {what}"))
    })
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    let ignored = matches!(arm.validator, Validator::Tag)
        && needless > 0
        && tally.conditional > 0
        && tally.tags_for_same_content() == 1
        // These have names of their own.
        && tally.contents_for_same_edition() < 2
        && suffix_not_understood::in_run(arm).is_none()
        && stripped_when_compressed::in_run(arm).is_none()
        && coding_switched::in_run(arm).is_none();
    ignored.then(|| {
        let title = "If-None-Match ignored: the tag is stable, and content is sent all the same";
        Judgement::certain(Severity::Bad, title)
            .with(format!("{needless} needless 200s under one tag: {}", tags_of_most_tagged(tally)))
    })
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{FirstFetch, NeedlessTransfer};

    use super::*;
    use crate::fixture::check;
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn a_full_200_with_the_tag_that_was_sent_is_found() {
        let ignored = r#"
            6 × -> 200; ETag: "x" | hello
            3 × If-None-Match: "x" -> 200; ETag: "x" | hello
        "#;
        let title = "the tag matches, and a full 200 is sent all the same";
        check(&kind(), ignored, Some((Severity::Bad, title)));
        let by_date = r#"
            If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304; ETag: "x"
        "#;
        let title = "If-None-Match is ignored; only If-Modified-Since gets a 304";
        check(&kind(), &[ignored, by_date].concat(), Some((Severity::Bad, title)));
    }

    #[test]
    fn a_tag_that_another_replica_made_is_no_ignored_condition() {
        let honoured = r#"
            6 × -> 200; ETag: "x" | hello
            3 × If-None-Match: "x" -> 304; ETag: "x"
        "#;
        check(&kind(), honoured, None);
        let node_local = r#"
            3 × -> 200; ETag: "x" | hello
            3 × If-None-Match: "x" -> 200; ETag: "y" | hello
        "#;
        check(&kind(), node_local, None);
    }

    #[test]
    fn a_date_that_is_ignored_is_found_where_there_is_no_tag() {
        let dates = r"
            6 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            3 × If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        ";
        let title = "If-Modified-Since is ignored, and there is no ETag";
        check(&kind(), dates, Some((Severity::Bad, title)));
        let honoured = "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304";
        check(&kind(), &[dates, honoured].concat(), None);
    }

    #[test]
    fn runs_find_a_stable_tag_with_needless_content() {
        run::check(
            Validator::Tag,
            &[exchange(FirstFetch, 1, "\"x\"", "a"), exchange(NeedlessTransfer, 1, "\"x\"", "a")],
            &[("ETL004", Severity::Bad, "1 needless 200s under one tag: r1 \"x\"")],
        );
    }
}
