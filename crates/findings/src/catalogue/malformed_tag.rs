//! `malformed-tag`: the value of `ETag` is no entity tag.

use std::collections::BTreeSet;

use semantics::EntityTag;

use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::{FullResponse, Trial, TrialCounts, TrialOutcome, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("malformed_tag.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    several(view).or_else(|| of_value(view))
}

/// Responses with more than one `ETag` field, which is no list (RFC 9110 §5.3).
fn several(view: &View<'_>) -> Option<Judgement> {
    let tags = |seen: &FullResponse<'_>| {
        let lines = seen.answer.fields.iter().filter(|(name, _)| *name == "etag");
        lines.map(|(_, tag)| tag.to_vec()).collect::<Vec<_>>()
    };
    let all: Vec<_> = view.full.iter().map(tags).filter(|tags| tags.len() > 1).collect();
    let first = all.first()?;
    let named: Vec<_> = first.iter().take(4).map(|tag| shown(tag)).collect();
    let is_one = all.iter().all(|tags| tags.iter().all(|tag| *tag == tags[0]));
    let severity = if is_one { Severity::Info } else { Severity::Warn };
    let judgement = Judgement::new(severity, 0.99, "several ETag fields in one response");
    Some(
        judgement
            .because("several")
            .with(format!(
                "{} in {}",
                named.join("   "),
                of_all(all.len(), view.full.len(), "response")
            ))
            .with(
                "the program and something in front of it both send one: clients take the first, \
                 the last, or both joined, which is no tag",
            ),
    )
}

fn of_value(view: &View<'_>) -> Option<Judgement> {
    let tags: BTreeSet<&[u8]> = view.full.iter().filter_map(|seen| seen.tag).collect();
    let malformed: Vec<_> = tags.into_iter().filter(|tag| is_malformed(tag)).collect();
    let cause = malformed.iter().find_map(|tag| cause_of(tag))?;
    let replays = of_malformed(view);
    let lost = replays.honoured == 0 && replays.ignored > 0;
    let removed = is_removed(view);
    // Clients that ask for compression then have nothing to ask with.
    let bare = removed && view.full.iter().any(|seen| seen.is_coded() && seen.is_bare());
    let severity = if lost || bare { Severity::Bad } else { Severity::Warn };
    let tagged = view.full.iter().filter(|seen| seen.tag.is_some());
    let wrong = tagged.clone().filter(|seen| seen.tag.is_some_and(is_malformed)).count();
    let named: Vec<_> = malformed.iter().take(4).map(|tag| shown(tag)).collect();
    let of_replays =
        (replays.total() > 0).then(|| format!("replayed as it came, {}", replays.got_304()));
    let gone = removed.then(|| {
        let (coded, _) = view.coded_and_plain();
        let without = coded.iter().filter(|seen| seen.tag.is_none()).count();
        format!("removed with compression: {}", of_all(without, coded.len(), "response"))
    });
    let seen = of_all(wrong, tagged.count(), "tagged response");
    Some(
        Judgement::new(severity, 0.99, title(cause))
            .because(cause)
            .with(format!("{} in {seen}", named.join("   ")))
            .with_all(of_replays)
            .with_all(gone)
            .with(consequence(cause)),
    )
}

fn title(cause: &str) -> &'static str {
    match cause {
        "unquoted" => "the tag is not in quotes, so it is no entity tag",
        "weak-unquoted" => "behind W/ the tag is not in quotes, so it is no entity tag",
        "lower-case" => "w/ is no sign of weakness (it is W/), so the value is no entity tag",
        _ => "the value of ETag is no entity tag",
    }
}

/// Treatment that such a value meets on its way.
fn consequence(cause: &str) -> &'static str {
    match cause {
        "unquoted" => {
            "nginx and Cloudflare remove it when they compress, for they can weaken a quoted tag \
             only; Envoy removes it as a strong one; Go, Jetty and other parsers never match it"
        }
        "weak-unquoted" => {
            "nginx and Envoy pass it on as weak, Cloudflare removes it, and Go, Jetty and other \
             parsers never match it"
        }
        "lower-case" => {
            "nginx removes it when it compresses, Envoy passes it on as weak, and parsers take it \
             for no tag, or for another one than W/\"…\""
        }
        _ => {
            "each program on the way reads something else in it, or nothing: parsers never match \
             it, and gateways that compress remove it or break it further"
        }
    }
}

