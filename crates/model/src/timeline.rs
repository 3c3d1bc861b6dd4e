//! The things that happen in one arm, by the round of polls that they come before.
//!
//! Steps that concern clients and balancer are the same in every arm. A tier adds steps of its own,
//! which no other kind of tier can take.
//!
//! Where tags are shared, a change has two steps, content and tag, with `window` polls between
//! them; `invalidate` decides which comes first, or that the second never comes. In lock-step each
//! race of them has the same counts in every run, whatever the store.

use std::collections::BTreeMap;

use balancer::{EdgeEntry, PolicyEntry};
use scenario::{
    Arm, Change, Event, EventKind, Invalidate, PollInterval, Scenario, Setup, TagProtocol,
    shares_tags,
};
use strategies::Entry;

/// One thing that happens; `S` holds the steps of one kind of tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<S> {
    /// All clients drop their connections.
    Reconnect,
    /// Clients that a server has told to stop polling start again.
    Resume,
    /// The balancer gets another edge.
    Edge(&'static EdgeEntry),
    /// The server of this index is killed and stays away.
    Kill(usize),
    /// The server of this index is killed and started again.
    Restart(usize),
    /// The balancer picks by another policy.
    Policy(&'static PolicyEntry),
    /// So many clients poll, the first ones; the others rest.
    Clients(u32),
    /// Every replica has this edition now.
    Complete(u32),
    /// Something that can happen to one kind of tier only.
    Tier(S),
}

/// One thing that happens to a fleet; replicas are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetStep {
    /// A replica gets the content of this edition.
    Deploy {
        /// Counted from 0.
        replica: usize,
        /// Its number.
        edition: u32,
    },
    /// A writer of shared tags announces the change that makes this edition. Where it also commits,
    /// it does so at once, because its mark expires.
    Announce {
        /// Its number.
        edition: u32,
        /// True if it is committed at once.
        commits: bool,
    },
    /// The writer of this edition publishes a new shared tag.
    Publish(u32),
    /// The store of tags is killed.
    StoreDown,
    /// The store of tags comes back, empty.
    StoreUp,
    /// The next request at each replica that is about to create a tag waits for the others.
    HoldCreation,
    /// All replicas send another `Poll-Interval`; `None` sends none.
    Pace(Option<PollInterval>),
    /// A replica makes its tags in another way, or all and those that join later.
    Strategy {
        /// Counted from 0; `None` is every one.
        replica: Option<usize>,
        /// The new way.
        strategy: &'static Entry,
    },
    /// The fleet gets this size.
    Scale(usize),
}

/// One thing that happens to the source behind a control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceStep {
    /// It gets the routes of this edition.
    Change(u32),
    /// It is killed and stays away.
    Down,
    /// It is started again.
    Up,
}

/// Steps by round, counted from 0.
#[derive(Clone, Debug)]
pub struct Timeline<S>(BTreeMap<u32, Vec<Step<S>>>);

impl Timeline<FleetStep> {
    /// A change whose content and tag come one after the other. There is one content, in the
    /// database, so that it reaches all replicas at once.
    fn write(&mut self, change: &Change, edition: u32, arm: &Arm) {
        let (setup, sharing) = (&arm.setup, &arm.setup.sharing);
        let invalidate = change.invalidate.unwrap_or(sharing.invalidate);
        let commits = invalidate != Invalidate::BeforeCommit;
        if sharing.protocol == TagProtocol::Hardened {
            self.push(change.at_poll, Step::Tier(FleetStep::Announce { edition, commits }));
        }
        let later = change.at_poll.saturating_add(change.window);
        let (replicas, change) = (setup.replicas.get() as usize, &Change { lag: 0, ..*change });
        let publish = Step::Tier(FleetStep::Publish(edition));
        if commits {
            self.deploy(change, edition, change.at_poll, replicas);
        } else {
            self.push(change.at_poll, publish);
            self.deploy(change, edition, later, replicas);
        }
        if invalidate == Invalidate::AfterCommit {
            self.push(later, publish);
        }
    }

    /// A change of the content, replica by replica.
    fn deploy(&mut self, change: &Change, edition: u32, from_poll: u32, replicas: usize) {
        let at_poll = |replica| from_poll.saturating_add(change.lag.saturating_mul(replica as u32));
        for replica in 0..replicas {
            self.push(at_poll(replica), Step::Tier(FleetStep::Deploy { replica, edition }));
        }
        self.push(at_poll(replicas - 1), Step::Complete(edition));
    }
}

/// Something that can happen to one kind of tier only.
pub trait TierStep: Copy {
    /// The step of an event that not every kind of tier takes.
    fn of_event(event: &Event) -> Option<Self>;

    /// Adds the steps of a change to this edition in an arm.
    fn add_change(timeline: &mut Timeline<Self>, change: &Change, edition: u32, arm: &Arm);
}

