//! `unsolicited-304`: a 304 to a request without a condition.

use super::cache_answering;
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("unsolicited_304.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let without = view.answered().chain(view.unusual());
    let without: Vec<_> = without.filter(|(seen, _)| view.is_unsolicited(seen)).collect();
    let wrong: Vec<_> = without.iter().filter(|(_, answer)| answer.status == 304).collect();
    if wrong.is_empty() {
        return None;
    }
    let title = "a 304 answers a request without a condition: its client gets nothing";
    let counts = of_all(wrong.len(), without.len(), "request");
    let cache = wrong.iter().find_map(|(_, answer)| cache_answering::sign(answer));
    let cache = cache.map(|sign| format!("a cache answered: {sign}"));
    let judgement = Judgement::new(Severity::Bad, 0.97, title);
    Some(judgement.with(format!("without a condition, and a 304: {counts}")).with_all(cache))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::evidence::EvidenceSource;
    use crate::fixture::{check, evidence, judge as judged};

    const TITLE: &str = "a 304 answers a request without a condition: its client gets nothing";

    #[test]
    fn a_304_to_a_request_without_a_condition_is_found() {
        for always in ["304", r#"304; ETag: "x""#, "304; Last-Modified: yesterday"] {
            check(&kind(), &format!("8 × -> {always}"), Some((Severity::Bad, TITLE)));
        }
        check(&kind(), "4 × -> 200 | hello\n-> 304", Some((Severity::Bad, TITLE)));
        check(&kind(), "4 × -> 200 | hello\nHEAD -> 304", Some((Severity::Bad, TITLE)));
    }

    #[test]
    fn a_304_to_any_condition_is_not() {
        for condition in [
            "If-None-Match: *",
            "If-None-Match: \"x\"",
            "If-Modified-Since: yesterday",
            "HEAD If-None-Match: \"x\"",
            "If-Match: \"x\"",
        ] {
            check(&kind(), &format!("4 × -> 200 | hello\n{condition} -> 304"), None);
        }
        check(&kind(), "4 × -> 200 | hello", None);
    }

    #[test]
    fn captures_are_judged_where_the_request_is_known_to_have_had_none() {
        let found = |request: &str, source| {
            let mut capture = evidence(&format!("3 × {request} -> 304; ETag: \"x\""));
            capture.source = source;
            judged(&kind(), &capture).is_some()
        };
        assert!(found("Host: test", EvidenceSource::Wire));
        assert!(!found("", EvidenceSource::Wire), "the request was not seen");
        assert!(!found("Host: test", EvidenceSource::Har));
    }

    #[test]
    fn a_cache_that_passes_on_the_304_of_its_origin_is_not_healthy() {
        let found = Check::of(&evidence(
            r#"
            4 × -> 200; ETag: "x"; Cache-Status: Souin; hit | hello
            4 × -> 304; ETag: "x"; Age: 1
            11 × -> 200; ETag: "x" | hello
            6 × If-None-Match: "x" -> 304; ETag: "x"
            "#,
        ));
        assert_eq!(found.findings[0].kind.name, "unsolicited-304");
        let evidence =
            ["without a condition, and a 304: 4 of 19 requests", "a cache answered: age: 1"];
        assert_eq!(found.findings[0].evidence, evidence);
        assert!(found.findings.iter().all(|finding| !finding.is_healthy()));
    }
}
