//! `aliasing`: a run in which each client always meets the same replica.
//! Judged before the run, where the scenario is read.

use crate::kind::FindingKind;

pub(super) const KIND: FindingKind = FindingKind {
    code: "ETL014",
    name: "aliasing",
    says: "Each client always meets the same replica, because clients and replicas take turns in step: \
           the run hides node-local tags.",
    experiment: "Before a run: lock-step clients, a policy that takes turns, and a number of clients \
                 that is a multiple of the replicas.",
    limits: "Speaks of the scenario; nothing has been measured yet.",
    causes: "round numbers, such as 12 clients and 3 replicas",
    fix: "choose a number of clients that is no multiple of the replicas, or cadence = \
          \"shuffled\"",
    scenario: "aliasing",
    ..FindingKind::BLANK
};
