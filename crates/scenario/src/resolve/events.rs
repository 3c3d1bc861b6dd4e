//! Rules about events: what can happen to whom, and in which arms.

use std::num::NonZeroU32;

use super::{Resolver, element_path};
use crate::diagnostic::{Result, shown};
use crate::layer::KeyPath;
use crate::sharing::poll_interval;
use crate::{Arm, Cadence, Event, EventKind, Replica, shares_tags};
use text::secret::masked_url;
use text::suggestion;

use EventKind::{
    Edge, HoldCreation, Kill, Pace, Reconnect, Restart, Resume, SourceDown, SourceUp, StoreDown,
    StoreUp,
};

const OF_SHARING: [EventKind; 5] = [StoreDown, StoreUp, Pace, Resume, HoldCreation];

const KINDS_IN_ARMS: &str = "kind = \"edge\", \"store-down\", \"store-up\", \"pace\", \"resume\" or \
                             \"hold-creation\"";

/// Keys that mean nothing where no arm has shared tags.
const STORE_KEYS: [&str; 5] = ["store", "store-ttl", "store-lease", "store-protocol", "invalidate"];

impl Resolver<'_> {
    /// Events in the order in which they happen; each arm gets those that happen in it.
    pub(super) fn events(&mut self, arms: &mut [Arm]) -> Result<Vec<Event>> {
        let events = (0..self.layers.length("event")).map(|index| self.event(index, arms));
        let mut events = events.collect::<Result<Vec<_>>>()?;
        // Of one poll, what is shared comes last: a replica that is started then knows of it.
        events.sort_by_key(|event| {
            (event.at_poll, OF_SHARING.contains(&event.kind), event.kind == Edge)
        });
        for arm in arms {
            let has_store = shares_tags(arm);
            let happens =
                |event: &&Event| event.is_in(arm) && (has_store || !event.is_about_store());
            arm.setup.events = events.iter().filter(happens).cloned().collect();
        }
        Ok(events)
    }

    fn event(&mut self, index: usize, arms: &[Arm]) -> Result<Event> {
        let path = element_path("event", index, "kind");
        let Some(kind) = self.text("event", index, "kind")? else {
            let error = self.error(&path[..2], "an event needs a `kind`", "what happens?");
            return Err(Box::new(error.help(
                "kind = \"kill\", \"restart\", \"reconnect\", \"edge\", \"store-down\", \
                 \"store-up\", \"pace\", \"resume\", \"hold-creation\", \"source-down\" or \
                 \"source-up\"",
            )));
        };
        let kind = serde_json::from_value(kind.into()).expect("the choices are those of a record");
        self.check_event_keys(index, kind)?;
        let mut event = Event::new(0, kind);
        event.arm = self.event_arm(index, arms)?;
        self.check_victim(&path, &event, arms)?;
        // The first creation comes with the first poll of all, and is to be held as well.
        let at_poll = self.element("event", index, "at-poll")?.map(|given| given.integer());
        let is_first = kind == HoldCreation && at_poll == Some(1);
        event.at_poll = if is_first { 1 } else { self.at_poll("event", index, arms)? };
        event.replica = self.event_replica(index, kind, arms)?;
        let edge = self.element("event", index, "edge")?;
        if kind == Edge && edge.is_none() {
            let error = self.error(&path[..2], "this event needs an `edge`", "which one?");
            return Err(Box::new(error.help("edge = \"gzip-suffix\" (`etag-lab list edges`)")));
        }
        event.edge = edge.map(|edge| edge.entry(balancer::catalogue::find_edge));
        let pace = self.element("event", index, "poll-interval")?;
        event.pace = pace.map(|pace| poll_interval(&pace)).transpose()?;
        Ok(event)
    }

    /// Refuses keys that have no meaning for an event of this kind.
    fn check_event_keys(&self, index: usize, kind: EventKind) -> Result<()> {
        let is_in_arms = kind == Edge || OF_SHARING.contains(&kind);
        let keys = [
            ("edge", kind == Edge, "kind = \"edge\""),
            ("poll-interval", kind == Pace, "kind = \"pace\""),
            ("arm", is_in_arms, KINDS_IN_ARMS),
        ];
        for (key, _, help) in keys.into_iter().filter(|(_, has_meaning, _)| !has_meaning) {
            if let Some(given) = self.element("event", index, key)? {
                let title = format!("`{key}` has no meaning for an event of this kind");
                let error = given.error(title, "belongs to another kind of event");
                return Err(Box::new(error.help(help)));
            }
        }
        Ok(())
    }

    fn event_arm(&self, index: usize, arms: &[Arm]) -> Result<Option<String>> {
        let Some(given) = self.element("event", index, "arm")? else { return Ok(None) };
        let name = given.text();
        if arms.iter().any(|arm| arm.name == name) {
            return Ok(Some(name.to_owned()));
        }
        let names: Vec<_> = arms.iter().map(|arm| arm.name.as_str()).collect();
        let title = format!("there is no arm `{}`", shown(name));
        let error = given.error(title, "not an arm of this scenario");
        Err(Box::new(error.help(suggestion(name, &names))))
    }

    /// Refuses an event where nothing is there to which it could happen.
    fn check_victim(&self, path: &KeyPath, event: &Event, arms: &[Arm]) -> Result<()> {
        let of_event = arms.iter().filter(|arm| event.is_in(arm));
        let sharing: Vec<_> = of_event.filter(|arm| shares_tags(arm)).collect();
        let is_ours = |arm: &Arm| matches!(arm.replica, Replica::Strategy(_));
        let (title, label, help) = match event.kind {
            StoreDown | StoreUp | HoldCreation if sharing.is_empty() => (
                "no arm has a store to which this could happen",
                "which one?",
                "strategy = \"shared-revision\" keeps its tags in a store",
            ),
            Pace if !arms.iter().any(is_ours) => (
                "nobody here sets a pace",
                "replicas of the lab do",
                "strategy = \"shared-revision\", or any other",
            ),
            HoldCreation => return sharing.iter().try_for_each(|arm| self.check_hold(path, arm)),
            StoreDown | StoreUp => return self.check_ours_to_kill(path),
            SourceDown | SourceUp => return self.check_source_event(path, arms),
            _ => return Ok(()),
        };
        Err(Box::new(self.error(path, title, label).help(help)))
    }

    // A creation is held until a request waits at every replica, and none is answered meanwhile:
    // with fewer polls in flight the run would wait for ever.
    fn check_hold(&self, path: &KeyPath, arm: &Arm) -> Result<()> {
        let (connections, replicas) = (arm.setup.connections.get(), arm.setup.replicas.get());
        let in_flight = match arm.setup.cadence {
            Cadence::Shuffled => client::pen::in_flight(connections as usize) as u32,
            Cadence::Lockstep | Cadence::OpenLoop { .. } => 0,
        };
        if in_flight >= replicas {
            return Ok(());
        }
        let title = format!("no {replicas} polls are sure to be in flight, one for each replica");
        let label = format!("the arm `{}` has {in_flight}", arm.name);
        let error = self.error(path, title, label);
        Err(Box::new(error.help("cadence = \"shuffled\", and more clients than replicas")))
    }

    fn check_ours_to_kill(&self, event: &KeyPath) -> Result<()> {
        // Others may depend on a store that the run did not start. One of SQLite dies by losing its
        // file, and a private Redis by a signal.
        let store = self.found("fleet", "store", None).map(|found| found.value.shown());
        let Some(store) = store.filter(|store| store.contains("://")) else { return Ok(()) };
        let label = format!("`{}` is somebody's", shown(&masked_url(&store)));
        let error = self.error(&["fleet", "store"], "this scenario kills its store", label);
        Err(Box::new(error.related(self.layers.exact(event), "here").help(
            "store = \"redis\" (--real) starts one for the run, which may be killed, and \"sqlite\" \
             needs none",
        )))
    }

    fn event_replica(
        &self,
        index: usize,
        kind: EventKind,
        arms: &[Arm],
    ) -> Result<Option<NonZeroU32>> {
        let Some(given) = self.element("event", index, "replica")? else { return Ok(None) };
        let (title, label, help) = match kind {
            Kill | Restart => {
                let smallest = arms.iter().min_by_key(|arm| arm.setup.replicas);
                let (arm, fleet) =
                    smallest.map_or(("", 0), |arm| (arm.name.as_str(), arm.setup.replicas.get()));
                let number = u32::try_from(given.integer()).ok().filter(|&number| number <= fleet);
                if let Some(replica) = number.and_then(NonZeroU32::new) {
                    return Ok(Some(replica));
                }
                let title = format!("there is no replica {}", given.integer());
                let label = format!("the arm `{arm}` has {fleet}, counted from 1");
                let error = given.error(title, label);
                let error = error.related(self.layers.exact(&["fleet", "replicas"]), "the fleet");
                let help = format!("replica = 1 to {fleet}, or leave it out for all");
                return Err(Box::new(error.help(help)));
            }
            Edge => {
                ("an edge has no replica", "it is in front of all of them", "leave `replica` out")
            }
            Reconnect => (
                "`replica` has no meaning when clients reconnect",
                "",
                "leave it out: all clients drop their connections",
            ),
            SourceDown | SourceUp => {
                ("`replica` has no meaning for the source", "", "leave it out: there is one source")
            }
            StoreDown | StoreUp | Pace | Resume | HoldCreation => (
                "`replica` has no meaning for what all replicas share",
                "belongs to another kind of event",
                "leave it out: it concerns them all",
            ),
        };
        Err(Box::new(given.error(title, label).help(help)))
    }

    /// Refuses keys about a store of tags where no arm has one.
    pub(super) fn check_sharing_keys(&self, arms: &[Arm]) -> Result<()> {
        let given = STORE_KEYS.iter().find(|key| self.layers.rank(&["fleet", key]).is_some());
        let Some(key) = given.filter(|_| !arms.iter().any(shares_tags)) else { return Ok(()) };
        let title = format!("`{key}` has no meaning where no arm shares its tags");
        let error = self.error(&["fleet", key], title, "no tag is kept in a store");
        let help = "strategy = \"shared-revision\" does (`etag-lab list strategies`)";
        Err(Box::new(error.help(help)))
    }
}

impl Event {
    fn is_in(&self, arm: &Arm) -> bool {
        self.arm.as_ref().is_none_or(|name| *name == arm.name)
    }
}
