//! The resolved scenario as the run record tells it.

use std::time::Duration;

use measure::record::{ChangeRecord, EventRecord, ScenarioRecord};

use super::{Cadence, Change, ChangeKind, Event, EventKind, Replica, Scenario};

impl Scenario {
    /// This scenario as it stands in a `RunRecord`; what arms override stands in the arms.
    pub fn to_record(&self) -> ScenarioRecord {
        let shared = &self.shared;
        let (interval_ms, jitter) = match shared.cadence {
            Cadence::OpenLoop { interval, jitter } => (Some(millis(interval)), Some(jitter)),
            Cadence::Lockstep | Cadence::Shuffled => (None, None),
        };
        // What a program of the user's serves is not known.
        let ours = self.arms.iter().any(|arm| matches!(arm.replica, Replica::Strategy(_)));
        ScenarioRecord {
            name: self.name.clone(),
            summary: self.summary.clone(),
            seed: self.seed,
            replicas: shared.replicas.get(),
            clients: shared.clients.get(),
            polls_per_client: shared.polls_per_client(),
            polls: shared.polls.get(),
            policy: shared.policy.clone(),
            edge: "none".to_owned(),
            cadence: shared.cadence.name().to_owned(),
            connections: shared.connections.get(),
            interval_ms,
            jitter,
            timeout_ms: millis(self.timeout),
            resource_bytes: ours.then(|| self.resource.size_bytes()),
            resource_path: Some(self.resource.path.clone()),
            cache_control: self.resource.cache_control.clone().filter(|_| ours),
            codings: self.codings().filter(|_| ours).map(str::to_owned).collect(),
            last_modified: ours.then_some(self.resource.last_modified),
            replica_command: self.command.clone(),
            histories: shared.histories.clone(),
            deploy_drift_ms: u64::try_from(shared.deploy_drift.as_millis()).unwrap_or(u64::MAX),
            changes: self.changes.iter().map(Into::into).collect(),
            events: self.events.iter().map(Into::into).collect(),
        }
    }

    fn codings(&self) -> impl Iterator<Item = &'static str> {
        self.resource.codings.iter().map(|coding| coding.as_str())
    }
}

impl Cadence {
    /// As it is written in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lockstep => "lockstep",
            Self::Shuffled => "shuffled",
            Self::OpenLoop { .. } => "open-loop",
        }
    }
}

impl From<&Change> for ChangeRecord {
    fn from(&Change { at_poll, kind, lag }: &Change) -> Self {
        let kind = match kind {
            ChangeKind::Edit => "edit",
            ChangeKind::Revert => "revert",
        };
        Self { at_poll, kind: kind.to_owned(), lag }
    }
}

impl From<&Event> for EventRecord {
    fn from(&Event { at_poll, kind, replica }: &Event) -> Self {
        let kind = match kind {
            EventKind::Kill => "kill",
            EventKind::Restart => "restart",
        };
        Self { at_poll, kind: kind.to_owned(), replica: replica.map(Into::into) }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
