//! What arithmetic says about an arm before it runs.
//!
//! Plays the same schedule against the same strategy and the same balancing policy in virtual
//! time: the strategy's own code is given modelled facts, the policy's own code picks. No socket,
//! no process, no clock. So the prediction holds for counters that collide and for mtimes that
//! happen to agree, which a rule of thumb per strategy would miss.

mod through_edge;

use std::collections::VecDeque;
use std::ops::Range;
use std::time::{Duration, UNIX_EPOCH};

use balancer::{Policy, Situation};
use client::cadence::{self, OpenLoop, Rounds, Share};
use client::pen::Pen;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use strategies::{FileMetadata, ProcessState, RepresentationFacts};

use crate::editions::{self, Editions};
use crate::scenario::{Cadence, Resource, Setup};
use crate::timeline::{Step, Timeline};
use through_edge::{Tag, ThroughEdge};

/// Virtual polls that a prediction may cost in all, and the number of its runs.
const MOST_POLLS: u64 = 4_000_000;
const MOST_RUNS: u64 = 100;
const FEWEST_RUNS: u64 = 4;
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
    /// `None` when no request would be conditional, or when the run is too long to play.
    pub(crate) fn predict(&self) -> Option<Prediction> {
        let polls = self.setup.polls.get();
        if polls * FEWEST_RUNS > MOST_POLLS * 2 {
            return None;
        }
        if self.setup.cadence == Cadence::Lockstep && !self.policy.random {
            return Some(Prediction { ratio: self.play(self.seed)?, interval: None });
        }
        let runs = (MOST_POLLS / polls).clamp(FEWEST_RUNS, MOST_RUNS);
        let ratios: Option<Vec<_>> =
            (1..=runs).map(|run| self.play(self.seed.wrapping_add(run))).collect();
        Some(expectation(&ratios?, polls))
    }

    /// The ratio of one virtual run.
    fn play(&self, seed: u64) -> Option<f64> {
        let mut world = World::new(self, seed);
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
                    world.poll(slot.poller);
                }
            }
            Cadence::Lockstep => {
                for round in 0..rounds.count() {
                    world.reach(round);
                    for poller in cadence::in_order(rounds, Share::ALL, round) {
                        world.poll(poller);
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
}

impl Case<'_> {
    /// Some rounds as the client's drivers would make them, if any poll in flight were as likely
    /// as another to be answered next.
    fn play_shuffled(&self, world: &mut World<'_>, rounds: Rounds, range: Range<u32>, seed: u64) {
        let step = self.setup.connections.get();
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut pen = Pen::new(step as usize, seed, range.start);
        let mut to_make: Vec<VecDeque<u32>> = (0..step)
            .map(|first| {
                let share = Share { first, step };
                let round = |round| cadence::shuffled(rounds, share, round, seed);
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
                && let Some(poller) = to_make[next].pop_front()
            {
                world.poll(poller);
                in_flight.push(next);
            }
        }
    }
}

fn expectation(ratios: &[f64], polls: u64) -> Prediction {
    /// Virtual runs that all agree without chance having a say.
    const ENOUGH: usize = 20;
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
    policy: Box<dyn Policy>,
    replicas: Vec<Replica>,
    /// The tag that each client holds.
    held: Vec<Option<Tag>>,
    edge: ThroughEdge<'a>,
    available: Vec<bool>,
    in_flight: Vec<u32>,
    next_inode: u64,
    conditional: u64,
    not_modified: u64,
}

#[derive(Clone)]
struct Replica {
    process: ProcessState,
    edition: u32,
    /// Field value of its tag.
    value: Option<Vec<u8>>,
    /// The same by number.
    tag: Option<Tag>,
    /// What clients get that accept gzip.
    coded: Option<Tag>,
}

impl<'a> World<'a> {
    fn new(case: &'a Case<'a>, seed: u64) -> Self {
        let count = case.setup.replicas.get() as usize;
        let replica = |(nonce, &changes_seen): (u64, &u64)| Replica {
            process: ProcessState { nonce, changes_seen },
            edition: 0,
            value: None,
            tag: None,
            coded: None,
        };
        let mut world = Self {
            case,
            policy: (case.policy.make)(seed),
            replicas: (0..).zip(&case.setup.histories).map(replica).collect(),
            held: vec![None; case.setup.clients.get() as usize],
            edge: ThroughEdge::new(case.setup, case.resource),
            available: vec![true; count],
            in_flight: vec![0; count],
            next_inode: 0,
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
                    self.write_copy(replica, edition);
                }
                Step::Kill(replica) => self.available[replica] = false,
                Step::Restart(replica) => {
                    self.available[replica] = true;
                    let state = &mut self.replicas[replica].process;
                    state.nonce = state.nonce.wrapping_add(self.available.len() as u64);
                    state.changes_seen = 0;
                    self.write_copy(replica, self.replicas[replica].edition);
                }
                Step::Edge(edge) => {
                    self.edge.switch(edge);
                    (0..self.replicas.len()).for_each(|replica| self.code(replica));
                }
            }
        }
    }

    /// A new copy is a new file: its inode is nobody else's.
    fn write_copy(&mut self, replica: usize, edition: u32) {
        self.next_inode += 1;
        let Case { strategy, setup, editions, .. } = *self.case;
        let content = editions.content(edition);
        let modified = editions::modified(edition, replica, setup.deploy_drift)
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        let mut facts = RepresentationFacts::new();
        if strategy.reads.content {
            facts = facts.with_content(content);
        }
        if strategy.reads.file {
            facts = facts.with_file(FileMetadata {
                inode: self.next_inode,
                size_bytes: content.len() as u64,
                modified_ns: modified.as_nanos().cast_signed(),
            });
        }
        if strategy.reads.process {
            facts = facts.with_process(self.replicas[replica].process);
        }
        let tag = strategy.strategy.entity_tag(&facts);
        let value = tag.map(|tag| tag.as_bytes().to_vec());
        self.replicas[replica].edition = edition;
        self.replicas[replica].tag = value.as_ref().map(|value| self.edge.number(value));
        self.replicas[replica].value = value;
        self.code(replica);
    }

    /// What becomes of this replica's tag when its content is coded.
    fn code(&mut self, replica: usize) {
        let length = self.case.editions.content(self.replicas[replica].edition).len();
        let value = self.replicas[replica].value.as_ref();
        self.replicas[replica].coded = value.and_then(|value| self.edge.coded(value, length));
    }

    fn poll(&mut self, poller: u32) {
        let held = self.held[poller as usize];
        self.conditional += u64::from(held.is_some());
        if !self.available.contains(&true) {
            return;
        }
        let replica = self.policy.pick(&Situation {
            in_flight: &self.in_flight,
            available: &self.available,
            client: poller.into(),
            connection: (poller % self.case.setup.connections.get()).into(),
        });
        let Replica { tag: current, coded, .. } = self.replicas[replica];
        let asked = held.map(|held| self.edge.at_replica(held));
        if asked.is_some() && asked == current {
            self.not_modified += 1;
        } else {
            let sent = if self.edge.is_coded_for(poller) { coded } else { current };
            self.held[poller as usize] = sent;
        }
    }
}
