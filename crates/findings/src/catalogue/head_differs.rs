//! `head-differs`: `HEAD` is answered as another resource than `GET`.

mod pair;

use measure::{Conduct, Verdict};

use super::cache_answering;
use crate::evidence::{ExchangeFailure, Method, ObservedExchange};
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::run::evidence::ArmEvidence;
use crate::view::View;
use pair::{Pair, pairs};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("head_differs.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

/// Clients of a run that ask by HEAD fetch what they have, although GETs name one tag.
fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    let is_by_head = tally.conduct == Conduct::ByHead && tally.tags_for_same_content() == 1;
    (is_by_head && needless > 0).then(|| {
        let title = "HEAD says that there is something new, and GET brings what clients have";
        Judgement::certain(Severity::Bad, title)
            .with(format!("{needless} needless 200s, each after a HEAD that was answered 200"))
            .because("tag")
    })
}

/// Fewest exchanges of both methods that chance and turns are told from.
const ENOUGH: usize = 8;

/// Something that every `HEAD` names otherwise.
struct Aspect {
    cause: &'static str,
    name: &'static str,
    sentence: String,
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let pairs = pairs(view);
    unanswered(view)
        .or_else(|| status(&pairs))
        .or_else(|| named(view, &pairs))
        .or_else(|| sometimes(view, &pairs))
        .or_else(|| without_tag(&pairs))
}

/// `HEAD` that gets no answer in time, where every `GET` does.
fn unanswered(view: &View<'_>) -> Option<Judgement> {
    let all = || view.evidence.before_writes().iter();
    let is_late = |seen: &&ObservedExchange| matches!(seen.outcome, Err(ExchangeFailure::TimedOut));
    let heads = all().filter(|seen| seen.asked.method == Method::Head).count();
    let late: Vec<_> = all().filter(is_late).collect();
    let is_it = heads > 0 && late.len() == heads && view.full.len() >= ENOUGH;
    (is_it && late.iter().all(|seen| seen.asked.method == Method::Head)).then(|| {
        let title = "HEAD gets no answer in time, and GET does";
        let what = of_all(heads, heads, "HEAD");
        Judgement::new(Severity::Info, 0.9, title)
            .because("no-answer")
            .with(format!("waited for in vain: {what}; programs that ask so hang"))
    })
}

/// Statuses other than the 200 of `GET`.
fn status(pairs: &[Pair<'_, '_>]) -> Option<Judgement> {
    let statuses: Vec<_> = pairs.iter().map(|pair| pair.answer.status).collect();
    let status = *statuses.first()?;
    let is_refused = [401, 403, 405, 501].contains(&status);
    let is_other = statuses.iter().all(|one| *one == status) && ![200, 304].contains(&status);
    // Whoever is asked to slow down was too fast, whatever the method.
    if !is_other || [429, 503].contains(&status) || !is_refused && statuses.len() < 2 {
        return None;
    }
    let count = statuses.len();
    let what = format!("HEAD got {status}, and GET 200: {}", of_all(count, count, "HEAD"));
    Some(if is_refused {
        let title = format!("HEAD is refused with {status}");
        Judgement::new(Severity::Info, 0.9, title).because("refused").with(what)
    } else {
        let title = format!("HEAD gets {status} where GET gets 200");
        Judgement::new(Severity::Warn, 0.9, title).because("status").with(what)
    })
}

/// Validators and other fields that differ from those of `GET`.
fn named(view: &View<'_>, pairs: &[Pair<'_, '_>]) -> Option<Judgement> {
    let all = [
        aspect(pairs, "tag", "tag", |pair| pair.other_tag(view)),
        aspect(pairs, "length", "length", Pair::other_length),
        aspect(pairs, "date", "Last-Modified", |pair| pair.other_date(view)),
        aspect(pairs, "content-type", "Content-Type", Pair::other_type),
    ];
    let found: Vec<_> = all.into_iter().flatten().collect();
    let names: Vec<_> = found.iter().map(|aspect| aspect.name).collect();
    let title = format!("HEAD names another {} than GET", names.join(" and another "));
    let doubt = doubt(view, pairs);
    // A difference that a change explains as well is no more than worth knowing.
    let severity = if pair::is_between(view, pairs) { Severity::Warn } else { Severity::Info };
    let confidence = if doubt.is_some() { 0.6 } else { 0.95 };
    let judgement = Judgement::new(severity, confidence, title).because(found.first()?.cause);
    Some(judgement.with_all(found.into_iter().map(|aspect| aspect.sentence)).with_all(doubt))
}

