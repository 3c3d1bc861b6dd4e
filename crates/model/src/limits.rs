//! The limits of the model: what decides about a run and is not in its scenario, by name.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use balancer::Situation;
use client::{Habit, PollMethod};
use scenario::{
    Arm, Cadence, Change, EventKind, Invalidate, Replica, Scenario, TagProtocol, TagStore,
    shares_tags,
};
use strategies::{Agreement, Deployed, Entry};
use thiserror::Error;

use crate::editions::Editions;

/// Something that an arm depends on and that the model does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotModelled {
    /// A program of the user's, which makes its own tags.
    #[error("its replicas are a program of yours, whose tags only a run can show")]
    Program,
    /// Replicas, a balancer or clients that become others.
    #[error("its fleet, balancer or clients become others in the middle")]
    Switch,
    /// A source of routes with its proxies.
    #[error("its control plane polls a source in real time")]
    ControlPlane,
    /// A server that keeps the tags.
    #[error("its tags are kept by a server, `{0}`, which only a run can ask")]
    Store(String),
    /// A store that is killed.
    #[error("the store of its tags is killed, and how long each replica avoids it is real time")]
    StoreDies,
    /// Tags that expire.
    #[error("its tags expire in real time (`store-ttl`)")]
    Expiry,
    /// Requests that race for a tag.
    #[error("several requests create its first tag at the same time")]
    CreationRace,
    /// Steps of a change between polls that are under way.
    #[error("content and tag change one after the other while polls are in flight")]
    ChangeRace,
    /// An open loop whose clients look at a clock.
    #[error("its clients heed freshness or pace by the real clock of an open loop")]
    Clock,
    /// A cache between clients and balancer.
    #[error("a shared cache stands between its clients and the balancer")]
    Cache,
    /// Tags that no request meets again.
    #[error("its tags are made of the time of rendering, another one for each response")]
    Moment,
    /// Two reasons not to poll.
    #[error("its clients heed both freshness and `Poll-Interval`")]
    TwoWaits,
    /// Downloads that are cut behind a policy that looks at exchanges under way.
    #[error("its policy looks at exchanges under way, and when a cut one ends is a race")]
    CutRace,
    /// Clients that may all differ, and for which there is no room.
    #[error("its {0} clients may all differ, which is more than there is room for")]
    TooMany(u32),
    /// Clients that ask by HEAD first.
    #[error("its clients ask by HEAD (`method`), and the model answers GET alone")]
    Head,
    /// Clients that do with validators and contents what the standard does not say.
    #[error("its clients have a habit of their own (`client`), which only a run can show")]
    Habit,
    /// Clients that are scripts of pages.
    #[error("its clients are scripts of pages (`origin`), which only a run can show")]
    Scripts,
    /// Clients that write.
    #[error(
        "its clients write (`writers`), and which of two writes comes first only a run can show"
    )]
    Writers,
    /// A date that a server would replace by its own time.
    #[error("its clients go by dates, and the content has one in the future")]
    Future,
}

