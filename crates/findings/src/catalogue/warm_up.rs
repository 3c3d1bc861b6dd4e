//! `warm-up`: first answers without the tag that all later ones have.

use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("warm_up.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let early = &view.explained.early;
    let first = early.first()?;
    let is_like_early = |coding: &str| early.iter().any(|seen| seen.coding == coding);
    let all = early.len() + view.full.iter().filter(|seen| is_like_early(&seen.coding)).count();
    let (title, confidence, evidence) = match first.tag {
        None => ("the first answers have no ETag, and all later ones do", 0.9, None),
        Some(tag) => (
            "the first answers have another tag than all later ones",
            0.7,
            Some(format!("{} came {}, and never again", shown(tag), times(early.len()))),
        ),
    };
    let places = of_all(early.len(), all, "complete response");
    let restart = "a deployment that ended just then would look the same";
    let judgement = Judgement::new(Severity::Warn, confidence, title);
    let judgement = judgement.with(format!("at the beginning only: {places}"));
    Some(judgement.with_all(evidence).with(restart))
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::fixture::{check, evidence};

    fn names(exchanges: &str) -> Vec<&'static str> {
        let check = Check::of(&evidence(exchanges));
        check.findings.iter().map(|finding| finding.kind.name.as_str()).collect()
    }

    #[test]
    fn first_answers_without_a_tag_are_no_replica_s() {
        let fleet = r#"
            3 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            5 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            6 × If-None-Match: "x" -> 304; ETag: "x"
        "#;
        let title = "the first answers have no ETag, and all later ones do";
        check(&kind(), fleet, Some((Severity::Warn, title)));
        assert_eq!(names(fleet), ["warm-up"]);
        let one = fleet
            .replace("3 ×", "1 ×")
            .replace("Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT", "X: y");
        assert_eq!(names(&one), ["warm-up"]);
    }

    #[test]
    fn each_address_has_its_first_answer() {
        let backends = r#"
            @1 -> 200 | hello
            @2 -> 200 | hello
            2 × @1 -> 200; ETag: "x" | hello
            2 × @2 -> 200; ETag: "x" | hello
            2 × @1 If-None-Match: "x" -> 304; ETag: "x"
            2 × @2 If-None-Match: "x" -> 304; ETag: "x"
        "#;
        assert_eq!(names(backends), ["warm-up"]);
    }

    #[test]
    fn each_process_has_its_first_answer() {
        let fleet = r#"
            2 × -> 200; ETag: "a" | hello
            -> 200; ETag: "x" | hello
            -> 200; ETag: "a" | hello
            5 × -> 200; ETag: "x" | hello
            6 × If-None-Match: "x" -> 304; ETag: "x"
        "#;
        assert_eq!(names(fleet), ["warm-up"]);
        let of_a_replica = fleet.replace("5 ×", "-> 200; ETag: \"a\" | hello\n5 ×");
        let of_a_replica = [of_a_replica.as_str(), "-> 200; ETag: \"a\" | hello"].concat();
        assert_eq!(names(&of_a_replica), ["node-local-tag"]);
    }

    #[test]
    fn the_first_answer_of_a_process_may_be_a_compressed_one() {
        let fleet = r#"
            2 × -> 200; ETag: "a" | hello
            2 × -> 200; ETag: "x" | hello
            -> 200; ETag: "a" | hello
            3 × Accept-Encoding: gzip -> 200; ETag: "x"; Vary: Accept-Encoding; Content-Encoding: gzip | hello
            Accept-Encoding: gzip -> 200; ETag: "a"; Vary: Accept-Encoding; Content-Encoding: gzip | hello
            8 × Accept-Encoding: gzip; If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Encoding
            8 × -> 200; ETag: "x" | hello
        "#;
        assert_eq!(names(fleet), ["warm-up"]);
        let again = "-> 200; ETag: \"a\" | hello";
        assert_eq!(names(&[fleet, again].concat())[0], "node-local-tag");
    }

    #[test]
    fn a_content_that_follows_shows_whether_replicas_differ() {
        let fleet = r#"
            -> 200; ETag: "a" | hello
            -> 200; ETag: "x" | hello
            -> 200; ETag: "a" | hello
            4 × -> 200; ETag: "x" | hello
            6 × -> 200; ETag: "y" | world
            8 × If-None-Match: "y" -> 304; ETag: "y"
        "#;
        assert_eq!(names(fleet), ["warm-up", "content-changing"]);
        let differ = fleet.replace("6 × -> 200; ETag: \"y\" | world", "4 × -> 200; ETag: \"y\" | world\n-> 200; ETag: \"b\" | world\n-> 200; ETag: \"y\" | world");
        assert_eq!(names(&differ)[0], "node-local-tag");
    }

    #[test]
    fn replicas_changes_and_chance_are_none() {
        // The replica without a tag comes again.
        let fleet = r#"
            -> 200 | hello
            4 × -> 200; ETag: "x" | hello
            -> 200 | hello
            6 × If-None-Match: "x" -> 304; ETag: "x"
        "#;
        check(&kind(), fleet, None);
        // One in five would not have come again, either.
        let few = r#"
            3 × -> 200; ETag: "x" | hello
            -> 200 | hello
            5 × -> 200; ETag: "x" | hello
        "#;
        check(&kind(), few, None);
        // A deployment.
        let change = r#"
            4 × -> 200; ETag: "x" | hello
            8 × -> 200; ETag: "y" | hello
        "#;
        check(&kind(), change, None);
        let gzip = "2 × Accept-Encoding: gzip -> 200; ETag: \"z\"; Vary: Accept-Encoding; \
                    Content-Encoding: gzip | hello\n";
        check(&kind(), &change.replace("            8", &format!("{gzip}            8")), None);
        let content = r#"
            -> 200 | hello
            8 × -> 200; ETag: "y" | world
        "#;
        check(&kind(), content, None);
    }
}
