//! Rules about what replicas share: a store of tags, a pace; and what happens to it.

use std::num::NonZeroU32;

use super::{Resolver, element_path};
use crate::diagnostic::{Diagnostic, Result, shown};
use crate::{
    Arm, Cadence, Replica, SharingEvent, SharingEventKind, TagStore, poll_interval, shares_tags,
};

/// Keys that mean nothing where no arm has shared tags.
const STORE_KEYS: [&str; 5] = ["store", "store-ttl", "store-lease", "store-protocol", "invalidate"];

impl Resolver<'_> {
    /// Events of what replicas share, in order.
    pub(super) fn sharing_events(&mut self, arms: &[Arm]) -> Result<Vec<SharingEvent>> {
        let mut events = Vec::new();
        for index in 0..self.layers.length("event") {
            if let Some(kind) = self.sharing_event_kind(index)? {
                events.push(self.sharing_event(index, kind, arms)?);
            }
        }
        events.sort_by_key(|event| event.at_poll);
        Ok(events)
    }

    /// `None` where it is something else that the event happens to.
    fn sharing_event_kind(&self, index: usize) -> Result<Option<SharingEventKind>> {
        let Some(name) = self.text("event", index, "kind")? else { return Ok(None) };
        let pace = self.element("event", index, "poll-interval")?;
        let pace = pace.filter(|_| name == "pace").map(|pace| poll_interval(&pace)).transpose()?;
        let kinds = [
            SharingEventKind::StoreDown,
            SharingEventKind::StoreUp,
            SharingEventKind::Pace(pace),
            SharingEventKind::Resume,
            SharingEventKind::HoldCreation,
        ];
        Ok(kinds.into_iter().find(|kind| kind.name() == name))
    }

    fn sharing_event(
        &mut self,
        index: usize,
        kind: SharingEventKind,
        arms: &[Arm],
    ) -> Result<SharingEvent> {
        self.check_event_keys(index)?;
        let arm = self.event_arm(index, arms)?;
        let in_it = |candidate: &&Arm| arm.as_ref().is_none_or(|name| *name == candidate.name);
        let of_arms: Vec<_> = arms.iter().filter(in_it).filter(|arm| shares_tags(arm)).collect();
        if kind.is_about_store() && of_arms.is_empty() {
            return Err(self.no_store_to_happen_to(index));
        }
        let has_replicas = |arm: &Arm| matches!(arm.replica, Replica::Strategy(_));
        if matches!(kind, SharingEventKind::Pace(_)) && !arms.iter().any(has_replicas) {
            let path = element_path("event", index, "kind");
            let error = self.error(&path, "nobody here sets a pace", "replicas of the lab do");
            return Err(Box::new(error.help("strategy = \"shared-revision\", or any other")));
        }
        if kind == SharingEventKind::HoldCreation {
            of_arms.iter().try_for_each(|arm| self.check_hold(index, arm))?;
        }
        if matches!(kind, SharingEventKind::StoreDown | SharingEventKind::StoreUp) {
            self.check_ours_to_kill(index)?;
        }
        // The first creation comes with the first poll of all, and is to be held as well.
        let at_poll = self.element("event", index, "at-poll")?.map(|given| given.integer());
        let first = kind == SharingEventKind::HoldCreation && at_poll == Some(1);
        let at_poll = if first { 1 } else { self.at_poll("event", index, arms)? };
        let at_poll = NonZeroU32::new(at_poll).expect("polls are counted from 1");
        Ok(SharingEvent { at_poll, kind, arm })
    }

    fn no_store_to_happen_to(&self, index: usize) -> Box<Diagnostic> {
        let path = element_path("event", index, "kind");
        let error =
            self.error(&path, "no arm has a store to which this could happen", "which one?");
        Box::new(error.help("strategy = \"shared-revision\" keeps its tags in a store"))
    }

    /// Every replica needs a request that waits, while none is answered.
    fn check_hold(&self, index: usize, arm: &Arm) -> Result<()> {
        let (connections, replicas) = (arm.setup.connections.get(), arm.setup.replicas.get());
        let in_flight = match arm.setup.cadence {
            Cadence::Shuffled => client::pen::in_flight(connections as usize) as u32,
            Cadence::Lockstep | Cadence::OpenLoop { .. } => 0,
        };
        if in_flight >= replicas {
            return Ok(());
        }
        let path = element_path("event", index, "kind");
        let title = format!("no {replicas} polls are sure to be in flight, one for each replica");
        let label = format!("the arm `{}` has {in_flight}", arm.name);
        let error = self.error(&path, title, label);
        Err(Box::new(error.help("cadence = \"shuffled\", and more clients than replicas")))
    }

    /// Refuses to kill an external store.
    fn check_ours_to_kill(&self, index: usize) -> Result<()> {
        let store = self.found("fleet", "store", None).map(|found| found.value.shown());
        let Some(store) = store.filter(|store| store.contains("://")) else { return Ok(()) };
        let path = ["fleet", "store"];
        let label = format!("`{}` is somebody's", shown(&TagStore::shown_url(&store)));
        let error = self.error(&path, "this scenario kills its store", label);
        let kills = self.layers.exact(&element_path("event", index, "kind"));
        Err(Box::new(error.related(kills, "here").help(
            "store = \"redis\" (--real) starts one for the run, which may be killed, and \"sqlite\" \
             needs none",
        )))
    }

    /// Keys of what no arm has.
    pub(super) fn check_sharing_keys(&self, arms: &[Arm]) -> Result<()> {
        let given = STORE_KEYS.iter().find(|key| self.layers.rank(&["fleet", key]).is_some());
        let Some(key) = given.filter(|_| !arms.iter().any(shares_tags)) else { return Ok(()) };
        let title = format!("`{key}` has no meaning where no arm shares its tags");
        let error = self.error(&["fleet", key], title, "no tag is kept in a store");
        Err(Box::new(
            error.help("strategy = \"shared-revision\" does (`etag-lab list strategies`)"),
        ))
    }
}

/// Gives each arm what happens in it.
pub(super) fn distribute(events: &[SharingEvent], arms: &mut [Arm]) {
    for arm in arms {
        let in_arm =
            |event: &&SharingEvent| event.arm.as_ref().is_none_or(|name| *name == arm.name);
        let has_store = shares_tags(arm);
        let happens = events.iter().filter(in_arm);
        let happens = happens.filter(|event| has_store || !event.kind.is_about_store());
        arm.setup.sharing_events = happens.cloned().collect();
    }
}
