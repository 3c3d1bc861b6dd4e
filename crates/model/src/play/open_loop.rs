//! An open loop: every client polls once per interval, early or late by its jitter.
//!
//! Polls go into slices of time as they become known, each with the state of its client, and a slice is
//! sorted when its time comes: so memory is read and written in its order, and nothing costs more with more
//! clients. A next poll that would fall into the slice that is being worked on comes first in the one after
//! it; jitter of nearly half an interval can do that, and a run has no order there that it would repeat.

use client::cadence::{Rounds, intervals_until};

use super::Player;
use crate::automaton::{Place, State};
use crate::counts::LANES;

/// Picks that are asked for at once.
const PICKS: u32 = 4_096;
/// Parts of a slice that are told apart.
const PARTS: usize = 4_096;
/// Fewest and most slices of an interval.
const SLICES: (u32, u32) = (16, 64);

/// One poll to be made.
#[derive(Clone, Copy, Debug, Default)]
struct Due {
    /// Part of its slice.
    part: u32,
    client: u32,
    round: u32,
    state: State,
}

/// Polls by the slice of time in which they are due.
struct Calendar {
    /// A wheel: as many slices as lie between a poll and the latest next one.
    slices: Vec<Vec<Due>>,
    /// Slices of an interval.
    each: u64,
    rounds: Rounds,
    jitter: f64,
    seed: u64,
    /// Room to sort in.
    sorted: Vec<Due>,
    starts: Vec<u32>,
}

impl Calendar {
    fn new(rounds: Rounds, jitter: f64, seed: u64) -> Self {
        let each = (rounds.clients / 64).next_power_of_two().clamp(SLICES.0, SLICES.1);
        let wheel = (f64::from(each) * (1.0 + 2.0 * jitter)) as usize + 3;
        let (sorted, starts) = (Vec::new(), vec![0; PARTS]);
        let slices = vec![Vec::new(); wheel];
        let mut calendar = Self { slices, each: each.into(), rounds, jitter, seed, sorted, starts };
        for client in 0..rounds.pollers_in(0) {
            calendar.put(Due { client, ..Due::default() }, 0, 0);
        }
        calendar
    }

    /// Notes a poll, no earlier than slice `now`, which is at this place of the wheel.
    fn put(&mut self, due: Due, now: u64, place: usize) {
        let (clients, Due { client, round, .. }) = (self.rounds.clients, due);
        let until = intervals_until(clients, self.jitter, self.seed, client, round);
        // Both are powers of two, so that nothing is rounded; and a signed number is made by one instruction.
        let parts = (until * (self.each * PARTS as u64) as f64) as i64;
        let at = parts.cast_unsigned().max(now * PARTS as u64);
        let (slice, part) = (at / PARTS as u64, at as u32 % PARTS as u32);
        let ahead = (slice - now) as usize;
        let wheel = self.slices.len();
        let ahead = place + ahead;
        let place = if ahead >= wheel { ahead - wheel } else { ahead };
        self.slices[place].push(Due { part, ..due });
    }

    /// Takes the polls of a slice out, in their order.
    fn take(&mut self, place: usize) -> Vec<Due> {
        let mut slice = std::mem::take(&mut self.slices[place]);
        // By counting: as many steps as there are polls. Few polls are told apart by few parts, and those
        // that still share one are put in their order afterwards.
        let told = slice.len().next_power_of_two().min(PARTS);
        let shared = (PARTS / told).trailing_zeros();
        let starts = &mut self.starts[..told];
        starts.fill(0);
        for due in &slice {
            starts[(due.part >> shared) as usize] += 1;
        }
        let mut start = 0;
        for count in &mut *starts {
            start += std::mem::replace(count, start);
        }
        self.sorted.resize(slice.len(), Due::default());
        for due in &slice {
            let at = &mut starts[(due.part >> shared) as usize];
            self.sorted[*at as usize] = *due;
            *at += 1;
        }
        std::mem::swap(&mut slice, &mut self.sorted);
        if shared > 0 {
            put_in_order(&mut slice);
        }
        slice
    }
}

/// Sorts polls that are mostly in their order.
fn put_in_order(slice: &mut [Due]) {
    for end in 1..slice.len() {
        let mut at = end;
        while at > 0 && slice[at - 1].part > slice[at].part {
            slice.swap(at - 1, at);
            at -= 1;
        }
    }
}

impl Player<'_> {
    /// Polls as they fall due, changes between them.
    pub(super) fn open_loop(&mut self, rounds: Rounds, jitter: f64, seed: u64) {
        let mut calendar = Calendar::new(rounds, jitter, seed);
        let mut milestones = self.case.timeline.rounds().into_iter().peekable();
        let (each, last) = (calendar.each, rounds.count() - 1);
        let of_last = rounds.pollers_in(last);
        let (mut left, mut now, mut place) = (rounds.polls, 0_u64, 0);
        let mut is_steady = false;
        while left > 0 {
            if now.is_multiple_of(each) {
                let round = (now / each) as u32;
                self.counts.hand_over(round.saturating_sub(2), &mut self.automaton);
            }
            while let Some(round) = milestones.next_if(|&it| u64::from(it) * each <= now) {
                self.reach(round);
                // What was picked in advance was picked in another world.
                self.picked.clear();
                (self.next_pick, is_steady) = (0, false);
            }
            let mut slice = calendar.take(place);
            left -= slice.len() as u64;
            let next = if place + 1 == calendar.slices.len() { 0 } else { place + 1 };
            for due in &slice {
                is_steady = is_steady || (!self.is_slow && self.world.is_steady());
                let state = if is_steady { self.poll_steadily(*due) } else { self.poll_due(*due) };
                let round = due.round + 1;
                if round < last || (round == last && due.client < of_last) {
                    calendar.put(Due { round, state, ..*due }, now + 1, next);
                }
            }
            slice.clear();
            calendar.slices[place] = slice;
            (now, place) = (now + 1, next);
        }
    }

    /// A poll that is looked at for itself; returns the state of its client.
    fn poll_due(&mut self, Due { client, round, state, .. }: Due) -> State {
        let held = &mut self.held[client as usize];
        (held.state, held.until) = (state, 0);
        self.poll(client, round);
        self.held[client as usize].state
    }

    /// A poll in a world in which every replica answers; returns the state of its client.
    fn poll_steadily(&mut self, Due { client, round, state, .. }: Due) -> State {
        let replica = self.next_replica(client);
        let place = Place { client, kind: self.kind(client), replica: Some(replica) };
        let at = state as usize * self.automaton.width + self.automaton.column(place);
        let mut cell = self.automaton.table[at];
        if !cell.is_known() {
            cell = self.automaton.cell(&mut self.world, state, place, round);
        }
        let lanes = self.counts.of_round(round);
        if let Some(counters) = lanes.get_mut(cell.class() as usize) {
            counters[client as usize % LANES] += 1;
        } else {
            self.counts.add(cell.class(), round);
        }
        cell.next()
    }

    /// The replica that answers this client.
    fn next_replica(&mut self, client: u32) -> usize {
        if self.pins {
            if self.picked.is_empty() {
                self.world.pick_each(0..self.held.len() as u32, &mut self.picked);
            }
            return self.picked[client as usize] as usize;
        }
        if self.next_pick == self.picked.len() {
            self.picked.clear();
            self.next_pick = 0;
            // Whoever asks, the picks are the same.
            self.world.pick_each(0..PICKS, &mut self.picked);
        }
        self.next_pick += 1;
        self.picked[self.next_pick - 1] as usize
    }
}
