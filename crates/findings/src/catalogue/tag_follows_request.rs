//! `tag-follows-request`: tags of one content, or contents, that go with a field of the request.

use crate::evidence::{EvidenceSource, ObservedResponse, opaque};
use crate::explanation::Followed;
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::view::{FullResponse, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("tag_follows_request.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    match &view.explained.followed {
        Some(followed) => in_capture(followed),
        None => varied(view),
    }
}

fn in_capture(followed: &Followed<'_>) -> Option<Judgement> {
    let Followed { field, values, labels, of_content, is_in_vary, .. } = followed;
    // Negotiation that says so is what Vary is for.
    if *of_content && *is_in_vary {
        return None;
    }
    let what = if *of_content { "contents" } else { "tags of one content" };
    let title = format!("{what} go with {}: {labels} for {values} values", named(field));
    let severity = if *is_in_vary { Severity::Warn } else { Severity::Bad };
    let vary = if *is_in_vary { "Vary names it" } else { "Vary does not name it" };
    let alike = "a balancer that keeps each client with one replica would look the same, if the \
                 field tells clients apart";
    let judgement = Judgement::new(severity, 0.8, title).because(cause(field));
    Some(judgement.with(vary).with(alike))
}

/// Requests of a check with another value than always.
fn varied(view: &View<'_>) -> Option<Judgement> {
    if view.evidence.source != EvidenceSource::Live {
        return None;
    }
    let usual = |coding: &str| -> Vec<&FullResponse<'_>> {
        view.full.iter().filter(|seen| seen.coding == coding).collect()
    };
    let mut varied = view.unusual().filter(|(seen, answer)| {
        seen.asked.is_whole_get() && seen.asked.is_plain() && answer.status == 200
    });
    varied.find_map(|(seen, answer)| {
        let (field, _) = seen.asked.fields.iter().next()?;
        let tag = answer.tag()?;
        let (severity, title) = match beside_usual(answer, tag, &usual(&answer.coding()))? {
            Beside::OtherTag => {
                let title = format!("one content has another tag for another {}", named(field));
                (Severity::Warn, title)
            }
            Beside::OtherContent => {
                (Severity::Bad, format!("contents for another {} have the same tag", named(field)))
            }
        };
        let evidence = format!("with another value: {}, and Vary names it", shown(tag));
        Some(Judgement::new(severity, 0.9, title).because(cause(field)).with(evidence))
    })
}

/// An answer to another value, beside the usual ones.
enum Beside {
    /// The same content under another tag.
    OtherTag,
    /// Another content under the same tag.
    OtherContent,
}

/// Difference of an answer from all others, if these share one tag and one content.
fn beside_usual(
    answer: &ObservedResponse,
    tag: &[u8],
    usual: &[&FullResponse<'_>],
) -> Option<Beside> {
    let content = answer.content.decoded?.sha256;
    let first = usual.first()?;
    let (own_tag, own) = (opaque(first.tag?), first.digests()?.sha256);
    let agree = usual.iter().all(|one| {
        one.tag.map(opaque) == Some(own_tag) && one.digests().is_some_and(|it| it.sha256 == own)
    });
    match (content == own, opaque(tag) == own_tag) {
        _ if !agree || usual.len() < 3 => None,
        (true, false) => Some(Beside::OtherTag),
        (false, true) => Some(Beside::OtherContent),
        _ => None,
    }
}

fn cause(field: &str) -> &'static str {
    let known = ["authorization", "cookie", "accept", "accept-language", "user-agent", "origin"];
    known.into_iter().find(|known| *known == field).unwrap_or("other")
}

