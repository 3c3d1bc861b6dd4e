//! What arithmetic says about an arm before it runs.
//!
//! Plays the same schedule against the same strategy and the same balancing policy in virtual
//! time: the strategy's own code is given modelled facts, the policy's own code picks. No socket,
//! no process, no clock. So the prediction holds for counters that collide and for mtimes that
//! happen to agree, which a rule of thumb per strategy would miss.

mod through_edge;

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use balancer::{Policy, Situation};
use client::cadence::{self, OpenLoop, Rounds, Share};
use client::pen::Pen;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use semantics::{EntityTag, FreshnessFields};
use strategies::{Agreement, ProcessState};

use crate::editions::Editions;
use crate::scenario::{Cadence, Resource, Setup};
use crate::timeline::{Step, Timeline};
use through_edge::{Shown, Tag, ThroughEdge};

mod tags;

use tags::{Moment, Tags};

/// Virtual polls that a prediction may cost in all, and the number of its runs.
const MOST_POLLS: u64 = 4_000_000;
const MOST_RUNS: u64 = 100;
const FEWEST_RUNS: u64 = 4;
/// Virtual runs that all agree without chance having a say.
const ENOUGH: usize = 20;
/// Bytes of content that a prediction may read in processes whose hash functions are seeded.
const MOST_SEEDED_BYTES: usize = 32 << 20;
/// Standard deviations that hold 99.9 of 100 runs.
const WIDTH: f64 = 3.29;

/// The expected share of conditional requests answered 304.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prediction {
    /// In `0.0..=1.0`.
    pub(crate) ratio: f64,
    /// Where chance plays: the range that holds 99.9 of 100 runs.
    pub(crate) interval: Option<[f64; 2]>,
}

/// What is predicted.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) strategy: &'static strategies::Entry,
    pub(crate) policy: &'static balancer::Entry,
    pub(crate) setup: &'a Setup,
    pub(crate) resource: &'a Resource,
    pub(crate) timeline: &'a Timeline,
    pub(crate) editions: &'a Editions,
    pub(crate) seed: u64,
}

impl Case<'_> {
    /// `None` when no request would be conditional, when the run is too long to play, or when it
    /// depends on what is not modelled.
    pub(crate) fn predict(&self) -> Option<Prediction> {
        let polls = self.setup.polls.get();
        if polls * FEWEST_RUNS > MOST_POLLS * 2 || !self.is_modelled() {
            return None;
        }
        let tags = Tags::new(self.strategy, self.editions, self.setup.deploy_drift);
        let seeded = self.is_seeded();
        if seeded && ENOUGH * self.content_bytes() > MOST_SEEDED_BYTES {
            return None;
        }
        let runs = if self.setup.cadence != Cadence::Lockstep || self.policy.random {
            (MOST_POLLS / polls).clamp(FEWEST_RUNS, MOST_RUNS)
        } else if seeded {
            ENOUGH as u64
        } else {
            let ratio = self.play(self.seed, &tags)?;
            return Some(Prediction { ratio, interval: None });
        };
        let ratios: Option<Vec<_>> =
            (1..=runs).map(|run| self.play(self.seed.wrapping_add(run), &tags)).collect();
        Some(expectation(&ratios?, polls))
    }

    /// Whether nothing has a say but strategy, policy and cadence.
    fn is_modelled(&self) -> bool {
        let caching = &self.setup.caching;
        let open_loop = matches!(self.setup.cadence, Cadence::OpenLoop { .. });
        // In real time a response ages by the second hand of another process.
        let ages = open_loop && !self.fresh_for().is_zero();
        // Whether a balancer has noticed yet that a client has hung up is a race.
        let races = caching.interruption.is_some() && heeds_load(self.policy);
        // Which response a resumed download is dated by depends on the ranges of the server.
        let resumed = caching.interruption.is_some() && caching.validate.by_date();
        // A store has one date, that of whichever replica was told of a change first.
        let shared = self.strategy.reads.revision && caching.validate.by_date();
        // What an edge compresses comes in chunks, in which clients do not hang up.
        let chunked = caching.interruption.is_some() && !self.setup.accept_encoding.is_empty();
        !ages && !races && !resumed && !shared && !chunked
    }

    fn cache_fields(&self) -> FreshnessFields {
        let line =
            self.resource.cache_control.as_deref().filter(|_| self.setup.caching.honour_freshness);
        FreshnessFields::read(
            line.map(|value| (&b"cache-control"[..], value.as_bytes())).into_iter(),
        )
    }

    /// How long clients use what they have stored without asking.
    fn fresh_for(&self) -> Duration {
        self.cache_fields().fresh_for(None, Duration::ZERO)
    }

    /// Whether two processes may agree about a content by chance, as they do about the order of a
    /// map with few members.
    fn is_seeded(&self) -> bool {
        self.strategy.agreement == Agreement::SameProcess && self.strategy.reads.content
    }

    /// What all replicas together read of content in one run.
    fn content_bytes(&self) -> usize {
        self.editions.iter().map(<[u8]>::len).sum::<usize>() * self.setup.replicas.get() as usize
    }

    /// The ratio of one virtual run.
    fn play(&self, seed: u64, tags: &Tags<'_>) -> Option<f64> {
        let mut world = World::new(self, tags, seed);
        let rounds = Rounds { clients: self.setup.clients.get(), polls: self.setup.polls.get() };
        match self.setup.cadence {
            Cadence::OpenLoop { interval, jitter } => {
                let milestones = self.timeline.rounds();
                let mut milestones = milestones.into_iter().peekable();
                for slot in OpenLoop::new(rounds, interval, jitter, seed) {
                    let due = slot.due.unwrap_or_default();
                    while let Some(round) = milestones.next_if(|&round| interval * round <= due) {
                        world.reach(round);
                    }
                    world.poll(slot.poller, Duration::ZERO);
                }
            }
            Cadence::Lockstep => {
                for round in 0..rounds.count() {
                    world.reach(round);
                    let now = self.virtual_time(round);
                    for poller in cadence::in_order(rounds, Share::ALL, round) {
                        world.poll(poller, now);
                    }
                }
            }
            Cadence::Shuffled => {
                let end = rounds.count();
                let mut from = 0;
                for round in self.timeline.rounds().into_iter().filter(|&round| round < end) {
                    self.play_shuffled(&mut world, rounds, from..round, seed);
                    world.reach(round);
                    from = round;
                }
                self.play_shuffled(&mut world, rounds, from..end, seed);
            }
        }
        (world.conditional > 0).then(|| world.not_modified as f64 / world.conditional as f64)
    }

    /// On the clients' own clock.
    fn virtual_time(&self, round: u32) -> Duration {
        self.setup.caching.round_interval.saturating_mul(round)
    }
}

