//! What happens to replicas, to what they share, to connections and balancer before which round of
//! polls; to replicas the same in every arm.

use std::collections::BTreeMap;

use balancer::EdgeEntry;

use scenario::{
    Arm, Change, EventKind, Invalidate, Scenario, SharingEventKind, TagProtocol, shares_tags,
};

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
    /// Where tags are shared: a writer says that a change is about to come.
    Announce {
        /// To which edition.
        edition: u32,
        /// Whether it commits in the same breath: its mark does not stand for ever.
        commits: bool,
    },
    /// Where tags are shared: the writer of this edition makes the tag another one.
    Publish(u32),
    /// To what the replicas share, or to the pace of polling.
    Sharing(SharingEventKind),
}

/// Steps by round, counted from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline(BTreeMap<u32, Vec<Step>>);

impl Timeline {
    /// The steps of this arm; events before changes within a round.
    pub(crate) fn of(scenario: &Scenario, arm: &Arm) -> Self {
        let setup = &arm.setup;
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
        for event in &setup.sharing_events {
            timeline.extend(event.at_poll.get(), [Step::Sharing(event.kind)]);
        }
        for (edition, change) in (1..).zip(&scenario.changes) {
            if shares_tags(arm) {
                timeline.write(change, edition, arm);
            } else {
                timeline.deploy(change, edition, change.at_poll, replicas);
            }
        }
        timeline
    }

    /// A change whose content and tag come one after the other. There is one content, in the
    /// database, so that it reaches all replicas at once.
    fn write(&mut self, change: &Change, edition: u32, arm: &Arm) {
        let (setup, sharing) = (&arm.setup, &arm.setup.sharing);
        let invalidate = change.invalidate.unwrap_or(sharing.invalidate);
        let commits = invalidate != Invalidate::BeforeCommit;
        if sharing.protocol == TagProtocol::Hardened {
            self.extend(change.at_poll, [Step::Announce { edition, commits }]);
        }
        let later = change.at_poll.saturating_add(change.window);
        let (replicas, change) = (setup.replicas.get() as usize, &Change { lag: 0, ..*change });
        if commits {
            self.deploy(change, edition, change.at_poll, replicas);
        } else {
            self.extend(change.at_poll, [Step::Publish(edition)]);
            self.deploy(change, edition, later, replicas);
        }
        if invalidate == Invalidate::AfterCommit {
            self.extend(later, [Step::Publish(edition)]);
        }
    }

    /// A change of the content, replica by replica.
    fn deploy(&mut self, change: &Change, edition: u32, from_poll: u32, replicas: usize) {
        for replica in 0..replicas {
            let at_poll = from_poll.saturating_add(change.lag.saturating_mul(replica as u32));
            let completes = replica + 1 == replicas;
            self.extend(at_poll, [Step::Deploy { replica, edition, completes }]);
        }
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
