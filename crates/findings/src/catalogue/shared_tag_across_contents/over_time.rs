//! The same over time: an earlier check saw another content under the validator of now.

use crate::evidence::{is_weak, opaque, short};
use crate::kind::{Judgement, Severity, shown};
use crate::memory::{Confirmation, Recall, Unseen};
use crate::tag_form;
use crate::view::{FullResponse, View};

pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    let recall = Recall::of(view)?;
    let unseen = recall.unseen()?;
    // A weak tag may stand for contents that mean the same; one of a file's date and size never
    // knew what they mean.
    let is_lenient =
        unseen.remembered.tag.as_deref().is_some_and(is_weak) && !is_of_file(view, &unseen);
    let severity = if is_lenient { Severity::Warn } else { Severity::Bad };
    let meaning = "the tag is weak: that is allowed if the contents mean the same";
    let judgement = Judgement::new(severity, if is_lenient { 0.8 } else { 0.97 }, title(&unseen))
        .because("over-time")
        .with(contents(&recall, &unseen))
        .with(replays(view, &unseen))
        .with_all(is_lenient.then_some(meaning));
    Some(judgement)
}

fn title(unseen: &Unseen<'_>) -> String {
    let name = name(unseen);
    match unseen.how {
        Confirmation::Carried => format!(
            "the content changed and its {name} did not: clients that hold the old content get a \
             304 and keep it"
        ),
        Confirmation::Honoured(_) | Confirmation::ByItsDate(_) => format!(
            "the content changed, and the old {name} still gets a 304: clients keep the old content"
        ),
    }
}

