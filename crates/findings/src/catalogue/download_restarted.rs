//! `download-restarted`: interrupted downloads that no replica resumed.

use measure::ReplicaTally;
use measure::record::ResumesRecord;

use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("download_restarted.toml");
    FindingKind { polls: Some(in_run), ..FindingKind::read(words) }
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let ResumesRecord { attempted, partial, whole } = arm.tally.resumes;
    let mut tags = arm.tally.replicas.values().flat_map(ReplicaTally::sightings);
    let weak = tags.all(|sighting| sighting.entity_tag.starts_with(b"W/"));
    let why = if weak { "the tag is weak" } else { "no replica sent the rest" };
    (whole > 0 && partial == 0).then(|| {
        let title = format!("{whole} of {attempted} interrupted downloads began again: {why}");
        Judgement::certain(Severity::Warn, title)
            .with("If-Range compares strongly; a mismatch is answered with the whole")
    })
}

#[cfg(test)]
mod tests {
    use measure::Resume;
    use measure::Verdict::FirstFetch;

    use super::*;
    use crate::run::fixture::{exchange, tally};
    use crate::run::{Validator, of_arm};

    #[test]
    fn downloads_that_began_again_are_found_and_resumed_ones_are_not() {
        let titles = |resumes: &[Resume]| -> Vec<String> {
            let mut tally = tally(&[exchange(FirstFetch, 1, "W/\"x\"", "a")]);
            for resume in resumes {
                tally.record_resume(Some(*resume), 1);
            }
            let found = of_arm("arm", ArmEvidence { tally: &tally, validator: Validator::Tag });
            found.into_iter().filter(|f| f.code == kind().code).map(|f| f.title).collect()
        };
        let title = "2 of 2 interrupted downloads began again: the tag is weak";
        assert_eq!(titles(&[Resume::Whole, Resume::Whole]), [title]);
        assert!(titles(&[Resume::Whole, Resume::Partial]).is_empty() && titles(&[]).is_empty());
    }
}
