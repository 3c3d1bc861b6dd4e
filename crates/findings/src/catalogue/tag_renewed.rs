//! `tag-renewed`: the tag changed over time, and the content did not.

use crate::evidence::{inner, short};
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::memory::{Recall, Renewal};
use crate::tag_form::{Cause, Difference, Facts, Specimen, compare};
use crate::view::View;
use semantics::HttpDate;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("tag_renewed.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let recall = Recall::of(view)?;
    let renewal = recall.renewal()?;
    let what = if renewal.new.tag.is_some() { "tag" } else { "date" };
    let title = format!("everybody downloads once: the {what} changed and the content did not");
    let Difference { cause, explanation, .. } = difference(&renewal);
    let at = shown(recall.memory.at.as_bytes());
    let content = renewal.old.content.as_ref().map(short).unwrap_or_default();
    let then = shown(renewal.old.tag.as_deref().or(renewal.old.last_modified.as_deref())?);
    let now = shown(renewal.new.tag.or(renewal.new.answer.last_modified())?);
    let lost = recall.replays_of(renewal.old);
    let lost =
        (lost > 0).then(|| format!("{lost} of {lost} replays of the old {what} got all of it"));
    Some(
        Judgement::new(Severity::Warn, 0.95, title)
            .because(cause.name())
            .with(format!("sha-256 {content} had {then} at {at} and has {now} now"))
            .with(explanation)
            .with_all(lost),
    )
}

/// State that the tag depends on beside the content. Of one server at two moments, so that what
/// `compare` says of replicas is not repeated.
fn difference(renewal: &Renewal<'_, '_>) -> Difference {
    let Renewal { old, new } = renewal;
    let Some((one, specimen)) = old.tag.as_deref().zip(new.specimen()) else {
        return Difference::new(Cause::Mtime, "the date of the same content is another");
    };
    let date = old.last_modified.as_deref().and_then(|date| HttpDate::parse(date).ok());
    let facts = Facts { last_modified: date, coded: None, ..specimen.facts };
    let found = compare(&[Specimen { opaque: inner(one), facts }, specimen]);
    match found.cause {
        Cause::Mtime | Cause::Inode | Cause::Path | Cause::Compressed => found,
        Cause::Process => Difference::new(Cause::Process, of_a_process(one, specimen.opaque)),
        Cause::UnorderedContent | Cause::Unknown => Difference::new(
            Cause::Unknown,
            "the tags do not show what they are made of beside the content",
        ),
    }
}

fn of_a_process(old: &[u8], new: &[u8]) -> String {
    let number = |tag: &[u8]| str::from_utf8(inner(tag)).ok()?.parse::<u32>().ok();
    match (number(old), number(new)) {
        (Some(old), Some(new)) if new < old => {
            format!("a number went from {old} to {new}: a counter that began again at a restart")
        }
        _ => "the tags are no hash of the content: a counter, start time, salt or build number, \
              which a restart or a deploy renews"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check_since, judge_since};

    const TITLE: &str = "everybody downloads once: the tag changed and the content did not";

    fn check(then: &str, now: &str, cause: &str, explanation: &str) {
        let then = format!("8 × -> 200; {then} | hello");
        let now = format!("8 × -> 200; {now} | hello");
        check_since(&kind(), &then, &now, Some((Severity::Warn, TITLE)));
        let judgement = judge_since(&kind(), &then, &now).expect("it is found");
        assert_eq!(judgement.cause, Some(cause), "{now}");
        assert!(judgement.evidence[1].contains(explanation), "{:?}", judgement.evidence);
    }

    #[test]
    fn a_new_tag_for_the_same_content_is_found_with_its_cause() {
        let (one, two) = ("Thu, 01 Jan 2026 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:07 GMT");
        check(
            &format!("ETag: \"6955b900-5\"; Last-Modified: {one}"),
            &format!("ETag: \"6955b907-5\"; Last-Modified: {two}"),
            "mtime",
            "7 s apart",
        );
        check("ETag: \"41\"", "ETag: \"1\"", "process", "from 41 to 1: a counter that began again");
        check("ETag: \"k-9f\"", "ETag: \"k-31\"", "process", "a restart or a deploy renews");
    }

    #[test]
    fn a_new_date_alone_is_found_where_there_is_no_tag() {
        let then = "8 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello";
        let title = "everybody downloads once: the date changed and the content did not";
        let later = then.replace("00:00:00", "00:00:07");
        check_since(&kind(), then, &later, Some((Severity::Warn, title)));
        let earlier = then.replace("01 Jan", "02 Jan");
        let not_modified = "\n-> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            If-Modified-Since: Fri, 02 Jan 2026 00:00:00 GMT -> 304";
        check_since(
            &kind(),
            &earlier.replace("Thu", "Fri"),
            &format!("{then}{not_modified}"),
            None,
        );
    }

    #[test]
    fn what_replicas_do_and_what_still_gets_a_304_are_not() {
        let one = r#"8 × -> 200; ETag: "41" | hello"#;
        let two = "4 × -> 200; ETag: \"18\" | hello\n4 × -> 200; ETag: \"19\" | hello";
        check_since(&kind(), one, two, None);
        check_since(&kind(), two, one, None);
        check_since(&kind(), one, one, None);
        check_since(&kind(), one, r#"8 × -> 200; ETag: "42" | world"#, None);
        let accepted =
            "8 × -> 200; ETag: \"42\" | hello\nIf-None-Match: \"41\" -> 304; ETag: \"42\"";
        check_since(&kind(), one, accepted, None);
    }
}
