//! The choice of a replica for each attempt: a policy, and who is available and how busy.
//!
//! Pure: no socket and no lock, so that a model in virtual time calls the very code that the gateway
//! runs.

use std::ops::Range;

use crate::policy::{Policy, Situation};

/// One who sends a request, as a policy tells them apart.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Number of the client; the same on all of its connections.
    pub client: u64,
    /// Number of its connection, in the order in which they were accepted.
    pub connection: u64,
}

/// A policy with the replicas from which it picks.
pub struct Choice {
    policy: Box<dyn Policy>,
    in_flight: Vec<u32>,
    available: Vec<bool>,
}

impl Choice {
    /// So many replicas, all available.
    pub fn new(policy: Box<dyn Policy>, replicas: usize) -> Self {
        Self { policy, in_flight: vec![0; replicas], available: vec![true; replicas] }
    }

    /// Goes on with so many replicas, at least one: the last ones leave, or further ones join and are
    /// available.
    pub fn resize(&mut self, replicas: usize) {
        self.in_flight.resize(replicas, 0);
        self.available.resize(replicas, true);
    }

    /// Picks by this policy from now on.
    pub fn set_policy(&mut self, policy: Box<dyn Policy>) {
        self.policy = policy;
    }

    /// Picks a replica that was not tried before and begins an exchange with it; `None` when all
    /// were. Those put aside are picked only when no other is left.
    ///
    /// # Panics
    ///
    /// If the policy picks a replica that is not available.
    pub fn begin(&mut self, caller: Caller, tried: &[usize]) -> Option<usize> {
        let mut candidates = Vec::new();
        // The usual request is the first attempt at replicas that are there: no list is made for it.
        if !tried.is_empty() || !self.available.contains(&true) {
            let untried = |replica: &usize| !tried.contains(replica);
            let replicas = || (0..self.available.len()).filter(untried);
            let last_resort = !replicas().any(|replica| self.available[replica]);
            candidates.resize(self.available.len(), false);
            for replica in replicas() {
                candidates[replica] = last_resort || self.available[replica];
            }
            candidates.contains(&true).then_some(())?;
        }
        let available = if candidates.is_empty() { &self.available } else { &candidates };
        let (in_flight, Caller { client, connection }) = (&self.in_flight, caller);
        let replica = self.policy.pick(&Situation { in_flight, available, client, connection });
        assert!(available[replica], "a policy picks available replicas only");
        self.in_flight[replica] += 1;
        Some(replica)
    }

    /// Picks for many clients, one after the other, each of which is answered before the next one asks;
    /// `connections` are the numbers of their connections, in turn. Adds the replicas to `picks`.
    ///
    /// # Panics
    ///
    /// If a replica is not available, or busy.
    pub fn each(&mut self, clients: Range<u32>, connections: &[u64], picks: &mut Vec<u32>) {
        assert!(self.all_available() && self.in_flight.iter().all(|count| *count == 0));
        let (in_flight, available) = (&self.in_flight, &self.available);
        let situation = Situation { in_flight, available, client: 0, connection: 0 };
        self.policy.pick_each(&situation, clients, connections, picks);
    }

    /// Ends an exchange; its replica may have left meanwhile.
    pub fn end(&mut self, replica: usize) {
        if let Some(in_flight) = self.in_flight.get_mut(replica) {
            *in_flight = in_flight.saturating_sub(1);
        }
    }

    /// Makes a replica unavailable; returns whether it was not before. One that has left stays as it is.
    pub fn put_aside(&mut self, replica: usize) -> bool {
        self.available.get_mut(replica).is_some_and(std::mem::take)
    }

    /// Makes a replica available; returns whether it was not before. One that has left stays as it is.
    pub fn bring_back(&mut self, replica: usize) -> bool {
        let available = self.available.get_mut(replica);
        available.is_some_and(|available| !std::mem::replace(available, true))
    }

    /// True if this replica is not put aside, or has left: then nobody waits for it.
    pub fn is_available(&self, replica: usize) -> bool {
        self.available.get(replica).copied().unwrap_or(true)
    }

    /// True if no replica is put aside.
    pub fn all_available(&self) -> bool {
        !self.available.contains(&false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: Caller = Caller { client: 0, connection: 0 };

    #[test]
    fn replicas_join_and_leave_and_exchanges_with_those_that_left_end() {
        let round_robin = || (crate::catalogue::POLICIES[0].make)(0);
        let mut choice = Choice::new(round_robin(), 1);
        assert_eq!([0; 2].map(|_| choice.begin(CALLER, &[])), [Some(0); 2]);
        choice.resize(3);
        assert_eq!([0; 3].map(|_| choice.begin(CALLER, &[])), [1, 2, 0].map(Some));
        choice.resize(1);
        assert!(!choice.put_aside(2) && !choice.bring_back(2) && choice.is_available(2));
        choice.end(2);
        choice.set_policy(round_robin());
        assert_eq!([0; 2].map(|_| choice.begin(CALLER, &[])), [Some(0); 2]);
    }
}
