//! A repair: parts of the fleet that are replaced, and the proof that it works.
//!
//! The same load in lock-step is carried by real processes, and must get as many 304s as the model
//! expects of a fleet in which nothing is wrong, none of them false. A part that the fleet does not need
//! is refused: whoever replaces everything has found nothing.

use std::path::PathBuf;

use harness::{Disclosure, RunError, Settings};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::fleet_plan::FleetPlan;
use super::load::{Carried, expected, modelled, proof};

/// Parts of the fleet that a repair replaces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// Another way of making tags, by its name.
    pub strategy: Option<String>,
    /// Another behaviour of the balancer towards responses, by its name.
    pub edge: Option<String>,
    /// Another way of picking nodes, by its name.
    pub policy: Option<String>,
    /// The same bytes with the same dates on every node.
    pub same_content: bool,
}

/// Why a repair is none, or that it is one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Judged {
    /// It works, and nothing of it is needless.
    Repaired { carried: Carried },
    /// Revalidation still fails, or gets false 304s.
    Fails { carried: Carried, expected: Carried },
    /// The fleet is as good without this part.
    Needless(&'static str),
}

/// Parts of a repair, as its flags name them.
const PARTS: [&str; 4] = ["--strategy", "--edge", "--policy", "--content"];

impl Fix {
    /// True if it replaces nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The fleet with this repair; an error names what is in no catalogue.
    pub(super) fn applied(&self, fleet: &FleetPlan) -> Result<FleetPlan, String> {
        let mut fleet = fleet.clone();
        if let Some(name) = &self.strategy {
            fleet.strategy = strategies::find(name).ok_or_else(|| unknown("strategy", name))?.name;
        }
        if let Some(name) = &self.edge {
            let entry = balancer::catalogue::find_edge(name);
            fleet.edge = entry.ok_or_else(|| unknown("edge", name))?.name;
        }
        if let Some(name) = &self.policy {
            let entry = balancer::catalogue::find(name);
            fleet.policy = entry.ok_or_else(|| unknown("policy", name))?.name;
        }
        // One thing for whoever deploys: the same files, copied with their times.
        if self.same_content {
            (fleet.names_node, fleet.drift_ms) = (false, 0);
        }
        Ok(fleet)
    }

    /// The same without one of its parts, for each that it has.
    fn without_each(&self) -> impl Iterator<Item = (&'static str, Self)> {
        let without = [
            Self { strategy: None, ..self.clone() },
            Self { edge: None, ..self.clone() },
            Self { policy: None, ..self.clone() },
            Self { same_content: false, ..self.clone() },
        ];
        let whole = self.clone();
        PARTS.into_iter().zip(without).filter(move |(_, fix)| *fix != whole)
    }

    /// The part without which the fleet is as good, if there is one.
    fn needless(&self, fleet: &FleetPlan, wanted: &Carried) -> Option<&'static str> {
        let is_as_good = |fix: &Self| {
            let fleet = fix.applied(fleet).ok()?;
            Some(modelled(&proof(&fleet))?.is_as_good_as(wanted))
        };
        self.without_each().find(|(_, fix)| is_as_good(fix) == Some(true)).map(|(part, _)| part)
    }

    /// Judges what a fleet with this repair has carried.
    pub(super) fn judged(&self, fleet: &FleetPlan, carried: Carried) -> Judged {
        let expected = expected(fleet);
        if !carried.is_as_good_as(&expected) {
            return Judged::Fails { carried, expected };
        }
        // After the proof: a part too many is no fault of a fleet that still fails.
        match self.needless(fleet, &expected) {
            Some(part) => Judged::Needless(part),
            None => Judged::Repaired { carried },
        }
    }
}

fn unknown(what: &str, name: &str) -> String {
    format!("there is no {what} `{}`", text::excerpt(name))
}

/// Lets real processes carry the load; `None` if it was stopped.
pub(super) async fn carried(
    fleet: &FleetPlan,
    program: PathBuf,
    stop: watch::Receiver<bool>,
) -> Result<Option<Carried>, RunError> {
    let settings = Settings {
        program,
        command: String::new(),
        stop,
        progress: watch::channel(None).0,
        capture: None,
        local_shards: None,
        // Whoever reads `ps` meanwhile learns nothing of what is not repaired.
        disclosure: Disclosure::Unnamed,
    };
    let scenario = proof(fleet);
    let finished = Box::pin(harness::run(&scenario, &settings)).await?;
    if let Some(failure) = finished.failure {
        return Err(failure);
    }
    let arm = finished.record.arms.first();
    Ok(arm.filter(|_| !finished.record.partial).map(Carried::of))
}