impl Case<'_> {
    /// Some rounds as the client's drivers would make them, if any poll in flight were as likely
    /// as another to be answered next.
    fn play_shuffled(&self, world: &mut World<'_>, rounds: Rounds, range: Range<u32>, seed: u64) {
        let step = self.setup.connections.get();
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut pen = Pen::new(step as usize, seed, range.start);
        let mut to_make: Vec<VecDeque<(u32, u32)>> = (0..step)
            .map(|first| {
                let share = Share { first, step };
                let round = |round| {
                    let order = cadence::shuffled(rounds, share, round, seed);
                    order.into_iter().map(move |poller| (round, poller))
                };
                range.clone().flat_map(round).collect()
            })
            .collect();
        let mut in_flight = Vec::new();
        let mut fresh = 0..step as usize;
        loop {
            let ready = fresh.next().or_else(|| {
                let answered = random.random_range(0..in_flight.len().max(1));
                (!in_flight.is_empty()).then(|| in_flight.swap_remove(answered))
            });
            let Some(driver) = ready else { return };
            let done = to_make[driver].is_empty();
            let next = if done { pen.leave() } else { pen.enter(driver) };
            if let Some(next) = next
                && let Some((round, poller)) = to_make[next].pop_front()
            {
                world.poll(poller, self.virtual_time(round));
                in_flight.push(next);
            }
        }
    }
}

fn expectation(ratios: &[f64], polls: u64) -> Prediction {
    let runs = ratios.len() as f64;
    if ratios.len() >= ENOUGH && ratios.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq()) {
        return Prediction { ratio: ratios[0], interval: None };
    }
    let mean = ratios.iter().sum::<f64>() / runs;
    let variance = ratios.iter().map(|ratio| (ratio - mean).powi(2)).sum::<f64>() / runs;
    // A few virtual runs may agree by luck; the interval is never narrower than that of
    // independent polls.
    let deviation = variance.max(mean * (1.0 - mean) / polls as f64).sqrt();
    let half = WIDTH * deviation;
    Prediction { ratio: mean, interval: Some([(mean - half).max(0.0), (mean + half).min(1.0)]) }
}

/// The state of one virtual run.
struct World<'a> {
    case: &'a Case<'a>,
    making: &'a Tags<'a>,
    policy: Box<dyn Policy>,
    replicas: Vec<Replica>,
    /// The validators that each client holds and sends back.
    held: Vec<Held>,
    edge: ThroughEdge<'a>,
    /// Until when each client need not ask.
    fresh_until: Vec<Duration>,
    fresh_for: Duration,
    keeps: bool,
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
    /// What becomes of it, by kind of client; empty without a tag.
    shown: Vec<Shown>,
    /// Whole seconds since 1970 of its copy.
    date: u64,
}

/// What makes a client's request conditional.
#[derive(Clone, Copy, Default)]
struct Held {
    tag: Option<Tag>,
    date: Option<u64>,
}

impl Held {
    fn is_conditional(self) -> bool {
        self.tag.is_some() || self.date.is_some()
    }
}

