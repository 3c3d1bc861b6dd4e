//! What happens to replicas, connections and balancer before which round of polls; to replicas the
//! same in every arm.

use std::collections::BTreeMap;

use balancer::EdgeEntry;

use crate::scenario::{EventKind, Scenario, Setup};

/// One thing that happens, mostly to one replica (counted from 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It gets the content of this edition.
    Deploy {
        /// Which replica.
        replica: usize,
        /// Which edition.
        edition: u32,
        /// Whether every replica has it then.
        completes: bool,
    },
    /// It is killed and stays away.
    Kill(usize),
    /// It is killed and started again.
    Restart(usize),
    /// No replica is touched: all clients drop their connections.
    Reconnect,
    /// The source behind a control plane is killed and stays away.
    SourceDown,
    /// It is started again.
    SourceUp,
    /// Not to a replica: the balancer's edge becomes another one.
    Edge(&'static EdgeEntry),
}

/// Steps by round, counted from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline(BTreeMap<u32, Vec<Step>>);

impl Timeline {
    /// The steps of an arm with this setup; events before changes within a round.
    pub(crate) fn of(scenario: &Scenario, setup: &Setup) -> Self {
        let replicas = setup.replicas.get() as usize;
        let mut timeline = Self::default();
        for event in &scenario.events {
            let affected = match event.replica {
                Some(replica) => vec![replica.get() as usize - 1],
                None => (0..replicas).collect(),
            };
            let affected = affected.into_iter().filter(|&replica| replica < replicas);
            match event.kind {
                EventKind::Kill => timeline.extend(event.at_poll, affected.map(Step::Kill)),
                EventKind::Restart => timeline.extend(event.at_poll, affected.map(Step::Restart)),
                EventKind::Reconnect => timeline.extend(event.at_poll, [Step::Reconnect]),
                EventKind::SourceDown => timeline.extend(event.at_poll, [Step::SourceDown]),
                EventKind::SourceUp => timeline.extend(event.at_poll, [Step::SourceUp]),
            }
        }
        for &(at_poll, edge) in &setup.edge_switches {
            timeline.extend(at_poll.get(), [Step::Edge(edge)]);
        }
        for (edition, change) in (1..).zip(&scenario.changes) {
            for replica in 0..replicas {
                let at_poll = change.at_poll.saturating_add(change.lag * replica as u32);
                let completes = replica + 1 == replicas;
                timeline.extend(at_poll, [Step::Deploy { replica, edition, completes }]);
            }
        }
        timeline
    }

    fn extend(&mut self, at_poll: u32, steps: impl IntoIterator<Item = Step>) {
        self.0.entry(at_poll - 1).or_default().extend(steps);
    }

    /// Rounds before which something happens, ascending.
    pub(crate) fn rounds(&self) -> Vec<u32> {
        self.0.keys().copied().collect()
    }

    /// What happens before this round.
    pub(crate) fn steps(&self, round: u32) -> &[Step] {
        self.0.get(&round).map_or(&[], Vec::as_slice)
    }
}
