//! Answers of a check that contradict each other, though no finding says why: with them nothing is
//! called healthy.

use std::collections::BTreeSet;

use crate::catalogue::{cache_answering, last_modified_differs};
use crate::contents::{self, Flow};
use crate::evidence::{EvidenceSource, Method, ObservedRequest, is_weak, opaque};
use crate::explanation::Placed;
use crate::tag_form::minute_just_past;
use crate::view::View;

/// Contradictions, one sentence each.
pub(super) fn contrary(view: &View<'_>) -> Vec<String> {
    if view.evidence.source != EvidenceSource::Live {
        return Vec::new();
    }
    let always = [errors(view), statuses_of_heads(view), strength(view), minutes(view)]
        .into_iter()
        .flatten();
    // What changed meanwhile explains the others.
    if contents::flow(view) != Flow::Steady {
        return always.chain(older_again(view)).collect();
    }
    let all = [outcomes(view), tags_of_304s(view), heads(view), past_a_cache(view)];
    all.into_iter().flatten().chain(always).collect()
}

const ASK_EACH: &str = "replicas may differ: name each with --backend";

/// Answers to the same request: every request that was made more than once, with its answers.
fn repeated<'a>(view: &View<'a>) -> Vec<(&'a ObservedRequest, Vec<Placed<'a>>)> {
    let mut groups: Vec<(&ObservedRequest, Vec<Placed<'_>>)> = Vec::new();
    for placed in view.placed() {
        let asked = &placed.1.asked;
        match groups.iter_mut().find(|(known, _)| *known == asked) {
            Some((_, answers)) => answers.push(placed),
            None => groups.push((asked, vec![placed])),
        }
    }
    groups.retain(|(_, answers)| answers.len() > 1);
    groups
}

/// A condition that gets a 304 at one time and all of the content at another, under one validator.
fn outcomes(view: &View<'_>) -> Option<String> {
    // Copies that are dated otherwise take a date for older or newer, which has a name of its own.
    let are_dates_apart = last_modified_differs::judge(view).is_some();
    let is_open = |asked: &ObservedRequest| {
        let is_date_alone = asked.none_match.is_empty() && !asked.any;
        !(asked.is_plain() || are_dates_apart && is_date_alone)
    };
    repeated(view).into_iter().filter(|(asked, _)| is_open(asked)).find_map(|(_, answers)| {
        let statuses: BTreeSet<_> = answers.iter().map(|(.., answer)| answer.status).collect();
        let tags: BTreeSet<_> = answers.iter().filter_map(|(.., one)| one.tag()).collect();
        let is_mixed = statuses.contains(&200) && statuses.contains(&304) && tags.len() < 2;
        let honoured = answers.iter().filter(|(.., answer)| answer.status == 304).count();
        is_mixed.then(|| {
            format!(
                "the same condition got a 304 {honoured} of {} times, and else a full 200 under the \
                 same tag: {ASK_EACH}",
                answers.len()
            )
        })
    })
}

/// A condition that gets an error now and then, which no request without one gets. Once may be an
/// accident, and may be one replica of many.
fn errors(view: &View<'_>) -> Option<String> {
    let is_error = |status: u16| status >= 400 && ![429, 503].contains(&status);
    let is_plain = |placed: &Placed<'_>| placed.1.asked.is_plain();
    let plain: BTreeSet<_> = view.placed().filter(is_plain).map(|(.., one)| one.status).collect();
    let mut conditional = view.placed().filter(|placed| !is_plain(placed));
    let (.., answer) = conditional
        .find(|(.., answer)| is_error(answer.status) && !plain.contains(&answer.status))?;
    Some(format!(
        "a request with a condition got status {}, and requests without one do not: {ASK_EACH}, or \
         check again to see whether it comes back",
        answer.status
    ))
}

/// `HEAD`s that get a page now and then, and else an error.
fn statuses_of_heads(view: &View<'_>) -> Option<String> {
    let heads = view
        .unusual()
        .filter(|(seen, _)| seen.asked.method == Method::Head && seen.asked.is_plain());
    let statuses: BTreeSet<_> = heads.map(|(_, answer)| answer.status).collect();
    let is_error = |status: &&u16| **status >= 400 && ![429, 503].contains(*status);
    let error = statuses.iter().find(is_error).filter(|_| statuses.len() > 1)?;
    Some(format!("HEAD got status {error} at one time and not at another: {ASK_EACH}"))
}

/// 304s to one request that name several tags.
fn tags_of_304s(view: &View<'_>) -> Option<String> {
    repeated(view).into_iter().find_map(|(_, answers)| {
        let tags = answers.iter().filter(|(.., answer)| answer.status == 304);
        let tags: BTreeSet<_> = tags.filter_map(|(.., answer)| answer.tag().map(opaque)).collect();
        (tags.len() > 1).then(|| format!("304s to one request name several tags: {ASK_EACH}"))
    })
}

/// `HEAD` that names a tag now and then, or one that no `GET` has.
fn heads(view: &View<'_>) -> Option<String> {
    let heads = view.unusual().filter(|(seen, answer)| {
        seen.asked.method == Method::Head && seen.asked.is_plain() && answer.status == 200
    });
    let tags: BTreeSet<_> = heads.map(|(_, answer)| answer.tag().map(opaque)).collect();
    (tags.len() > 1).then(|| format!("HEAD names several tags, or none at one time: {ASK_EACH}"))
}

/// Answers that no cache sent, with the usual content and another tag, or none.
fn past_a_cache(view: &View<'_>) -> Option<String> {
    let others = view.unusual().filter(|(seen, answer)| {
        let asked = &seen.asked;
        asked.method == Method::Get && asked.is_plain() && answer.status == 200
    });
    let odd = others.filter(|(_, answer)| {
        let mut alike = view.full.iter().filter(|seen| {
            seen.coding == answer.coding() && seen.digests() == answer.content.decoded
        });
        let is_known = |tag: Option<&[u8]>| tag.map(opaque) == answer.tag().map(opaque);
        let first = alike.next();
        first.is_some_and(|first| !is_known(first.tag) && !alike.any(|seen| is_known(seen.tag)))
    });
    let odd = odd.count();
    (odd > 0).then(|| {
        format!(
            "{} with a range or a field of its own got the usual content under another tag: {ASK_EACH}",
            text::counted(odd as u64, "request")
        )
    })
}

/// An older content that a cache sends after a newer one was seen.
fn older_again(view: &View<'_>) -> Option<String> {
    let seen = view.full.iter().filter_map(|seen| Some(seen.digests()?.sha256));
    let is_cached = view.full.iter().any(|seen| cache_answering::sign(seen.answer).is_some());
    let comes_back = is_cached && contents::comes_back(seen);
    comes_back.then(|| {
        "a cache sends an older content after a newer one was seen: ask again after its lifetime"
            .to_owned()
    })
}

/// Tags of one coding that are weak and strong in turns, and not the same but for that.
fn strength(view: &View<'_>) -> Option<String> {
    let codings: BTreeSet<_> = view.full.iter().map(|seen| seen.coding.as_str()).collect();
    let is_mixed = |coding: &&str| {
        let seen = view.full.iter().filter(|seen| seen.coding == *coding);
        let tags: Vec<_> = seen.filter_map(|seen| seen.tag).collect();
        let of = |weak: bool| -> BTreeSet<&[u8]> {
            tags.iter().filter(|tag| is_weak(tag) == weak).map(|tag| opaque(tag)).collect()
        };
        of(true).is_disjoint(&of(false))
            && contents::comes_back(tags.iter().map(|tag| is_weak(tag)))
    };
    codings
        .into_iter()
        .any(|coding| is_mixed(&coding))
        .then(|| format!("tags are weak and strong in turns: {ASK_EACH}"))
}

/// A tag that is a minute just past, as those are that are made anew every few minutes.
fn minutes(view: &View<'_>) -> Option<String> {
    let all: Option<Vec<_>> =
        view.full.iter().map(|seen| minute_just_past(&seen.specimen()?)).collect();
    let (time, age) = all?.into_iter().next()?;
    Some(format!(
        "the tag is a time, {time}, a whole minute {age} s before its response: it may be made anew every \
         few minutes, whatever the content does; --watch --for 15m shows it, or --since the result of \
         this check after some minutes"
    ))
}

#[cfg(test)]
mod tests {
    use crate::Check;
    use crate::fixture::evidence;

    #[test]
    fn a_tag_that_is_a_minute_just_past_may_be_made_anew_every_few_minutes() {
        let first = |tag: &str, now: &str| {
            let evidence = evidence(&format!(
                "8 × -> 200; Server: lighttpd/1.4.69; ETag: \"{tag}\"; Date: {now} | hello\n\
                 4 × If-None-Match: \"{tag}\" -> 304; ETag: \"{tag}\""
            ));
            let check = Check::of(&evidence);
            (check.findings[0].kind.name.as_str(), check.tags[0].form.clone())
        };
        let now = "Tue, 01 Dec 2026 03:13:15 GMT";
        assert_eq!(first("1796094600", now), ("inconclusive", "a time".to_owned()));
        // A second like any other, and a minute of long ago, may be those of a change.
        assert_eq!(first("1796094607", now).0, "healthy");
        assert_eq!(first("1796094600", "Tue, 01 Dec 2026 09:13:15 GMT").0, "healthy");
    }

    const SOUND: &str = r#"
        8 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
    "#;

    #[track_caller]
    fn check(further: &str, sentence: &str) {
        let check = Check::of(&evidence(&[SOUND, further].concat()));
        assert!(check.is_inconclusive(), "{further}: {:?}", check.findings);
        let said = check.findings[0].evidence.join(" ");
        assert!(said.contains(sentence), "{further}: {said}");
    }

    #[test]
    fn nothing_is_healthy_where_answers_contradict_each_other() {
        check(
            r#"
            2 × If-None-Match: "x", "y" -> 304; ETag: "x"
            If-None-Match: "x", "y" -> 200; ETag: "x" | hello
            "#,
            "the same condition got a 304 2 of 3 times",
        );
        check(
            r#"
            HEAD -> 200; ETag: "x"
            HEAD -> 200
            "#,
            "HEAD names several tags, or none at one time",
        );
        check(
            r#"
            HEAD -> 200; ETag: "x"
            HEAD -> 404
            "#,
            "HEAD got status 404 at one time and not at another",
        );
        check(
            r#"
            30 × If-None-Match: "x" -> 304; ETag: "x"
            If-None-Match: "x" -> 500
            -> 200; ETag: "x" | hello
            "#,
            "a request with a condition got status 500, and requests without one do not",
        );
        check(
            "Accept-Language: de -> 200 | hello",
            "1 request with a range or a field of its own got the usual content under another tag",
        );
        check(
            r#"If-None-Match: "x" -> 304; ETag: "x-gzip""#,
            "304s to one request name several tags",
        );
        // A change in which compressed copies of the two servers have tags of two kinds.
        let gzip = "Accept-Encoding: gzip -> 200; Vary: Accept-Encoding; Content-Encoding: gzip";
        let own = format!("{gzip}; ETag: W/\"x\" | hello\n");
        let other = format!("{gzip}; ETag: \"y\" | world\n");
        let after = "8 × -> 200; ETag: \"n\" | world\n4 × If-None-Match: \"n\" -> 304; ETag: \"n\"";
        let change = format!("{own}{other}{own}{other}{after}");
        check(&change, "tags are weak and strong in turns");
    }

    #[test]
    fn dates_that_differ_beside_one_tag_contradict_nothing() {
        let (one, two) = ("Thu, 01 Jan 2026 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:07 GMT");
        let of = |date: &str| format!("ETag: \"x\"; Last-Modified: {date}");
        let (a, b) = (of(one), of(two));
        let turns = format!("-> 200; {a} | hello\n-> 200; {b} | hello\n").repeat(4);
        let tags = format!("4 × If-None-Match: \"x\" -> 304; {a}\n");
        let dates = format!(
            "If-Modified-Since: {one} -> 304; {a}\nIf-Modified-Since: {one} -> 200; {b} | hello\n"
        );
        let both = format!(
            "2 × If-None-Match: \"x\"; If-Modified-Since: {one} -> 304; {b}\n\
             If-None-Match: \"x\"; If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT -> 304; {a}\n"
        );
        let check = Check::of(&evidence(&[turns, tags, dates, both].concat()));
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert_eq!(names, ["healthy", "last-modified-differs"], "{:?}", check.findings);
    }

    #[test]
    fn one_tag_each_time_is() {
        let weak = "-> 200; ETag: W/\"x\" | hello\n-> 200; ETag: \"x\" | hello";
        assert!(Check::of(&evidence(&[SOUND, weak].concat())).findings[0].is_healthy());
        let further =
            "2 × HEAD -> 200; ETag: \"x\"\nAccept-Language: de -> 200; ETag: \"x\" | hello";
        let check = Check::of(&evidence(&[SOUND, further].concat()));
        assert!(check.findings[0].is_healthy(), "{:?}", check.findings);
    }
}
