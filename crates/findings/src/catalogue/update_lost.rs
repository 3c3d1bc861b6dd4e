//! `update-lost`: an accepted write replaced one that its writer had not read.

use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("update_lost.toml");
    FindingKind { polls: Some(in_run), ..FindingKind::read(words) }
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let writes = arm.tally.writes.filter(|writes| writes.lost > 0)?;
    let title = format!(
        "{} of {} accepted updates replaced one that their writer had not read",
        writes.lost, writes.accepted
    );
    Some(Judgement::certain(Severity::Bad, title).with(format!(
        "a write in between was lost each time, and its writer had been told that it was stored; {} \
         conflicts were refused",
        writes.refused_rightly
    )))
}

#[cfg(test)]
mod tests {
    use measure::WriteVerdict;

    use super::*;
    use crate::run::fixture::titles_of_writes;

    #[test]
    fn a_lost_update_is_found_and_a_conflict_that_was_refused_is_not() {
        let titles = |writes: &[WriteVerdict]| titles_of_writes(&kind(), writes, "\"x\"");
        let title = "1 of 2 accepted updates replaced one that their writer had not read";
        assert_eq!(titles(&[WriteVerdict::Accepted, WriteVerdict::Lost]), [title]);
        assert!(titles(&[WriteVerdict::Accepted, WriteVerdict::RefusedRightly]).is_empty());
        assert!(titles(&[]).is_empty());
    }
}
