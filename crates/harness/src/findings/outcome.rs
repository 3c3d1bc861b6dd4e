//! How the polls of an arm ended: those that failed, those that prove nothing, and all being well.

use measure::record::Severity;
use measure::{ReplicaTally, ResumeTally, Tally, Verdict};

use super::Finding;

/// Polls that brought no usable response.
pub(super) fn failed(tally: &Tally) -> Option<Finding> {
    let failed = tally.verdicts.of(Verdict::Error);
    let reasons = tally.errors.iter().map(|(reason, count)| format!("{count} × {reason}"));
    (failed > 0).then(|| Finding {
        code: "ETL006",
        severity: Severity::Bad,
        title: format!("{failed} of {} polls failed", tally.verdicts.total()),
        evidence: reasons.collect::<Vec<_>>().join(", "),
    })
}

/// 304s of servers that do not say what they hold.
pub(super) fn unverifiable(tally: &Tally) -> Option<Finding> {
    let unverifiable = tally.verdicts.of(Verdict::Unverifiable);
    (unverifiable > 0).then(|| Finding {
        code: "ETL007",
        severity: Severity::Info,
        title: format!("{unverifiable} 304s cannot be verified"),
        evidence: "nobody declares what the replica held, so a stale 304 would not be noticed"
            .to_owned(),
    })
}

/// Interrupted downloads that no replica resumed: under a weak tag it must not (RFC 9110 §13.1.5).
pub(super) fn started_again(tally: &Tally) -> Option<Finding> {
    let ResumeTally { attempted, partial, whole } = tally.resumes;
    let mut tags = tally.replicas.values().flat_map(ReplicaTally::sightings);
    let weak = tags.all(|sighting| sighting.entity_tag.starts_with(b"W/"));
    let why = if weak { "the tag is weak" } else { "no replica sent the rest" };
    (whole > 0 && partial == 0).then(|| Finding {
        code: "ETL012",
        severity: Severity::Warn,
        title: format!("{whole} of {attempted} interrupted downloads began again: {why}"),
        evidence: "If-Range compares strongly; a mismatch is answered with the whole".to_owned(),
    })
}

/// That there is nothing to complain of.
pub(super) fn sound(tally: &Tally) -> Option<Finding> {
    let not_modified = tally.not_modified;
    let replicas = tally.replicas.len();
    let last = tally.replicas.values().find_map(|replica| replica.sightings().last())?;
    let tag = String::from_utf8_lossy(&last.entity_tag);
    let title = match (not_modified, replicas, tally.codings.len()) {
        (0, ..) => return None,
        (_, 1, 0..=1) => format!("the tag is honoured: {tag}"),
        (_, _, 0..=1) => format!("one tag on every replica: {tag}"),
        _ => format!("one tag for each coding, on every replica: {tag}, …"),
    };
    let polls = format!("{not_modified} of {} conditional polls got a 304", tally.conditional);
    let evidence = match without_a_condition(tally) {
        0 => polls,
        untagged => format!("{polls}; {untagged} had no tag to send, after a 200 without one"),
    };
    Some(Finding { code: "", severity: Severity::Ok, title, evidence })
}

/// Polls of clients that held content and had nothing to revalidate it with: 304s could not be.
fn without_a_condition(tally: &Tally) -> u64 {
    let of = |verdict| tally.verdicts.of(verdict);
    let transfers = [Verdict::Changed, Verdict::Regressed, Verdict::NeedlessTransfer];
    let transfers: u64 = transfers.into_iter().map(of).sum();
    // What was asked with a condition, and got content all the same.
    let refused = tally.conditional - tally.not_modified;
    transfers.saturating_sub(refused)
}

#[cfg(test)]
mod tests {
    use client::Validate;
    use measure::Resume;
    use measure::record::SharedStoreRecord;

    use super::super::fixture::{check, exchange, in_brief};
    use super::super::{of, of_shared};
    use super::*;

    #[test]
    fn downloads_that_began_again_are_named_and_resumed_ones_are_not() {
        let codes = |resumes: &[Resume]| -> Vec<String> {
            let mut tally = Tally::default();
            tally.record(&exchange(Verdict::FirstFetch, 1, "W/\"x\"", "a"));
            for resume in resumes {
                tally.record_resume(Some(*resume));
            }
            let found = of("arm", &tally, Validate::EntityTag);
            found.into_iter().filter(|f| f.code == "ETL012").map(|f| f.title).collect()
        };
        let told = "2 of 2 interrupted downloads began again: the tag is weak";
        assert_eq!(codes(&[Resume::Whole, Resume::Whole]), [told]);
        assert!(codes(&[Resume::Whole, Resume::Partial]).is_empty() && codes(&[]).is_empty());
    }

    #[test]
    fn a_sound_arm_is_said_to_be_sound() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"x\"", "a"),
                exchange(Verdict::Validated, 2, "\"x\"", "a"),
            ],
            &[("", Severity::Ok, "1 of 1 conditional polls got a 304")],
        );
    }

    #[test]
    fn polls_without_a_tag_to_send_are_told_beside_the_304s() {
        let mut tally = Tally::default();
        tally.record(&exchange(Verdict::FirstFetch, 1, r#"W/"x""#, "a"));
        tally.record(&exchange(Verdict::Validated, 2, r#"W/"x""#, "a"));
        tally.record(&exchange(Verdict::NeedlessTransfer, 2, "", "a"));
        let found = of_shared("after", &tally, &SharedStoreRecord::default());
        let told =
            "1 of 1 conditional polls got a 304; 1 had no tag to send, after a 200 without one";
        assert_eq!(in_brief(&found), [("", Severity::Ok, told)]);
    }

    #[test]
    fn failed_polls_are_listed_by_reason() {
        check(
            &[exchange(Verdict::Error, 1, "", "a")],
            &[("ETL006", Severity::Bad, "1 × response cut short")],
        );
    }
}
