//! The resolved scenario as the run record tells it.

use std::time::Duration;

use client::Caching;
use measure::record::{CachingRecord, ChangeRecord, EventRecord, ScenarioRecord, SetupRecord};

use text::secret::masked;

use crate::{Arm, Cadence, Change, Event, PollInterval, Replica, Scenario, Setup};

impl Scenario {
    /// This scenario as it stands in a `RunRecord`; what arms override stands in the arms.
    pub fn to_record(&self) -> ScenarioRecord {
        let shared = &self.shared;
        // Clients that look at a clock have one of their own, by which rounds are that far apart.
        let virtual_interval = self.arms.iter().find_map(|arm| arm.setup.virtual_interval());
        // What a program of the user's serves is not known.
        let ours = self.arms.iter().any(|arm| matches!(arm.replica, Replica::Strategy(_)));
        // A control plane serves routes, so the path of the resource is not polled.
        let is_plane = |arm: &Arm| matches!(arm.replica, Replica::ControlPlane(_));
        let is_control_plane = self.arms.iter().all(is_plane);
        let codings = self.resource.codings.iter().map(|coding| coding.as_str().to_owned());
        ScenarioRecord {
            name: self.name.clone(),
            summary: self.summary.clone(),
            headline: self.headline.clone(),
            lesson: self.lesson.clone(),
            changed: self.is_changed,
            replicas: shared.replicas.get(),
            resource_bytes: ours.then(|| self.resource.size_bytes()),
            resource_path: Some(masked(&self.resource.path)).filter(|_| !is_control_plane),
            cache_control: self.resource.cache_control.clone().filter(|_| ours),
            codings: codings.filter(|_| ours).collect(),
            last_modified: ours.then_some(self.resource.last_modified),
            replica_command: self.command.as_ref().map(|command| masked(&command.line)),
            histories: shared.histories.clone(),
            deploy_drift_ms: u64::try_from(shared.deploy_drift.as_millis()).unwrap_or(u64::MAX),
            changes: self.changes.iter().map(Into::into).collect(),
            events: self.events.iter().map(Into::into).collect(),
            ..shared.to_record(virtual_interval)
        }
    }
}

impl Setup {
    /// Time between rounds by the clock that clients have of their own, if they look at one.
    pub fn virtual_interval(&self) -> Option<Duration> {
        self.has_clock().then_some(self.caching.round_interval)
    }

    /// The polls of this setup as they stand in the record of a scenario, whatever is polled; those
    /// that are not timed are this far apart.
    pub fn to_record(&self, virtual_interval: Option<Duration>) -> ScenarioRecord {
        let (interval, jitter) = match self.cadence {
            Cadence::OpenLoop { interval, jitter } => (Some(interval), Some(jitter)),
            Cadence::Lockstep | Cadence::Shuffled => (virtual_interval, None),
        };
        ScenarioRecord {
            seed: self.seed,
            polls_per_client: self.polls_per_client(),
            polls: self.polls.get(),
            setup: self.into(),
            interval_ms: interval.map(millis),
            jitter,
            timeout_ms: millis(self.timeout),
            ..ScenarioRecord::default()
        }
    }
}

impl From<&Setup> for SetupRecord {
    fn from(setup: &Setup) -> Self {
        let clients = setup.clients.get();
        Self {
            policy: setup.policy.name.to_owned(),
            edge: setup.edge.name.to_owned(),
            cache_kind: setup
                .cache
                .behaviour
                .map(|_| setup.cache.name.to_owned())
                .unwrap_or_default(),
            accept_encoding: setup.fields.accept_encoding.clone(),
            clients,
            cadence: setup.cadence.name().to_owned(),
            connections: setup.connections.get(),
            caching: setup.into(),
            settings: setup.settings.clone(),
        }
    }
}

impl From<&Setup> for CachingRecord {
    fn from(setup: &Setup) -> Self {
        let Caching { validate, honour_freshness, interruption, .. } = setup.caching;
        Self {
            validate: validate.name().to_owned(),
            honour_freshness,
            interrupt_at: interruption.map(|interruption| interruption.at),
            if_range: interruption.map(|i| i.if_range).unwrap_or_default().name().to_owned(),
            on_error: setup.on_error,
            obey_poll_interval: setup.obey_poll_interval,
        }
    }
}

impl From<&Change> for ChangeRecord {
    fn from(&Change { at_poll, kind, lag, invalidate, window }: &Change) -> Self {
        let invalidate = invalidate.map(|invalidate| invalidate.name().to_owned());
        Self { at_poll, kind: kind.name().to_owned(), lag, invalidate, window }
    }
}

impl From<&Event> for EventRecord {
    fn from(event: &Event) -> Self {
        Self {
            at_poll: event.at_poll,
            kind: event.kind,
            replica: event.replica.map(Into::into),
            edge: event.edge.map(|edge| edge.name.to_owned()),
            poll_interval_ms: event.pace.map(PollInterval::milliseconds),
            strategy: event.strategy.map(|strategy| strategy.name.to_owned()),
            policy: event.policy.map(|policy| policy.name.to_owned()),
            count: event.count.map(Into::into),
            arm: event.arm.clone(),
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
