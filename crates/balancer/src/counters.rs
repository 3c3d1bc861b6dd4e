//! Counters of a balancer, for operators and tests. Reports never read them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Events so far, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts<C = u64> {
    /// Inbound connections accepted.
    pub connections: C,
    /// Requests meant for a replica.
    pub exchanges: C,
    /// Attempts after the first, on whichever replica.
    pub retries: C,
    /// Times that a replica was put aside.
    pub put_aside: C,
    /// Requests refused here, without asking a replica: 4xx, 501, 505.
    pub rejected: C,
    /// 502 of the balancer's own.
    pub bad_gateway: C,
    /// 504 of the balancer's own.
    pub gateway_timeout: C,
    /// Responses cut because the replica cut them.
    pub cut: C,
}

/// The same events while they are counted.
pub(crate) type Counters = Counts<AtomicU64>;

/// Counts one; returns how many there were before.
pub(crate) fn count(counter: &AtomicU64) -> u64 {
    // No count says anything about another, so their order need not be kept.
    counter.fetch_add(1, Ordering::Relaxed)
}

impl Counters {
    pub(crate) fn count_reply(&self, status: u16) {
        count(match status {
            502 => &self.bad_gateway,
            504 => &self.gateway_timeout,
            _ => &self.rejected,
        });
    }

    pub(crate) fn snapshot(&self) -> Counts {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            connections: get(&self.connections),
            exchanges: get(&self.exchanges),
            retries: get(&self.retries),
            put_aside: get(&self.put_aside),
            rejected: get(&self.rejected),
            bad_gateway: get(&self.bad_gateway),
            gateway_timeout: get(&self.gateway_timeout),
            cut: get(&self.cut),
        }
    }
}
