//! What to run: a TOML file and flags become a [`Scenario`] that cannot be invalid.
//!
//! ```text
//! scenario.toml ┐
//! --set KEY=VAL ┼─► Layer ─► ScenarioFile ─► resolve ─► Scenario (arms, changes, expectations)
//! --clients 20  ┘     └ where each value was written, for diagnostics
//! ```
//!
//! Starts nothing and listens nowhere; reads the scenario and the resource file, no more.

pub mod expectation;

mod catalogue;
mod control_plane;
mod diagnostic;
mod explain;
mod file;
mod histories;
mod layer;
mod load;
mod overrides;
mod record;
mod resolve;
mod schema;
mod sharing;
mod source;
mod tag_store;
mod warnings;

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use balancer::EdgeEntry;
use origin::Coding;

use crate::expectation::Expectation;
use layer::Layers;

pub use client::Cadence;

pub use catalogue::{BUILT_IN, BuiltIn, DEFAULT, find as find_built_in};
pub use control_plane::{ControlPlane, Granularity, Mode, RouteSource};
pub use diagnostic::{Diagnostic, Remark, Result, Severity, shown};
pub use file::ScenarioFile;
pub use histories::default_histories;
pub use overrides::Overrides;
pub use record::caching_record;
pub use resolve::parse_duration;
pub use schema::schema;
pub(crate) use text::suggestion;

pub use sharing::shares_tags;
pub use sharing::{Invalidate, PollInterval, Sharing, SharingEvent, SharingEventKind, TagProtocol};
pub use source::{Place, Source};
pub use tag_store::TagStore;

/// The names that a scenario may use; from the catalogues of strategies and policies.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// Tag strategies.
    pub strategies: &'a [&'a str],
    /// Balancing policies.
    pub policies: &'a [&'a str],
}

impl Names<'static> {
    /// The names in the catalogues of this program.
    pub fn of_catalogues() -> Self {
        static STRATEGIES: LazyLock<Vec<&str>> = LazyLock::new(|| strategies::names().collect());
        static POLICIES: LazyLock<Vec<&str>> =
            LazyLock::new(|| balancer::catalogue::names().collect());
        Self { strategies: &STRATEGIES, policies: &POLICIES }
    }
}

/// A checked scenario: every number in range, every name known, every arm complete.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name; of the file where it gives none. Printable, one line.
    pub name: String,
    /// One sentence; empty when the file gives none.
    pub summary: String,
    /// Where the case comes from.
    pub source: Option<String>,
    /// What the replicas serve.
    pub resource: Resource,
    /// What arms share unless they differ on purpose.
    pub shared: Setup,
    /// Program to start as replica wherever an arm names neither strategy nor program.
    pub command: Option<String>,
    /// Seed of every random choice.
    pub seed: u64,
    /// Time limit of one poll.
    pub timeout: Duration,
    /// Content changes in the order of their `at_poll`, no two before the same poll.
    pub changes: Vec<Change>,
    /// Replica events in the order of their `at_poll`.
    pub events: Vec<Event>,
    /// Changes of the balancer's edge in the order of their `at_poll`.
    pub edge_switches: Vec<EdgeSwitch>,
    /// What happens to what replicas share, and to the pace of polling, likewise.
    pub sharing_events: Vec<SharingEvent>,
    /// At least one; names are unique.
    pub arms: Vec<Arm>,
    /// What the run must show, `--fail-if` included.
    pub expectations: Vec<Expectation>,
    layers: Layers,
    notes: Vec<Diagnostic>,
}

/// The one resource that every replica serves.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Where the content comes from.
    pub content: Content,
    /// Path that the clients poll, with its query if it has one.
    pub path: String,
    /// Field value of `Content-Type`.
    pub content_type: String,
    /// Field value of `Cache-Control`; `None` sends none.
    pub cache_control: Option<String>,
    /// Content codings that the lab's replicas offer, the preferred one first.
    pub codings: Vec<Coding>,
    /// Whether they send `Last-Modified`, and heed dates in conditions.
    pub last_modified: bool,
}

impl Resource {
    /// Size of the content.
    pub fn size_bytes(&self) -> u64 {
        match &self.content {
            Content::Generated { size_bytes } => size_bytes.get().into(),
            Content::File { bytes, .. } => bytes.len() as u64,
        }
    }
}

/// Where the content comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Made by the lab.
    Generated {
        /// Exactly this long, at most 64 MiB.
        size_bytes: NonZeroU32,
    },
    /// Read when the scenario was, so that a later edit cannot mix two contents in one run.
    File {
        /// As it was found.
        path: PathBuf,
        /// 1 byte to 64 MiB.
        bytes: Arc<[u8]>,
    },
}

