//! The state of one virtual run: copies on replicas, conditions in clients, connections between.
//!
//! Knows no schedule: its caller says which client polls and which round begins.

use std::time::Duration;

use balancer::{Policy, Situation};
use client::OnError;
use semantics::{EntityTag, FreshnessFields};
use strategies::ProcessState;

use super::tags::{Moment, Tags};
use super::through_edge::{Conditions, Current, Shown, ThroughEdge};
use super::{Case, ENOUGH};
use crate::timeline::{FleetStep, Step};

/// The state of one virtual run.
pub(super) struct World<'a> {
    case: &'a Case<'a>,
    making: &'a Tags<'a>,
    policy: Box<dyn Policy>,
    replicas: Vec<Replica>,
    /// What each client has stored.
    held: Vec<Stored>,
    edge: ThroughEdge<'a>,
    /// The number that the balancer gave to each connection that is open.
    connections: Vec<Option<u64>>,
    accepted: u64,
    available: Vec<bool>,
    in_flight: Vec<u32>,
    next_inode: u64,
    /// Edition and revision in the store that all replicas share, where they do.
    stored: (u32, u64),
    conditional: u64,
    not_modified: u64,
}

#[derive(Clone)]
struct Replica {
    process: ProcessState,
    edition: u32,
    /// Of its content as it is.
    tag: Option<EntityTag>,
    /// Its forms by kind of client.
    shown: Vec<Shown>,
    /// Whole seconds since 1970 of its copy.
    date: u64,
}

/// The stored response of one client, reduced to the facts that revalidation needs.
#[derive(Clone, Copy, Default)]
struct Stored {
    conditions: Option<Conditions>,
    freshness: FreshnessFields,
    /// On the clients' own clock.
    fresh_until: Duration,
}

impl Replica {
    fn current(&self, case: &Case<'_>) -> Current<'_> {
        Current {
            tag: self.tag.as_ref(),
            date: case.scenario.resource.last_modified.then_some(self.date),
            length: case.editions.content(self.edition).len(),
        }
    }
}

impl Stored {
    fn of(shown: Shown, now: Duration) -> Self {
        let Shown { conditions, freshness, .. } = shown;
        let stored = Self { conditions, freshness, fresh_until: Duration::ZERO };
        if freshness.may_be_stored() { stored.starting(now) } else { stored }
    }

    /// Takes over what a 304 says; one that must not be stored ends the freshness.
    fn renew(&mut self, newer: FreshnessFields, now: Duration) {
        *self = if newer.may_be_stored() {
            Self { freshness: self.freshness.updated_by(newer), ..*self }.starting(now)
        } else {
            Self { fresh_until: Duration::ZERO, ..*self }
        };
    }

