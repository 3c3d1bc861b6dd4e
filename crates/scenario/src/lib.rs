//! The description of a run: a TOML file and flags become a [`Scenario`] that cannot be invalid.
//!
//! ```text
//! keys: one list of what may be said ─┬─► reader, --set, flags, schema, page, completions
//!                                     │
//! scenario.toml ┐                     ▼
//! --set KEY=VAL ┼─► Layers ─► Draft ─► rules ─► Scenario (arms, changes, expectations)
//! --clients 20  ┘  └ where each value was written, for diagnostics
//! ```
//!
//! Starts nothing and listens nowhere; reads the scenario and the resource file, no more.

#[macro_use]
mod choices;

pub mod expectation;
pub mod keys;

mod catalogue;
mod control_plane;
mod diagnostic;
mod files;
mod flags;
mod given;
mod layer;
mod load;
mod page;
mod reader;
mod record;
mod resolve;
mod resource;
mod schema;
mod session;
mod setup;
mod sharing;
mod source;
mod warnings;

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use balancer::EdgeEntry;

use crate::expectation::Expectation;
use layer::Layers;

pub use client::Cadence;
pub use measure::record::EventKindRecord as EventKind;

pub use catalogue::{BUILT_IN, BuiltIn, DEFAULT, TEMPLATE, find as find_built_in};
pub use control_plane::{ControlPlane, Granularity, Mode, RouteSource};
pub use diagnostic::{Diagnostic, Remark, Result, Severity, shown};
pub use flags::Flags;
pub use given::{parse_duration, parse_share};
pub use load::MOST_POLLS;
pub use page::page;
pub use resolve::default_histories;
pub use resource::{Content, Resource};
pub use schema::schema;
pub use session::Session;
pub use setup::Setup;
pub use sharing::{Invalidate, PollInterval, Sharing, TagProtocol, TagStore, shares_tags};
pub use source::{Place, Source};

/// A checked scenario: every number in range, every name known, every arm complete.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name; of the file where it gives none. Printable, one line.
    pub name: String,
    /// One sentence; empty when the file gives none.
    pub summary: String,
    /// Numbers that it is about, by their names in CSV files.
    pub headline: Vec<String>,
    /// Lesson in one sentence; empty when the file gives none, or when the command line gave the
    /// arms something else to show.
    pub lesson: String,
    /// True if the command line changed what the summary describes.
    pub is_changed: bool,
    /// Source of the case.
    pub source: Option<String>,
    /// Resource that the replicas serve.
    pub resource: Resource,
    /// Setup that arms share unless they differ on purpose.
    pub shared: Setup,
    /// Program to start as replica wherever an arm names neither strategy nor program.
    pub command: Option<Program>,
    /// Content changes in the order of their `at_poll`, no two before the same poll.
    pub changes: Vec<Change>,
    /// Events of all arms in the order of their `at_poll`.
    pub events: Vec<Event>,
    /// At least one; names are unique.
    pub arms: Vec<Arm>,
    /// Expectations of the run, `--fail-if` included.
    pub expectations: Vec<Expectation>,
    /// Expectations of a built-in scenario that are not checked, since the command line changed what
    /// they describe.
    pub set_aside: Vec<Expectation>,
    layers: Layers,
    notes: Vec<Diagnostic>,
}

/// One arm: the same load against one way of making tags.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Letters, digits, `-` and `_`; unique.
    pub name: String,
    /// Replica that answers.
    pub replica: Replica,
    /// Fleet, balancer and load.
    pub setup: Setup,
}

impl Arm {
    /// Lets an event change the setup: size, strategy of all replicas, policy, edge, number of clients.
    /// Events that happen to a replica or a store leave it as it is.
    pub fn switch(&mut self, event: &Event) {
        match (event.kind, event.count) {
            (EventKind::Scale, Some(replicas)) => *self = self.sized(replicas),
            (EventKind::Clients, Some(clients)) => self.setup.clients = clients,
            _ => {}
        }
        self.setup.policy = event.policy.unwrap_or(self.setup.policy);
        self.setup.edge = event.edge.unwrap_or(self.setup.edge);
        if let (None, Some(strategy), Replica::Strategy(own)) =
            (event.replica, event.strategy, &mut self.replica)
        {
            *own = strategy;
        }
    }

    /// The same with so many replicas.
    fn sized(&self, replicas: NonZeroU32) -> Self {
        let mut arm = self.clone();
        arm.setup.replicas = replicas;
        if arm.setup.histories.len() != replicas.get() as usize {
            arm.setup.histories = default_histories(replicas.get());
        }
        arm
    }
}

/// Replica that answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Replica {
    /// The lab's own replica with this strategy of the catalogue.
    Strategy(&'static strategies::Entry),
    /// A program of the user's.
    Command(Program),
    /// The proxies before a source of routes, or the source itself.
    ControlPlane(ControlPlane),
}

/// A program of the user's, started by the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Line for the shell.
    pub line: String,
    /// Folder of the scenario file that names it; `None` is the working directory.
    pub folder: Option<PathBuf>,
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
    /// Moment at which it replaces a shared tag; `None` is as the arm says.
    pub invalidate: Option<Invalidate>,
    /// Polls of each client between the commit and the new shared tag.
    pub window: u32,
}