/// Cause by which a value is no entity tag; `None` where it is one.
fn cause_of(tag: &[u8]) -> Option<&'static str> {
    if EntityTag::parse(tag).is_ok() {
        return None;
    }
    let behind = tag.strip_prefix(b"W/").or_else(|| tag.strip_prefix(b"w/"));
    Some(match behind {
        Some(rest) if tag[0] == b'w' && EntityTag::parse(rest).is_ok() => "lower-case",
        Some(rest) if is_bare(rest) => "weak-unquoted",
        None if is_bare(tag) => "unquoted",
        _ => "other",
    })
}

/// Reports whether quotes around it are all that is missing.
fn is_bare(text: &[u8]) -> bool {
    let quotes = b"\"',";
    !text.is_empty()
        && !text.iter().any(|octet| *octet <= b' ' || *octet == 0x7f)
        && !text.iter().any(|octet| quotes.contains(octet))
}

fn is_malformed(tag: &[u8]) -> bool {
    cause_of(tag).is_some()
}

/// Reports whether tags that are none were sent with this request.
pub(super) fn is_in(trial: &Trial<'_>) -> bool {
    trial.asked.none_match.iter().any(|tag| is_malformed(tag))
}

fn of_malformed(view: &View<'_>) -> TrialCounts {
    View::tally(view.by_tag.iter().filter(|trial| is_in(trial)))
}

/// Reports whether every full 200 to the very tag was one to a value that is no tag, of which none
/// ever got a 304.
pub(super) fn explains_ignored(view: &View<'_>) -> bool {
    let trials = || view.by_tag.iter().chain(&view.by_list);
    let mut ignored = trials().filter(|trial| trial.outcome == TrialOutcome::Ignored).peekable();
    ignored.peek().is_some() && ignored.all(is_in) && of_malformed(view).honoured == 0
}

/// Reports whether compressed responses lack the tag that plain ones have, and none of these is one.
pub(super) fn is_removed(view: &View<'_>) -> bool {
    let (coded, plain) = view.coded_and_plain();
    let mut tags = plain.iter().filter_map(|seen| seen.tag).peekable();
    tags.peek().is_some() && tags.all(is_malformed) && coded.iter().any(|seen| seen.tag.is_none())
}

