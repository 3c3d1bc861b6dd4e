//! `match-misanswered`: a condition holds, and the answer is neither a 304 nor the content.

use std::collections::BTreeMap;

use crate::explanation::{Form, Mishandling, common_form};
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("match_misanswered.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let wrong = &view.explained.misanswered;
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for one in wrong {
        *statuses.entry(one.answer.status).or_default() += 1;
    }
    let asked = view.answered().map(|(seen, _)| &seen.asked).filter(|asked| !asked.is_plain());
    let form = common_form(wrong, asked);
    let (cause, title) = match wrong.first()?.how {
        Mishandling::Empty => ("empty-200", "a matching tag gets a 200 without content".to_owned()),
        Mishandling::PreconditionFailed => {
            ("412", "a matching If-None-Match on GET gets a 412 where a 304 belongs".to_owned())
        }
        Mishandling::Failed => {
            let status = statuses.keys().next_back()?;
            let what = named(form);
            ("error", format!("{what} gets status {status} in the place of a 304"))
        }
        Mishandling::OtherContent => {
            ("error", "a matching condition gets a 200 with another content".to_owned())
        }
    };
    let conditional = view.answered().filter(|(seen, _)| !seen.asked.is_plain()).count();
    let plain = view.answered().filter(|(seen, _)| seen.asked.is_plain()).count();
    let counts = format!(
        "to requests with a condition: {}; to {plain} without one: none",
        of_all(wrong.len(), conditional, "answer")
    );
    let others = view.not_modified().filter(|(seen, _)| !seen.asked.is_plain()).count();
    let others = (form.is_some() && others > 0).then(|| {
        format!("other conditions get their 304, {}", text::counted(others as u64, "time"))
    });
    let last_plain = view.placed().filter(|(_, seen, _)| seen.asked.is_plain()).last();
    let is_open = wrong.iter().all(|one| last_plain.is_some_and(|(place, ..)| place < one.place));
    let gone = "no request without a condition came after these: a resource that can be had once, or \
                that went away just then, would look the same; ask once without one to tell";
    let confidence = if is_open { 0.8 } else { 0.97 };
    // Few clients send it.
    let severity = if form == Some(Form::Any) { Severity::Warn } else { Severity::Bad };
    Some(
        Judgement::new(severity, confidence, title)
            .because(cause)
            .with(counts)
            .with_all(others)
            .with_all(is_open.then_some(gone)),
    )
}