/// Checks that nothing decides about this arm but its scenario; `now` is the time on the clock of the
/// servers.
pub(crate) fn check(
    scenario: &Scenario,
    arm: &Arm,
    editions: &Editions,
    now: SystemTime,
) -> Result<&'static Entry, NotModelled> {
    let strategy = match &arm.replica {
        Replica::Strategy(strategy) => *strategy,
        Replica::Command(_) => return Err(NotModelled::Program),
        Replica::ControlPlane(_) => return Err(NotModelled::ControlPlane),
    };
    if strategy.reads.moment {
        return Err(NotModelled::Moment);
    }
    let setup = &arm.setup;
    if setup.cache.behaviour.is_some() {
        return Err(NotModelled::Cache);
    }
    if setup.caching.habit != Habit::Cache {
        return Err(NotModelled::Habit);
    }
    if !setup.fields.origin.is_empty() {
        return Err(NotModelled::Scripts);
    }
    if setup.method == PollMethod::Head {
        return Err(NotModelled::Head);
    }
    if setup.writers.is_some() {
        return Err(NotModelled::Writers);
    }
    let is_switch = |kind| {
        matches!(
            kind,
            EventKind::Strategy | EventKind::Policy | EventKind::Scale | EventKind::Clients
        )
    };
    if setup.events.iter().any(|event| is_switch(event.kind)) {
        return Err(NotModelled::Switch);
    }
    let last = editions.modified(
        scenario.changes.len() as u32,
        setup.replicas.get() as usize - 1,
        setup.deploy_drift,
    );
    let stamped = match strategy.deployed {
        Deployed::StampedWith(second) => UNIX_EPOCH + Duration::from_secs(second),
        Deployed::AsGiven | Deployed::NamingReplica => last,
    };
    if setup.caching.validate.by_date() && last.max(stamped) > now {
        return Err(NotModelled::Future);
    }
    let (fresh, paced) = (setup.caching.honour_freshness, setup.obey_poll_interval);
    if fresh && paced {
        return Err(NotModelled::TwoWaits);
    }
    let open_loop = matches!(setup.cadence, Cadence::OpenLoop { .. });
    // A response without a lifetime never waits, whatever the clock shows.
    let lives = scenario.resource.cache_control.as_deref().is_some_and(names_lifetime);
    if open_loop && (paced || fresh && lives) {
        return Err(NotModelled::Clock);
    }
    if setup.caching.interruption.is_some() && heeds_load(setup.policy) {
        return Err(NotModelled::CutRace);
    }
    if shares_tags(arm) {
        check_sharing(scenario, arm)?;
    }
    Ok(strategy)
}

fn check_sharing(scenario: &Scenario, arm: &Arm) -> Result<(), NotModelled> {
    let (setup, sharing) = (&arm.setup, &arm.setup.sharing);
    if sharing.store != TagStore::Sqlite {
        return Err(NotModelled::Store(sharing.store.shown()));
    }
    let happens = |kind| setup.events.iter().any(|event| event.kind == kind);
    if happens(EventKind::StoreDown) || happens(EventKind::StoreUp) {
        return Err(NotModelled::StoreDies);
    }
    if sharing.ttl.is_some() || sharing.lease.is_some_and(|lease| lease < SHORTEST_LEASE) {
        return Err(NotModelled::Expiry);
    }
    let in_step = setup.cadence == Cadence::Lockstep;
    // Of replicas that create the first tag at once, each has its own as published.
    let races = !in_step && sharing.protocol == TagProtocol::AsPublished;
    if happens(EventKind::HoldCreation) || races {
        return Err(NotModelled::CreationRace);
    }
    let late = |change: &Change| {
        change.window > 0
            || change.invalidate.unwrap_or(sharing.invalidate) != Invalidate::AfterCommit
    };
    let in_flight = matches!(setup.cadence, Cadence::OpenLoop { .. });
    if in_flight && scenario.changes.iter().any(late) {
        return Err(NotModelled::ChangeRace);
    }
    Ok(())
}

/// Shortest life of a writer's mark that outlasts the polls of a usual run.
const SHORTEST_LEASE: Duration = Duration::from_secs(5);

fn names_lifetime(cache_control: &str) -> bool {
    cache_control.to_ascii_lowercase().contains("max-age")
}

/// True if a policy looks at the exchanges under way.
fn heeds_load(entry: &balancer::PolicyEntry) -> bool {
    let pick = |in_flight: &[u32]| {
        let situation = Situation { in_flight, available: &[true; 2], client: 0, connection: 0 };
        (entry.make)(0).pick(&situation)
    };
    pick(&[1, 0]) != pick(&[0, 1])
}

/// True if two processes may agree about a content by chance, as they do about the order of a map with
/// few members.
pub(crate) fn is_seeded(strategy: &Entry) -> bool {
    strategy.agreement == Agreement::SameProcess && strategy.reads.content
}
