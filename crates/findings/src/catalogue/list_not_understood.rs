//! `list-not-understood`: a list or `*` that holds the tag gets a 200.

use super::conditionals_ignored;
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::view::{TrialCounts, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("list_not_understood.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let single = View::tally(&view.by_tag);
    // In a list of values that are no tags there is nothing to understand.
    let lists = view.by_list.iter().filter(|trial| !super::malformed_tag::is_in(trial));
    let (list, any) = (View::tally(lists), View::tally(&view.by_any));
    let list_wrong = list.ignored > 0 && list.honoured == 0;
    let any_wrong = any.ignored > 0 && any.honoured == 0;
    let found = found_tags(view);
    if single.honoured == 0 && found == 0 {
        return undecided(single, list);
    }
    if !(list_wrong || any_wrong) {
        return None;
    }
    // Polls send one tag; what a cache in front makes of lists reaches other caches only.
    let cached = super::cache_answering::is_behind_one(view);
    let (severity, title) = match (list_wrong, any_wrong) {
        (true, true) => (Severity::Warn, "neither a list of tags nor * is understood"),
        (true, false) => (Severity::Warn, "a list of tags is not understood"),
        _ => (Severity::Info, "If-None-Match: * is not understood"),
    };
    let severity = if cached { Severity::Info } else { severity };
    let refused = |tally: TrialCounts, what: &str| {
        format!("{what}: {} got a full 200", of_all(tally.ignored, tally.matching(), "request"))
    };
    let honoured = match single.honoured {
        0 => {
            format!("a single tag is found: {found} × another answer than to a request without one")
        }
        some => {
            format!("a single tag: {} got a 304", of_all(some, single.total(), "request"))
        }
    };
    Some(
        Judgement::new(severity, 0.95, title)
            .with_all(list_wrong.then(|| refused(list, "a list that holds the tag")))
            .with_all(any_wrong.then(|| refused(any, "*")))
            .with(honoured),
    )
}

/// Lists that hold the tag and get a 200, where no single tag met its own.
fn undecided(single: TrialCounts, list: TrialCounts) -> Option<Judgement> {
    let is_open = single.matching() == 0 && single.missed >= conditionals_ignored::MANY;
    (is_open && list.ignored > 0 && list.honoured == 0).then(|| {
        let title =
            "a list that holds the tag gets a full 200: lists are not understood, or no condition";
        let list = of_all(list.ignored, list.matching(), "request");
        Judgement::new(Severity::Warn, 0.6, title)
            .with(format!("a list that holds the tag: {list} got a full 200"))
            .with(format!(
                "a single tag: {} met another tag than their own, so that it cannot be told \
                 whether one gets a 304",
                text::counted(single.missed as u64, "request")
            ))
    })
}

/// Answers to a single tag that show that it was found, though they are no 304.
fn found_tags(view: &View<'_>) -> usize {
    let misanswered = view.explained.misanswered.iter();
    misanswered.filter(|one| one.exchange.asked.none_match.len() == 1).count()
}

/// Reports whether a single tag is found, whatever comes of it, and the answers to lists are complete.
pub(super) fn finds_a_tag(view: &View<'_>) -> bool {
    found_tags(view) > 0
}

/// Reports whether a single tag gets a 304, and no list with it does.
pub(crate) fn misreads_lists(view: &View<'_>) -> bool {
    let [single, list] = [&view.by_tag, &view.by_list].map(View::tally);
    single.honoured > 0 && list.ignored > 0 && list.honoured == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::fixture::{check, evidence};

    #[test]
    fn a_list_that_holds_the_tag_and_gets_a_200_is_found() {
        let single = r#"
            -> 200; ETag: "x" | hello
            If-None-Match: "x" -> 304; ETag: "x"
        "#;
        let list = r#"
            If-None-Match: "a", "x", "b" -> 200; ETag: "x" | hello
        "#;
        let any = r#"
            If-None-Match: * -> 200; ETag: "x" | hello
        "#;
        let title = "a list of tags is not understood";
        check(&kind(), &[single, list].concat(), Some((Severity::Warn, title)));
        let title = "If-None-Match: * is not understood";
        check(&kind(), &[single, any].concat(), Some((Severity::Info, title)));
        let title = "neither a list of tags nor * is understood";
        check(&kind(), &[single, list, any].concat(), Some((Severity::Warn, title)));
    }

    #[test]
    fn a_server_that_finds_a_single_tag_and_answers_it_wrongly_ignores_lists_alone() {
        let empty = r#"
            6 × -> 200; ETag: "x" | hello
            6 × If-None-Match: "x" -> 200; ETag: "x"; Content-Length: 0
            2 × If-None-Match: "a", "x", "b" -> 200; ETag: "x" | hello
            3 × -> 200; ETag: "x" | hello
        "#;
        check(&kind(), empty, Some((Severity::Warn, "a list of tags is not understood")));
        let found = Check::of(&evidence(empty));
        let names: Vec<_> = found.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert_eq!(names, ["match-misanswered", "list-not-understood"]);
    }

    #[test]
    fn lists_beside_tags_that_never_come_back_decide_nothing() {
        let new = |at: usize| {
            let order = ["a b c d", "b a c d", "c a b d", "d a b c", "d c b a", "a c b d"][at % 6];
            let known = at.saturating_sub(1);
            format!(
                "-> 200; ETag: \"{at}\" | {order}\n\
                 If-None-Match: \"{known}\" -> 200; ETag: \"{at}.\" | {order}\n"
            )
        };
        let list = "2 × If-None-Match: \"a\", \"3\" -> 200; ETag: \"3\" | d a b c";
        let all: String = (0..10).map(new).chain([list.to_owned()]).collect();
        let found = Check::of(&evidence(&all));
        let names: Vec<_> = found.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert!(!names.contains(&"conditionals-ignored"), "{names:?}");
        let title =
            "a list that holds the tag gets a full 200: lists are not understood, or no condition";
        check(&kind(), &all, Some((Severity::Warn, title)));
    }

    #[test]
    fn lists_that_get_a_304_and_servers_that_know_no_condition_are_not() {
        let right = r#"
            -> 200; ETag: "x" | hello
            If-None-Match: "x" -> 304; ETag: "x"
            If-None-Match: "a", "x", "b" -> 304; ETag: "x"
        "#;
        check(&kind(), right, None);
        let ignored = r#"
            -> 200; ETag: "x" | hello
            If-None-Match: "x" -> 200; ETag: "x" | hello
            If-None-Match: "a", "x", "b" -> 200; ETag: "x" | hello
        "#;
        check(&kind(), ignored, None);
    }
}
