//! `stale-fields`: fields that caches keep differ under one tag, or between a 304 and its 200.

use std::collections::{BTreeMap, BTreeSet};

use super::revalidation_moot::fresh_seconds;
use crate::contents::comes_back;
use crate::evidence::ObservedResponse;
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::{Alike, View, weak_eq};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("stale_fields.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

/// Fields that are kept with a response and that a page's behaviour depends on, the worst first.
const KEPT: [(&str, &str); 13] = [
    ("content-type", "Content-Type"),
    ("content-security-policy", "Content-Security-Policy"),
    ("access-control-allow-origin", "Access-Control-Allow-Origin"),
    ("access-control-allow-credentials", "Access-Control-Allow-Credentials"),
    ("access-control-expose-headers", "Access-Control-Expose-Headers"),
    ("cross-origin-resource-policy", "Cross-Origin-Resource-Policy"),
    ("cross-origin-opener-policy", "Cross-Origin-Opener-Policy"),
    ("cross-origin-embedder-policy", "Cross-Origin-Embedder-Policy"),
    ("x-frame-options", "X-Frame-Options"),
    ("cache-control", "Cache-Control"),
    ("content-language", "Content-Language"),
    ("content-disposition", "Content-Disposition"),
    ("link", "Link"),
];

fn judge(view: &View<'_>) -> Option<Judgement> {
    let groups = view.alike();
    let tagged: Vec<_> = groups.iter().flat_map(of_one_tag).collect();
    let found = KEPT.iter().filter_map(|field| {
        let changed = tagged.iter().find_map(|one| one.changed(field));
        changed.or_else(|| tagged.iter().find_map(|one| one.not_modified_differs(field)))
    });
    // The first of the worst: the list begins with what pages depend on most.
    let found = found.min_by_key(|judgement| judgement.severity);
    found.or_else(|| tagged.iter().find_map(OfOneTag::lifetimes))
}

/// Complete responses with one tag and one content, and the 304s that stand for them.
struct OfOneTag<'a> {
    full: Vec<&'a ObservedResponse>,
    not_modified: Vec<&'a ObservedResponse>,
}

/// The responses of each tag; contents that differ under one have a name of their own.
fn of_one_tag<'a>(group: &Alike<'a>) -> Vec<OfOneTag<'a>> {
    let mut tags: BTreeMap<(&[u8], String), Vec<&ObservedResponse>> = BTreeMap::new();
    for (_, answer) in &group.full {
        if let Some(tag) = answer.tag() {
            tags.entry((tag, answer.coding())).or_default().push(answer);
        }
    }
    let is_one = |full: &[&ObservedResponse]| {
        let contents = full.iter().filter_map(|answer| answer.content.decoded);
        contents.map(|content| content.sha256).collect::<BTreeSet<_>>().len() < 2
    };
    let of_tag = |((tag, _), full): ((&[u8], String), Vec<&'a ObservedResponse>)| {
        let stands_for = group.not_modified.iter().filter(
            |(seen, _)| matches!(seen.asked.none_match.as_slice(), [sent] if weak_eq(sent, tag)),
        );
        OfOneTag { not_modified: stands_for.map(|(_, answer)| *answer).collect(), full }
    };
    tags.into_iter().filter(|(_, full)| is_one(full)).map(of_tag).collect()
}