fn name(unseen: &Unseen<'_>) -> &'static str {
    match (&unseen.remembered.tag, unseen.how) {
        (Some(_), Confirmation::ByItsDate(_)) => "tag with its date",
        (Some(_), _) => "tag",
        (None, _) => "Last-Modified",
    }
}

fn value(unseen: &Unseen<'_>) -> String {
    let seen = unseen.remembered;
    shown(seen.tag.as_deref().or(seen.last_modified.as_deref()).unwrap_or_default())
}

fn contents(recall: &Recall<'_, '_>, unseen: &Unseen<'_>) -> String {
    let then = unseen.remembered.content.as_ref().map(short).unwrap_or_default();
    let (value, now) = (value(unseen), short(&unseen.content));
    let at = shown(recall.memory.at.as_bytes());
    match unseen.how {
        Confirmation::Carried => {
            format!("{value} belonged to sha-256 {then} at {at} and belongs to {now} now")
        }
        Confirmation::Honoured(_) | Confirmation::ByItsDate(_) => {
            format!("{value} belonged to sha-256 {then} at {at}; the content is {now} now")
        }
    }
}

fn replays(view: &View<'_>, unseen: &Unseen<'_>) -> String {
    let sent = unseen.remembered.tag.as_deref();
    match unseen.how {
        Confirmation::Carried => {
            let trials = match sent {
                Some(_) => &view.by_tag,
                None => &view.by_date,
            };
            let of_it = trials.iter().filter(|trial| {
                sent.is_none_or(|tag| opaque(&trial.asked.none_match[0]) == opaque(tag))
            });
            format!("replays of it: {}", View::tally(of_it).got_304())
        }
        Confirmation::Honoured(count) => format!("{count} of {count} replays of it got a 304"),
        Confirmation::ByItsDate(count) => format!(
            "{count} of {count} replays with its date beside it, as browsers send them, got a 304; \
             the tag alone did not: the date decides"
        ),
    }
}

/// Reports whether the tag is made of the date and the size of a file.
fn is_of_file(view: &View<'_>, unseen: &Unseen<'_>) -> bool {
    let tag = unseen.remembered.tag.as_deref().unwrap_or_default();
    let carriers =
        view.full.iter().filter(|seen| seen.tag.is_some_and(|own| opaque(own) == opaque(tag)));
    carriers.filter_map(FullResponse::specimen).any(|one| tag_form::form(&one).contains("mtime"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::shared_tag_across_contents::kind;
    use crate::fixture::{check_since, judge_since};

    const THEN: &str =
        r#"8 × -> 200; ETag: "7"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | old"#;
    const CARRIED: &str = "the content changed and its tag did not: clients that hold the old \
                           content get a 304 and keep it";
    const HONOURED: &str = "the content changed, and the old tag still gets a 304: clients keep the \
                            old content";

    #[test]
    fn a_tag_that_stays_while_the_content_changes_is_found() {
        let now = r#"
            8 × -> 200; ETag: "7" | new
            3 × If-None-Match: "7" -> 304; ETag: "7"
        "#;
        check_since(&kind(), THEN, now, Some((Severity::Bad, CARRIED)));
        let judgement = judge_since(&kind(), THEN, now).expect("it is found");
        assert_eq!(judgement.cause, Some("over-time"));
        assert_eq!(judgement.evidence[1], "replays of it: 3 of 3 got a 304");
        let (then, now) = (THEN.replace("\"7\"", "W/\"7\""), now.replace("\"7\"", "W/\"7\""));
        check_since(&kind(), &then, &now, Some((Severity::Warn, CARRIED)));
    }

    #[test]
    fn a_weak_tag_of_date_and_size_promises_no_meaning() {
        let then = r#"8 × -> 200; ETag: W/"3-1749b1d5c80" | old"#;
        let now = r#"8 × -> 200; ETag: W/"3-1749b1d5c80" | new"#;
        check_since(&kind(), then, now, Some((Severity::Bad, CARRIED)));
    }

    #[test]
    fn a_date_that_stays_is_found_where_there_is_no_tag() {
        let then = "8 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | old";
        let now = r"
            8 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | new
            3 × If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304
        ";
        let title = "the content changed and its Last-Modified did not: clients that hold the old \
                     content get a 304 and keep it";
        check_since(&kind(), then, now, Some((Severity::Bad, title)));
    }

    #[test]
    fn an_old_tag_that_always_gets_a_304_is_found_and_a_replica_left_behind_is_not() {
        let always = r#"
            -> 200; ETag: "8" | new
            3 × If-None-Match: "7" -> 304; ETag: "8"
            7 × -> 200; ETag: "8" | new
        "#;
        check_since(&kind(), THEN, always, Some((Severity::Bad, HONOURED)));
        let sometimes = r#"
            -> 200; ETag: "8" | new
            2 × If-None-Match: "7" -> 304; ETag: "7"
            If-None-Match: "7" -> 200; ETag: "8" | new
            7 × -> 200; ETag: "8" | new
        "#;
        check_since(&kind(), THEN, sometimes, None);
    }

    #[test]
    fn a_deploy_between_the_replay_and_the_look_makes_no_false_304() {
        let meanwhile = r#"
            3 × If-None-Match: "7" -> 304; ETag: "7"
            8 × -> 200; ETag: "8" | new
        "#;
        check_since(&kind(), THEN, meanwhile, None);
        check_since(&kind(), THEN, &format!("-> 200; ETag: \"7\" | old\n{meanwhile}"), None);
    }

    #[test]
    fn a_rollback_whose_date_decides_is_found() {
        let now = r#"
            -> 200; ETag: "6"; Last-Modified: Wed, 31 Dec 2025 00:00:00 GMT | older
            3 × If-None-Match: "7" -> 200; ETag: "6"; Last-Modified: Wed, 31 Dec 2025 00:00:00 GMT | older
            2 × If-None-Match: "7"; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304; ETag: "6"
            7 × -> 200; ETag: "6"; Last-Modified: Wed, 31 Dec 2025 00:00:00 GMT | older
        "#;
        let title = "the content changed, and the old tag with its date still gets a 304: clients \
                     keep the old content";
        check_since(&kind(), THEN, now, Some((Severity::Bad, title)));
    }

    #[test]
    fn a_new_tag_for_a_new_content_and_what_did_not_change_are_not() {
        let now = r#"
            -> 200; ETag: "8" | new
            3 × If-None-Match: "7" -> 200; ETag: "8" | new
            7 × -> 200; ETag: "8" | new
        "#;
        check_since(&kind(), THEN, now, None);
        check_since(&kind(), THEN, THEN, None);
    }

    #[test]
    fn a_difference_in_what_was_asked_explains_everything() {
        let mut now = crate::fixture::since(THEN, r#"8 × -> 200; ETag: "7" | new"#);
        now.given.push("authorization".to_owned());
        assert!(crate::fixture::judge(&kind(), &now).is_none());
    }
}
