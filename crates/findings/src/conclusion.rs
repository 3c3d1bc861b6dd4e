//! Conclusions: drawn after the findings, where none of them is bad or a warning.
//!
//! They are explained like findings and are none: `healthy` holds what no finding contradicts, and
//! `inconclusive` says what evidence is missing for that.

use std::sync::LazyLock;

mod contrary;
mod healthy;
mod inconclusive;

use inconclusive::missing;
pub(crate) use inconclusive::{failing, too_little};

use crate::kind::{FindingKind, Judgement};
use crate::view::View;

/// Conclusion that nothing is wrong.
pub static HEALTHY: LazyLock<FindingKind> = LazyLock::new(healthy::kind);
/// Conclusion that the evidence does not suffice.
pub static INCONCLUSIVE: LazyLock<FindingKind> = LazyLock::new(inconclusive::kind);

/// Reports whether an entry is one of the conclusions.
pub(crate) fn is_one(kind: &FindingKind) -> bool {
    [&*HEALTHY, &*INCONCLUSIVE].contains(&kind)
}

/// Conclusion from evidence in which nothing wrong was found.
pub(crate) fn of(view: &View<'_>) -> (&'static FindingKind, Judgement) {
    match missing(view) {
        missing if missing.is_empty() => (&*HEALTHY, healthy::judgement(view)),
        missing => (&*INCONCLUSIVE, inconclusive::judgement(missing)),
    }
}

#[cfg(test)]
mod tests {
    use crate::Check;
    use crate::evidence::EvidenceSource;
    use crate::fixture::evidence;

    const SOUND: &str = r#"
        6 × -> 200; ETag: "x" | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"
    "#;

    /// Names of the findings, in the order in which they are shown.
    fn names(exchanges: &str) -> Vec<&'static str> {
        let check = Check::of(&evidence(exchanges));
        check.findings.iter().map(|finding| finding.kind.name.as_str()).collect()
    }

    #[test]
    fn nothing_wrong_and_evidence_enough_is_healthy() {
        assert_eq!(names(SOUND), ["healthy"]);
        let check = Check::of(&evidence(SOUND));
        assert!((check.findings[0].confidence - 0.65).abs() < 0.01, "{:?}", check.findings);
    }

    #[test]
    fn what_is_only_worth_knowing_comes_after_the_conclusion() {
        let fresh = "; Cache-Control: max-age=86400;";
        let fresh = SOUND.replace("304;", &format!("304{fresh}"));
        let fresh = fresh.replace("200;", "200; Vary: Accept; Cache-Control: max-age=86400;");
        assert_eq!(names(&fresh), ["healthy", "malformed-304", "revalidation-moot"]);
    }

    #[test]
    fn anything_wrong_leaves_no_conclusion() {
        let other = r#"2 × -> 200; ETag: "y" | hello"#;
        assert_eq!(names(&[SOUND, other].concat()), ["node-local-tag"]);
    }

    #[test]
    fn too_little_evidence_is_inconclusive_and_says_what_is_missing() {
        assert_eq!(names(""), ["inconclusive"]);
        assert_eq!(names("-> 404"), ["inconclusive"]);
        assert_eq!(names(r#"8 × -> 200; ETag: "x" | hello"#), ["inconclusive"]);
        let asked = r#"8 × Cache-Control: no-cache -> 200; ETag: "x" | hello"#;
        let mut capture = evidence(asked);
        capture.source = EvidenceSource::Har;
        let check = Check::of(&capture);
        assert!(check.is_inconclusive());
        let missing = "no request carried If-None-Match or If-Modified-Since: capture a client that \
                       polls twice, with its cache on";
        assert_eq!(check.findings[0].evidence, [missing]);
    }

    #[test]
    fn answers_without_any_content_never_pass() {
        for fields in ["", "; ETag: \"x\"", "; Last-Modified: yesterday"] {
            for condition in ["", "If-None-Match: \"x\" ", "If-Modified-Since: yesterday "] {
                let mut capture = evidence(&format!("30 × {condition}-> 304{fields}"));
                assert_ne!(Check::of(&capture).findings[0].kind.name, "healthy");
                capture.source = EvidenceSource::Har;
                assert!(Check::of(&capture).is_inconclusive(), "{condition}{fields}");
            }
        }
    }

    #[test]
    fn replays_lost_without_a_reason_are_not_healthy() {
        let lost = r#"3 × If-None-Match: "x" -> 200; ETag: "x" | hello"#;
        assert_ne!(names(&[SOUND, lost].concat()), ["healthy"]);
    }
}
