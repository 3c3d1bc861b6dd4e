//! `shared-tag-renewed`: a store made a new tag although the content had not changed.

use measure::Verdict;
use measure::record::{MissesRecord, Severity};

use crate::kind::{Advice, FindingKind, Judgement};
use crate::run::{ArmEvidence, Validator};

pub(super) const KIND: FindingKind = FindingKind {
    code: "ETL040",
    name: "shared-tag-renewed",
    says: "The store of shared tags made a new tag although the content had not changed: the old one \
           expired, was lost, or was made by several replicas at once.",
    experiment: "The replicas count their misses: no key in the store, or another tag in it.",
    limits: "Found in runs whose replicas share their tags in a store.",
    causes: "a time to live that is shorter than the polls are apart; a store that lost its keys; \
             replicas that create the tag at the same time",
    advice: &[Advice::anywhere(
        "set a time to live that outlasts the polls, and create tags with set-if-absent",
    )],
    scenario: "store-ttl",
    polls: Some(in_run),
    ..FindingKind::BLANK
};

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let Validator::SharedTag(shared) = arm.validator else { return None };
    let tags = arm.tally.tags_for_same_content();
    let needless = arm.tally.verdicts.of(Verdict::NeedlessTransfer);
    let MissesRecord { key_not_found, resource_changed, .. } = shared.misses;
    // A client that came without a tag did not miss the old one.
    (tags > 1 && needless > 0 && key_not_found + resource_changed > 0).then(|| {
        let title =
            format!("shared tag made anew without a change: the same bytes carry {tags} tags");
        Judgement::certain(Severity::Warn, title).with(format!(
            "{needless} needless 200s; no key in the store: {key_not_found}, another tag in it: \
             {resource_changed}"
        ))
    })
}