/// A tag that no `GET` has, in some answers to `HEAD` and not in others.
fn sometimes(view: &View<'_>, pairs: &[Pair<'_, '_>]) -> Option<Judgement> {
    let found: Vec<_> = pairs.iter().filter_map(|pair| pair.other_tag(view)).collect();
    let [own, get] = found.first()?;
    let is_cached = view.full.iter().any(|seen| cache_answering::sign(seen.answer).is_some());
    let gets = pairs.iter().map(|pair| pair.gets.len()).max().unwrap_or(0);
    // A change in between, and what a cache hides, would look the same.
    let is_told = found.len() < pairs.len() && gets >= ENOUGH && !is_cached;
    (is_told && pair::is_between(view, pairs)).then(|| {
        let what = of_all(found.len(), pairs.len(), "HEAD");
        Judgement::new(Severity::Warn, 0.85, "some HEADs name a tag that no GET has")
            .because("tag")
            .with(format!("tag: {} by HEAD, {} by GET: {what}", shown(own), shown(get)))
            .with("replicas that treat HEAD otherwise, or one that no GET has met")
    })
}

fn aspect<'v, 'a>(
    pairs: &[Pair<'v, 'a>],
    cause: &'static str,
    name: &'static str,
    differs: impl Fn(&Pair<'v, 'a>) -> Option<[Vec<u8>; 2]>,
) -> Option<Aspect> {
    let found: Vec<_> = pairs.iter().filter_map(&differs).collect();
    // One that agrees shows that it is not the method.
    let [own, get] = found.first().filter(|_| found.len() >= 2 && found.len() == pairs.len())?;
    let sentence = format!("{name}: {} by HEAD, {} by GET", shown(own), shown(get));
    Some(Aspect { cause, name, sentence })
}

