//! The fleet of a mystery, and the scenario that starts it, loads it or models it.

use std::sync::Arc;

use scenario::{Flags, Scenario, Source};
use strategies::Deployed;

use super::culprits::{Guise, Histories};
use super::lottery::Lottery;

/// An honest way of making tags.
pub(crate) const HONEST: &str = "content-hash";
/// A balancer that changes nothing.
pub(crate) const NO_EDGE: &str = "none";

/// A fleet, its balancer and its content.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FleetPlan {
    /// As many as nodes.
    pub(crate) histories: Vec<u64>,
    pub(crate) drift_ms: u32,
    pub(crate) strategy: &'static str,
    /// Each node names itself in the content.
    pub(crate) names_node: bool,
    pub(crate) edge: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) last_modified: bool,
    pub(crate) cache_control: &'static str,
    pub(crate) path: &'static str,
    pub(crate) size_bytes: u32,
    pub(crate) seed: u64,
}

impl FleetPlan {
    /// A fleet in which nothing is wrong, of this size.
    pub(crate) fn honest(lottery: &mut Lottery, nodes: u32) -> Self {
        Self {
            histories: Histories::Equal.drawn(lottery, nodes),
            drift_ms: 0,
            strategy: HONEST,
            names_node: false,
            edge: NO_EDGE,
            policy: "round-robin",
            last_modified: true,
            cache_control: "no-cache",
            path: lottery.one(&["/api/config", "/api/flags", "/feed.json", "/v2/prices"]),
            size_bytes: 2_048 + 512 * lottery.below(12) as u32,
            seed: lottery.below(1 << 32),
        }
    }

    pub(crate) fn nodes(&self) -> usize {
        self.histories.len()
    }

    /// Gives it this fault.
    pub(crate) fn take(&mut self, guise: &Guise, lottery: &mut Lottery) {
        let nodes = self.nodes() as u32;
        self.histories = guise.histories.drawn(lottery, nodes);
        self.drift_ms = self.drift_ms.max(guise.drift_ms);
        self.edge = guise.edge.unwrap_or(self.edge);
        self.last_modified &= guise.last_modified;
        if let Some(name) = guise.strategy {
            let entry = strategies::find(name).expect("culprits name strategies of the catalogue");
            self.names_node |= entry.deployed == Deployed::NamingReplica;
            self.strategy = if self.names_node { self.strategy } else { name };
        }
    }

    /// What the lab calls its way of making tags and content.
    fn strategy_of_the_lab(&self) -> &'static str {
        let names = |entry: &&strategies::Entry| entry.deployed == Deployed::NamingReplica;
        let naming = strategies::catalogue::STRATEGIES.iter().find(names);
        // Whatever the tag is made of, bytes that differ per node are seen by all that hash them.
        naming.filter(|_| self.names_node).map_or(self.strategy, |entry| entry.name)
    }

    /// The scenario of this fleet under a load. Its one arm has a name that says nothing.
    pub(crate) fn scenario(&self, load: &str) -> Scenario {
        let histories: Vec<_> = self.histories.iter().map(u64::to_string).collect();
        let text = format!(
            "[resource]\npath = {:?}\nsize-bytes = {}\ncache-control = {:?}\nlast-modified = {}\n\n\
             [fleet]\nreplicas = {}\nhistories = [{}]\ndeploy-drift = \"{}ms\"\n\n\
             [balancer]\npolicy = {:?}\nedge = {:?}\n\n{load}\n\n\
             [[arm]]\nname = \"fleet\"\nstrategy = {:?}\n",
            self.path,
            self.size_bytes,
            self.cache_control,
            self.last_modified,
            self.nodes(),
            histories.join(", "),
            self.drift_ms,
            self.policy,
            self.edge,
            self.strategy_of_the_lab(),
        );
        let text = text.replace("[load]\n", &format!("[load]\nseed = {}\n", self.seed));
        let source: Arc<Source> = Source::file("mystery", text);
        Scenario::from_source(&source, None, &Flags::default())
            .unwrap_or_else(|error| panic!("a mystery is a scenario: {}", error.render(false)))
    }

    /// The same with nothing wrong.
    pub(crate) fn repaired(&self) -> Self {
        Self {
            drift_ms: 0,
            strategy: HONEST,
            names_node: false,
            edge: NO_EDGE,
            policy: "round-robin",
            ..self.clone()
        }
    }
}