    fn starting(self, now: Duration) -> Self {
        let fresh_for = self.freshness.fresh_for(None, Duration::ZERO);
        Self { fresh_until: now.saturating_add(fresh_for), ..self }
    }
}

impl<'a> World<'a> {
    /// The state before the first poll: every replica has its first copy.
    pub(super) fn new(case: &'a Case<'a>, making: &'a Tags<'a>, seed: u64) -> Self {
        let count = case.setup.replicas.get() as usize;
        // All that is asked of these numbers is that no two processes share them. There are a few
        // sets of them only, because a tag that depends on them has to be made for each.
        let first = (seed % ENOUGH as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let replica = |(number, &changes_seen): (u64, &u64)| {
            let nonce = first.wrapping_add(number);
            let process = ProcessState { nonce, started_ns: number, changes_seen };
            Replica { process, edition: 0, tag: None, shown: Vec::new(), date: 0 }
        };
        let mut world = Self {
            case,
            making,
            policy: (case.setup.policy.make)(seed),
            replicas: (0..).zip(&case.setup.histories).map(replica).collect(),
            held: vec![Stored::default(); case.setup.clients.get() as usize],
            edge: ThroughEdge::new(case.setup, &case.scenario.resource),
            connections: vec![None; case.setup.connections.get() as usize],
            accepted: 0,
            available: vec![true; count],
            in_flight: vec![0; count],
            next_inode: 0,
            stored: (0, 1),
            conditional: 0,
            not_modified: 0,
        };
        (0..count).for_each(|replica| world.write_copy(replica, 0));
        world
    }

    /// Lets happen what the timeline holds before this round.
    pub(super) fn reach(&mut self, round: u32) {
        for &step in self.case.timeline.steps(round) {
            match step {
                Step::Tier(FleetStep::Deploy { replica, edition }) => {
                    self.replicas[replica].process.changes_seen += 1;
                    if self.case.is_stored() {
                        self.store(replica, edition);
                    } else {
                        self.write_copy(replica, edition);
                    }
                }
                Step::Tier(FleetStep::Publish(_)) => self.publish(),
                // Stores that die and clients that obey a pace are not modelled; of the rest, the
                // clients get nothing.
                Step::Tier(_) | Step::Resume | Step::Complete(_) => {}
                Step::Kill(replica) => self.available[replica] = false,
                Step::Reconnect => self.connections.fill(None),
                Step::Restart(replica) => {
                    self.available[replica] = true;
                    let another = self.available.len() as u64;
                    let state = &mut self.replicas[replica].process;
                    state.nonce = state.nonce.wrapping_add(another);
                    state.started_ns = state.started_ns.wrapping_add(another);
                    state.changes_seen = 0;
                    self.write_copy(replica, self.replicas[replica].edition);
                }
                Step::Edge(edge) => {
                    self.edge.switch(edge);
                    (0..self.replicas.len()).for_each(|replica| self.show(replica));
                }
            }
        }
    }

    /// `None` when no request was conditional.
    pub(super) fn ratio(&self) -> Option<f64> {
        (self.conditional > 0).then(|| self.not_modified as f64 / self.conditional as f64)
    }

    /// Stores an edition for all replicas that share a store: the first deploy changes what each of
    /// them serves. A shared tag stays the same.
    fn store(&mut self, replica: usize, edition: u32) {
        let (newest, revision) = self.stored;
        if self.available[replica] && edition > newest {
            let keeps_tag = self.case.strategy.reads.shared_tag;
            self.stored = (edition, revision + u64::from(!keeps_tag));
            (0..self.replicas.len()).for_each(|replica| self.write_copy(replica, edition));
        } else {
            // A replica that gets the change later has seen a change as well.
            self.write_copy(replica, newest);
        }
    }

    /// Publishes a new shared tag, which every replica reads from now on.
    fn publish(&mut self) {
        self.stored.1 += 1;
        let edition = self.stored.0;
        (0..self.replicas.len()).for_each(|replica| self.write_copy(replica, edition));
    }

    /// Writes a replica's copy, which is a new file with an inode of its own.
    fn write_copy(&mut self, replica: usize, edition: u32) {
        self.next_inode += 1;
        let moment = Moment {
            replica,
            edition,
            process: self.replicas[replica].process,
            inode: self.next_inode,
            revision: self.stored.1,
        };
        self.replicas[replica].edition = edition;
        self.replicas[replica].date = self.making.modified(&moment).as_secs();
        self.replicas[replica].tag = self.making.at(&moment);
        self.show(replica);
    }

    /// Renews the forms of this replica's content.
    fn show(&mut self, replica: usize) {
        let forms = self.edge.shown(self.replicas[replica].current(self.case));
        self.replicas[replica].shown = forms;
    }

    /// One poll of this client; `now` is on the clients' own clock.
    pub(super) fn poll(&mut self, poller: u32, now: Duration) {
        let client = poller as usize;
        let held = self.held[client];
        if now < held.fresh_until {
            return;
        }
        self.conditional += u64::from(held.conditions.is_some());
        let Some(replica) = self.pick(poller) else { return self.fail(client) };
        let kind = self.edge.kind(poller);
        let shown = self.replicas[replica].shown[kind];
        let sent = held.conditions;
        if let Some(sent) = sent.filter(|&sent| self.edge.validates(kind, sent, shown)) {
            self.not_modified += 1;
            self.renew(client, kind, sent, replica, now);
            return;
        }
        let mut sender = Some(replica);
        if self.is_cut(replica) {
            // The rest of a cut response, or the whole again, comes over a new connection and
            // has the tag of the replica that sends it.
            let connection = client % self.connections.len();
            self.connections[connection] = None;
            sender = self.pick(poller);
        }
        let Some(sender) = sender else { return self.fail(client) };
        self.held[client] = Stored::of(self.replicas[sender].shown[kind], now);
    }

    /// A poll that nobody answers: some clients then forget their content.
    fn fail(&mut self, client: usize) {
        if self.case.setup.on_error == Some(OnError::Drop) {
            self.held[client] = Stored::default();
        }
    }

    /// A 304 renews what it is about, for clients that heed freshness.
    fn renew(&mut self, client: usize, kind: usize, sent: Conditions, by: usize, now: Duration) {
        if !self.case.setup.caching.honour_freshness {
            return;
        }
        let stored = &mut self.held[client];
        if let Some(newer) = self.edge.renewed(kind, sent, self.replicas[by].current(self.case)) {
            stored.renew(newer, now);
        }
    }

    /// True if a client hangs up while this replica sends its content; one octet has no middle.
    fn is_cut(&self, replica: usize) -> bool {
        let content = self.case.editions.content(self.replicas[replica].edition);
        self.case.setup.caching.interruption.is_some() && content.len() > 1
    }

    fn pick(&mut self, poller: u32) -> Option<usize> {
        let connection = poller as usize % self.connections.len();
        let connection = *self.connections[connection].get_or_insert_with(|| {
            self.accepted += 1;
            self.accepted - 1
        });
        let situation = Situation {
            in_flight: &self.in_flight,
            available: &self.available,
            client: poller.into(),
            connection,
        };
        self.available.contains(&true).then(|| self.policy.pick(&situation))
    }
}
