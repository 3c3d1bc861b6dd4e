//! `if-match-ignored`: a `PUT` with a tag that cannot match is accepted.

use std::collections::BTreeMap;

use crate::evidence::{Method, NOBODYS, ObservedExchange, ObservedResponse, short};
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("if_match_ignored.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let all = writes(view);
    let accepted: Vec<_> = all.iter().filter(|write| write.is_accepted()).collect();
    let first = accepted.first()?;
    let carried_out = accepted.iter().find_map(|write| write.trace());
    let allowed = "its validators did not change, so that it may have been left undone: RFC 9110 \
                   §13.1.1 allows 2xx for a content that is there already";
    let named: Vec<_> = accepted.iter().filter_map(|write| write.lane(view)).collect();
    let puts = of_all(accepted.len(), all.len(), "PUT");
    let (tag, status) = (shown(first.tag), first.status);
    let title = "a PUT with a tag that cannot match was accepted: updates get lost";
    let confidence = if carried_out.is_some() { 0.99 } else { 0.9 };
    Some(
        Judgement::new(Severity::Bad, confidence, title)
            .with(format!("{puts} with If-Match: {tag} accepted, status {status}"))
            .with(carried_out.unwrap_or_else(|| allowed.to_owned()))
            .with_all((!named.is_empty()).then(|| format!("at {}", named.join(", ")))),
    )
}

/// Sentences about writes that were not accepted.
pub(crate) fn refusals(view: &View<'_>) -> Vec<String> {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for write in writes(view).iter().filter(|write| !write.is_accepted()) {
        *counts.entry(write.status).or_default() += 1;
    }
    let told = counts.into_iter().map(|(status, count)| {
        let times = if count > 1 { format!(" × {count}") } else { String::new() };
        let meaning = match status {
            412 => "as it should be: no update gets lost",
            428 => "it demands a condition although one was sent: something drops If-Match",
            401 | 403 | 404 | 405 | 501 => {
                "it takes no PUT here, so that nothing is known of If-Match"
            }
            0 => "no answer, so that nothing is known of If-Match",
            _ => "nothing is known of If-Match",
        };
        let status = if status == 0 { String::new() } else { format!("{status}{times}, ") };
        format!("PUT with a tag that cannot match: {status}{meaning}")
    });
    told.collect()
}

/// A write, and the looks before and after it.
struct Write<'a> {
    seen: &'a ObservedExchange,
    tag: &'a [u8],
    /// 0 without an answer.
    status: u16,
    before: Option<&'a ObservedResponse>,
    after: Option<&'a ObservedResponse>,
}

fn writes<'a>(view: &View<'a>) -> Vec<Write<'a>> {
    let all = &view.evidence.observations;
    let puts = all.iter().enumerate().filter(|(_, seen)| seen.asked.method == Method::Put);
    let look = |seen: &&'a ObservedExchange, lane: usize| {
        seen.lane == lane && seen.asked.is_whole_get() && seen.asked.is_plain()
    };
    puts.filter_map(|(at, seen)| {
        let is_look = |other: &&'a ObservedExchange| look(other, seen.lane);
        let answer = |found: Option<&'a ObservedExchange>| found?.outcome.as_ref().ok();
        Some(Write {
            seen,
            tag: seen.asked.matching.first().filter(|tag| NOBODYS.contains(&tag.as_slice()))?,
            status: seen.outcome.as_ref().map_or(0, |answer| answer.status),
            before: answer(all[..at].iter().rev().find(is_look)),
            after: answer(all[at..].iter().find(is_look)),
        })
    })
    .collect()
}

impl Write<'_> {
    fn is_accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Way to the target, if there are several.
    fn lane(&self, view: &View<'_>) -> Option<String> {
        let lanes = &view.evidence.lanes;
        lanes.get(self.seen.lane).filter(|_| lanes.len() > 1).map(|lane| lane.name.clone())
    }

    /// Sentence that shows that it was carried out; `None` if nothing shows it.
    fn trace(&self) -> Option<String> {
        let (before, after) = (self.before?, self.after?);
        let content = |answer: &ObservedResponse| Some(short(&answer.content.decoded?.sha256));
        if content(before) != content(after) {
            let (then, now) = (content(before)?, content(after)?);
            return Some(format!(
                "it was carried out: the content was sha-256 {then} and is {now}"
            ));
        }
        let changed = |name: &str| {
            let (then, now) = (before.fields.get(name)?, after.fields.get(name)?);
            (then != now).then(|| {
                format!("it was carried out: {name} was {} and is {}", shown(then), shown(now))
            })
        };
        changed("etag").or_else(|| changed("last-modified"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::fixture::{check, evidence, judge};

    const TITLE: &str = "a PUT with a tag that cannot match was accepted: updates get lost";

    fn written(status: u16, after: &str) -> String {
        format!(
            r#"
            -> 200; ETag: "a" | hello
            PUT If-Match: "etag-lab-nobodys-tag" -> {status}
            -> 200; ETag: "{after}" | hello
            "#
        )
    }

    #[test]
    fn an_accepted_put_is_found_and_its_traces_are_told() {
        for (status, after, line) in [
            (204, "b", "it was carried out: etag was \"a\" and is \"b\""),
            (200, "a", "its validators did not change"),
        ] {
            let exchanges = written(status, after);
            check(&kind(), &exchanges, Some((Severity::Bad, TITLE)));
            let judgement = judge(&kind(), &evidence(&exchanges)).expect("it is found");
            assert!(judgement.evidence[1].starts_with(line), "{:?}", judgement.evidence);
        }
    }

    #[test]
    fn a_put_that_was_refused_is_told_and_is_no_finding() {
        for (status, line) in [
            (412, "412, as it should be: no update gets lost"),
            (405, "405, it takes no PUT here, so that nothing is known of If-Match"),
            (428, "428, it demands a condition although one was sent: something drops If-Match"),
            (500, "500, nothing is known of If-Match"),
        ] {
            let exchanges = written(status, "a");
            check(&kind(), &exchanges, None);
            let told = Check::of(&evidence(&exchanges)).notes;
            assert_eq!(told, [format!("PUT with a tag that cannot match: {line}")]);
        }
        let cut = "PUT If-Match: \"etag-lab-nobodys-tag\" -> cut";
        let told = refusals(&View::of(&evidence(cut)));
        let nothing = "no answer, so that nothing is known of If-Match";
        assert_eq!(told, [format!("PUT with a tag that cannot match: {nothing}")]);
    }

    #[test]
    fn what_the_check_writes_itself_is_no_finding_about_tags_or_dates() {
        let sound = r#"
            8 × -> 200; ETag: "a" | hello
            4 × If-None-Match: "a" -> 304; ETag: "a"
        "#;
        let check = Check::of(&evidence(&format!("{sound}{}", written(204, "b"))));
        let names: Vec<_> = check.findings.iter().map(|found| &found.kind.name).collect();
        assert_eq!(names, ["if-match-ignored"]);
    }

    #[test]
    fn nothing_is_said_where_nothing_was_written() {
        check(&kind(), "3 × -> 200; ETag: \"a\" | hello", None);
        assert!(refusals(&View::of(&evidence("-> 200 | hello"))).is_empty());
    }
}
