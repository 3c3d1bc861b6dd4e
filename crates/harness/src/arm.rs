//! Runs one arm: starts its fleet and balancer, polls, lets happen what the timeline says.

use std::cell::Cell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use balancer::Settings;
use client::cadence::Rounds;
use client::{Capture, Load, Meter, PollOutcome, PollTarget};
use measure::record::ControlPlaneRecord;
use origin::Counts;
use tokio::sync::Mutex;
use tokio::sync::mpsc::unbounded_channel;
use truth::ReplicaId;

use crate::control_plane;
use crate::editions::{self, Editions};
use crate::fleet::{Deployment, Fleet, FleetSpec, ReplicaKind, Shared, SharedTags};
use crate::gateway::Gateway;
use crate::run::RunError;
use crate::script::{Script, release_held};
use crate::tag_store::RunningStore;
use crate::timeline::Timeline;
use scenario::{Arm, PollInterval, Replica, Scenario, shares_tags};

/// What an arm needs besides its own description.
pub(crate) struct Stage<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) editions: &'a Editions,
    /// The `etag-lab` program.
    pub(crate) program: &'a Path,
    /// Where the editions lie; each arm has a folder below it.
    pub(crate) directory: &'a Path,
    pub(crate) meter: &'a Arc<Meter>,
    pub(crate) capture: Option<Capture>,
}

/// What came of an arm.
pub(crate) struct Ran {
    pub(crate) outcome: PollOutcome<RunError>,
    /// CPU time of the replicas while they were polled, where it is known.
    pub(crate) origin_cpu: Option<Duration>,
    /// What source and proxies did, where there are such.
    pub(crate) control_plane: Option<ControlPlaneRecord>,
    /// What the replicas counted of what they share, where they share anything.
    pub(crate) counts: Option<Counts>,
}

impl Ran {
    /// Stopped before anything ran.
    pub(crate) fn nothing() -> Self {
        Self {
            outcome: PollOutcome::nothing(),
            origin_cpu: None,
            control_plane: None,
            counts: None,
        }
    }
}

