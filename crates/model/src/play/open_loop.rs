//! An open loop: every client polls once per interval, early or late by its jitter.
//!
//! Polls are sorted into buckets of time, one for each client and interval on average, which are chained
//! through the clients: to put a poll into its bucket costs the same however many there are. Within a
//! bucket, less than a client's share of an interval, the order is not that of a run; nor is that of a run
//! the same twice.

use client::cadence::{Rounds, intervals_until};

use super::Player;
use crate::automaton::{Cell, Place};
use crate::counts::LANES;

/// No client, at the end of a chain.
const NOBODY: u32 = u32::MAX;
/// Picks that are asked for at once.
const PICKS: u32 = 4_096;

/// Clients by the bucket of time in which they poll next.
struct Calendar {
    /// First client of each bucket of a wheel.
    first: Vec<u32>,
    /// Client after each client in its bucket.
    after: Vec<u32>,
    rounds: Rounds,
    jitter: f64,
    seed: u64,
}

impl Calendar {
    fn new(rounds: Rounds, jitter: f64, seed: u64) -> Self {
        let clients = rounds.pollers_in(0);
        // From a poll that is as early as can be to the next one, as late as can be.
        let wheel = (f64::from(rounds.clients) * (1.0 + 2.0 * jitter)) as usize + 3;
        let (first, after) = (vec![NOBODY; wheel], vec![NOBODY; clients as usize]);
        let mut calendar = Self { first, after, rounds, jitter, seed };
        // The last one comes first out of a chain.
        for client in (0..clients).rev() {
            calendar.put(client, 0, 0);
        }
        calendar
    }

    /// Notes this poll; no earlier than the bucket that is being worked on.
    fn put(&mut self, client: u32, round: u32, now: u64) {
        let until = intervals_until(self.rounds.clients, self.jitter, self.seed, client, round);
        let bucket = ((until * f64::from(self.rounds.clients)) as u64).max(now);
        let place = (bucket % self.first.len() as u64) as usize;
        self.after[client as usize] = std::mem::replace(&mut self.first[place], client);
    }
}

impl Player<'_> {
    /// Polls as they fall due, changes between them.
    pub(super) fn open_loop(&mut self, rounds: Rounds, jitter: f64, seed: u64) {
        let mut calendar = Calendar::new(rounds, jitter, seed);
        let mut milestones = self.case.timeline.rounds().into_iter().peekable();
        let clients = u64::from(rounds.clients);
        let (mut left, mut now, mut place) = (rounds.polls, 0_u64, 0);
        let mut to_come = 0;
        let mut is_steady = false;
        while left > 0 {
            if to_come == 0 {
                // Once an interval, which is once in a round of all clients.
                let round = (now / clients) as u32;
                self.counts.hand_over(round.saturating_sub(2), &mut self.automaton);
                to_come = clients;
            }
            to_come -= 1;
            while let Some(round) = milestones.next_if(|&it| u64::from(it) * clients <= now) {
                self.reach(round);
                // What was picked in advance was picked in another world.
                self.picked.clear();
                (self.next_pick, is_steady) = (0, false);
            }
            if !is_steady {
                is_steady = !self.is_slow && self.world.is_steady();
            }
            let mut client = std::mem::replace(&mut calendar.first[place], NOBODY);
            while client != NOBODY {
                let next = calendar.after[client as usize];
                let round = self.clients[client as usize].until;
                if is_steady {
                    self.poll_steadily(client, round);
                } else {
                    self.clients[client as usize].until = 0;
                    self.poll(client, round);
                }
                left -= 1;
                if client < rounds.pollers_in(round + 1) {
                    // In an open loop nobody waits, so that the round has the room of the wait.
                    self.clients[client as usize].until = round + 1;
                    calendar.put(client, round + 1, now + 1);
                }
                client = next;
            }
            now += 1;
            place = if place + 1 == calendar.first.len() { 0 } else { place + 1 };
        }
    }

    /// A poll in a world in which every replica answers.
    fn poll_steadily(&mut self, client: u32, round: u32) {
        let replica = self.next_replica(client);
        let place = Place { client, kind: self.kind(client), replica: Some(replica) };
        let state = self.clients[client as usize].state;
        let at = state as usize * self.automaton.width + self.automaton.column(place);
        let cell: Cell = self.automaton.table[at];
        let cell = if cell.is_known() {
            cell
        } else {
            self.automaton.cell(&mut self.world, state, place, round)
        };
        self.clients[client as usize].state = cell.next();
        let lanes = self.counts.of_round(round);
        if let Some(counters) = lanes.get_mut(cell.class() as usize) {
            counters[client as usize % LANES] += 1;
        } else {
            self.counts.add(cell.class(), round);
        }
    }

    /// The replica that answers this client.
    fn next_replica(&mut self, client: u32) -> usize {
        if self.pins {
            if self.picked.is_empty() {
                self.world.pick_each(0..self.clients.len() as u32, &mut self.picked);
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
