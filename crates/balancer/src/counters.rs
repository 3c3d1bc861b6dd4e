//! Counters of a balancer, for operators and tests. Reports never read them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Events so far, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Inbound connections accepted.
    pub connections: u64,
    /// Requests meant for a replica.
    pub exchanges: u64,
    /// Attempts after the first, on whichever replica.
    pub retries: u64,
    /// Times that a replica was put aside.
    pub put_aside: u64,
    /// Requests refused here, without asking a replica: 4xx, 501, 505.
    pub rejected: u64,
    /// 502 of the balancer's own.
    pub bad_gateway: u64,
    /// 504 of the balancer's own.
    pub gateway_timeout: u64,
    /// Responses cut because the replica cut them.
    pub cut: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections: Counter,
    pub(crate) exchanges: Counter,
    pub(crate) retries: Counter,
    pub(crate) put_aside: Counter,
    pub(crate) rejected: Counter,
    pub(crate) bad_gateway: Counter,
    pub(crate) gateway_timeout: Counter,
    pub(crate) cut: Counter,
}

impl Counters {
    /// Counts a response of the balancer's own.
    pub(crate) fn count_reply(&self, status: u16) {
        match status {
            502 => self.bad_gateway.next(),
            504 => self.gateway_timeout.next(),
            _ => self.rejected.next(),
        };
    }

    pub(crate) fn snapshot(&self) -> Counts {
        Counts {
            connections: self.connections.get(),
            exchanges: self.exchanges.get(),
            retries: self.retries.get(),
            put_aside: self.put_aside.get(),
            rejected: self.rejected.get(),
            bad_gateway: self.bad_gateway.get(),
            gateway_timeout: self.gateway_timeout.get(),
            cut: self.cut.get(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Counts one; returns how many there were before.
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
