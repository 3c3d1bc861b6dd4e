//! `[control-plane]`: a source of routes and its proxies in the place of a fleet of replicas.
//!
//! Intervals are written as they are in production; a factor makes them pass faster here.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::setup::OfArm;
use super::{Given, Resolver};
use crate::control_plane::{ControlPlane, Granularity, Mode, RouteSource};
use crate::diagnostic::{Diagnostic, Result, shown};
use crate::file::{ArmFile, ControlPlaneFile, EventFile, GranularityKey, ModeKey, RolloutKey};
use crate::{Arm, Cadence, Change, Event, EventKind, Replica, Setup};
use text::suggestion;

const TABLE: &str = "control-plane";

const DEFAULT_PROXIES: i64 = 1;
const DEFAULT_ROUTES: i64 = 100;
const DEFAULT_ZONES: i64 = 4;
const DEFAULT_INTERVAL: &str = "3s";
const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(3_600);
const FACTORS: RangeInclusive<f64> = 1.0..=1_000.0;
/// Shortest interval of a client or a proxy once it is divided.
const SHORTEST: Duration = Duration::from_millis(1);

impl Resolver<'_> {
    /// The control plane of an arm, or of all; `None` where replicas serve.
    pub(super) fn control_plane(&self, arm: OfArm<'_>) -> Result<Option<ControlPlane>> {
        let own = arm.and_then(|(_, arm)| arm.control_plane.clone());
        if own.is_none() && self.file.control_plane.is_none() {
            return Ok(None);
        }
        let shared = self.file.control_plane.clone().unwrap_or_default();
        let keys = Keys { file: own.clone().unwrap_or_default().over(shared), own, arm };
        let mode = match keys.file.mode.unwrap_or(ModeKey::Exec) {
            ModeKey::Off => Mode::Off,
            ModeKey::Pre => Mode::Pre,
            ModeKey::Exec => Mode::Exec,
        };
        let proxies = keys.given("proxies", |file| file.proxies);
        let proxies = self.integer(&proxies, DEFAULT_PROXIES, 0..=64)?;
        // No proxies are proxies that are off, and the other way round.
        let (mode, proxies) = match (mode, proxies) {
            (Mode::Off, _) | (_, 0) => (Mode::Off, 0),
            both => both,
        };
        let routes = keys.given("routes", |file| file.routes);
        let zones = self.integer(&keys.given("zones", |file| file.zones), DEFAULT_ZONES, 1..=26)?;
        let time_factor = self.time_factor(&keys)?;
        Ok(Some(ControlPlane {
            proxies,
            mode,
            source: self.route_source(&keys)?,
            source_interval: self.source_interval(&keys, time_factor)?,
            time_factor,
            granularity: match keys.file.granularity.unwrap_or(GranularityKey::Table) {
                GranularityKey::Table => Granularity::Table,
                GranularityKey::Route => Granularity::Route,
            },
            routes: self.integer(&routes, DEFAULT_ROUTES, 1..=10_000)?,
            zones,
            only_zone: self.only_zone(&keys, zones)?,
        }))
    }

    fn only_zone(&self, keys: &Keys<'_>, zones: u32) -> Result<Option<u32>> {
        let given = keys.given("only-zone", |file| file.only_zone);
        if given.value.is_none() {
            return Ok(None);
        }
        Ok(Some(self.integer(&given, 1, 1..=zones.into())? - 1))
    }

    fn time_factor(&self, keys: &Keys<'_>) -> Result<f64> {
        let given = keys.given("time-factor", |file| file.time_factor);
        let factor = given.value.unwrap_or(1.0);
        if FACTORS.contains(&factor) {
            return Ok(factor);
        }
        let title = "`time-factor` must be between 1 and 1,000";
        let error = self.error(&given.path, title, format!("this is {factor}"));
        Err(Box::new(error.help("time-factor = 30 makes 100 ms of \"3s\"")))
    }

    fn source_interval(&self, keys: &Keys<'_>, factor: f64) -> Result<Duration> {
        let given = keys.given("source-interval", |file| file.source_interval.clone());
        let interval = self.duration(&given, DEFAULT_INTERVAL, INTERVALS)?;
        Ok(interval.div_f64(factor).max(SHORTEST))
    }

    fn route_source(&self, keys: &Keys<'_>) -> Result<RouteSource> {
        let given = keys.given("source", |file| file.source.clone());
        let Some(text) = &given.value else { return Ok(RouteSource::File) };
        RouteSource::parse(text).ok_or_else(|| {
            let title = format!("unknown source `{}`", shown(text));
            let label = if text.starts_with("etcd://") {
                "an etcd is named by its IP address and its port"
            } else {
                "neither a name nor the address of an etcd"
            };
            let help = suggestion(text, &RouteSource::NAMES);
            let help = format!("{help}, or `etcd://127.0.0.1:2379`");
            Box::new(self.error(&given.path, title, label).help(help))
        })
    }

    /// What is said of replicas, their tags and their content means nothing before a control plane.
    pub(super) fn check_no_replica_keys(&self, arm: OfArm<'_>) -> Result<()> {
        self.check_has_plane_of_its_own()?;
        let all = |path: [&str; 2]| path.map(str::to_owned).to_vec();
        let mut wrong = Vec::new();
        if self.file.resource.is_some() {
            wrong.push((vec!["resource".to_owned()], "the routes are what is served"));
        }
        let fleet = self.fleet();
        let by_proxies = "the number of proxies is `proxies` in [control-plane]";
        if fleet.replicas.is_some() {
            wrong.push((all(["fleet", "replicas"]), by_proxies));
        }
        if fleet.command.is_some() {
            wrong.push((all(["fleet", "command"]), "proxies are the lab's own"));
        }
        if let Some((index, arm)) = arm {
            let own = |key: &str| vec!["arm".to_owned(), index.to_string(), key.to_owned()];
            let ArmFile { strategy, command, replicas, histories, .. } = arm;
            let given = [
                ("strategy", strategy.is_some(), "a proxy makes its tags of the routes"),
                ("command", command.is_some(), "proxies are the lab's own"),
                ("replicas", replicas.is_some(), by_proxies),
                ("histories", histories.is_some(), "proxies count no changes"),
            ];
            let given = given.into_iter().filter(|(_, given, _)| *given);
            wrong.extend(given.map(|(key, _, why)| (own(key), why)));
        }
        wrong.first().map_or(Ok(()), |(path, why)| Err(self.not_with_proxies(path, why)))
    }

    /// A flag says where the routes of a control plane lie, and makes none.
    fn check_has_plane_of_its_own(&self) -> Result<()> {
        let path = [TABLE, "source"];
        if !self.layers.is_from_command_line(&path) || self.layers.is_in_a_file(TABLE) {
            return Ok(());
        }
        let title = "this scenario has no control plane";
        let error = self.error(&path, title, "nobody here asks for routes");
        let help = "leave `--source` out, or run one that has, such as `control-plane-fanout`";
        Err(Box::new(error.help(help)))
    }

    /// The source is nobody's replica, and only a control plane has one.
    pub(super) fn check_source_event(
        &self,
        index: usize,
        file: &EventFile,
        arms: &[Arm],
    ) -> Result<()> {
        let index = index.to_string();
        if file.replica.is_some() {
            let path = ["event", &index, "replica"];
            let error = self.error(&path, "`replica` has no meaning for the source", "");
            return Err(Box::new(error.help("leave it out: there is one source")));
        }
        let path = ["event", &index, "kind"];
        let planes = || arms.iter().filter_map(|arm| plane_of(arm));
        if planes().any(|plane| matches!(plane.source, RouteSource::Etcd(_))) {
            let title = "an etcd of somebody else is not killed";
            let error = self.error(&path, title, "this would kill it");
            let error = error.related(self.layers.exact(&[TABLE, "source"]), "theirs");
            return Err(Box::new(error.help("--real, or source = \"etcd\", starts a private one")));
        }
        if planes().next().is_some() {
            return Ok(());
        }
        let title = "there is no source without [control-plane]";
        let error = self.error(&path, title, "replicas hold their content themselves");
        Err(Box::new(error.help("kind = \"kill\" or \"restart\" for replicas")))
    }

    /// One source is changed, and only while it is there.
    pub(super) fn check_changes_of_the_source(
        &self,
        arms: &[Arm],
        changes: &[Change],
        events: &[Event],
    ) -> Result<()> {
        if !arms.iter().any(|arm| plane_of(arm).is_some()) {
            return Ok(());
        }
        let rolling = self
            .file
            .change
            .iter()
            .flatten()
            .position(|change| change.rollout == Some(RolloutKey::Rolling));
        if let Some(index) = rolling {
            let path = ["change", &index.to_string(), "rollout"];
            let title = "a change of the source cannot be rolled out";
            let error = self.error(&path, title, "there is one source");
            return Err(Box::new(error.help("leave `rollout` out")));
        }
        let is_down = |poll: u32| {
            let before = events.iter().filter(|event| event.at_poll <= poll).rev();
            let kinds = [EventKind::SourceDown, EventKind::SourceUp];
            let mut of_source = before.map(|event| event.kind).filter(|kind| kinds.contains(kind));
            of_source.next() == Some(EventKind::SourceDown)
        };
        let Some(change) = changes.iter().find(|change| is_down(change.at_poll)) else {
            return Ok(());
        };
        let title =
            format!("the routes change before poll {}, while the source is down", change.at_poll);
        let error = self.error(&["change"], title, "nobody could write them");
        Err(Box::new(error.help("kind = \"source-up\" before it, or move the change")))
    }

    fn not_with_proxies(&self, path: &[String], why: &str) -> Box<Diagnostic> {
        let key = path.last().map_or("", String::as_str);
        let title = format!("`{}` has no meaning with [control-plane]", shown(key));
        let error = self.error(path, title, why);
        let error = error.related(self.layers.exact(&[TABLE]), "the control plane");
        Box::new(error.help("leave one of the two out"))
    }
}

