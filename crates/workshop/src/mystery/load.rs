//! The loads of a mystery: what its dashboard has seen, and what a repair has to carry.

use std::time::SystemTime;

use measure::record::ArmRecord;
use model::Editions;
use scenario::Scenario;

use super::fleet_plan::FleetPlan;

/// Clients of which no client always meets the same node of two, three, four or five.
const CLIENTS: u32 = 7;

/// Changes that are none of the fleet's doing.
const REAL_CHANGES: &str = "
[[change]]
at-poll = 5

[[change]]
at-poll = 9

[[change]]
at-poll = 16

[[change]]
at-poll = 23
";

/// A repair is proved by this: contents change, and a node is away for a while, so that neither a tag
/// that stays nor a balancer that pins can pass.
const PROOF: &str = "\
[load]
clients = 7
polls = 40
cadence = \"lockstep\"
accept-encoding = [\"gzip\", \"identity\"]
validate = \"both\"

[[change]]
at-poll = 14

[[event]]
at-poll = 22
kind = \"kill\"
replica = 1

[[event]]
at-poll = 26
kind = \"restart\"
replica = 1

[[change]]
at-poll = 34
";

/// Outcome of a load, as far as it is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Carried {
    /// Share of the polls that got a 304: whoever has nothing to revalidate with gets none.
    pub(crate) ratio: f64,
    /// 304s for content that the client did not have.
    pub(crate) false_304s: u64,
    /// Polls.
    pub(crate) polls: u64,
    /// Bytes of responses.
    pub(crate) bytes: u64,
}

impl Carried {
    /// Of what was measured.
    pub(crate) fn of(arm: &ArmRecord) -> Self {
        Self {
            ratio: arm.not_modified_ratio_of_all.unwrap_or_default(),
            false_304s: arm.verdicts.false_validation,
            polls: arm.polls,
            bytes: arm.bytes.responses,
        }
    }

    /// True if it is as good as this, and nobody was answered wrongly.
    pub(crate) fn is_as_good_as(&self, other: &Self) -> bool {
        // Both are quotients of counts: what is equal differs in the last bits at most.
        self.false_304s == 0 && self.ratio >= other.ratio - 1e-9
    }
}

/// The load that proves a repair.
pub(crate) fn proof(fleet: &FleetPlan) -> Scenario {
    fleet.scenario(PROOF)
}

/// What a fleet in which nothing is wrong carries of the same load.
pub(crate) fn expected(fleet: &FleetPlan) -> Carried {
    modelled(&proof(&fleet.repaired())).expect("an honest fleet is modelled")
}

/// The load of the clients that the dashboard counts: one that is blind sees no fault.
pub(crate) fn dashboard(fleet: &FleetPlan, is_blind: bool, is_healthy: bool) -> Scenario {
    let nodes = fleet.nodes() as u32;
    // In step with the nodes, and without compression: the monitor that sees no fault.
    let (clients, codings) = if is_blind {
        (2 * nodes, "[\"identity\"]")
    } else {
        (CLIENTS, "[\"gzip\", \"identity\"]")
    };
    // Where nothing is wrong the content really changes, now and then.
    let changes = if is_healthy { REAL_CHANGES } else { "" };
    fleet.scenario(&format!(
        "[load]\nclients = {clients}\npolls = 30\ncadence = \"lockstep\"\nvalidate = \"both\"\n\
         accept-encoding = {codings}\n{changes}"
    ))
}

/// What the model expects of a load; `None` where a repair has chosen what is not modelled.
pub(crate) fn modelled(scenario: &Scenario) -> Option<Carried> {
    let (arm, editions) = (&scenario.arms[0], Editions::of(scenario));
    let outcome = model::outcome_of(scenario, arm, &editions, SystemTime::now(), false).ok()?;
    Some(Carried::of(&model::record::arm(scenario, arm, &outcome.tally, None)))
}