impl OfOneTag<'_> {
    /// Several values of a field in the 200s, none of them a nonce.
    fn changed(&self, &(name, title): &(&str, &str)) -> Option<Judgement> {
        let values: Vec<_> = self.full.iter().map(|answer| value(answer, name)).collect();
        let distinct: BTreeSet<_> = values.iter().collect();
        // A value that is new in most responses is made for each.
        if distinct.len() < 2 || distinct.len() * 2 > values.len() {
            return None;
        }
        let comes_back = comes_back(values.iter());
        let (cause, how) =
            if comes_back { ("per-replica", "differs") } else { ("over-time", "changed") };
        let forbids_some = values.iter().any(|value| value.contains("no-store"));
        let (severity, end) = match self.reach(name) {
            // Of a correction 304s tell clients once; of replicas they tell another value each time.
            (Severity::Info, _) if comes_back && (name != "cache-control" || forbids_some) => {
                (Severity::Warn, "each 304 of another replica turns it round")
            }
            reach => reach,
        };
        let title = format!("{title} {how} under one tag: {end}");
        let judgement = Judgement::new(severity, 0.9, title).because(cause);
        Some(judgement.with_all(distinct.iter().take(3).map(|one| {
            let count = values.iter().filter(|value| value == one).count();
            format!("{}: {}", seen(one), of_all(count, values.len(), "200"))
        })))
    }

    /// Harm of a field that is another one, as far as 304s tell clients of it.
    fn reach(&self, name: &str) -> (Severity, &'static str) {
        let carried = !self.not_modified.is_empty()
            && self.not_modified.iter().all(|answer| answer.fields.get(name).is_some());
        if carried {
            (Severity::Info, "304s carry it to clients")
        } else {
            (Severity::Warn, "clients keep what they got first")
        }
    }

    /// Several lifetimes in the 200s that come back after others, so that they do not count down.
    fn lifetimes(&self) -> Option<Judgement> {
        let seconds: Vec<_> = self.full.iter().map(|it| fresh_seconds(&it.fields)).collect();
        let mut sorted = seconds.clone();
        sorted.sort_unstable();
        // Dates are cut to seconds, so that one of them is no difference.
        let groups: Vec<_> = sorted.chunk_by(|one, next| next - one <= 1).collect();
        let is_steady = groups.iter().all(|group| group[group.len() - 1] - group[0] <= 1);
        let starts: Vec<_> = groups.iter().map(|group| group[0]).collect();
        let group = |own: &u64| starts.partition_point(|start| start <= own);
        // What counts down has many values, and so has what is drawn for each response.
        let is_one = starts.len() < 2 || starts.len() * 2 > seconds.len();
        if is_one || !is_steady || !comes_back(seconds.iter().map(group)) {
            return None;
        }
        let has_control =
            self.full.iter().any(|it| it.fields.list("cache-control").contains("age="));
        let name = if has_control { "cache-control" } else { "expires" };
        let (severity, end) = self.reach(name);
        let title = format!("lifetimes differ under one tag ({name}): {end}");
        let counted = starts.iter().enumerate().take(3).map(|(at, start)| {
            let count = seconds.iter().filter(|own| group(own) == at + 1).count();
            format!("fresh for {start} s: {}", of_all(count, seconds.len(), "200"))
        });
        let judgement = Judgement::new(severity, 0.85, title).because("per-replica");
        Some(judgement.with_all(counted))
    }

    /// One value in all 200s and another in all 304s that have the field.
    fn not_modified_differs(&self, &(name, title): &(&str, &str)) -> Option<Judgement> {
        let shared = |answers: &[&ObservedResponse]| {
            let values: Vec<_> = answers.iter().map(|answer| value(answer, name)).collect();
            let first = values.first().filter(|first| !first.is_empty())?;
            (values.len() >= 2 && values.iter().all(|one| one == first)).then(|| first.clone())
        };
        let (full, own) = (shared(&self.full)?, shared(&self.not_modified)?);
        let title = format!("a 304 gives another {title} than its 200, and caches take it over");
        let sentence = format!("{} with the 200, {} with the 304", seen(&full), seen(&own));
        // What may no longer be kept is downloaded anew, every other time.
        let forbids = |value: &str| name == "cache-control" && value.contains("no-store");
        let is_forbidden = forbids(&own) && !forbids(&full);
        let severity = if is_forbidden { Severity::Bad } else { Severity::Warn };
        let harm =
            "after a 304 the response may not be kept any more: the next poll gets all of it";
        let judgement = Judgement::new(severity, 0.9, title).because("not-modified");
        (full != own).then(|| judgement.with(sentence).with_all(is_forbidden.then_some(harm)))
    }
}

