//! Runs one arm: starts its fleet and balancer, polls, lets happen what the timeline says.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use balancer::Settings;
use client::cadence::Rounds;
use client::{Capture, Load, Meter, OnError, Outcome, Reached, Target};

use crate::editions::{self, Editions};
use crate::fleet::{Deployment, Fleet, FleetError, FleetSpec, ReplicaKind};
use crate::gateway::Gateway;
use crate::run::RunError;
use crate::scenario::{self, Arm, Replica, Scenario};
use crate::timeline::{Step, Timeline};

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
    pub(crate) outcome: Outcome<FleetError>,
    /// CPU time of the replicas while they were polled, where it is known.
    pub(crate) origin_cpu: Option<Duration>,
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
        let deployments: Vec<_> = (0..arm.setup.histories.len())
            .map(|replica| self.deployment(arm, replica, 0))
            .collect();
        let mut stop = std::pin::pin!(stop);
        let fleet = tokio::select! {
            biased;
            () = &mut stop => return Ok(Ran { outcome: Outcome::nothing(), origin_cpu: None }),
            fleet = Fleet::start(self.fleet_spec(arm, &directory), &deployments) => fleet?,
        };
        let gateway =
            Gateway::start(self.balancer_settings(arm, &fleet)).map_err(RunError::Listen)?;
        let target = Target::new(gateway.address(), &self.scenario.resource.path)
            .accepting(&arm.setup.accept_encoding)
            .expect("a scenario holds valid codings only");
        let mut script = Script::new(self, arm, timeline, fleet, &gateway);
        let reach = async |round| script.reach(round).await;
        let load = self.load(arm);
        let outcome =
            client::poll(&target, &load, &timeline.rounds(), reach, self.meter, stop).await;
        let fleet = script.fleet;
        let origin_cpu = fleet.cpu();
        drop(gateway);
        fleet.stop().await;
        Ok(Ran { outcome, origin_cpu })
    }

    fn deployment(&self, arm: &Arm, replica: usize, edition: u32) -> Deployment {
        Deployment {
            source: editions::source(self.directory, edition),
            edition,
            modified: self.editions.modified(edition, replica, arm.setup.deploy_drift),
        }
    }

    fn fleet_spec(&self, arm: &Arm, directory: &Path) -> FleetSpec {
        let resource = &self.scenario.resource;
        FleetSpec {
            program: self.program.to_owned(),
            directory: directory.to_owned(),
            kind: match &arm.replica {
                Replica::Strategy(strategy) => ReplicaKind::Own { strategy: strategy.clone() },
                Replica::Command(command) => ReplicaKind::Foreign { command: command.clone() },
            },
            histories: arm.setup.histories.clone(),
            path: resource.path.split('?').next().unwrap_or_default().to_owned(),
            content_type: resource.content_type.clone(),
            cache_control: resource.cache_control.clone(),
            store: strategy_of(arm)
                .filter(|strategy| strategy.reads.revision || strategy.reads.shared_tag)
                .map(|_| directory.join("store.sqlite")),
            database: strategy_of(arm)
                .filter(|strategy| strategy.reads.shared_tag)
                .map(|_| directory.join("database.sqlite")),
            codings: resource.codings.clone(),
            last_modified: resource.last_modified,
        }
    }

    fn balancer_settings(&self, arm: &Arm, fleet: &Fleet) -> Settings {
        let replicas = fleet
            .addresses()
            .into_iter()
            .map(|(id, address)| balancer::Replica { id, authority: address.to_string() });
        let policy = policy_of(arm);
        let mut settings = Settings::new(replicas.collect(), (policy.make)(self.scenario.seed));
        settings.edge = arm.setup.edge;
        settings.declare_replica = true;
        settings.limits.response_head = self.scenario.timeout;
        settings
    }

    fn load(&self, arm: &Arm) -> Load {
        let setup = &arm.setup;
        Load {
            rounds: Rounds { clients: setup.clients.get(), polls: setup.polls.get() },
            cadence: match setup.cadence {
                scenario::Cadence::Lockstep => client::Cadence::Lockstep,
                scenario::Cadence::Shuffled => client::Cadence::Shuffled,
                scenario::Cadence::OpenLoop { interval, jitter } => {
                    client::Cadence::OpenLoop { interval, jitter }
                }
            },
            seed: self.scenario.seed,
            connections: setup.connections.get(),
            timeout: self.scenario.timeout,
            identify_clients: policy_of(arm).pins == balancer::Pins::Client,
            capture: self.capture,
            caching: setup.caching,
            on_error: OnError::default(),
            obey_poll_interval: false,
            log_takes: false,
        }
    }
}

/// The catalogue's entry for the policy of an arm.
pub(crate) fn policy_of(arm: &Arm) -> &'static balancer::Entry {
    balancer::catalogue::find(&arm.setup.policy).expect("a scenario names known policies only")
}

/// The catalogue's entry for the strategy of an arm; `None` for a program of the user's.
pub(crate) fn strategy_of(arm: &Arm) -> Option<&'static strategies::Entry> {
    match &arm.replica {
        Replica::Strategy(strategy) => {
            Some(strategies::find(strategy).expect("a scenario names known strategies only"))
        }
        Replica::Command(_) => None,
    }
}

/// Carries out the timeline on a running fleet.
struct Script<'a> {
    stage: &'a Stage<'a>,
    arm: &'a Arm,
    timeline: &'a Timeline,
    gateway: &'a Gateway,
    fleet: Fleet,
    /// What each replica holds; `None` while it is dead.
    held: Vec<Option<u32>>,
    reached: Reached,
}

impl<'a> Script<'a> {
    fn new(
        stage: &'a Stage<'a>,
        arm: &'a Arm,
        timeline: &'a Timeline,
        fleet: Fleet,
        gateway: &'a Gateway,
    ) -> Self {
        let held = vec![Some(0); arm.setup.histories.len()];
        Self { stage, arm, timeline, gateway, fleet, held, reached: Reached::default() }
    }

    async fn reach(&mut self, round: u32) -> Result<Reached, FleetError> {
        for &step in self.timeline.steps(round) {
            match step {
                Step::Deploy { replica, edition, completes } => {
                    self.deploy(replica, edition).await?;
                    if completes {
                        self.reached.complete_changes += 1;
                        self.reached.edition = edition;
                    }
                }
                Step::Kill(replica) => {
                    self.fleet.kill(replica).await;
                    self.held[replica] = None;
                }
                Step::Restart(replica) => self.restart(replica).await?,
                Step::Reconnect => self.reached.reconnects += 1,
                Step::Edge(edge) => self.gateway.set_edge(edge),
            }
        }
        Ok(self.reached)
    }

    async fn deploy(&mut self, replica: usize, edition: u32) -> Result<(), FleetError> {
        if self.held[replica].is_none() {
            return Ok(());
        }
        self.held[replica] = Some(edition);
        let deployment = self.stage.deployment(self.arm, replica, edition);
        self.fleet.deploy(replica, &deployment).await
    }

    async fn restart(&mut self, replica: usize) -> Result<(), FleetError> {
        let edition = self.held[replica].unwrap_or(self.reached.edition);
        let deployment = self.stage.deployment(self.arm, replica, edition);
        self.fleet.restart(replica, &deployment).await?;
        self.held[replica] = Some(edition);
        self.gateway.readmit(replica);
        Ok(())
    }
}
