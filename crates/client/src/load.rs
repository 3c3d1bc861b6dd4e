//! Load of a run of polls, and the state of the world at its milestones: values alone. Among them the
//! use of stored responses: validators that are sent back, freshness lifetimes, downloads that are cut
//! and resumed, and stored content when a poll fails.

use std::time::Duration;

use measure::record::OnErrorRecord as OnError;

use crate::cadence::{Cadence, Rounds, Share};
use crate::capture::Capture;
use crate::habit::Habit;
use crate::resume::Interruption;
use crate::writing::Writing;

/// Number of polls, their layout in time, and the rules that clients follow.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Clients and polls.
    pub rounds: Rounds,
    /// The clients that are polled for here; the others are polled for by other processes. All of
    /// them in lock-step.
    pub share: Share,
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
    /// Method of the polls.
    pub method: PollMethod,
    /// Use of stored responses.
    pub caching: Caching,
    /// Use of stored responses when a poll fails.
    pub on_error: OnError,
    /// Polls no sooner than `Poll-Interval` allows, and not at all after `-1`. The
    /// clock is that of [`Caching::round_interval`], in an open loop the real one. A client still
    /// polls in its own slots only: a server can slow it down, not hurry it.
    pub obey_poll_interval: bool,
    /// Clients that write after each round of polls; in lock-step alone.
    pub writing: Option<Writing>,
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
    /// Number of clients that poll, the first ones; the others rest, and keep what they have stored.
    /// `None` is all of them.
    pub pollers: Option<u32>,
}

impl Milestone {
    /// True if this client polls.
    pub(crate) fn is_polling(self, client: u32) -> bool {
        self.pollers.is_none_or(|pollers| client < pollers)
    }
}

/// Use of a stored response, and of one that is stored in part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Caching {
    /// The validators that are sent back.
    pub validate: Validate,
    /// What becomes of them, and of the content.
    pub habit: Habit,
    /// Uses a fresh stored response without a request (RFC 9111 §4.2), and does not keep one with
    /// `no-store`. Otherwise `Cache-Control` is not even read.
    pub honour_freshness: bool,
    /// Lock-step and shuffled cadences: time that passes on the clients' own clock from one round
    /// to the next. Nothing waits for it. An open loop counts real time instead.
    pub round_interval: Duration,
    /// Cuts every download and resumes it; `None` leaves downloads alone.
    pub interruption: Option<Interruption>,
}

impl Caching {
    pub(crate) fn validators(&self) -> Validators {
        Validators { validate: self.validate, habit: self.habit }
    }
}

/// The validators that go back, and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Validators {
    /// Those of a client without bad habits.
    pub(crate) validate: Validate,
    /// What this client makes of them.
    pub(crate) habit: Habit,
}

impl From<Validate> for Validators {
    fn from(validate: Validate) -> Self {
        Self { validate, habit: Habit::Cache }
    }
}

impl Default for Caching {
    fn default() -> Self {
        Self {
            validate: Validate::default(),
            habit: Habit::default(),
            honour_freshness: false,
            round_interval: Duration::from_secs(1),
            interruption: None,
        }
    }
}

/// Method of polls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PollMethod {
    /// GET.
    #[default]
    Get,
    /// HEAD, as monitors do, and GET without a condition within the same poll after anything but a 304.
    Head,
}

impl PollMethod {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Get, Self::Head];

    /// As it is written in a scenario and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Head => "head",
        }
    }
}

/// The validators that a client sends back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validate {
    /// `ETag` as `If-None-Match` (RFC 9110 §13.1.2).
    #[default]
    EntityTag,
    /// `Last-Modified` as `If-Modified-Since`, byte for byte (§13.1.3).
    LastModified,
    /// Both, as far as the response had them; a server then reads the tag alone (§13.2.2).
    Both,
}

impl Validate {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::EntityTag, Self::LastModified, Self::Both];

    /// As it is written in a scenario and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::EntityTag => "etag",
            Self::LastModified => "last-modified",
            Self::Both => "both",
        }
    }

    /// True if tags are sent back.
    pub fn by_tag(self) -> bool {
        self != Self::LastModified
    }

    /// True if dates are sent back.
    pub fn by_date(self) -> bool {
        self != Self::EntityTag
    }
}
