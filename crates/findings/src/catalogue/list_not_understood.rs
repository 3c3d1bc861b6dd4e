//! `list-not-understood`: a list or `*` that holds the tag gets a 200.

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
    if single.honoured == 0 || !(list_wrong || any_wrong) {
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
    let honoured = of_all(single.honoured, single.total(), "request");
    Some(
        Judgement::new(severity, 0.95, title)
            .with_all(list_wrong.then(|| refused(list, "a list that holds the tag")))
            .with_all(any_wrong.then(|| refused(any, "*")))
            .with(format!("a single tag: {honoured} got a 304")),
    )
}

/// Reports whether a single tag gets a 304, and no list with it does.
pub(crate) fn misreads_lists(view: &View<'_>) -> bool {
    let [single, list] = [&view.by_tag, &view.by_list].map(View::tally);
    single.honoured > 0 && list.ignored > 0 && list.honoured == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

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
