//! `pinning`: a run whose policy keeps each client with one replica.
//! Judged before the run, where the scenario is read.

use crate::kind::FindingKind;

pub(super) const KIND: FindingKind = FindingKind {
    code: "ETL015",
    name: "pinning",
    says: "The policy keeps each client with one replica, so that no client meets the tags of another: \
           the run hides node-local tags.",
    experiment: "Before a run: several replicas, and a policy that pins clients or connections.",
    limits: "Speaks of the scenario; nothing has been measured yet.",
    causes: "a sticky policy, or connections that are kept through a layer-4 balancer",
    fix: "policy = \"round-robin\" or policy = \"random\"",
    scenario: "sticky-hides-it",
    ..FindingKind::BLANK
};
