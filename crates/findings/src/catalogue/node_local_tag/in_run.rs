//! Tags of one content in a run, where the lab knows which content it was.

use measure::Verdict;

use crate::kind::{Judgement, Severity};
use crate::run::evidence::{ArmEvidence, Validator};
use crate::run::sightings::tags_of_most_tagged;

pub(super) fn judge(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let tags = tally.tags_for_same_content();
    // Such tags are the store's.
    if tags < 2 || matches!(arm.validator, Validator::SharedTag(_)) {
        return None;
    }
    let hidden = not_felt(arm);
    let severity = if hidden.is_empty() { Severity::Bad } else { Severity::Warn };
    let title = format!("node-local tag{hidden}: the same bytes carry {tags} tags");
    Some(Judgement::certain(severity, title).with(tags_of_most_tagged(tally)))
}

/// The reason why nobody suffered from such tags, if so it was.
fn not_felt(arm: &ArmEvidence<'_>) -> &'static str {
    let tally = arm.tally;
    let felt = tally.verdicts.of(Verdict::NeedlessTransfer) > 0;
    match (arm.validator, felt, tally.counts.conditional, tally.counts.not_modified) {
        (Validator::Date, ..) => ", hidden because clients revalidate by date",
        (_, true, ..) => "",
        (_, false, 0, _) => ", hidden because nothing was revalidated",
        (_, false, _, 0) => ", hidden because the content had changed at each poll",
        (_, false, ..) => ", hidden because each client always met the same replica",
    }
}
