//! Rules about `[control-plane]`: a source of routes and its proxies in the place of a fleet.
//!
//! Intervals are written as they are in production; a factor makes them pass faster here.

use std::num::NonZeroU32;
use std::time::Duration;

use super::Resolver;
use crate::diagnostic::{Result, shown};
use crate::layer::{KeyPath, path};
use crate::setup::Draft;
use crate::{Arm, Cadence, Change, ControlPlane, Event, EventKind, Mode, Replica, RouteSource};

const TABLE: &str = "control-plane";

const SHORTEST: Duration = Duration::from_millis(1);

/// Puts the proxies, or the source alone, in the place of the replicas, and lets time pass faster.
pub(super) fn finish(draft: &mut Draft) {
    let (setup, plane) = (&mut draft.setup, &mut draft.plane);
    // No proxies are proxies that are off, and the other way round.
    if plane.mode == Mode::Off || plane.proxies == 0 {
        (plane.mode, plane.proxies) = (Mode::Off, 0);
    }
    // Intervals are written as in production. Timeouts are not shortened: a request takes the time
    // that it takes.
    let shortened = |interval: Duration| interval.div_f64(plane.time_factor).max(SHORTEST);
    plane.source_interval = shortened(plane.source_interval);
    let tier = if plane.is_direct() { 1 } else { plane.proxies };
    setup.replicas = NonZeroU32::new(tier).unwrap_or(NonZeroU32::MIN);
    // Proxies make tags of routes, and count no changes.
    setup.histories = vec![0; tier as usize];
    if let Cadence::OpenLoop { interval, .. } = &mut setup.cadence {
        *interval = shortened(*interval);
    }
}

impl Resolver<'_> {
    /// True if an arm, or all, have a control plane in the place of replicas.
    pub(super) fn has_plane(&self, arm: Option<usize>) -> bool {
        let own = |arm: usize| self.layers.provider(&["arm", &arm.to_string(), TABLE]).is_some();
        self.layers.mentions(&[TABLE]) || arm.is_some_and(own)
    }

    /// Refuses keys about replicas, their tags and their content beside a control plane.
    pub(super) fn check_no_replica_keys(&self, arm: usize) -> Result<()> {
        self.check_has_plane_of_its_own()?;
        let by_proxies = "the number of proxies is `proxies` in [control-plane]";
        let own = |key| path(["arm", &arm.to_string(), key]);
        let wrong = [
            (path(["resource"]), "the routes are what is served"),
            (path(["fleet", "replicas"]), by_proxies),
            (path(["fleet", "command"]), "proxies are the lab's own"),
            (own("strategy"), "a proxy makes its tags of the routes"),
            (own("command"), "proxies are the lab's own"),
            (own("replicas"), by_proxies),
            (own("histories"), "proxies count no changes"),
        ];
        let Some((path, why)) = wrong.into_iter().find(|(path, _)| self.layers.mentions(path))
        else {
            return Ok(());
        };
        let key = path.last().map_or("", String::as_str);
        let title = format!("`{}` has no meaning with [control-plane]", shown(key));
        let error = self.error(&path, title, why);
        let error = error.related(self.layers.exact(&[TABLE]), "the control plane");
        Err(Box::new(error.help("leave one of the two out")))
    }

    // A flag says where the routes of a control plane are, and does not make one.
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

    /// Refuses an event of the source where only somebody else has one, or nobody.
    pub(super) fn check_source_event(&self, path: &KeyPath, arms: &[Arm]) -> Result<()> {
        let planes = || arms.iter().filter_map(|arm| plane_of(arm));
        // Others may depend on an etcd that the run did not start.
        if planes().any(|plane| matches!(plane.source, RouteSource::Etcd(_))) {
            let title = "an etcd of somebody else is not killed";
            let error = self.error(path, title, "this would kill it");
            let error = error.related(self.layers.exact(&[TABLE, "source"]), "theirs");
            return Err(Box::new(error.help("--real, or source = \"etcd\", starts a private one")));
        }
        if planes().next().is_some() {
            return Ok(());
        }
        let title = "there is no source without [control-plane]";
        let error = self.error(path, title, "replicas hold their content themselves");
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
        for index in 0..self.layers.length("change") {
            let rollout = self.element("change", index, "rollout")?;
            if let Some(rollout) = rollout.filter(|rollout| rollout.text() == "rolling") {
                let title = "a change of the source cannot be rolled out";
                let error = rollout.error(title, "there is one source");
                return Err(Box::new(error.help("leave `rollout` out")));
            }
        }
        let Some(change) = changes.iter().find(|change| is_down(change.at_poll, events)) else {
            return Ok(());
        };
        let poll = change.at_poll;
        let title = format!("the routes change before poll {poll}, while the source is down");
        let error = self.error(&["change"], title, "nobody could write them");
        Err(Box::new(error.help("kind = \"source-up\" before it, or move the change")))
    }
}

fn is_down(poll: u32, events: &[Event]) -> bool {
    let before = events.iter().filter(|event| event.at_poll <= poll).rev();
    let kinds = [EventKind::SourceDown, EventKind::SourceUp];
    let mut of_source = before.map(|event| event.kind).filter(|kind| kinds.contains(kind));
    of_source.next() == Some(EventKind::SourceDown)
}

fn plane_of(arm: &Arm) -> Option<&ControlPlane> {
    match &arm.replica {
        Replica::ControlPlane(plane) => Some(plane),
        Replica::Strategy(_) | Replica::Command(_) => None,
    }
}
