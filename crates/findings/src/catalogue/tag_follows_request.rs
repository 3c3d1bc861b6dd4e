//! `tag-follows-request`: tags of one content, or contents, that go with a field of the request.

use super::cache_answering;
use crate::contents;
use crate::evidence::{EvidenceSource, ObservedRequest, ObservedResponse, opaque};
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
        None => varied(view).or_else(|| by_coding(view)),
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
    let varied: Vec<_> = varied_ones(view).filter(|one| one.answer.tag().is_some()).collect();
    let in_vary = view.named_by_vary();
    varied.iter().find_map(|one| {
        let (field, _) = one.asked.fields.iter().next()?;
        let is_in_vary = in_vary.iter().any(|name| name == field);
        let again = varied.iter().filter(|other| other.place != one.place && other.is_like(one));
        let (severity, title) = match one.beside(view)? {
            Beside::OtherTag => {
                let title = format!("one content has another tag for another {}", named(field));
                (Severity::Warn, title)
            }
            Beside::SharedTag => {
                (Severity::Bad, format!("contents for another {} have the same tag", named(field)))
            }
            // Negotiation that says so is what Vary is for, and one that is odd may be a replica.
            Beside::OtherContent if is_in_vary || again.count() == 0 => return None,
            Beside::OtherContent => {
                (Severity::Warn, format!("contents go with {}, unknown to caches", named(field)))
            }
        };
        let vary = if is_in_vary { "Vary names it" } else { "Vary does not name it" };
        let tag = shown(one.answer.tag()?);
        let evidence = format!("with another value: {tag}, and {vary}");
        Some(Judgement::new(severity, 0.9, title).because(cause(field)).with(evidence))
    })
}

/// Compressed responses with another content than the plain ones before and after them.
fn by_coding(view: &View<'_>) -> Option<Judgement> {
    // A cache may hold an older one of them for a while, as after any change.
    let is_cached = view.full.iter().any(|seen| cache_answering::sign(seen.answer).is_some());
    if is_cached || !contents::goes_with_coding(view) {
        return None;
    }
    let place = contents::place(view).map(|place| format!("they differ {place}"));
    let title = "compressed responses have another content than plain ones";
    let judgement = Judgement::new(Severity::Bad, 0.9, title).because("other");
    let always =
        "it is so in every response, before and after: a compressed copy of another edition?";
    Some(judgement.with(always).with_all(place))
}

/// An answer to a request with another value of one field.
struct Varied<'a> {
    place: usize,
    asked: &'a ObservedRequest,
    answer: &'a ObservedResponse,
}

/// An answer to another value, beside the usual ones.
enum Beside {
    /// The same content under another tag.
    OtherTag,
    /// Another content under the same tag.
    SharedTag,
    /// Another content under another tag.
    OtherContent,
}

fn varied_ones<'a>(view: &View<'a>) -> impl Iterator<Item = Varied<'a>> {
    let all = view.evidence.before_writes().iter().enumerate();
    all.filter_map(|(place, seen)| {
        let (asked, answer) = (&seen.asked, seen.outcome.as_ref().ok()?);
        // Of several fields nobody knows which it was, and this one is for caches.
        let is_one =
            asked.fields.iter().count() == 1 && asked.fields.get("cache-control").is_none();
        let is_varied = is_one && asked.is_whole_get() && asked.is_plain();
        (is_varied && answer.status == 200).then_some(Varied { place, asked, answer })
    })
}

impl Varied<'_> {
    fn is_like(&self, other: &Self) -> bool {
        let content = |one: &Self| one.answer.content.decoded.map(|it| it.sha256);
        self.asked == other.asked && content(self) == content(other)
    }

    /// Difference from the usual answers around it, if these share one tag and one content.
    fn beside(&self, view: &View<'_>) -> Option<Beside> {
        let coding = self.answer.coding();
        // What a cache sends once more may have been replaced at the server.
        let usual = view.full.iter().filter(|seen| seen.coding == coding && !seen.is_copy);
        let usual: Vec<_> = usual.collect();
        let shown = |seen: &FullResponse<'_>| {
            Some((seen.tag.map(opaque)?.to_vec(), seen.digests()?.sha256))
        };
        let first = shown(usual.first()?)?;
        let agree = usual.iter().all(|one| shown(one).as_ref() == Some(&first));
        let (usual_tag, usual_content) = if agree && usual.len() >= 3 {
            first
        } else {
            // A content that changes meanwhile stands still between the two of them.
            let before = usual.iter().rfind(|seen| seen.place < self.place)?;
            let after = usual.iter().find(|seen| seen.place > self.place)?;
            shown(before).filter(|before| shown(after).as_ref() == Some(before))?
        };
        let content = self.answer.content.decoded?.sha256;
        match (content == usual_content, opaque(self.answer.tag()?) == usual_tag) {
            (true, true) => None,
            (true, false) => Some(Beside::OtherTag),
            (false, true) => Some(Beside::SharedTag),
            (false, false) => Some(Beside::OtherContent),
        }
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
    fn a_compressed_copy_of_another_edition_is_found() {
        let gzip =
            "3 × Accept-Encoding: gzip -> 200; ETag: \"old\"; Content-Encoding: gzip | hello";
        let plain = "3 × -> 200; ETag: \"new\" | world";
        let title = "compressed responses have another content than plain ones";
        let stale = [plain, gzip, plain].join("\n");
        check(&kind(), &stale, Some((Severity::Bad, title)));
        let names: Vec<_> =
            Check::of(&evidence(&stale)).findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert!(!names.contains(&"content-changing"), "{names:?}");
        let cached = stale.replace("200;", "200; Age: 4;");
        check(&kind(), &cached, None);
        assert!(!Check::of(&evidence(&cached)).findings.iter().any(crate::Finding::is_healthy));
        // A change, after which nothing was asked without compression.
        check(&kind(), &[plain, gzip].join("\n"), None);
    }

    #[test]
    fn a_field_is_told_from_a_change_by_what_comes_before_and_after() {
        let change = r#"
            4 × -> 200; ETag: "a"; Vary: Accept | hello
            4 × -> 200; ETag: "b"; Vary: Accept | world
            Accept: text/html -> 200; ETag: "b"; Vary: Accept | <p>world
        "#;
        check(&kind(), change, None);
        let after = [change, "-> 200; ETag: \"b\"; Vary: Accept | world"].concat();
        let title = "contents for another Accept have the same tag";
        check(&kind(), &after, Some((Severity::Bad, title)));
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
        let silent = shared.replace("Accept: text/html", "Accept-Language: de");
        let title = "contents for another Accept-Language have the same tag";
        check(&kind(), &[usual, &silent].concat(), Some((Severity::Bad, title)));
        // Once may be another replica.
        let own = silent.replace("\"a\"", "\"c\"");
        check(&kind(), &[usual, &own].concat(), None);
        let title = "contents go with Accept-Language, unknown to caches";
        check(&kind(), &[usual, &own, "\n", &own].concat(), Some((Severity::Warn, title)));
    }
}
