//! The servers that clients poll in one arm, behind the balancer.
//!
//! There are two kinds: a fleet of replicas ([`crate::fleet`]), and a control plane
//! ([`crate::control_plane`]). The arm starts either, lets happen to it what the timeline holds,
//! and asks for its account. When things happen is not decided here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use client::{Holdings, PollOutcome};
use measure::record::{CacheRecord, ControlPlaneRecord};
use model::TierStep;
use origin::ReplicaCounts;
use truth::ReplicaId;

use crate::error::RunError;

/// Change of what the balancer forwards to; servers are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reroute {
    /// A server answers again at its address.
    Back(usize),
    /// A server answers at another address.
    To(usize, SocketAddr),
    /// So many servers are left, or there.
    Size(usize),
}

/// A running tier.
pub(crate) trait Tier: Sized {
    /// Something that can happen to this kind of tier only.
    type Step: TierStep;

    /// True if the account needs the log of the clients' changes of content.
    const LOGS_CHANGES: bool;

    /// Addresses that the balancer forwards to, in order.
    async fn addresses(&self) -> Vec<(ReplicaId, SocketAddr)>;

    /// Paths that clients poll, each one of these in turn; at least one.
    fn paths(&self) -> Vec<String>;

    /// What the servers hold, where they do not say so themselves and it is known.
    fn holdings(&self) -> Option<Arc<Holdings>> {
        None
    }

    /// Begins the account, unless that of each server began when it was ready: the polls start now.
    async fn begin(&mut self) -> Result<(), RunError> {
        Ok(())
    }

    /// Kills the server of this index, which stays away.
    async fn kill(&mut self, index: usize) -> Result<(), RunError>;

    /// Kills the server of this index if it runs and starts it again; returns what the balancer has to
    /// know of it at once.
    async fn restart(&mut self, index: usize) -> Result<Vec<Reroute>, RunError>;

    /// Does what only this kind of tier can; returns as [`Tier::restart`] does.
    async fn apply(&mut self, step: Self::Step) -> Result<Vec<Reroute>, RunError>;

    /// Stops the servers that the balancer has been led away from.
    async fn retire(&mut self) {}

    /// Requests so far to what is behind the servers: to the source of a control plane, or to a database.
    /// `None` where nobody counts any.
    async fn requests_behind(&mut self) -> Result<Option<u64>, RunError>;

    /// Everything before this round of polls has happened.
    fn round_begins(&mut self) {}

    /// The account of the polls, when they are over.
    async fn account(&mut self, outcome: &PollOutcome<RunError>) -> Result<TierAccount, RunError>;

    /// Stops all servers, and leaves nothing behind.
    async fn stop(self);
}

/// Cost and counts of a tier while it was polled.
#[derive(Debug, Default)]
pub(crate) struct TierAccount {
    /// CPU time of the servers that clients polled, where it is known.
    pub(crate) origin_cpu: Option<Duration>,
    /// Of a control plane.
    pub(crate) control_plane: Option<ControlPlaneRecord>,
    /// Of a fleet that shares a database or its tags.
    pub(crate) counts: Option<ReplicaCounts>,
    /// Of the cache before the balancer, which is none of the tier's own.
    pub(crate) cache: Option<CacheRecord>,
    /// Marks of writers that may have expired before the next step of their change.
    pub(crate) expired_marks: u32,
}