impl<'a> World<'a> {
    fn new(case: &'a Case<'a>, making: &'a Tags<'a>, seed: u64) -> Self {
        let count = case.setup.replicas.get() as usize;
        // All that is asked of these numbers is that no two processes share them. There are a few
        // sets of them only, because a tag that depends on them has to be made for each.
        let first = (seed % ENOUGH as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let replica = |(number, &changes_seen): (u64, &u64)| Replica {
            process: ProcessState {
                nonce: first.wrapping_add(number),
                started_ns: number,
                changes_seen,
            },
            edition: 0,
            tag: None,
            shown: Vec::new(),
            date: 0,
        };
        let mut world = Self {
            case,
            making,
            policy: (case.policy.make)(seed),
            replicas: (0..).zip(&case.setup.histories).map(replica).collect(),
            held: vec![Held::default(); case.setup.clients.get() as usize],
            edge: ThroughEdge::new(case.setup, case.resource),
            fresh_until: vec![Duration::ZERO; case.setup.clients.get() as usize],
            fresh_for: case.fresh_for(),
            keeps: case.cache_fields().may_be_stored(),
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

    fn reach(&mut self, round: u32) {
        for &step in self.case.timeline.steps(round) {
            match step {
                Step::Deploy { replica, edition, .. } => {
                    self.replicas[replica].process.changes_seen += 1;
                    if self.case.strategy.reads.revision {
                        self.store(replica, edition);
                    } else {
                        self.write_copy(replica, edition);
                    }
                }
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

    /// Where all share a store, whoever is told first changes what every replica serves.
    fn store(&mut self, replica: usize, edition: u32) {
        let (newest, revision) = self.stored;
        if self.available[replica] && edition > newest {
            self.stored = (edition, revision + 1);
            (0..self.replicas.len()).for_each(|replica| self.write_copy(replica, edition));
        }
    }

    /// A new copy is a new file: its inode is nobody else's.
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
        self.replicas[replica].date = self.making.modified_s(&moment);
        self.replicas[replica].tag = self.making.at(&moment);
        self.show(replica);
    }

    /// What becomes of this replica's tag in each coding, through the edge.
    fn show(&mut self, replica: usize) {
        let replica = &mut self.replicas[replica];
        let length = self.case.editions.content(replica.edition).len();
        let shown = replica.tag.as_ref().map(|tag| self.edge.shown(tag, length));
        replica.shown = shown.unwrap_or_default();
    }

    fn poll(&mut self, poller: u32, now: Duration) {
        let client = poller as usize;
        if now < self.fresh_until[client] {
            return;
        }
        let held = self.held[client];
        self.conditional += u64::from(held.is_conditional());
        let Some(replica) = self.pick(poller) else { return };
        if self.validates(held, replica, poller) {
            self.not_modified += 1;
        } else {
            // Whether the rest comes or the whole again, it has the tag of the replica that sent it.
            let sender = if self.is_cut(replica) { self.pick_again(poller) } else { Some(replica) };
            let Some(sender) = sender else { return };
            self.held[client] = self.validators_of(sender, poller);
        }
        self.fresh_until[client] = now.saturating_add(self.fresh_for);
    }

    /// Whether this replica answers 304; where there is a tag, the date is not looked at
    /// (RFC 9110 §13.2.2).
    fn validates(&mut self, held: Held, replica: usize, poller: u32) -> bool {
        match held.tag.map(|tag| self.edge.at_replica(tag)) {
            Some(tag) => self.shown(replica, poller).is_some_and(|shown| shown.at_replica == tag),
            None => held.date.is_some_and(|date| self.replicas[replica].date <= date),
        }
    }

    /// `None` for a replica without a tag.
    fn shown(&self, replica: usize, poller: u32) -> Option<Shown> {
        self.replicas[replica].shown.get(self.edge.kind(poller)).copied()
    }

    /// What a client keeps of a response of this replica.
    fn validators_of(&self, replica: usize, poller: u32) -> Held {
        let tag = self.shown(replica, poller).and_then(|shown| shown.at_client);
        let date = self.replicas[replica].date;
        let validate = self.case.setup.caching.validate;
        let by_date = validate.by_date() && self.case.resource.last_modified;
        Held {
            tag: tag.filter(|_| self.keeps && validate.by_tag()),
            date: Some(date).filter(|_| self.keeps && by_date),
        }
    }

    /// Whether a client hangs up while this replica sends its content; one octet has no middle.
    fn is_cut(&self, replica: usize) -> bool {
        let content = self.case.editions.content(self.replicas[replica].edition);
        self.case.setup.caching.interruption.is_some() && content.len() > 1
    }

    /// On a new connection.
    fn pick_again(&mut self, poller: u32) -> Option<usize> {
        let connection = poller as usize % self.connections.len();
        self.connections[connection] = None;
        self.pick(poller)
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

/// Whether a policy looks at the exchanges under way.
fn heeds_load(entry: &balancer::Entry) -> bool {
    let pick = |in_flight: &[u32]| {
        let situation = Situation { in_flight, available: &[true; 2], client: 0, connection: 0 };
        (entry.make)(0).pick(&situation)
    };
    pick(&[1, 0]) != pick(&[0, 1])
}

#[cfg(test)]
mod tests;