/// Reports whether the responses without a tag came another way than those with one, which is none.
pub(super) fn explains_missing(view: &View<'_>) -> bool {
    let (tagged, bare): (Vec<_>, Vec<_>) = view.full.iter().partition(|seen| seen.tag.is_some());
    let all = tagged.iter().filter_map(|seen| seen.tag).all(is_malformed);
    let ways = |seen: &[&crate::view::FullResponse<'_>]| {
        let way = |seen: &&crate::view::FullResponse<'_>| seen.answer.fields.list("via");
        seen.iter().map(way).collect::<BTreeSet<_>>()
    };
    !tagged.is_empty() && all && ways(&tagged).is_disjoint(&ways(&bare))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::fixture::{check, evidence, judge};

    #[test]
    fn each_value_that_is_no_tag_has_its_cause() {
        for (tag, cause) in [
            (r#""abc""#, None),
            (r#"W/"abc""#, None),
            (r#""""#, None),
            ("\"\u{e9}\"", None),
            ("abc", Some("unquoted")),
            ("2182d9fa036e5740bacdb8edb5172c25", Some("unquoted")),
            ("W/abc", Some("weak-unquoted")),
            (r#"w/"abc""#, Some("lower-case")),
            (r#""abc"#, Some("other")),
            (r#"abc""#, Some("other")),
            (r#""a", "b""#, Some("other")),
            (r#""a b""#, Some("other")),
            ("'abc'", Some("other")),
            ("a, b", Some("other")),
            (r#""a"b""#, Some("other")),
            (r#"W/"abc"#, Some("other")),
            ("W/", Some("other")),
            (r#"W/w/"a""#, Some("other")),
        ] {
            assert_eq!(cause_of(tag.as_bytes()), cause, "{tag}");
        }
    }

    /// Names of all findings about these exchanges.
    fn names(exchanges: &str) -> Vec<&'static str> {
        let check = Check::of(&evidence(exchanges));
        check.findings.iter().map(|finding| finding.kind.name.as_str()).collect()
    }

    #[test]
    fn a_tag_that_works_between_two_is_a_warning() {
        let exchanges = r"
            6 × -> 200; ETag: abc | hello
            4 × If-None-Match: abc -> 304; ETag: abc
        ";
        let title = "the tag is not in quotes, so it is no entity tag";
        check(&kind(), exchanges, Some((Severity::Warn, title)));
        let judgement = judge(&kind(), &evidence(exchanges)).expect("it is malformed");
        assert_eq!(judgement.evidence[0], "abc in 6 of 6 tagged responses");
        assert_eq!(judgement.evidence[1], "replayed as it came, 4 of 4 got a 304");
        assert_eq!(names(exchanges), ["malformed-tag"]);
        check(&kind(), &exchanges.replace("abc", "\"abc\""), None);
    }

    #[test]
    fn full_200s_to_what_is_no_tag_have_one_cause() {
        let exchanges = r"
            6 × -> 200; ETag: abc | hello
            4 × If-None-Match: abc -> 200; ETag: abc | hello
            2 × If-None-Match: abc, x -> 200; ETag: abc | hello
        ";
        assert_eq!(names(exchanges), ["malformed-tag"]);
        let judgement = judge(&kind(), &evidence(exchanges)).expect("it is malformed");
        assert_eq!(judgement.severity, Severity::Bad);
        // Where some honour it, those that do not are at fault themselves.
        let some = [exchanges, "2 × If-None-Match: abc -> 304; ETag: abc"].concat();
        assert_eq!(names(&some), ["conditionals-ignored", "malformed-tag"]);
    }

    #[test]
    fn a_gateway_that_removes_it_with_compression_is_not_at_fault() {
        let exchanges = r"
            6 × -> 200; ETag: abc; Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT | hello
            3 × Accept-Encoding: gzip -> 200; Content-Encoding: gzip; Vary: Accept-Encoding; Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT | hello
            4 × If-None-Match: abc -> 304; ETag: abc
        ";
        assert_eq!(names(exchanges), ["malformed-tag"]);
        let undated = exchanges.replace("; Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT", "");
        assert_eq!(names(&undated), ["malformed-tag"]);
        let judgement = judge(&kind(), &evidence(&undated)).expect("it is malformed");
        assert_eq!(judgement.severity, Severity::Bad);
    }

    #[test]
    fn a_text_with_and_without_quotes_is_two_tags() {
        let exchanges = r#"
            3 × -> 200; ETag: abc | hello
            3 × -> 200; ETag: "abc" | hello
            If-None-Match: "abc" -> 200; ETag: abc | hello
            If-None-Match: "abc" -> 304; ETag: "abc"
            -> 200; ETag: abc | hello
        "#;
        assert_eq!(names(exchanges), ["node-local-tag", "malformed-tag"]);
    }

    #[test]
    fn two_fields_are_no_list() {
        let exchanges = r#"
            4 × -> 200; ETag: "a"; ETag: "edge-0" | hello
            4 × -> 200; ETag: "a" | hello
            2 × If-None-Match: "a" -> 304; ETag: "a"
        "#;
        let title = "several ETag fields in one response";
        check(&kind(), exchanges, Some((Severity::Warn, title)));
        let judgement = judge(&kind(), &evidence(exchanges)).expect("there are two");
        assert_eq!(judgement.evidence[0], r#""a"   "edge-0" in 4 of 8 responses"#);
        let twice = exchanges.replace("\"edge-0\"", "\"a\"");
        check(&kind(), &twice, Some((Severity::Info, title)));
    }

    #[test]
    fn a_client_that_loses_the_quotes_is_another_matter() {
        let exchanges = r#"
            -> 200; ETag: "abc" | hello
            8 × If-None-Match: abc -> 200; ETag: "abc" | hello
        "#;
        check(&kind(), exchanges, None);
        assert!(!names(exchanges).contains(&"conditionals-ignored"));
    }
}
