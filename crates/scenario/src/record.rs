//! The resolved scenario as the run record tells it.

use std::time::Duration;

use measure::record::{CachingRecord, ChangeRecord, EventRecord, ScenarioRecord};

use crate::{
    Cadence, Change, Event, PollInterval, Replica, Scenario, SharingEvent, SharingEventKind,
};

impl Scenario {
    /// This scenario as it stands in a `RunRecord`; what arms override stands in the arms.
    pub fn to_record(&self) -> ScenarioRecord {
        let shared = &self.shared;
        let (interval_ms, jitter) = match shared.cadence {
            Cadence::OpenLoop { interval, jitter } => (Some(millis(interval)), Some(jitter)),
            Cadence::Lockstep | Cadence::Shuffled => (self.virtual_interval().map(millis), None),
        };
        // What a program of the user's serves is not known.
        let ours = self.arms.iter().any(|arm| matches!(arm.replica, Replica::Strategy(_)));
        ScenarioRecord {
            name: self.name.clone(),
            summary: self.summary.clone(),
            seed: shared.seed,
            replicas: shared.replicas.get(),
            clients: shared.clients.get(),
            polls_per_client: shared.polls_per_client(),
            polls: shared.polls.get(),
            policy: shared.policy.name.to_owned(),
            edge: shared.edge.name.to_owned(),
            accept_encoding: shared.accept_encoding.clone(),
            cadence: shared.cadence.name().to_owned(),
            connections: shared.connections.get(),
            interval_ms,
            jitter,
            timeout_ms: millis(shared.timeout),
            resource_bytes: ours.then(|| self.resource.size_bytes()),
            resource_path: Some(self.resource.path.clone()).filter(|_| !self.is_control_plane()),
            further_paths: Vec::new(),
            cache_control: self.resource.cache_control.clone().filter(|_| ours),
            codings: self.codings().filter(|_| ours).map(str::to_owned).collect(),
            last_modified: ours.then_some(self.resource.last_modified),
            replica_command: self.command.clone(),
            histories: shared.histories.clone(),
            deploy_drift_ms: u64::try_from(shared.deploy_drift.as_millis()).unwrap_or(u64::MAX),
            changes: self.changes.iter().map(Into::into).collect(),
            events: self.event_records(),
            caching: caching_record(&shared.caching, shared.on_error, shared.obey_poll_interval),
        }
    }

    fn codings(&self) -> impl Iterator<Item = &'static str> {
        self.resource.codings.iter().map(|coding| coding.as_str())
    }

    /// Whether every arm has routes in the place of the resource.
    fn is_control_plane(&self) -> bool {
        self.arms.iter().all(|arm| matches!(arm.replica, Replica::ControlPlane(_)))
    }

    /// What passes on the clients' own clock from one round to the next, where they look at it.
    fn virtual_interval(&self) -> Option<Duration> {
        let setups = self.arms.iter().map(|arm| &arm.setup);
        setups.filter(|setup| setup.has_clock()).map(|setup| setup.caching.round_interval).next()
    }
}

/// What clients do with what they have stored, as it stands in a `RunRecord`.
pub fn caching_record(
    caching: &client::Caching,
    on_error: Option<client::OnError>,
    obey_poll_interval: bool,
) -> CachingRecord {
    CachingRecord {
        validate: caching.validate.name().to_owned(),
        honour_freshness: caching.honour_freshness,
        interrupt_at: caching.interruption.map(|interruption| interruption.at),
        if_range: caching.interruption.map(|i| i.if_range).unwrap_or_default().name().to_owned(),
        on_error: on_error.map(|choice| choice.name().to_owned()),
        obey_poll_interval,
    }
}

impl Scenario {
    fn event_records(&self) -> Vec<EventRecord> {
        let switches = self.edge_switches.iter().map(|switch| EventRecord {
            at_poll: switch.at_poll,
            kind: "edge".to_owned(),
            replica: None,
            edge: Some(switch.edge.name.to_owned()),
            poll_interval_ms: None,
            arm: switch.arm.clone(),
        });
        let shared = self.sharing_events.iter().map(EventRecord::from);
        let mut events: Vec<_> =
            self.events.iter().map(EventRecord::from).chain(switches).chain(shared).collect();
        events.sort_by_key(|event| event.at_poll);
        events
    }
}

impl From<&Change> for ChangeRecord {
    fn from(&Change { at_poll, kind, lag, invalidate, window }: &Change) -> Self {
        let invalidate = invalidate.map(|invalidate| invalidate.name().to_owned());
        Self { at_poll, kind: kind.name().to_owned(), lag, invalidate, window }
    }
}

impl From<&Event> for EventRecord {
    fn from(&Event { at_poll, kind, replica }: &Event) -> Self {
        Self {
            at_poll,
            kind: kind.name().to_owned(),
            replica: replica.map(Into::into),
            edge: None,
            poll_interval_ms: None,
            arm: None,
        }
    }
}

impl From<&SharingEvent> for EventRecord {
    fn from(event: &SharingEvent) -> Self {
        let pace = match event.kind {
            SharingEventKind::Pace(pace) => pace,
            _ => None,
        };
        Self {
            at_poll: event.at_poll.get(),
            kind: event.kind.name().to_owned(),
            replica: None,
            edge: None,
            poll_interval_ms: pace.map(PollInterval::milliseconds),
            arm: event.arm.clone(),
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