/// The conditions that are misanswered, in words.
fn named(form: Option<Form>) -> &'static str {
    match form {
        Some(Form::List) => "a list of tags in If-None-Match",
        Some(Form::Weak) => "a weak tag (W/) in If-None-Match",
        Some(Form::Any) => "`If-None-Match: *`",
        Some(Form::Dated) => "a condition with If-Modified-Since",
        None => "a matching condition",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::evidence::EvidenceSource;
    use crate::fixture::{check, evidence};

    const LOOKS: &str = r#"
        8 × -> 200; ETag: "x" | hello
    "#;

    /// Names of all findings.
    fn names(exchanges: &[&str]) -> Vec<&'static str> {
        let check = Check::of(&evidence(&exchanges.concat()));
        check.findings.iter().map(|finding| finding.kind.name.as_str()).collect()
    }

    #[test]
    fn an_empty_200_to_a_match_is_no_other_content() {
        let empty = r#"
            4 × If-None-Match: "x" -> 200; ETag: "x"
            3 × -> 200; ETag: "x" | hello
        "#;
        let title = "a matching tag gets a 200 without content";
        check(&kind(), &[LOOKS, empty].concat(), Some((Severity::Bad, title)));
        assert_eq!(names(&[LOOKS, empty]), ["match-misanswered"]);
    }

    #[test]
    fn an_empty_200_says_so_where_contents_were_not_seen() {
        let mut log = evidence(
            &[r#"-> 200; ETag: "x"; Content-Length: 5 | …
            If-None-Match: "x" -> 200; ETag: "x"; Content-Length: 0 | …
            "#; 4]
                .concat(),
        );
        log.source = EvidenceSource::Wire;
        let found = Check::of(&log);
        assert_eq!(found.findings.len(), 1, "{found:?}");
        assert_eq!(found.findings[0].cause, Some("empty-200"));
    }

    #[test]
    fn a_long_capture_is_judged_as_a_short_one() {
        let polls = (0..20_000).map(|at| {
            format!(
                "-> 200; ETag: \"{at}\"; Content-Length: 5 | …\n\
                 If-None-Match: \"{at}\" -> 200; ETag: \"{at}\"; Content-Length: 0 | …\n"
            )
        });
        let mut log = evidence(&polls.collect::<Vec<_>>().concat());
        log.source = EvidenceSource::Wire;
        // A place was looked for in a list of all places; nothing here is to grow with the square.
        let found = Check::of(&log);
        assert_eq!(found.findings[0].cause, Some("empty-200"));
    }

    #[test]
    fn another_status_in_the_place_of_a_304_is_named() {
        let with = |answer: &str| {
            format!(
                "{LOOKS}\n4 × If-None-Match: \"x\" -> {answer}\n2 × -> 200; ETag: \"x\" | hello"
            )
        };
        let title = "a matching If-None-Match on GET gets a 412 where a 304 belongs";
        check(&kind(), &with("412"), Some((Severity::Bad, title)));
        let title = "a matching condition gets status 500 in the place of a 304";
        check(&kind(), &with("500 | trace"), Some((Severity::Bad, title)));
        assert_eq!(names(&[&with("500 | trace")]), ["match-misanswered"]);
        let title = "a matching condition gets a 200 with another content";
        check(&kind(), &with("200 | not modified"), Some((Severity::Bad, title)));
        assert_eq!(names(&[&with("200 | not modified")]), ["match-misanswered"]);
        check(&kind(), &with("304; ETag: \"x\""), None);
        check(&kind(), &with("429; Retry-After: 1"), None);
    }

    #[test]
    fn what_requests_without_a_condition_get_as_well_is_not_the_condition_s() {
        let failing = r#"
            3 × -> 200; ETag: "x" | hello
            -> 500 | trace
            3 × -> 200; ETag: "x" | hello
            2 × If-None-Match: "x" -> 500 | trace
            2 × If-None-Match: "x" -> 304; ETag: "x"
            -> 200; ETag: "x" | hello
        "#;
        check(&kind(), failing, None);
        // From some moment on it fails: nothing says that the condition has to do with it.
        let fails = r#"4 × If-None-Match: "x" -> 500"#;
        check(&kind(), &[LOOKS, fails].concat(), None);
        // A 412 has no other reason, whenever it comes.
        let title = "a matching If-None-Match on GET gets a 412 where a 304 belongs";
        let refused = r#"5 × If-None-Match: "x" -> 304; ETag: "x"
            If-None-Match: "x" -> 412"#;
        check(&kind(), &[LOOKS, refused].concat(), Some((Severity::Bad, title)));
        // The content was emptied.
        let emptied = r#"
            4 × If-None-Match: "x" -> 200; ETag: "y"
            3 × -> 200; ETag: "y"
        "#;
        check(&kind(), &[LOOKS, emptied].concat(), None);
        // The content changed.
        let changed = r#"
            4 × If-None-Match: "x" -> 200; ETag: "y" | world
            3 × -> 200; ETag: "y" | world
        "#;
        check(&kind(), &[LOOKS, changed].concat(), None);
    }

    #[test]
    fn a_capture_in_which_every_condition_fails_is_told_from_a_server_that_fails() {
        let found = |exchanges: &str| {
            let mut capture = evidence(exchanges);
            capture.source = EvidenceSource::Wire;
            judge(&View::of(&capture)).map(|it| (it.title, it.confidence))
        };
        let once = r#"
            -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            9 × If-None-Match: "x" -> 404 | none
        "#;
        let title = "a matching condition gets status 404 in the place of a 304".to_owned();
        assert_eq!(found(once), Some((title.clone(), 0.8)));
        let again = format!("{once}\n-> 200; ETag: \"x\" | hello");
        assert_eq!(found(&again), Some((title, 0.97)));
        let dated = once
            .replace("If-None-Match: \"x\"", "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT");
        assert!(found(&dated).is_some());
        assert!(found(&once.replace("404", "500")).is_some());
        // Too few; one that worked; what nobody issued; without a condition as well; and refusals.
        for other in [
            once.replace("9 ×", "5 ×"),
            format!("{once}\nIf-None-Match: \"x\" -> 304; ETag: \"x\""),
            once.replace("If-None-Match: \"x\"", "If-None-Match: \"y\""),
            format!("{once}\n-> 404 | none"),
            once.replace("404", "403"),
            once.replace("404", "503"),
        ] {
            assert_eq!(found(&other), None, "{other}");
        }
    }

    #[test]
    fn an_error_that_goes_with_the_form_of_the_condition_is_no_replica_s() {
        let lists = r#"
            10 × If-None-Match: "x" -> 304; ETag: "x"
            2 × If-None-Match: "n", "x" -> 500 | trace
            4 × -> 200; ETag: "x" | hello
        "#;
        let title = "a list of tags in If-None-Match gets status 500 in the place of a 304";
        check(&kind(), &[LOOKS, lists].concat(), Some((Severity::Bad, title)));
        let weak = lists.replace("\"n\", \"x\"", "W/\"x\"");
        let title = "a weak tag (W/) in If-None-Match gets status 500 in the place of a 304";
        check(&kind(), &[LOOKS, &weak].concat(), Some((Severity::Bad, title)));
        // One list alone may have met the replica that fails, and so may one of two.
        let one = lists.replace("2 ×", "1 ×");
        check(&kind(), &[LOOKS, &one].concat(), None);
        let half = [&one, r#"If-None-Match: "n", "x" -> 304; ETag: "x""#].concat();
        check(&kind(), &[LOOKS, &half].concat(), None);
    }

    #[test]
    fn one_replica_that_fails_now_and_then_is_none() {
        let one_of_four = r#"
            4 × -> 200; ETag: "x" | hello
            If-None-Match: "x" -> 500
            3 × If-None-Match: "x" -> 304; ETag: "x"
            -> 200; ETag: "x" | hello
        "#;
        check(&kind(), one_of_four, None);
        // It may refuse where others do not: 412 has no other reason.
        let title = "a matching If-None-Match on GET gets a 412 where a 304 belongs";
        check(&kind(), &one_of_four.replace("500", "412"), Some((Severity::Bad, title)));
        let title = "a matching tag gets a 200 without content";
        let empty = one_of_four.replace("500", "200; ETag: \"x\"");
        check(&kind(), &empty, Some((Severity::Bad, title)));
    }
}