/// Fleet, balancer and load of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Size of the fleet, at most 512.
    pub replicas: NonZeroU32,
    /// Changes each replica had seen before the run; as many as replicas.
    pub histories: Vec<u64>,
    /// How much later than its predecessor each replica got its copy.
    pub deploy_drift: Duration,
    /// Name in the catalogue of balancing policies.
    pub policy: String,
    /// What the balancer does to responses when the arm begins.
    pub edge: &'static EdgeEntry,
    /// What it does from this poll of each client on, counted from 1; ascending.
    pub edge_switches: Vec<(NonZeroU32, &'static EdgeEntry)>,
    /// `Accept-Encoding` of the clients, in turn; empty when they send none.
    pub accept_encoding: Vec<String>,
    /// Logical clients, at most 1,000,000.
    pub clients: NonZeroU32,
    /// Polls of all clients together, at most 1,000,000,000.
    pub polls: NonZeroU64,
    /// Load shape.
    pub cadence: Cadence,
    /// Connections the clients share, at most one for each.
    pub connections: NonZeroU32,
    /// What clients do with what they have stored.
    pub caching: client::Caching,
    /// What the replicas have in common.
    pub sharing: Sharing,
    /// What happens to that, in the order of the polls.
    pub sharing_events: Vec<SharingEvent>,
    /// What they do with it when a poll fails; `None` where nobody asked: they keep it.
    pub on_error: Option<client::OnError>,
    /// Whether they poll no sooner than `Poll-Interval` allows.
    pub obey_poll_interval: bool,
}

impl Setup {
    /// Polls each client makes; a fraction where a total does not divide evenly.
    pub fn polls_per_client(&self) -> f64 {
        self.polls.get() as f64 / f64::from(self.clients.get())
    }

    /// Whether clients look at a clock: in lock-step and shuffled cadences one of their own.
    pub fn has_clock(&self) -> bool {
        self.caching.honour_freshness || self.obey_poll_interval
    }

    /// Polls that every client makes; one client may make one more.
    pub fn full_rounds(&self) -> u64 {
        self.polls.get() / u64::from(self.clients.get())
    }
}

/// One arm: the same load against one way of making tags.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Letters, digits, `-` and `_`; unique.
    pub name: String,
    /// Who answers.
    pub replica: Replica,
    /// Fleet, balancer and load.
    pub setup: Setup,
}

/// Who answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Replica {
    /// The lab's own replica with this strategy of the catalogue.
    Strategy(String),
    /// A program of the user's.
    Command(String),
    /// The proxies before a source of routes, or the source itself.
    ControlPlane(ControlPlane),
}

/// A change of the content during the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Happens before this poll of each client, counted from 1; at least 2.
    pub at_poll: u32,
    /// To what.
    pub kind: ChangeKind,
    /// Polls of each client between one replica and the next; 0 is all at once. A rollout may
    /// outlast the run: the later replicas then keep the old content.
    pub lag: u32,
    /// When it makes a shared tag another one; `None` is as the arm says.
    pub invalidate: Option<Invalidate>,
    /// Where tags are shared: polls of each client between the commit and the new tag.
    pub window: u32,
}

impl Change {
    /// A change that reaches all replicas at once, and whose new tag comes as the arm has it.
    pub fn at_once(at_poll: u32, kind: ChangeKind) -> Self {
        Self { at_poll, kind, lag: 0, invalidate: None, window: 0 }
    }
}

/// To what the content changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Content never seen before.
    Edit,
    /// Back to the content before the last change.
    Revert,
    /// An edit whose files are dated in the same second as those before it.
    SameSecond,
}

/// Something that happens to replicas during the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Happens before this poll of each client, counted from 1; at least 2.
    pub at_poll: u32,
    /// What happens.
    pub kind: EventKind,
    /// To which replica, counted from 1; `None` is every one, or none where clients reconnect.
    pub replica: Option<NonZeroU32>,
}

/// What happens to a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Killed, and it stays away.
    Kill,
    /// Killed and started again.
    Restart,
    /// Not to a replica at all: all clients drop their connections.
    Reconnect,
    /// Not to a proxy, but to the source behind them: killed, and it stays away.
    SourceDown,
    /// The source is started again.
    SourceUp,
}

/// Another edge takes the place of the balancer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeSwitch {
    /// Happens before this poll of each client, counted from 1; at least 2.
    pub at_poll: u32,
    /// The new one.
    pub edge: &'static EdgeEntry,
    /// In this arm alone; `None` is in every one.
    pub arm: Option<String>,
}

impl Scenario {
    /// Where the value of this key was written, such as `["load", "clients"]`, or
    /// `["arm", "0", "policy"]`; the nearest table when the key has its default value.
    pub fn place_of(&self, path: &[&str]) -> Option<Place> {
        self.layers.place(path)
    }

    /// What may mislead about a run of this scenario, most serious first.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        warnings::all(self).into_iter().chain(self.notes.iter().cloned()).collect()
    }
}