impl Stage<'_> {
    /// Makes all polls of `arm`, or as many as come before `stop`.
    pub(crate) async fn run(
        &self,
        arm: &Arm,
        timeline: &Timeline,
        stop: impl Future<Output = ()>,
    ) -> Result<Ran, RunError> {
        let directory = self.directory.join(&arm.name);
        std::fs::create_dir_all(&directory)
            .map_err(|error| RunError::Files { path: directory.clone(), error })?;
        let kind = match &arm.replica {
            Replica::Strategy(strategy) => ReplicaKind::Own { strategy: strategy.clone() },
            Replica::Command(command) => ReplicaKind::Foreign { command: command.clone() },
            Replica::ControlPlane(plane) => {
                return control_plane::run(self, arm, plane, timeline, &directory, stop).await;
            }
        };
        let deployments: Vec<_> = (0..arm.setup.histories.len())
            .map(|replica| self.deployment(arm, replica, 0))
            .collect();
        let mut stop = std::pin::pin!(stop);
        let started = async {
            let mut store = self.tag_store(arm, &directory).await?;
            let spec = self.fleet_spec(arm, kind, &directory, store.as_ref());
            match Fleet::start(spec, &deployments).await {
                Ok(fleet) => Ok((store, fleet)),
                Err(error) => {
                    stop_store(store.take()).await;
                    Err(RunError::from(error))
                }
            }
        };
        let (mut store, fleet) = tokio::select! {
            biased;
            () = &mut stop => return Ok(Ran::nothing()),
            started = started => started?,
        };
        let gateway = Gateway::start(self.balancer_settings(arm, &fleet.addresses()))
            .map_err(RunError::Listen)?;
        let fleet = Mutex::new(fleet);
        let outcome = self.poll(arm, timeline, &gateway, &fleet, &mut store, stop).await;
        let mut fleet = fleet.into_inner();
        let origin_cpu = fleet.cpu();
        drop(gateway);
        let counts = if is_counted(arm) { Some(fleet.counts().await?) } else { None };
        fleet.stop().await;
        stop_store(store).await;
        Ok(Ran { outcome, origin_cpu, control_plane: None, counts })
    }

    /// Makes the polls while the timeline goes on.
    async fn poll(
        &self,
        arm: &Arm,
        timeline: &Timeline,
        gateway: &Gateway,
        fleet: &Mutex<Fleet>,
        store: &mut Option<RunningStore>,
        stop: impl Future<Output = ()>,
    ) -> PollOutcome<RunError> {
        let target = PollTarget::new(gateway.address(), &self.scenario.resource.path)
            .accepting(&arm.setup.accept_encoding)
            .expect("a scenario holds valid codings only");
        let (holds, held) = unbounded_channel();
        let failure = Cell::new(None);
        let mut script = Script::new(self, arm, timeline, gateway, fleet, store, holds);
        let reach = async |round| script.reach(round).await;
        let (load, rounds) = (self.load(arm), timeline.rounds());
        let polls = client::poll(&target, &load, &rounds, reach, self.meter, stop);
        let releases = async {
            release_held(fleet, held, &failure).await;
            std::future::pending::<Infallible>().await
        };
        let mut outcome = tokio::select! {
            biased;
            outcome = polls => outcome,
            never = releases => match never {},
        };
        if let Some(error) = failure.take() {
            outcome.complete = false;
            outcome.failure.get_or_insert(error.into());
        }
        outcome
    }

    async fn tag_store(
        &self,
        arm: &Arm,
        directory: &Path,
    ) -> Result<Option<RunningStore>, RunError> {
        if !shares_tags(arm) {
            return Ok(None);
        }
        let store = &arm.setup.sharing.store;
        RunningStore::start(store, self.program, directory, &self.scenario.resource.path)
            .await
            .map(Some)
    }

    pub(crate) fn deployment(&self, arm: &Arm, replica: usize, edition: u32) -> Deployment {
        Deployment {
            source: editions::source(self.directory, edition),
            edition,
            modified: self.editions.modified(edition, replica, arm.setup.deploy_drift),
        }
    }

    fn fleet_spec(
        &self,
        arm: &Arm,
        kind: ReplicaKind,
        directory: &Path,
        store: Option<&RunningStore>,
    ) -> FleetSpec {
        let resource = &self.scenario.resource;
        FleetSpec {
            program: self.program.to_owned(),
            directory: directory.to_owned(),
            kind,
            histories: arm.setup.histories.clone(),
            path: resource.path.split('?').next().unwrap_or_default().to_owned(),
            content_type: resource.content_type.clone(),
            cache_control: resource.cache_control.clone(),
            store: strategy_of(arm)
                .filter(|strategy| strategy.reads.revision && !arm.setup.sharing.database)
                .map(|_| directory.join("store.sqlite")),
            shared: shared(arm, directory, store),
            codings: resource.codings.clone(),
            last_modified: resource.last_modified,
        }
    }

    pub(crate) fn balancer_settings(
        &self,
        arm: &Arm,
        addresses: &[(ReplicaId, SocketAddr)],
    ) -> Settings {
        let replicas = addresses
            .iter()
            .map(|&(id, address)| balancer::Replica { id, authority: address.to_string() });
        let policy = policy_of(arm);
        let mut settings = Settings::new(replicas.collect(), (policy.make)(self.scenario.seed));
        settings.edge = arm.setup.edge;
        settings.declare_replica = true;
        settings.limits.response_head = self.scenario.timeout;
        settings
    }

    pub(crate) fn load(&self, arm: &Arm) -> Load {
        let setup = &arm.setup;
        Load {
            rounds: Rounds { clients: setup.clients.get(), polls: setup.polls.get() },
            cadence: setup.cadence,
            seed: self.scenario.seed,
            connections: setup.connections.get(),
            timeout: self.scenario.timeout,
            identify_clients: policy_of(arm).pins == balancer::Pins::Client,
            capture: self.capture,
            caching: setup.caching,
            on_error: setup.on_error.unwrap_or_default(),
            obey_poll_interval: setup.obey_poll_interval,
            log_changes: false,
        }
    }
}

/// What the replicas of an arm share.
fn shared(arm: &Arm, directory: &Path, store: Option<&RunningStore>) -> Shared {
    let sharing = &arm.setup.sharing;
    Shared {
        database: sharing.database.then(|| directory.join("database.sqlite")),
        poll_interval_ms: sharing.poll_interval.map(PollInterval::milliseconds),
        tags: store.map(|store| SharedTags {
            store: store.name(),
            namespace: store.namespace().to_owned(),
            ttl: sharing.ttl,
            lease: sharing.lease,
            protocol: sharing.protocol,
        }),
    }
}

/// Whether what the replicas ask is worth a row.
fn is_counted(arm: &Arm) -> bool {
    let ours = matches!(arm.replica, Replica::Strategy(_));
    ours && (arm.setup.sharing.database || shares_tags(arm))
}

async fn stop_store(store: Option<RunningStore>) {
    if let Some(store) = store {
        store.stop().await;
    }
}

/// The catalogue's entry for the policy of an arm.
pub(crate) fn policy_of(arm: &Arm) -> &'static balancer::PolicyEntry {
    balancer::catalogue::find(&arm.setup.policy).expect("a scenario names known policies only")
}

/// The catalogue's entry for the strategy of an arm; `None` for a program of the user's.
pub(crate) fn strategy_of(arm: &Arm) -> Option<&'static strategies::Entry> {
    match &arm.replica {
        Replica::Strategy(strategy) => {
            Some(strategies::find(strategy).expect("a scenario names known strategies only"))
        }
        Replica::Command(_) | Replica::ControlPlane(_) => None,
    }
}
