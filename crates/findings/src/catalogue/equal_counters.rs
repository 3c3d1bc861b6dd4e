//! `equal-counters`: a run whose counters agree because they start equal.
//! Judged before the run, where the scenario is read.

use crate::kind::FindingKind;

pub(super) const KIND: FindingKind = FindingKind {
    code: "ETL016",
    name: "equal-counters",
    says: "Every replica has seen the same number of changes, so that tags that are counters agree: \
           there is nothing to see.",
    experiment: "Before a run: a strategy that counts, and equal `histories`.",
    limits: "Speaks of the scenario; nothing has been measured yet.",
    causes: "equal `histories`, although real replicas start late, restart and miss updates",
    fix: "histories that differ, such as [41, 18, 2], or leave `histories` out",
    ..FindingKind::BLANK
};
