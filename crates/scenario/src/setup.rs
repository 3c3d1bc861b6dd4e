//! Fleet, balancer and load of one arm, and the description while keys enter it.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use balancer::EdgeEntry;
use cache::CacheEntry;
use client::cadence::{Rounds, Share};
use client::{Caching, Cadence, IfRange, Load, Writing};

use crate::{Content, ControlPlane, Event, Program, Resource, Sharing};

/// Fleet, balancer and load of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Size of the fleet, at most 512.
    pub replicas: NonZeroU32,
    /// Changes each replica had seen before the run; as many as replicas.
    pub histories: Vec<u64>,
    /// Time by which each replica got its copy later than its predecessor.
    pub deploy_drift: Duration,
    /// Balancing policy.
    pub policy: &'static balancer::PolicyEntry,
    /// Edge behaviour of the balancer when the arm begins.
    pub edge: &'static EdgeEntry,
    /// Shared cache before the balancer.
    pub cache: &'static CacheEntry,
    /// Request fields that describe the clients.
    pub fields: client::ClientFields,
    /// Logical clients, at most 1,000,000.
    pub clients: NonZeroU32,
    /// Polls of all clients together, at most 1,000,000,000.
    pub polls: NonZeroU64,
    /// Load shape.
    pub cadence: Cadence,
    /// Seed of every random choice.
    pub seed: u64,
    /// Connections the clients share, at most one for each.
    pub connections: NonZeroU32,
    /// Time limit of one poll.
    pub timeout: Duration,
    /// Handling of stored responses by the clients.
    pub caching: client::Caching,
    /// Everything that the replicas share.
    pub sharing: Sharing,
    /// Events of this arm, in the order of the polls.
    pub events: Vec<Event>,
    /// Fate of stored responses when a poll fails; `None` where nobody asked:
    /// they keep it.
    pub on_error: Option<client::OnError>,
    /// True if they poll no sooner than `Poll-Interval` allows.
    pub obey_poll_interval: bool,
    /// Method of the polls.
    pub method: client::PollMethod,
    /// Clients that write; `None` where nobody does.
    pub writers: Option<NonZeroU32>,
    /// Condition of their writes; `None` where nobody chose: `If-Match`.
    pub write_condition: Option<client::WriteCondition>,
    /// Keys that were given and have no field of their own in the record, with their values.
    pub settings: BTreeMap<String, String>,
}

impl Setup {
    /// Polls each client makes; a fraction where a total does not divide evenly.
    pub fn polls_per_client(&self) -> f64 {
        self.polls.get() as f64 / f64::from(self.clients.get())
    }

    /// True if clients, or a cache before them, look at a clock: in lock-step and shuffled cadences
    /// one of their own.
    pub fn has_clock(&self) -> bool {
        self.caching.honour_freshness || self.obey_poll_interval || self.cache.behaviour.is_some()
    }

    /// Polls that every client makes; one client may make one more.
    pub fn full_rounds(&self) -> u64 {
        self.polls.get() / u64::from(self.clients.get())
    }

    /// The writers, of contents of this size.
    pub fn writing(&self, content_bytes: u64) -> Option<Writing> {
        let condition = self.write_condition.unwrap_or_default();
        self.writers.map(|writers| Writing { writers: writers.get(), condition, content_bytes })
    }

    /// The load that clients put on what answers them, without its writers.
    pub fn load(&self) -> Load {
        Load {
            rounds: Rounds { clients: self.clients.get(), polls: self.polls.get() },
            share: Share::ALL,
            cadence: self.cadence,
            seed: self.seed,
            connections: self.connections.get(),
            timeout: self.timeout,
            identify_clients: false,
            capture: None,
            method: self.method,
            caching: self.caching,
            on_error: self.on_error.unwrap_or_default(),
            obey_poll_interval: self.obey_poll_interval,
            writing: None,
            log_changes: false,
        }
    }
}

/// A description that rules about several keys still have to finish.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) name: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) headline: Vec<String>,
    pub(crate) lesson: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) resource: Resource,
    pub(crate) command: Option<Program>,
    pub(crate) setup: Setup,
    pub(crate) plane: ControlPlane,
    /// Time between two polls of a client, which counts in an open loop and where clients look at
    /// a clock.
    pub(crate) interval: Duration,
    pub(crate) interrupt_at: Option<f64>,
    pub(crate) if_range: Option<IfRange>,
}

impl Draft {
    /// A draft before any key has entered it; keys with a default replace what stands here.
    pub(crate) fn new() -> Self {
        // Only what has no default in the list of keys survives from here.
        let one = NonZeroU32::MIN;
        Self {
            name: None,
            summary: None,
            headline: Vec::new(),
            lesson: None,
            source: None,
            resource: Resource {
                content: Content::Generated { size_bytes: one },
                path: String::new(),
                content_type: String::new(),
                cache_control: None,
                codings: Vec::new(),
                last_modified: true,
            },
            command: None,
            setup: Setup {
                replicas: one,
                histories: Vec::new(),
                deploy_drift: Duration::ZERO,
                policy: &balancer::catalogue::POLICIES[0],
                edge: balancer::catalogue::no_edge(),
                cache: cache::catalogue::no_cache(),
                fields: client::ClientFields::default(),
                clients: one,
                polls: NonZeroU64::MIN,
                cadence: Cadence::Lockstep,
                seed: 0,
                connections: one,
                timeout: Duration::ZERO,
                caching: Caching::default(),
                sharing: Sharing::default(),
                events: Vec::new(),
                on_error: None,
                obey_poll_interval: false,
                method: client::PollMethod::Get,
                writers: None,
                write_condition: None,
                settings: std::collections::BTreeMap::new(),
            },
            plane: ControlPlane::default(),
            interval: Duration::ZERO,
            interrupt_at: None,
            if_range: None,
        }
    }
}
