//! How the polls of an arm ended: those that failed, those that prove nothing, and all being well.

use measure::record::Severity;
use measure::{Tally, Verdict};

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

/// That there is nothing to complain of.
pub(super) fn sound(tally: &Tally) -> Option<Finding> {
    let not_modified = tally.not_modified;
    let replicas = tally.replicas.len();
    let last = tally.replicas.values().find_map(|replica| replica.sightings().last())?;
    let tag = String::from_utf8_lossy(&last.entity_tag);
    let title = match (not_modified, replicas) {
        (0, _) => return None,
        (_, 1) => format!("the tag is honoured: {tag}"),
        _ => format!("one tag on every replica: {tag}"),
    };
    let evidence = format!("{not_modified} of {} conditional polls got a 304", tally.conditional);
    Some(Finding { code: "", severity: Severity::Ok, title, evidence })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{check, exchange};
    use super::*;

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
    fn failed_polls_are_listed_by_reason() {
        check(
            &[exchange(Verdict::Error, 1, "", "a")],
            &[("ETL006", Severity::Bad, "1 × response cut short")],
        );
    }
}