/// `accept-language` as people write it; the name may come from outside.
fn named(field: &str) -> String {
    let mut is_start = true;
    let letter = |letter: char| {
        let written = if is_start { letter.to_ascii_uppercase() } else { letter };
        is_start = letter == '-';
        written
    };
    shown(field.chars().map(letter).collect::<String>().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::evidence::Evidence;
    use crate::fixture::{check, evidence};

    fn capture(exchanges: &str) -> Evidence {
        let mut capture = evidence(exchanges);
        capture.source = EvidenceSource::Wire;
        capture
    }

    /// Names and causes of all findings of a capture.
    fn found(exchanges: &str) -> Vec<(&'static str, Option<&'static str>)> {
        let check = Check::of(&capture(exchanges));
        check.findings.iter().map(|it| (it.kind.name.as_str(), it.cause)).collect()
    }

    const TOKENS: &str = r#"
        Authorization: t1 -> 200; ETag: "a"; VARY | hello
        Authorization: t1; If-None-Match: "a" -> 304; ETag: "a"; VARY
        Authorization: t2; If-None-Match: "a" -> 200; ETag: "b"; VARY | hello
        Authorization: t2; If-None-Match: "b" -> 304; ETag: "b"; VARY
        Authorization: t3; If-None-Match: "b" -> 200; ETag: "c"; VARY | hello
        Authorization: t3; If-None-Match: "c" -> 304; ETag: "c"; VARY
    "#;

    #[test]
    fn a_token_in_the_tag_is_no_salt_of_a_process() {
        let named = TOKENS.replace("VARY", "Vary: Accept, Authorization");
        let expected = [("tag-follows-request", Some("authorization"))];
        assert_eq!(found(&named), expected);
        let check = Check::of(&capture(&named));
        assert_eq!(check.findings[0].severity, Severity::Warn);
        assert_eq!(
            check.findings[0].title,
            "tags of one content go with Authorization: 3 for 3 values"
        );
        assert!(!format!("{check:?}").contains("t2"), "a token is shown");
        let silent = TOKENS.replace("VARY", "Vary: Accept");
        assert_eq!(found(&silent), expected);
        assert_eq!(Check::of(&capture(&silent)).findings[0].severity, Severity::Bad);
    }

    #[test]
    fn negotiated_contents_that_vary_names_are_sound() {
        let languages = r#"
            4 × Accept-Language: de -> 200; ETag: "de"; Vary: Accept-Language | hallo
            4 × Accept-Language: en -> 200; ETag: "en"; Vary: Accept-Language | hello
            4 × Accept-Language: de; If-None-Match: "de" -> 304; ETag: "de"; Vary: Accept-Language
            4 × Accept-Language: en; If-None-Match: "en" -> 304; ETag: "en"; Vary: Accept-Language
        "#;
        assert_eq!(found(languages), [("healthy", None)]);
        let silent = languages.replace("Vary: Accept-Language", "X: y");
        assert_eq!(found(&silent)[0], ("tag-follows-request", Some("accept-language")));
    }

    #[test]
    fn replicas_behind_one_token_stay_replicas() {
        let fleet = r#"
            3 × Authorization: t1 -> 200; ETag: "a" | hello
            3 × Authorization: t1 -> 200; ETag: "b" | hello
            3 × Authorization: t2 -> 200; ETag: "a" | hello
            3 × Authorization: t2 -> 200; ETag: "b" | hello
        "#;
        assert_eq!(found(fleet)[0].0, "node-local-tag");
        // A value of its own in each request explains nothing.
        let one = |at| format!("Cookie: id={at} -> 200; ETag: \"{}\" | hello", at % 2);
        let ids = (0..8).map(one).collect::<Vec<_>>().join("\n");
        assert_eq!(found(&ids)[0].0, "node-local-tag");
    }

    #[test]
    fn a_check_that_varies_a_field_sees_it() {
        let usual = r#"4 × -> 200; ETag: "a"; Vary: Accept | hello
        "#;
        let other = r#"Accept: text/html -> 200; ETag: "b"; Vary: Accept | hello"#;
        let title = "one content has another tag for another Accept";
        check(&kind(), &[usual, other].concat(), Some((Severity::Warn, title)));
        let negotiated = r#"Accept: text/html -> 200; ETag: "b"; Vary: Accept | <p>hello"#;
        check(&kind(), &[usual, negotiated].concat(), None);
        let shared = r#"Accept: text/html -> 200; ETag: "a"; Vary: Accept | <p>hello"#;
        let title = "contents for another Accept have the same tag";
        check(&kind(), &[usual, shared].concat(), Some((Severity::Bad, title)));
        let fleet = r#"-> 200; ETag: "b"; Vary: Accept | hello
        "#;
        check(&kind(), &[usual, fleet, other].concat(), None);
    }
}