/// Reason why something else than the method may explain a difference.
fn doubt(view: &View<'_>, pairs: &[Pair<'_, '_>]) -> Option<&'static str> {
    let gets = || pairs.iter().flat_map(|pair| &pair.gets);
    let is_cached = gets().any(|seen| cache_answering::sign(seen.answer).is_some())
        && pairs.iter().all(|pair| cache_answering::sign(pair.answer).is_none());
    let gets = pairs.iter().map(|pair| pair.gets.len()).max().unwrap_or(0);
    if is_cached {
        Some("a cache answered GETs and no HEAD: a replica behind it would look the same")
    } else if !pair::is_between(view, pairs) {
        Some("no GET came after the first HEAD: a change in between would look the same")
    } else if gets + pairs.len() < ENOUGH || !pair::are_in_a_row(view) {
        Some("cannot be told apart from replicas that take turns: ask HEAD twice in a row")
    } else {
        None
    }
}

fn without_tag(pairs: &[Pair<'_, '_>]) -> Option<Judgement> {
    let lacks = |pair: &&Pair<'_, '_>| {
        let is_usual = [200, 304].contains(&pair.answer.status);
        is_usual && pair.answer.tag().is_none() && pair.gets.iter().all(|seen| seen.tag.is_some())
    };
    let lacking = pairs.iter().filter(lacks).count();
    (lacking >= 2 && lacking == pairs.len()).then(|| {
        let what = of_all(lacking, pairs.len(), "HEAD");
        Judgement::new(Severity::Info, 0.9, "HEAD names no tag, and GET does")
            .because("no-tag")
            .with(format!("without an ETag: {what}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::EvidenceSource;
    use crate::fixture::{check, evidence, judge as judged};

    const GETS: &str = r#"
        6 × -> 200; ETag: "get"; Content-Length: 5; Content-Type: text/plain | hello
        2 × If-None-Match: "get" -> 304; ETag: "get"
    "#;
    const LATER: &str =
        r#"2 × -> 200; ETag: "get"; Content-Length: 5; Content-Type: text/plain | hello"#;

    /// What is said of these HEADs between GETs.
    fn between(heads: &str, expected: Option<(Severity, &str)>) {
        check(&kind(), &format!("{GETS}\n{heads}\n{LATER}"), expected);
    }

    #[test]
    fn another_tag_length_type_or_status_is_found() {
        let warn = |title| Some((Severity::Warn, title));
        let title = "HEAD names another tag and another length than GET";
        between(r#"2 × HEAD -> 200; ETag: "head"; Content-Length: 15"#, warn(title));
        let title = "HEAD names another length than GET";
        between(r#"2 × HEAD -> 200; ETag: "get"; Content-Length: 0"#, warn(title));
        let title = "HEAD names another Content-Type than GET";
        between(r#"2 × HEAD -> 200; ETag: "get"; Content-Type: text/html"#, warn(title));
        between("2 × HEAD -> 404", warn("HEAD gets 404 where GET gets 200"));
        let refused = Some((Severity::Info, "HEAD is refused with 405"));
        between("HEAD -> 405", refused);
        let late = Some((Severity::Info, "HEAD gets no answer in time, and GET does"));
        between("2 × HEAD -> late", late);
        between("HEAD -> late\nHEAD -> 200; ETag: \"get\"", None);
        between("HEAD -> late\n-> late", None);
        let none = Some((Severity::Info, "HEAD names no tag, and GET does"));
        between("2 × HEAD -> 200; Content-Length: 5", none);
    }

    #[test]
    fn a_head_that_may_be_so_is_not() {
        for right in [
            // No length at all, a charset more, another weakness, the suffix of a coding.
            r#"2 × HEAD -> 200; ETag: "get""#,
            r#"2 × HEAD -> 200; ETag: "get"; Content-Type: text/plain;charset=utf-8"#,
            r#"2 × HEAD -> 200; ETag: W/"get"; Content-Length: 5"#,
            r#"2 × HEAD -> 200; ETag: "get-gzip""#,
            // Of another coding than the GETs.
            r#"2 × HEAD Accept-Encoding: gzip -> 200; ETag: "other"; Content-Length: 3"#,
            // One of them alone: another replica, or a moment.
            r#"HEAD -> 200; ETag: "other"; Content-Length: 7"#,
            "HEAD -> 500\nHEAD -> 200; ETag: \"get\"",
            "2 × HEAD -> 503",
            "2 × HEAD -> cut",
        ] {
            between(right, None);
        }
    }

    #[test]
    fn tags_of_replicas_and_of_moments_are_not_taken_for_it() {
        let local = r#"
            3 × -> 200; ETag: "a" | hello
            3 × -> 200; ETag: "b" | hello
            2 × HEAD -> 200; ETag: "c"
            3 × -> 200; ETag: "a" | hello
        "#;
        check(&kind(), local, None);
        let known = r#"
            6 × -> 200; ETag: "a" | hello
            2 × HEAD -> 200; ETag: "b"
            2 × -> 200; ETag: "a" | hello
            -> 200; ETag: "b" | hello
        "#;
        check(&kind(), known, None);
        let each = r#"
            4 × @1 -> 200; ETag: "a" | hello
            4 × @2 -> 200; ETag: "b" | hello
            @1 HEAD -> 200; ETag: "a"
            @2 HEAD -> 200; ETag: "b"
            @1 -> 200; ETag: "a" | hello
        "#;
        check(&kind(), each, None);
    }

    #[test]
    fn a_change_or_a_cache_that_explains_it_as_well_is_told() {
        let doubt = |exchanges: &str| {
            let found = judged(&kind(), &evidence(exchanges)).expect("a difference");
            (found.severity, found.confidence, found.evidence.last().cloned().unwrap_or_default())
        };
        let changed = format!("{GETS}\n3 × HEAD -> 200; ETag: \"new\"");
        let (severity, confidence, sentence) = doubt(&changed);
        assert_eq!((severity, confidence), (Severity::Info, 0.6));
        assert!(sentence.contains("a change in between"), "{sentence}");
        let cached = format!("{GETS}\n3 × HEAD -> 200; ETag: \"new\"\n{LATER}")
            .replace("200; ETag: \"get\"", "200; ETag: \"get\"; Age: 3");
        let (_, confidence, sentence) = doubt(&cached);
        assert!(confidence < 0.9 && sentence.contains("a cache answered"), "{sentence}");
    }

    #[test]
    fn captures_of_a_monitor_that_polls_by_head_show_it() {
        let turn = r#"
            -> 200; ETag: W/"67-a"; Content-Length: 5 | hello
            HEAD If-None-Match: W/"f-b" -> 200; ETag: W/"f-b"; Content-Length: 15
        "#;
        let mut capture = evidence(&turn.repeat(4));
        capture.source = EvidenceSource::Wire;
        let found = judged(&kind(), &capture).expect("a difference");
        assert_eq!(found.title, "HEAD names another tag and another length than GET");
        let sentence = found.evidence.last().expect("a doubt");
        assert!(found.confidence < 0.9 && sentence.contains("take turns"), "{sentence}");
    }
}
