//! Clients that cannot differ, counted once.
//!
//! In lock-step, where no lots are drawn and every replica answers, client `c` meets the replicas that
//! client `c + period` meets, in the same rounds. So one client stands for all whose number is the same
//! modulo the period, and a population of any size takes no longer than one of the period.

use std::ops::Range;

use balancer::Pins;
use client::cadence::Rounds;
use scenario::Cadence;

use super::{Held, Player};
use crate::automaton::Place;
use crate::counts::LANES;
use crate::timeline::Step;
use crate::world::Case;

/// Largest period that is looked for; beyond it each client is modelled.
const LONGEST_PERIOD: u64 = 1 << 20;

/// Clients that stand for others.
#[derive(Clone, Debug)]
pub(crate) struct Crowd {
    /// Numbers of those that poll in a full round.
    ranges: Vec<Range<u32>>,
    /// Number of clients for which each of them stands: in a full round, and in the last one.
    weights: [Vec<u64>; 2],
    /// Picks after theirs until the next round begins, as far as they matter.
    picks_left: u32,
}

impl Crowd {
    /// The representatives of the clients of an arm; `None` where clients may differ, or are few.
    pub(crate) fn of(case: &Case<'_>) -> Option<Self> {
        let setup = &case.arm.setup;
        let in_step = setup.cadence == Cadence::Lockstep && !setup.policy.random;
        let waits = setup.has_clock() || setup.caching.interruption.is_some();
        let rounds = case.timeline.rounds().into_iter();
        let mut steps = rounds.flat_map(|round| case.timeline.steps(round).to_vec());
        if !in_step || waits || steps.any(|step| matches!(step, Step::Kill(_))) {
            return None;
        }
        let pins = setup.policy.pins;
        let forms = setup.fields.accept_encoding.len().max(1) as u64;
        let connections = if pins == Pins::Connection { setup.connections.get() } else { 1 };
        let replicas = u64::from(setup.replicas.get());
        let period = common(common(replicas, forms), connections.into());
        let clients = setup.clients.get();
        if period > LONGEST_PERIOD.min(u64::from(clients) / 2) {
            return None;
        }
        // A request that names its client is longer from one power of ten to the next.
        let ends = if pins == Pins::Client {
            (1..10).map(|power| 10_u32.pow(power)).collect()
        } else {
            vec![]
        };
        let ends = ends.into_iter().filter(|end| *end < clients).chain([clients]);
        let mut parts = Vec::new();
        for end in ends {
            let start = parts.last().map_or(0, |part: &Range<u32>| part.end);
            parts.push(start..end);
        }
        let last = case.rounds().pollers_in(case.rounds().count() - 1);
        let weights = [clients, last].map(|end| weights(&parts, end, period as u32));
        let shown = |part: &Range<u32>| part.start..part.end.min(part.start + period as u32);
        let picks_left = ((u64::from(clients) - period) % replicas) as u32;
        Some(Self { ranges: parts.iter().map(shown).collect(), weights, picks_left })
    }

    /// Clients that stand for all.
    pub(crate) fn size(&self) -> usize {
        self.weights[0].len()
    }
}

/// Number of clients below `end` for which each of the first ones of each part stands.
fn weights(parts: &[Range<u32>], end: u32, period: u32) -> Vec<u64> {
    let of_part = |part: &Range<u32>| {
        let (shown, size) = (part.len() as u32, end.min(part.end).saturating_sub(part.start));
        let alike = move |first| u64::from(size / period + u32::from(first < size % period));
        (0..shown.min(period)).map(alike)
    };
    parts.iter().flat_map(of_part).collect()
}

fn common(one: u64, other: u64) -> u64 {
    let (mut a, mut b) = (one, other);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    one / a * other
}

impl Player<'_> {
    /// All rounds of those who stand for the others.
    pub(super) fn in_crowds(&mut self, rounds: Rounds, crowd: &Crowd) {
        self.held = vec![Held::default(); crowd.size()];
        for round in 0..rounds.count() {
            self.reach(round);
            self.counts.hand_over(round, &mut self.automaton);
            self.world.open_all();
            self.columns.clear();
            for range in &crowd.ranges {
                let start = self.columns.len();
                self.world.pick_each(range.clone(), &mut self.columns);
                self.as_columns(start, range.clone());
            }
            let is_last = round + 1 == rounds.count();
            let mut clients = crowd.ranges.iter().cloned().flatten();
            for index in 0..crowd.size() {
                let client = clients.next().expect("as many as weights");
                self.poll_for(client, index, round, crowd.weights[usize::from(is_last)][index]);
            }
            if !self.pins {
                self.columns.clear();
                self.world.pick_each(0..crowd.picks_left, &mut self.columns);
            }
        }
    }

    /// One poll that stands for so many.
    fn poll_for(&mut self, client: u32, index: usize, round: u32, weight: u64) {
        if weight == 0 {
            return;
        }
        let (state, column) = (self.held[index].state, self.columns[index] as usize);
        let cell = self.automaton.table[state as usize * self.automaton.width + column];
        let cell = if cell.is_known() {
            cell
        } else {
            let kinds = self.automaton.kinds;
            let place = Place { client, kind: column % kinds, replica: Some(column / kinds) };
            self.automaton.cell(&mut self.world, state, place, round)
        };
        self.held[index].state = cell.next();
        self.add(cell.class(), round, weight);
    }

    /// Counts so many polls of a class.
    pub(super) fn add(&mut self, class: u32, round: u32, times: u64) {
        let classes = self.automaton.classes();
        let lanes = self.counts.of_round(round);
        lanes.resize(classes.max(lanes.len()), [0; LANES]);
        lanes[class as usize][0] += times;
    }
}