impl TierStep for FleetStep {
    fn of_event(event: &Event) -> Option<Self> {
        match event.kind {
            EventKind::StoreDown => Some(Self::StoreDown),
            EventKind::StoreUp => Some(Self::StoreUp),
            EventKind::HoldCreation => Some(Self::HoldCreation),
            EventKind::Pace => Some(Self::Pace(event.pace)),
            EventKind::Scale => event.count.map(|replicas| Self::Scale(replicas.get() as usize)),
            EventKind::Strategy => event.strategy.map(|strategy| {
                let replica = event.replica.map(|replica| replica.get() as usize - 1);
                Self::Strategy { replica, strategy }
            }),
            // Replicas have no source behind them.
            _ => None,
        }
    }

    fn add_change(timeline: &mut Timeline<Self>, change: &Change, edition: u32, arm: &Arm) {
        if shares_tags(arm) {
            timeline.write(change, edition, arm);
        } else {
            let replicas = arm.setup.replicas.get() as usize;
            timeline.deploy(change, edition, change.at_poll, replicas);
        }
    }
}

impl TierStep for SourceStep {
    fn of_event(event: &Event) -> Option<Self> {
        match event.kind {
            EventKind::SourceDown => Some(Self::Down),
            EventKind::SourceUp => Some(Self::Up),
            // Proxies share no tags and set nobody's pace.
            _ => None,
        }
    }

    // There is one source: it has the change when the first replica would have it.
    fn add_change(timeline: &mut Timeline<Self>, change: &Change, edition: u32, _: &Arm) {
        timeline.push(change.at_poll, Step::Tier(Self::Change(edition)));
    }
}

impl<S: TierStep> Timeline<S> {
    /// The steps of an arm.
    pub fn of(scenario: &Scenario, arm: &Arm) -> Self {
        let mut timeline = Self::of_events(arm);
        for (edition, change) in (1..).zip(&scenario.changes) {
            S::add_change(&mut timeline, change, edition, &switched(arm, change.at_poll));
        }
        timeline
    }

    /// The steps of one event, all of which come at once.
    pub fn of_event(arm: &Arm, event: &Event) -> Vec<Step<S>> {
        let event = Event { at_poll: 1, ..event.clone() };
        let setup = Setup { events: vec![event], ..arm.setup.clone() };
        Self::of_events(&Arm { setup, ..arm.clone() }).all()
    }

    /// The steps of one change to this edition, all of which come at once.
    pub fn of_change(arm: &Arm, change: &Change, edition: u32) -> Vec<Step<S>> {
        let mut timeline = Self(BTreeMap::new());
        S::add_change(&mut timeline, &Change { at_poll: 1, ..*change }, edition, arm);
        timeline.all()
    }

    fn all(self) -> Vec<Step<S>> {
        self.0.into_values().flatten().collect()
    }

    /// The events of an arm, which come before the changes of their round.
    fn of_events(arm: &Arm) -> Self {
        let mut timeline = Self(BTreeMap::new());
        for event in &arm.setup.events {
            let servers = switched(arm, event.at_poll).setup.replicas.get() as usize;
            let named = event.replica.map(|replica| replica.get() as usize - 1);
            // An arm may have fewer servers than the scenario names.
            let affected = (0..servers).filter(|&server| named.is_none_or(|named| named == server));
            let steps: Vec<_> = match event.kind {
                EventKind::Kill => affected.map(Step::Kill).collect(),
                EventKind::Restart => affected.map(Step::Restart).collect(),
                EventKind::Reconnect => vec![Step::Reconnect],
                EventKind::Resume => vec![Step::Resume],
                EventKind::Edge => event.edge.map(Step::Edge).into_iter().collect(),
                EventKind::Policy => event.policy.map(Step::Policy).into_iter().collect(),
                EventKind::Clients => {
                    event.count.map(|count| Step::Clients(count.get())).into_iter().collect()
                }
                _ => S::of_event(event).map(Step::Tier).into_iter().collect(),
            };
            for step in steps {
                timeline.push(event.at_poll, step);
            }
        }
        timeline
    }

    fn push(&mut self, at_poll: u32, step: Step<S>) {
        self.0.entry(at_poll - 1).or_default().push(step);
    }

    /// Rounds before which something happens, ascending.
    pub fn rounds(&self) -> Vec<u32> {
        self.0.keys().copied().collect()
    }

    /// The steps before this round.
    pub fn steps(&self, round: u32) -> &[Step<S>] {
        self.0.get(&round).map_or(&[], Vec::as_slice)
    }
}

/// The arm as the events before this poll have left it: its size, and how its tags are made.
fn switched(arm: &Arm, at_poll: u32) -> Arm {
    let mut arm = arm.clone();
    let events = std::mem::take(&mut arm.setup.events);
    for event in events.iter().filter(|event| event.at_poll <= at_poll) {
        arm.switch(event);
    }
    arm
}
