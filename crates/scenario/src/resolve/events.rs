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
    Clients, Edge, HoldCreation, Kill, Pace, Policy, Reconnect, Restart, Resume, Scale, SourceDown,
    SourceUp, StoreDown, StoreUp, Strategy,
};

const OF_SHARING: [EventKind; 5] = [StoreDown, StoreUp, Pace, Resume, HoldCreation];

/// What the arms may differ in.
const OF_SETUP: [EventKind; 5] = [Edge, Strategy, Policy, Scale, Clients];

const KINDS_IN_ARMS: &str = "kind = \"edge\", \"strategy\", \"policy\", \"scale\", \"clients\", \
                             \"store-down\", \"store-up\", \"pace\", \"resume\" or \
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
                 \"store-up\", \"pace\", \"resume\", \"hold-creation\", \"strategy\", \
                 \"policy\", \"scale\", \"clients\", \"source-down\" or \"source-up\"",
            )));
        };
        let kind = serde_json::from_value(kind.into()).expect("the choices are those of a record");
        self.check_event_keys(index, kind)?;
        let mut event = Event::new(0, kind);
        event.arm = self.event_arm(index, arms)?;
        self.check_victim(&path, &event, arms)?;
        // The first creation comes with the first poll of all, and is to be held as well.
        let at_poll = self.element("event", index, "at-poll")?.map(|given| given.integer());
        let is_first = matches!(kind, HoldCreation | Clients) && at_poll == Some(1);
        event.at_poll = if is_first { 1 } else { self.at_poll("event", index, arms)? };
        event.replica = self.event_replica(index, kind, arms)?;
        self.check_is_complete(index, kind)?;
        let given = |key: &str| self.element("event", index, key);
        event.edge = given("edge")?.map(|edge| edge.entry(balancer::catalogue::find_edge));
        event.policy = given("policy")?.map(|policy| policy.entry(balancer::catalogue::find));
        event.strategy = given("strategy")?.map(|strategy| strategy.entry(strategies::find));
        event.count = self.event_count(index, kind, arms)?;
        let pace = self.element("event", index, "poll-interval")?;
        event.pace = pace.map(|pace| poll_interval(&pace)).transpose()?;
        Ok(event)
    }

    /// Refuses an event that lacks what it is about.
    fn check_is_complete(&self, index: usize, kind: EventKind) -> Result<()> {
        let (key, help) = match kind {
            Edge => ("edge", "edge = \"gzip-suffix\" (`etag-lab list edges`)"),
            Policy => ("policy", "policy = \"random\" (`etag-lab list policies`)"),
            Strategy => ("strategy", "strategy = \"content-hash\" (`etag-lab list strategies`)"),
            Scale => ("count", "count = 5, the number of replicas from now on"),
            Clients => ("count", "count = 5, the number of clients that poll from now on"),
            _ => return Ok(()),
        };
        if self.element("event", index, key)?.is_some() {
            return Ok(());
        }
        let path = element_path("event", index, "kind");
        let article = if key == "edge" { "an" } else { "a" };
        let title = format!("this event needs {article} `{key}`");
        Err(Box::new(self.error(&path[..2], title, "which one?").help(help)))
    }

    /// The number of replicas, or of clients, which are no more than the arms have.
    fn event_count(
        &self,
        index: usize,
        kind: EventKind,
        arms: &[Arm],
    ) -> Result<Option<NonZeroU32>> {
        let Some(given) = self.element("event", index, "count")? else { return Ok(None) };
        let clients = arms.iter().map(|arm| arm.setup.clients.get()).min().unwrap_or(1);
        let most = if kind == Scale { 512 } else { clients };
        let number = u32::try_from(given.integer()).ok().filter(|number| *number <= most);
        if let Some(number) = number.and_then(NonZeroU32::new) {
            return Ok(Some(number));
        }
        let title = format!("`count` is a number from 1 to {most}");
        let error = given.error(title, format!("this is {}", given.integer()));
        let help =
            "more clients than those of `[load]` never poll; a fleet has at most 512 replicas";
        Err(Box::new(error.help(help)))
    }

    /// Refuses keys that have no meaning for an event of this kind.
    fn check_event_keys(&self, index: usize, kind: EventKind) -> Result<()> {
        let is_in_arms = OF_SETUP.contains(&kind) || OF_SHARING.contains(&kind);
        let is_number = matches!(kind, Scale | Clients);
        let keys = [
            ("edge", kind == Edge, "kind = \"edge\""),
            ("strategy", kind == Strategy, "kind = \"strategy\""),
            ("policy", kind == Policy, "kind = \"policy\""),
            ("count", is_number, "kind = \"scale\" or kind = \"clients\""),
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
        let is_plane = |arm: &Arm| matches!(arm.replica, Replica::ControlPlane(_));
        let (title, label, help) = match event.kind {
            StoreDown | StoreUp | HoldCreation if sharing.is_empty() => (
                "no arm has a store to which this could happen",
                "which one?",
                "strategy = \"shared-revision\" keeps its tags in a store",
            ),
            Strategy if !arms.iter().any(is_ours) => (
                "nobody here has a strategy",
                "replicas of the lab do",
                "leave `command` out, and give the arms a `strategy`",
            ),
            Scale if arms.iter().any(is_plane) => (
                "a control plane cannot be scaled",
                "it has proxies, and as many as it began with",
                "proxies = 5 in `[control-plane]`",
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
            Kill | Restart | Strategy => {
                let smallest = arms.iter().min_by_key(|arm| arm.setup.replicas);
                let (arm, fleet) =
                    smallest.map_or(("", 0), |arm| (arm.name.as_str(), arm.setup.replicas.get()));
                let fleet = fleet.max(self.largest_scale());
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
            Policy | Scale | Clients => (
                "`replica` has no meaning for an event of this kind",
                "",
                "leave it out: it concerns all of them",
            ),
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

    /// The largest size that an event gives the fleet; 0 without one.
    fn largest_scale(&self) -> u32 {
        let count = |index| self.element("event", index, "count").ok().flatten();
        let is_scale = |index: &usize| {
            let kind = self.element("event", *index, "kind").ok().flatten();
            kind.is_some_and(|kind| kind.text() == "scale")
        };
        let counts = (0..self.layers.length("event")).filter(is_scale).filter_map(count);
        counts.filter_map(|count| u32::try_from(count.integer()).ok()).max().unwrap_or(0)
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
