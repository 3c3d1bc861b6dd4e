//! Load of a run of polls, and the state of the world at its milestones, as values.

use std::time::Duration;

use crate::caching::{Caching, OnError};
use crate::cadence::{Cadence, Rounds};
use crate::capture::Capture;

/// Number of polls, their layout in time, and the rules that clients follow.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Clients and polls.
    pub rounds: Rounds,
    /// Their layout in time.
    pub cadence: Cadence,
    /// Seed of every random choice.
    pub seed: u64,
    /// Connections the clients share; at least 1. Client `c` uses connection `c % connections`.
    pub connections: u32,
    /// Limit for one poll, connecting included.
    pub timeout: Duration,
    /// Adds the client's number to each request, for a sticky balancer of the lab.
    pub identify_clients: bool,
    /// Limits of the log of exchanges; `None` keeps no log.
    pub capture: Option<Capture>,
    /// Use of stored responses.
    pub caching: Caching,
    /// Use of stored responses when a poll fails.
    pub on_error: OnError,
    /// Polls no sooner than `Poll-Interval` allows, and not at all after `-1`. The
    /// clock is that of [`Caching::round_interval`], in an open loop the real one. A client still
    /// polls in its own slots only: a server can slow it down, not hurry it.
    pub obey_poll_interval: bool,
    /// Keeps [`PollOutcome::changes`](crate::PollOutcome::changes).
    pub log_changes: bool,
}

/// State of the tier behind the target, as the caller left it at a milestone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Milestone {
    /// Changes that have reached every replica by now.
    pub complete_changes: u32,
    /// Edition that every replica holds now.
    pub edition: u32,
    /// Number of orders to all clients to drop their connections.
    pub reconnects: u32,
    /// Number of orders to clients that the server has stopped to start again.
    pub resumes: u32,
}