fn seen(value: &str) -> String {
    if value.is_empty() { "none".to_owned() } else { shown(value.as_bytes()) }
}

/// Value of a field without what is made for each response: nonces, and numbers of seconds.
fn value(answer: &ObservedResponse, name: &str) -> String {
    let list = answer.fields.list(name);
    let words = list.split([' ', ',', ';']).filter(|word| !word.is_empty());
    let words = words.map(|word| match word.split_once('=') {
        _ if word.starts_with("'nonce-") => "'nonce-…'".to_owned(),
        // A lifetime may count down; none at all is another matter.
        Some((unit, seconds)) if name == "cache-control" && seconds.parse() != Ok(0_u64) => {
            format!("{unit}=…")
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, evidence, judge as judged};

    const REPLAYS: &str = "3 × If-None-Match: \"x\" -> 304; ETag: \"x\"";

    /// 200s of one tag with these fields, in turns, and plain 304s.
    fn turns(fields: &[&str]) -> String {
        let line = |own: &&str| format!("-> 200; ETag: \"x\"; {own} | hello\n");
        let turn: String = fields.iter().map(line).collect();
        turn.repeat(4) + REPLAYS
    }

    #[test]
    fn a_field_that_differs_under_one_tag_is_found() {
        let title = "Content-Type differs under one tag: clients keep what they got first";
        let both = turns(&["Content-Type: text/plain", "Content-Type: application/json"]);
        check(&kind(), &both, Some((Severity::Warn, title)));
        let title =
            "Content-Security-Policy differs under one tag: clients keep what they got first";
        let both = turns(&["Content-Security-Policy: default-src 'none'", "Server: x"]);
        check(&kind(), &both, Some((Severity::Warn, title)));
    }

    #[test]
    fn a_304_of_another_replica_turns_the_field_round() {
        let full = turns(&["Content-Type: text/plain", "Content-Type: application/json"]);
        let carried = full.replace("304;", "304; Content-Type: text/plain;");
        let title =
            "Content-Type differs under one tag: each 304 of another replica turns it round";
        check(&kind(), &carried, Some((Severity::Warn, title)));
    }

    #[test]
    fn lifetimes_that_come_back_after_others_are_of_replicas() {
        let both = turns(&["Cache-Control: max-age=60", "Cache-Control: max-age=3600"]);
        let title =
            "lifetimes differ under one tag (cache-control): clients keep what they got first";
        check(&kind(), &both, Some((Severity::Warn, title)));
        let carried = both.replace("304;", "304; Cache-Control: max-age=60;");
        let title = "lifetimes differ under one tag (cache-control): 304s carry it to clients";
        check(&kind(), &carried, Some((Severity::Info, title)));
        let date = "Date: Thu, 01 Jan 2026 00:00:00 GMT";
        let expires = ["00:01:00", "01:00:00"]
            .map(|at| format!("{date}; Expires: Thu, 01 Jan 2026 {at} GMT"));
        let expires: Vec<_> = expires.iter().map(String::as_str).collect();
        let title = "lifetimes differ under one tag (expires): clients keep what they got first";
        check(&kind(), &turns(&expires), Some((Severity::Warn, title)));
        // Once, as after a deployment, and drawn for each.
        let line = |age| format!("-> 200; ETag: \"x\"; Cache-Control: max-age={age} | hello\n");
        check(&kind(), &[line(60).repeat(4), line(3_600).repeat(4)].concat(), None);
        // Two caches count down, each from its own moment.
        let down: String = [90, 30, 88, 28, 86, 26, 84, 24].map(line).concat();
        check(&kind(), &down, None);
        let drawn: String = [310, 420, 310, 550, 380, 610, 700, 420].map(line).concat();
        check(&kind(), &drawn, None);
    }

    #[test]
    fn a_correction_under_one_tag_is_found() {
        let corrected = "4 × -> 200; ETag: \"x\"; Content-Type: text/plain | hello\n\
                         4 × -> 200; ETag: \"x\"; Content-Type: text/css | hello\n";
        let found = judged(&kind(), &evidence(corrected)).expect("a change");
        assert_eq!((found.severity, found.cause), (Severity::Warn, Some("over-time")));
        let carried = format!("{corrected}{REPLAYS}; Content-Type: text/css");
        let title = "Content-Type changed under one tag: 304s carry it to clients";
        check(&kind(), &carried, Some((Severity::Info, title)));
    }

    #[test]
    fn a_304_that_gives_another_value_is_found() {
        let full =
            "4 × -> 200; ETag: \"x\"; Content-Type: text/css; Cache-Control: max-age=60 | a\n";
        let title = "a 304 gives another Cache-Control than its 200, and caches take it over";
        let own = format!("{full}{REPLAYS}; Cache-Control: no-store");
        check(&kind(), &own, Some((Severity::Bad, title)));
        let zero = format!("{full}{REPLAYS}; Cache-Control: max-age=0");
        check(&kind(), &zero, Some((Severity::Warn, title)));
        let title = "a 304 gives another Content-Type than its 200, and caches take it over";
        let own = format!("{full}{REPLAYS}; Content-Type: application/octet-stream");
        check(&kind(), &own, Some((Severity::Warn, title)));
    }

    #[test]
    fn what_is_made_for_each_response_or_for_each_request_is_not() {
        for fields in [
            &["Date: Thu, 01 Jan 2026 00:00:00 GMT", "Date: Thu, 01 Jan 2026 00:00:01 GMT"][..],
            &["Set-Cookie: a=1", "Set-Cookie: a=2"],
            &["Age: 1; Via: a; Server-Timing: a", "Age: 2; Via: b; Server-Timing: b"],
            &["X-Request-Id: 1", "X-Request-Id: 2"],
            &[
                "Content-Security-Policy: script-src 'nonce-a'",
                "Content-Security-Policy: script-src 'nonce-b'",
            ],
            &["Cache-Control: max-age=59", "Cache-Control: max-age=58"],
            &["Content-Type: text/css;charset=UTF-8", "Content-Type: text/css ;charset=utf-8"],
        ] {
            check(&kind(), &turns(fields), None);
        }
        let each = [1, 2, 3, 4, 5, 6];
        let each =
            each.map(|number| format!("-> 200; ETag: \"x\"; Link: </{number}>;rel=me | hello\n"));
        check(&kind(), &each.concat(), None);
        let asked: String = ["de", "en"]
            .map(|own| {
                format!(
                    "4 × Accept-Language: {own} -> 200; ETag: \"x\"; Content-Language: {own} | a\n"
                )
            })
            .concat();
        check(&kind(), &asked, None);
    }

    #[test]
    fn other_tags_codings_and_contents_may_have_other_fields() {
        for (one, other) in [
            ("ETag: \"x\"; Content-Type: text/css | a", "ETag: \"y\"; Content-Type: text/html | a"),
            ("ETag: \"x\"; Content-Type: text/css | a", "ETag: \"x\"; Content-Type: text/html | b"),
            (
                "ETag: \"x\"; Content-Type: text/css | a",
                "ETag: \"x\"; Content-Encoding: gzip; Content-Type: text/html | a",
            ),
        ] {
            let turn = format!("-> 200; {one}\n-> 200; {other}\n");
            check(&kind(), &turn.repeat(4), None);
        }
        // A single odd one of two is no proof.
        let two = "-> 200; ETag: \"x\"; Content-Type: text/css | a\n\
                   -> 200; ETag: \"x\"; Content-Type: text/html | a";
        check(&kind(), two, None);
        // A 304 need not repeat anything of this.
        let full = "4 × -> 200; ETag: \"x\"; Content-Type: text/css; Content-Language: de | a\n";
        check(&kind(), &format!("{full}{REPLAYS}"), None);
    }
}
