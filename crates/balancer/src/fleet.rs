//! The state that exchanges share: who is available, how busy, and with which idle connections.
//!
//! Plain data behind one lock; nothing here waits, and no socket is read.

use tokio::net::TcpStream;

use crate::choice::{Caller, Choice};
use crate::policy::Policy;

pub(crate) struct Fleet {
    choice: Choice,
    /// `probed[i]`: replica i is unavailable and being probed.
    probed: Vec<bool>,
    idle: Vec<Vec<TcpStream>>,
    idle_limit: usize,
}

impl Fleet {
    pub(crate) fn new(policy: Box<dyn Policy>, replicas: usize, idle_limit: usize) -> Self {
        Self {
            choice: Choice::new(policy, replicas),
            probed: vec![false; replicas],
            idle: (0..replicas).map(|_| Vec::new()).collect(),
            idle_limit,
        }
    }

    /// Goes on with so many replicas; returns the idle connections of those that leave.
    pub(crate) fn resize(&mut self, replicas: usize) -> Vec<Vec<TcpStream>> {
        self.choice.resize(replicas);
        self.probed.resize(replicas, false);
        let left = self.idle.split_off(replicas.min(self.idle.len()));
        self.idle.resize_with(replicas, Vec::new);
        left
    }

    /// Picks by this policy from now on.
    pub(crate) fn set_policy(&mut self, policy: Box<dyn Policy>) {
        self.choice.set_policy(policy);
    }

    /// Picks a replica that was not tried before and begins an exchange with it; `None` when all
    /// were. Those put aside are picked only when no other is left.
    pub(crate) fn begin(&mut self, caller: Caller, tried: &[usize]) -> Option<usize> {
        self.choice.begin(caller, tried)
    }

    /// The idle connection that was used last.
    pub(crate) fn take_idle(&mut self, replica: usize) -> Option<TcpStream> {
        self.idle.get_mut(replica)?.pop()
    }

    /// Ends an exchange, keeping its connection where one is given and there is room; returns
    /// what is left to close.
    pub(crate) fn end(&mut self, replica: usize, idle: Option<TcpStream>) -> Option<TcpStream> {
        self.choice.end(replica);
        let stream = idle?;
        // A replica that was put aside may have restarted, and its connections with it.
        let is_available = self.choice.is_available(replica);
        match self.idle.get_mut(replica).filter(|idle| is_available && idle.len() < self.idle_limit)
        {
            Some(idle) => {
                idle.push(stream);
                None
            }
            None => Some(stream),
        }
    }

    pub(crate) fn drain_idle(&mut self, replica: usize) -> Vec<TcpStream> {
        self.idle.get_mut(replica).map(std::mem::take).unwrap_or_default()
    }

    /// Makes a replica unavailable; whether it was not before.
    pub(crate) fn put_aside(&mut self, replica: usize) -> bool {
        self.choice.put_aside(replica)
    }

    /// Makes a replica available, which ends its probing; whether it was not before.
    pub(crate) fn bring_back(&mut self, replica: usize) -> bool {
        if let Some(probed) = self.probed.get_mut(replica) {
            *probed = false;
        }
        self.choice.bring_back(replica)
    }

    /// Replicas put aside that are not being probed; the caller probes them from now on.
    pub(crate) fn take_unprobed(&mut self) -> Vec<usize> {
        let unprobed =
            |&replica: &usize| !self.choice.is_available(replica) && !self.probed[replica];
        let unprobed: Vec<_> = (0..self.probed.len()).filter(unprobed).collect();
        for &replica in &unprobed {
            self.probed[replica] = true;
        }
        unprobed
    }

    pub(crate) fn forget_probes(&mut self) {
        self.probed.fill(false);
    }

    pub(crate) fn is_available(&self, replica: usize) -> bool {
        self.choice.is_available(replica)
    }

    pub(crate) fn all_available(&self) -> bool {
        self.choice.all_available()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet() -> Fleet {
        let entry = crate::catalogue::POLICIES.first().expect("there are policies");
        Fleet::new((entry.make)(0), 3, 4)
    }

    const CALLER: Caller = Caller { client: 0, connection: 0 };

    #[test]
    fn everybody_is_tried_once_and_those_put_aside_at_last() {
        let mut fleet = fleet();
        assert!(fleet.put_aside(0) && !fleet.put_aside(0));
        assert_eq!(fleet.begin(CALLER, &[]), Some(1));
        assert_eq!(fleet.begin(CALLER, &[1]), Some(2));
        assert_eq!(fleet.begin(CALLER, &[1, 2]), Some(0));
        assert_eq!(fleet.begin(CALLER, &[1, 2, 0]), None);
    }

    #[test]
    fn with_all_put_aside_somebody_is_still_tried() {
        let mut fleet = fleet();
        (0..3).for_each(|replica| assert!(fleet.put_aside(replica)));
        assert_eq!(fleet.begin(CALLER, &[]), Some(0));
        assert_eq!(fleet.begin(CALLER, &[0]), Some(1));
    }

    #[test]
    fn each_replica_put_aside_is_probed_once() {
        let mut fleet = fleet();
        fleet.put_aside(1);
        assert_eq!(fleet.take_unprobed(), [1]);
        assert!(fleet.take_unprobed().is_empty());
        assert!(fleet.bring_back(1) && !fleet.bring_back(1) && fleet.all_available());
        fleet.put_aside(1);
        assert_eq!(fleet.take_unprobed(), [1]);
    }
}