impl Change {
    /// A change that reaches all replicas at once, and whose new tag comes as the arm has it.
    pub fn at_once(at_poll: u32, kind: ChangeKind) -> Self {
        Self { at_poll, kind, lag: 0, invalidate: None, window: 0 }
    }
}

choices! {
    /// To what the content changes.
    pub enum ChangeKind {
        Edit = "edit": "Content never seen before.",
        Revert = "revert": "Back to the content before the last change.",
        SameSecond = "same-second":
            "An edit whose files are dated in the same second as those before it.",
    }
}

/// Something that happens during the run: to replicas, to what is before or behind them, to what
/// they share, or to the clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Happens before this poll of each client, counted from 1; before the first one only a
    /// creation is held.
    pub at_poll: u32,
    /// Kind of event.
    pub kind: EventKind,
    /// To which replica, counted from 1; `None` is every one, or none where it happens to something
    /// else.
    pub replica: Option<NonZeroU32>,
    /// The balancer's new edge.
    pub edge: Option<&'static EdgeEntry>,
    /// The new `Poll-Interval`; `None` sends none.
    pub pace: Option<PollInterval>,
    /// The new way of making tags.
    pub strategy: Option<&'static strategies::Entry>,
    /// The balancer's new policy.
    pub policy: Option<&'static balancer::PolicyEntry>,
    /// The new number of replicas, or of clients that poll.
    pub count: Option<NonZeroU32>,
    /// In this arm alone; `None` is in every one.
    pub arm: Option<String>,
}

impl Event {
    /// An event of all arms and all replicas.
    pub fn new(at_poll: u32, kind: EventKind) -> Self {
        Self {
            at_poll,
            kind,
            replica: None,
            edge: None,
            pace: None,
            strategy: None,
            policy: None,
            count: None,
            arm: None,
        }
    }

    /// True if it happens to a store of tags, which not every strategy has.
    pub fn is_about_store(&self) -> bool {
        use EventKind::{HoldCreation, StoreDown, StoreUp};
        matches!(self.kind, StoreDown | StoreUp | HoldCreation)
    }
}

impl Scenario {
    /// Place of the value of this key, such as `["load", "clients"]`, or
    /// `["arm", "0", "policy"]`; the nearest table when the key has its default value.
    pub fn place_of(&self, path: &[&str]) -> Option<Place> {
        self.layers.place(path)
    }

    /// Names of the arms of a program of the user's about which the scenario expects nothing: what is
    /// found to be bad in them is no lesson.
    pub fn judged_arms(&self) -> Vec<&str> {
        let is_judged = |arm: &&Arm| {
            matches!(arm.replica, Replica::Command(_))
                && !self.expectations.iter().any(|expected| expected.is_about(&arm.name))
        };
        self.arms.iter().filter(is_judged).map(|arm| arm.name.as_str()).collect()
    }

    /// The same with so many clients in every arm, each of which polls as often: for a model, which has no
    /// limit to them.
    #[must_use]
    pub fn with_clients(mut self, clients: NonZeroU32) -> Self {
        let setups = self.arms.iter_mut().map(|arm| &mut arm.setup);
        for setup in setups.chain([&mut self.shared]) {
            let polls = u128::from(setup.polls.get()) * u128::from(clients.get());
            let polls = polls / u128::from(setup.clients.get());
            let polls = u64::try_from(polls).unwrap_or(u64::MAX);
            setup.polls = NonZeroU64::new(polls).unwrap_or(NonZeroU64::MIN);
            setup.clients = clients;
        }
        self
    }

    /// The same with an arm for each of its ways and each of these sizes of the fleet. What was expected of
    /// its own arms is set aside.
    #[must_use]
    pub fn with_fleets(mut self, sizes: &[NonZeroU32]) -> Self {
        let mut ways: Vec<Arm> = Vec::new();
        for arm in &self.arms {
            // Arms that differ in their size alone are one way.
            let way = Arm { name: String::new(), ..arm.sized(self.shared.replicas) };
            if !ways.iter().any(|known| Arm { name: String::new(), ..known.clone() } == way) {
                ways.push(Arm { name: arm.name.clone(), ..way });
            }
        }
        let named = |way: &Arm| match &way.replica {
            Replica::Strategy(strategy) => {
                let alike = ways.iter().filter(|other| other.replica == way.replica).count();
                if alike == 1 { strategy.name.to_owned() } else { way.name.clone() }
            }
            Replica::Command(_) | Replica::ControlPlane(_) => way.name.clone(),
        };
        let of_way = |way: &Arm| {
            let name = named(way);
            let of_size =
                move |size: &NonZeroU32| Arm { name: format!("{name}-{size}"), ..way.sized(*size) };
            sizes.iter().map(of_size).collect::<Vec<_>>()
        };
        self.arms = ways.iter().flat_map(of_way).collect();
        self.set_aside.append(&mut self.expectations);
        (self.is_changed, self.lesson) = (true, String::new());
        self
    }

    /// Warnings of what may mislead about a run of this scenario, most serious first.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        warnings::all(self).into_iter().chain(self.notes.iter().cloned()).collect()
    }
}