fn plane_of(arm: &Arm) -> Option<&ControlPlane> {
    match &arm.replica {
        Replica::ControlPlane(plane) => Some(plane),
        Replica::Strategy(_) | Replica::Command(_) => None,
    }
}

/// The keys of one arm's control plane, and where each was written.
struct Keys<'a> {
    file: ControlPlaneFile,
    own: Option<ControlPlaneFile>,
    arm: OfArm<'a>,
}

impl Keys<'_> {
    fn given<T>(&self, key: &str, of: impl Fn(&ControlPlaneFile) -> Option<T>) -> Given<T> {
        let is_own = self.own.as_ref().is_some_and(|own| of(own).is_some());
        match self.arm {
            Some((index, _)) if is_own => {
                Given::of(of(&self.file), &["arm", &index.to_string(), TABLE, key])
            }
            _ => Given::of(of(&self.file), &[TABLE, key]),
        }
    }
}

/// Puts the proxies, or the source alone, in the place of the replicas, and lets time pass faster.
pub(super) fn fit(setup: &mut Setup, plane: &ControlPlane) {
    let tier = if plane.is_direct() { 1 } else { plane.proxies };
    setup.replicas = NonZeroU32::new(tier).unwrap_or(NonZeroU32::MIN);
    setup.histories = vec![0; tier as usize];
    if let Cadence::OpenLoop { interval, .. } = &mut setup.cadence {
        *interval = interval.div_f64(plane.time_factor).max(SHORTEST);
    }
}
