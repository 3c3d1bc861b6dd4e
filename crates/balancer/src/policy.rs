//! Balancing policies: a choice among replicas from a few numbers.
//!
//! Policies know no clock, socket or request, so that a model in virtual time calls the very code
//! that the gateway runs.

use std::ops::Range;

/// Chooses the replica for each request.
pub trait Policy: Send {
    /// Index of a replica that is available in this situation.
    ///
    /// Called once for every attempt, in the order of the attempts; state is the policy's own.
    fn pick(&mut self, situation: &Situation<'_>) -> usize;

    /// The same for many clients, one after the other, each of which is answered before the next one
    /// asks; `connections` are the numbers of their connections, in turn. Adds the indices to `picks`.
    ///
    /// A faster way to the same picks, for a model in virtual time; `situation` is that of all of them
    /// but for client and connection, and every replica is available in it.
    fn pick_each(
        &mut self,
        situation: &Situation<'_>,
        each: Range<u32>,
        connections: &[u64],
        picks: &mut Vec<u32>,
    ) {
        for client in each {
            let connection = connections[client as usize % connections.len()];
            let client = client.into();
            picks.push(self.pick(&Situation { client, connection, ..*situation }) as u32);
        }
    }
}

/// The facts on which a policy bases its choice.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Exchanges under way, by replica; one count or more, as many as replicas.
    pub in_flight: &'a [u32],
    /// `available[i]`: replica i may be picked. At least one is true.
    pub available: &'a [bool],
    /// Number of the client; the same on all of its connections.
    pub client: u64,
    /// Number of the inbound connection, from 0 in the order in which they were accepted.
    pub connection: u64,
}

impl Situation<'_> {
    /// The first available replica from `start` on, going round; `start` is taken modulo their
    /// number.
    pub fn first_available_from(&self, start: usize) -> usize {
        let replicas = self.available.len();
        (0..replicas)
            .map(|step| (start + step) % replicas)
            .find(|&replica| self.available[replica])
            .unwrap_or(0)
    }

    /// The `n`-th available replica; `n` is taken modulo their number.
    pub fn nth_available(&self, n: u64) -> usize {
        let available = || (0..self.available.len()).filter(|&replica| self.available[replica]);
        // One is always available; should none be, the caller's assertion names the fault, not a
        // division by zero here.
        let count = available().count().max(1) as u64;
        available().nth((n % count) as usize).unwrap_or(0)
    }

    /// The replica at home in `key`, and when that one is not available another that only `key`
    /// and the set of available replicas decide.
    ///
    /// Consecutive keys spread evenly, and so do those of a replica that is away over the others.
    pub fn pinned_by(&self, key: u64) -> usize {
        let replicas = self.available.len() as u64;
        // Quotient and remainder are independent, so the clients of a replica that is away spread
        // evenly over the others.
        let home = (key % replicas) as usize;
        if self.available[home] { home } else { self.nth_available(key / replicas) }
    }
}

/// The kind of traffic that a policy ties to one replica, as long as that replica is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pins {
    /// Nothing: the next request of the same client may go elsewhere.
    Nothing,
    /// Each client.
    Client,
    /// Each inbound connection.
    Connection,
}

/// A policy as users meet it.
#[derive(Debug)]
pub struct PolicyEntry {
    /// Name in scenarios and on the command line, in kebab-case, unique.
    pub name: &'static str,
    /// Its rule, in one sentence.
    pub summary: &'static str,
    /// The kind of traffic that it ties to one replica.
    pub pins: Pins,
    /// True when the seed matters.
    pub random: bool,
    /// A fresh policy; the same seed and situations give the same choices.
    pub make: fn(seed: u64) -> Box<dyn Policy>,
}

impl PartialEq for PolicyEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for PolicyEntry {}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(available: &[bool]) -> Situation<'_> {
        Situation { in_flight: &[0; 4][..available.len()], available, client: 0, connection: 0 }
    }

    #[test]
    fn the_search_goes_round() {
        let situation = situation(&[true, false, false, true]);
        assert_eq!(
            [0, 1, 3, 4, 5].map(|start| situation.first_available_from(start)),
            [0, 3, 3, 0, 3]
        );
        assert_eq!([0, 1, 2].map(|n| situation.nth_available(n)), [0, 3, 0]);
    }

    #[test]
    fn orphans_of_a_replica_spread_over_the_others() {
        let situation = situation(&[true, false, true]);
        let picks: Vec<_> = [1, 4, 7, 10].map(|key| situation.pinned_by(key)).to_vec();
        assert_eq!(picks, [0, 2, 0, 2]);
    }
}
