//! `download-restarted`: interrupted downloads that no replica resumed.

use measure::ReplicaTally;
use measure::record::ResumesRecord;

use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(super) const KIND: FindingKind = FindingKind {
    code: "ETL012",
    name: "download-restarted",
    says: "Interrupted downloads began again from the first byte: the tag is weak, or no replica \
           sends the rest.",
    experiment: "Clients break downloads off and ask for the rest with Range and If-Range.",
    limits: "Found in runs whose clients resume; a check downloads whole contents.",
    causes: "weak tags, which If-Range must not match; tags that differ between replicas; servers \
             without ranges",
    fix: "send strong tags where downloads are large enough to be resumed, and serve ranges",
    section: "RFC 9110 §13.1.5",
    scenario: "if-range-weak",
    polls: Some(in_run),
    ..FindingKind::BLANK
};

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
                tally.record_resume(Some(*resume));
            }
            let found = of_arm("arm", ArmEvidence { tally: &tally, validator: Validator::Tag });
            found.into_iter().filter(|f| f.code == KIND.code).map(|f| f.title).collect()
        };
        let title = "2 of 2 interrupted downloads began again: the tag is weak";
        assert_eq!(titles(&[Resume::Whole, Resume::Whole]), [title]);
        assert!(titles(&[Resume::Whole, Resume::Partial]).is_empty() && titles(&[]).is_empty());
    }
}
