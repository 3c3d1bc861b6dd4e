//! What replicas share: a database, a store of tags, a pace; and what happens to it.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::given::parse_duration;
use super::setup::{OfArm, nearest};
use super::{Given, Resolver};
use crate::diagnostic::{Diagnostic, Result, shown};
use crate::file::{EventFile, EventKindKey, InvalidateKey, StoreProtocolKey};
use crate::{
    Arm, Cadence, Invalidate, PollInterval, Replica, Sharing, SharingEvent, SharingEventKind,
    TagProtocol, TagStore, shares_tags,
};
use text::suggestion;

const LIFETIMES: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(365 * 86_400);
/// A client does not wait longer, and a shorter time could not be said in milliseconds.
const PACES: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(86_400);
/// The word for `-1`.
const STOP: &str = "stop";
/// Keys that mean nothing where no arm has shared tags.
const STORE_KEYS: [&str; 5] = ["store", "store-ttl", "store-lease", "store-protocol", "invalidate"];

impl Resolver<'_> {
    pub(super) fn sharing(&self, arm: OfArm<'_>) -> Result<Sharing> {
        let fleet = self.fleet();
        let database = nearest(arm, |arm| arm.database, fleet.database, "fleet", "database");
        let protocol =
            nearest(arm, |arm| arm.store_protocol, fleet.store_protocol, "fleet", "store-protocol");
        let invalidate =
            nearest(arm, |arm| arm.invalidate, fleet.invalidate, "fleet", "invalidate");
        let ttl = nearest(arm, |arm| arm.store_ttl.clone(), fleet.store_ttl, "fleet", "store-ttl");
        let lease = Given::of(fleet.store_lease, &["fleet", "store-lease"]);
        let pace = nearest(
            arm,
            |arm| arm.poll_interval.clone(),
            fleet.poll_interval,
            "fleet",
            "poll-interval",
        );
        Ok(Sharing {
            database: database.value.unwrap_or_default(),
            store: self.tag_store()?,
            ttl: self.lifetime(&ttl)?,
            lease: self.lifetime(&lease)?,
            protocol: protocol.value.map_or_else(TagProtocol::default, Into::into),
            invalidate: invalidate.value.map_or_else(Invalidate::default, Into::into),
            poll_interval: self.poll_interval(&pace)?,
        })
    }

    fn lifetime(&self, given: &Given<String>) -> Result<Option<Duration>> {
        given.value.as_ref().map(|_| self.duration(given, "", LIFETIMES)).transpose()
    }

    fn tag_store(&self) -> Result<TagStore> {
        let given = Given::of(self.fleet().store, &["fleet", "store"]);
        let Some(text) = &given.value else { return Ok(TagStore::default()) };
        TagStore::parse(text).ok_or_else(|| {
            let title = format!("unknown store `{}`", shown(&TagStore::shown_url(text)));
            let error = self.error(&given.path, title, "neither a name nor a URL of Redis");
            let error = error.help(suggestion(text, &TagStore::NAMES));
            Box::new(error.help("or the URL of a Redis that runs: redis://HOST:PORT"))
        })
    }

    fn poll_interval(&self, given: &Given<String>) -> Result<Option<PollInterval>> {
        let Some(text) = given.value.as_deref() else { return Ok(None) };
        if text == STOP {
            return Ok(Some(PollInterval::Stop));
        }
        let pace = parse_duration(text).filter(|pace| PACES.contains(pace));
        let whole = pace.filter(|pace| pace.subsec_nanos().is_multiple_of(1_000_000));
        whole.map(|pace| Some(PollInterval::Every(pace))).ok_or_else(|| {
            let title = "`poll-interval` is a time of whole milliseconds, at most a day, or `stop`";
            let error = self.error(&given.path, title, format!("this is `{}`", shown(text)));
            Box::new(
                error.help("poll-interval = \"5s\", or \"stop\", which clients are told as -1"),
            )
        })
    }

    /// What happens to what replicas share, in order.
    pub(super) fn sharing_events(&mut self, arms: &[Arm]) -> Result<Vec<SharingEvent>> {
        let files = self.file.event.clone().unwrap_or_default();
        let mut events = Vec::new();
        for (index, file) in files.iter().enumerate() {
            if let Some(kind) = self.sharing_event_kind(index, file)? {
                events.push(self.sharing_event(index, file, kind, arms)?);
            }
        }
        events.sort_by_key(|event| event.at_poll);
        Ok(events)
    }

    /// `None` where it is something else that the event happens to.
    fn sharing_event_kind(
        &self,
        index: usize,
        file: &EventFile,
    ) -> Result<Option<SharingEventKind>> {
        Ok(Some(match file.kind {
            Some(EventKindKey::StoreDown) => SharingEventKind::StoreDown,
            Some(EventKindKey::StoreUp) => SharingEventKind::StoreUp,
            Some(EventKindKey::Resume) => SharingEventKind::Resume,
            Some(EventKindKey::HoldCreation) => SharingEventKind::HoldCreation,
            Some(EventKindKey::Pace) => {
                let path = ["event", &index.to_string(), "poll-interval"];
                let given = Given::of(file.poll_interval.clone(), &path);
                SharingEventKind::Pace(self.poll_interval(&given)?)
            }
            _ => return Ok(None),
        }))
    }

    fn sharing_event(
        &mut self,
        index: usize,
        file: &EventFile,
        kind: SharingEventKind,
        arms: &[Arm],
    ) -> Result<SharingEvent> {
        self.check_event_keys(index, file)?;
        let arm = self.event_arm(index, file, arms)?;
        let in_it = |candidate: &&Arm| arm.as_ref().is_none_or(|name| *name == candidate.name);
        let of_arms: Vec<_> = arms.iter().filter(in_it).filter(|arm| shares_tags(arm)).collect();
        if kind.is_about_store() && of_arms.is_empty() {
            return Err(self.no_store_to_happen_to(index));
        }
        let has_replicas = |arm: &Arm| matches!(arm.replica, Replica::Strategy(_));
        if matches!(kind, SharingEventKind::Pace(_)) && !arms.iter().any(has_replicas) {
            let path = ["event", &index.to_string(), "kind"];
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
        let first = kind == SharingEventKind::HoldCreation && file.at_poll == Some(1);
        let at_poll = if first { 1 } else { self.at_poll("event", index, file.at_poll, arms)? };
        let at_poll = NonZeroU32::new(at_poll).expect("polls are counted from 1");
        Ok(SharingEvent { at_poll, kind, arm })
    }

    fn no_store_to_happen_to(&self, index: usize) -> Box<Diagnostic> {
        let path = ["event", &index.to_string(), "kind"];
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
        let path = ["event", &index.to_string(), "kind"];
        let title = format!("no {replicas} polls are sure to be in flight, one for each replica");
        let label = format!("the arm `{}` has {in_flight}", arm.name);
        let error = self.error(&path, title, label);
        Err(Box::new(error.help("cadence = \"shuffled\", and more clients than replicas")))
    }

    /// What somebody else runs is not ours to kill.
    fn check_ours_to_kill(&self, index: usize) -> Result<()> {
        let Some(store) = self.fleet().store.filter(|store| store.contains("://")) else {
            return Ok(());
        };
        let path = ["fleet", "store"];
        let label = format!("`{}` is somebody's", shown(&TagStore::shown_url(&store)));
        let error = self.error(&path, "this scenario kills its store", label);
        let kills = self.layers.exact(&["event", &index.to_string(), "kind"]);
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

impl From<StoreProtocolKey> for TagProtocol {
    fn from(key: StoreProtocolKey) -> Self {
        match key {
            StoreProtocolKey::AsPublished => Self::AsPublished,
            StoreProtocolKey::Hardened => Self::Hardened,
        }
    }
}

impl From<InvalidateKey> for Invalidate {
    fn from(key: InvalidateKey) -> Self {
        match key {
            InvalidateKey::AfterCommit => Self::AfterCommit,
            InvalidateKey::BeforeCommit => Self::BeforeCommit,
            InvalidateKey::Never => Self::Never,
        }
    }
}
