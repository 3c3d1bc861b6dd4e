//! Lock-step: client 0, 1, 2, …, and again. The fast way: who is picked is asked for thousands of polls at
//! once, and each of them is then two look-ups and an addition.

use std::ops::Range;

use client::cadence::Rounds;

use super::{Held, Player};
use crate::automaton::{Cell, Place};
use crate::counts::{LANES, Lanes};

/// Polls whose replicas are asked for at once: few enough to stay in the nearest cache.
const BATCH: u32 = 4_096;

impl Player<'_> {
    /// All rounds, with what happens between them.
    pub(super) fn in_step(&mut self, rounds: Rounds) {
        let end = rounds.count();
        let mut milestones = self.case.timeline.rounds().into_iter().peekable();
        let mut round = 0;
        while round < end {
            if milestones.next_if_eq(&round).is_some() {
                self.reach(round);
            }
            self.counts.hand_over(round, &mut self.automaton);
            let next = milestones.peek().map_or(end, |&next| next.min(end));
            let next = next.min(self.counts.end_of(round));
            if self.is_slow || !self.world.is_steady() {
                self.one_by_one(rounds, round);
                round += 1;
                continue;
            }
            // The last round may be of fewer clients.
            let full = if next == end { end - 1 } else { next };
            while round < full {
                let each = (BATCH / rounds.clients).clamp(1, full - round);
                self.many(rounds.clients, round, each);
                round += each;
            }
            if round < next {
                self.many(rounds.pollers_in(round), round, 1);
                round += 1;
            }
        }
    }

    fn one_by_one(&mut self, rounds: Rounds, round: u32) {
        for client in 0..rounds.pollers_in(round) {
            self.poll(client, round);
        }
    }

    /// Some rounds of the first clients, all of one bucket.
    fn many(&mut self, clients: u32, round: u32, rounds: u32) {
        for first in (0..clients).step_by(BATCH as usize) {
            let end = clients.min(first.saturating_add(BATCH));
            self.columns.clear();
            for _ in 0..rounds {
                self.world.pick_each(first..end, &mut self.columns);
            }
            self.as_columns(0, first..end);
            let size = (end - first) as usize;
            for turn in 0..rounds {
                let start = turn as usize * size;
                self.sweep(first, round + turn, start..start + size);
            }
        }
    }

    /// Makes columns of the table out of the replicas that were picked for these clients, in one round or
    /// in several; they begin at `start`.
    pub(super) fn as_columns(&mut self, start: usize, clients: Range<u32>) {
        let kinds = self.automaton.kinds as u32;
        if kinds == 1 {
            return;
        }
        let mut each = clients.clone();
        for column in &mut self.columns[start..] {
            let client = each.next().unwrap_or_else(|| {
                each = clients.clone();
                each.next().unwrap_or_default()
            });
            let form = client % self.forms;
            let kind = if self.names_clients {
                form + self.forms * (super::digits(client) as u32 - 1)
            } else {
                form
            };
            *column = *column * kinds + kind;
        }
    }

    /// The polls of some clients in one round; `columns` are those of their replicas.
    fn sweep(&mut self, first: u32, round: u32, columns: Range<usize>) {
        let mut done = 0;
        let size = columns.len();
        while done < size {
            let lanes = self.counts.of_round(round);
            lanes.resize(self.automaton.classes().max(lanes.len()), [0; LANES]);
            let start = first as usize + done;
            done += known(
                &self.automaton.table,
                self.automaton.width,
                &mut self.held[start..first as usize + size],
                &self.columns[columns.start + done..columns.end],
                lanes,
            );
            if done < size {
                let client = first + done as u32;
                let column = self.columns[columns.start + done] as usize;
                let kinds = self.automaton.kinds;
                let place = Place { client, kind: column % kinds, replica: Some(column / kinds) };
                let state = self.held[client as usize].state;
                let cell = self.automaton.cell(&mut self.world, state, place, round);
                self.held[client as usize].state = cell.next();
                self.counts.add(cell.class(), round);
                done += 1;
            }
        }
    }
}

/// Polls as long as each is of a class that was worked out; returns how many.
fn known(
    table: &[Cell],
    width: usize,
    held: &mut [Held],
    columns: &[u32],
    lanes: &mut Lanes,
) -> usize {
    for (index, (client, &column)) in held.iter_mut().zip(columns).enumerate() {
        let cell = table[client.state as usize * width + column as usize];
        if !cell.is_known() {
            return index;
        }
        client.state = cell.next();
        lanes[cell.class() as usize][index % LANES] += 1;
    }
    columns.len()
}
