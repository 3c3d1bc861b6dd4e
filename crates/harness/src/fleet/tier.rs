//! A fleet as the tier of an arm: what each replica holds, who writes, and the store that they
//! share.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::{Holdings, PollOutcome};
use http::{HeaderMap, StatusCode};
use origin::ChangeStep;
use origin::shared_tags::LEASE;
use scenario::{Cadence, PollInterval, Program};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use truth::{ContentId, ReplicaId};
use wire::json::JsonClient;

use super::arguments::arguments;
use super::replicas::Fleet;
use super::{FleetSpec, ReplicaProgram};
use crate::error::RunError;
use crate::stage::Stage;
use crate::tag_store::RunningStore;
use crate::tier::{Reroute, Tier, TierAccount};
use model::FleetStep;

/// Longest time until a replica asks a store again that has failed.
const STORE_PAUSE: Duration = origin::shared_tags::stores::PAUSE;

/// Longest wait for the answer of a foreign replica to a question of the lab itself.
const ANSWER: Duration = Duration::from_secs(2);

/// A running fleet and its store.
pub(crate) struct FleetTier<'a> {
    stage: &'a Stage<'a>,
    fleet: Arc<Mutex<Fleet>>,
    store: Option<RunningStore>,
    /// True if it shares something, so that its counts are worth a row.
    is_counted: bool,
    /// The edition that each replica holds; `None` while it is dead.
    held: Vec<Option<u32>>,
    /// The newest edition that every replica has got.
    complete: u32,
    /// Index of the replica that made the last change.
    writer: usize,
    /// Moment just before the last announcement of a change whose tag is not published yet.
    announced: Option<Instant>,
    /// Marks that may have expired before the next step of their change.
    expired: u32,
    /// True if creations are held since the last round.
    is_holding: bool,
    /// Waits for held requests and lets them go on, while polls go on.
    releases: JoinSet<Result<(), RunError>>,
    /// What foreign replicas were given; `None` where polls are in flight while that changes.
    holdings: Option<Arc<Holdings>>,
}

impl<'a> FleetTier<'a> {
    /// Starts replicas of the lab, after the store that they share; returns when each serves its
    /// first content.
    pub(crate) async fn of_strategy(
        stage: &'a Stage<'a>,
        strategy: &'static strategies::Entry,
    ) -> Result<Self, RunError> {
        let sharing = &stage.arm.setup.sharing;
        let store = if strategy.reads.shared_tag { Some(start_store(stage).await?) } else { None };
        let program = own_program(stage, strategy, store.as_ref());
        Self::start(stage, program, store, sharing.database || strategy.reads.shared_tag).await
    }

    /// Starts foreign replicas; returns when each accepts connections.
    pub(crate) async fn of_program(
        stage: &'a Stage<'a>,
        program: &Program,
    ) -> Result<Self, RunError> {
        let program = ReplicaProgram::Foreign(program.clone());
        Self::start(stage, program, None, false).await
    }

    async fn start(
        stage: &'a Stage<'a>,
        program: ReplicaProgram,
        store: Option<RunningStore>,
        is_counted: bool,
    ) -> Result<Self, RunError> {
        let histories = stage.arm.setup.histories.clone();
        let replicas = histories.len();
        let deployments: Vec<_> =
            (0..replicas).map(|replica| stage.deployment(replica, 0)).collect();
        let waits = !matches!(stage.arm.setup.cadence, Cadence::OpenLoop { .. });
        let is_foreign = matches!(program, ReplicaProgram::Foreign(_));
        let holdings = (is_foreign && waits).then(Arc::<Holdings>::default);
        let (lab, directory) = (stage.program.to_owned(), stage.folder());
        let exceptions = BTreeMap::new();
        let disclosure = stage.disclosure;
        let spec = FleetSpec { lab, disclosure, directory, program, exceptions, histories };
        let fleet = match Fleet::start(spec, &deployments).await {
            Ok(fleet) => fleet,
            Err(error) => {
                // An external store is left as it was found, whatever happens.
                stop_store(store).await;
                return Err(error);
            }
        };
        for replica in &fleet.replicas {
            if let Some(holdings) = &holdings {
                holdings.give(replica.id, content_id(stage, 0));
            }
        }
        Ok(Self {
            stage,
            fleet: Arc::new(Mutex::new(fleet)),
            store,
            is_counted,
            held: vec![Some(0); replicas],
            complete: 0,
            writer: 0,
            announced: None,
            expired: 0,
            is_holding: false,
            releases: JoinSet::new(),
            holdings,
        })
    }

    async fn deploy(&mut self, replica: usize, edition: u32) -> Result<(), RunError> {
        if replica + 1 == self.held.len() {
            self.complete = edition;
        }
        // A dead replica misses the change, as does one that has left.
        if self.held.get(replica).copied().flatten().is_none() {
            return Ok(());
        }
        self.held[replica] = Some(edition);
        let deployment = self.stage.deployment(replica, edition);
        self.fleet.lock().await.replicas[replica].deploy(&deployment).await?;
        self.give(replica, edition).await;
        if self.announced.is_some() {
            // A lease has to cover the writer's commit, not the time in which a harness tells one
            // replica after the other what to declare. Without a mark meanwhile, those that were
            // told and those that were not would disagree about a 304 that is right.
            self.write_in_time(edition, ChangeStep::Announce).await?;
        }
        Ok(())
    }

    /// Notes what a foreign replica was given. One that has sent what it was given before is asked
    /// once, as by another client, whether it has read the new content.
    async fn give(&self, index: usize, edition: u32) {
        let Some(holdings) = &self.holdings else { return };
        let fleet = self.fleet.lock().await;
        let (id, address) = (fleet.replicas[index].id, fleet.replicas[index].process.address());
        let follows = holdings.held(id).is_some();
        holdings.give(id, content_id(self.stage, edition));
        if follows {
            let path = &self.stage.scenario.resource.path;
            let asked = JsonClient::at(address, ANSWER).get(path, HeaderMap::new()).await;
            // Without an answer nothing is known, which is no failure of the run.
            if let Some(answer) = asked.ok().filter(|answer| answer.status == StatusCode::OK) {
                holdings.sent(id, ContentId::of(&answer.content));
            }
        }
    }

    /// Announces a change at the first living replica; the next change may be another's.
    async fn announce(&mut self, edition: u32, commits: bool) -> Result<(), RunError> {
        self.writer = self.held.iter().position(Option::is_some).unwrap_or_default();
        self.announced = Some(Instant::now());
        let steps = [ChangeStep::Announce, ChangeStep::Commit];
        self.write(edition, if commits { &steps } else { &steps[..1] }).await
    }

    /// Takes the next step of a change, and notes if its mark may have expired before that.
    async fn write_in_time(&mut self, edition: u32, step: ChangeStep) -> Result<(), RunError> {
        let (before, now) = (self.announced, Instant::now());
        self.write(edition, &[step]).await?;
        // Only now, because nobody knows when within the step the store got the message.
        let passed = before.map(|before| before.elapsed());
        let lease = self.stage.arm.setup.sharing.lease.unwrap_or(LEASE);
        self.expired += u32::from(passed > Some(lease));
        self.announced = Some(now).filter(|_| step == ChangeStep::Announce);
        Ok(())
    }

    /// Makes some steps of a change at the writer; one that has died meanwhile makes none.
    async fn write(&mut self, edition: u32, steps: &[ChangeStep]) -> Result<(), RunError> {
        if self.held[self.writer].is_none() {
            return Ok(());
        }
        let deployment = self.stage.deployment(self.writer, edition);
        self.fleet.lock().await.replicas[self.writer].change(&deployment, Some(steps)).await
    }

    /// Makes tags in another way at one replica, or at all and at those that join later: new processes
    /// take the place of those that live, one after the other, and none is away meanwhile.
    async fn set_strategy(
        &mut self,
        replica: Option<usize>,
        strategy: &'static strategies::Entry,
    ) -> Result<Vec<Reroute>, RunError> {
        if strategy.reads.shared_tag && self.store.is_none() {
            self.store = Some(start_store(self.stage).await?);
        }
        self.is_counted |= strategy.reads.shared_tag;
        let store = self.store.as_ref().filter(|_| strategy.reads.shared_tag);
        let program = own_program(self.stage, strategy, store);
        let mut fleet = self.fleet.lock().await;
        fleet.set_program(replica, program);
        let mut reroutes = Vec::new();
        for (index, edition) in self.held.iter().enumerate() {
            // One that is dead comes back with the new strategy.
            let Some(edition) = edition else { continue };
            if replica.is_none_or(|replica| replica == index) {
                let deployment = self.stage.deployment(index, *edition);
                let address = fleet.replace(index, &deployment).await?;
                reroutes.push(Reroute::To(index, address));
            }
        }
        Ok(reroutes)
    }

    /// Gives the fleet this size; those that join have what every replica should have by now.
    async fn scale(&mut self, replicas: usize) -> Result<Vec<Reroute>, RunError> {
        let mut fleet = self.fleet.lock().await;
        let mut joined = Vec::new();
        while self.held.len() < replicas {
            let index = self.held.len();
            let deployment = self.stage.deployment(index, self.complete);
            joined.push(Reroute::To(index, fleet.join(&deployment).await?));
            self.held.push(Some(self.complete));
        }
        fleet.leave(replicas);
        self.held.truncate(replicas);
        if self.writer >= replicas {
            self.writer = 0;
        }
        Ok(joined.into_iter().chain([Reroute::Size(replicas)]).collect())
    }

    async fn store_up(&mut self) -> Result<(), RunError> {
        let Some(store) = &mut self.store else { return Ok(()) };
        let polls_wait = !matches!(self.stage.arm.setup.cadence, Cadence::OpenLoop { .. });
        store.up(polls_wait && self.announced.is_none()).await?;
        if polls_wait {
            // The next polls find replicas that all ask the store again, so that a run can be
            // repeated.
            tokio::time::sleep(STORE_PAUSE).await;
        }
        Ok(())
    }
}

impl Tier for FleetTier<'_> {
    type Step = FleetStep;

    const LOGS_CHANGES: bool = false;

    async fn addresses(&self) -> Vec<(ReplicaId, SocketAddr)> {
        let fleet = self.fleet.lock().await;
        fleet.replicas.iter().map(|replica| (replica.id, replica.process.address())).collect()
    }

    fn paths(&self) -> Vec<String> {
        vec![self.stage.scenario.resource.path.clone()]
    }

    async fn kill(&mut self, replica: usize) -> Result<(), RunError> {
        self.fleet.lock().await.kill(replica).await;
        self.held[replica] = None;
        Ok(())
    }

    async fn restart(&mut self, replica: usize) -> Result<Vec<Reroute>, RunError> {
        // A replica that was dead comes back with what every replica should have by now.
        let edition = self.held[replica].unwrap_or(self.complete);
        let deployment = self.stage.deployment(replica, edition);
        self.fleet.lock().await.restart(replica, &deployment).await?;
        if let Some(holdings) = &self.holdings {
            let id = self.fleet.lock().await.replicas[replica].id;
            holdings.give(id, content_id(self.stage, edition));
        }
        self.held[replica] = Some(edition);
        Ok(vec![Reroute::Back(replica)])
    }

    async fn apply(&mut self, step: FleetStep) -> Result<Vec<Reroute>, RunError> {
        match step {
            FleetStep::Deploy { replica, edition } => self.deploy(replica, edition).await?,
            FleetStep::Announce { edition, commits } => self.announce(edition, commits).await?,
            FleetStep::Publish(edition) => {
                self.write_in_time(edition, ChangeStep::Publish).await?;
            }
            FleetStep::StoreDown => {
                if let Some(store) = &mut self.store {
                    store.down().await?;
                }
            }
            FleetStep::StoreUp => self.store_up().await?,
            FleetStep::Pace(pace) => {
                self.fleet.lock().await.pace(pace.map(PollInterval::milliseconds)).await?;
            }
            FleetStep::HoldCreation => {
                self.fleet.lock().await.hold_creations().await?;
                self.is_holding = true;
            }
            FleetStep::Strategy { replica, strategy } => {
                return self.set_strategy(replica, strategy).await;
            }
            FleetStep::Scale(replicas) => return self.scale(replicas).await,
        }
        Ok(Vec::new())
    }

    async fn retire(&mut self) {
        self.fleet.lock().await.retire().await;
    }

    async fn requests_behind(&mut self) -> Result<Option<u64>, RunError> {
        if !self.is_counted {
            return Ok(None);
        }
        Ok(Some(self.fleet.lock().await.counts().await?.queries))
    }

    fn holdings(&self) -> Option<Arc<Holdings>> {
        self.holdings.clone()
    }

    fn round_begins(&mut self) {
        // Not before: the requests that are waited for come with the polls of this round.
        if std::mem::take(&mut self.is_holding) {
            let fleet = Arc::clone(&self.fleet);
            self.releases.spawn(async move { fleet.lock().await.release_creations().await });
        }
    }

    async fn account(&mut self, _outcome: &PollOutcome<RunError>) -> Result<TierAccount, RunError> {
        while let Some(released) = self.releases.try_join_next() {
            released.expect("a release is not aborted, and does not panic")?;
        }
        // A release that still waits would wait for ever: there are no more requests.
        self.releases.shutdown().await;
        let mut fleet = self.fleet.lock().await;
        // Nothing where the system does not report it of one, as of a foreign program.
        let origin_cpu = fleet.replicas.iter().map(|replica| replica.process.cpu()).sum();
        let counts = if self.is_counted { Some(fleet.counts().await?) } else { None };
        let expired_marks = self.expired;
        Ok(TierAccount { origin_cpu, counts, expired_marks, ..TierAccount::default() })
    }

    async fn stop(mut self) {
        self.releases.shutdown().await;
        for replica in &mut self.fleet.lock().await.replicas {
            replica.process.close().await;
        }
        stop_store(self.store).await;
    }
}

fn content_id(stage: &Stage<'_>, edition: u32) -> ContentId {
    ContentId::of(stage.editions().content(edition))
}

/// The program of the lab's own replicas with this strategy; `store` is that of shared tags.
fn own_program(
    stage: &Stage<'_>,
    strategy: &'static strategies::Entry,
    store: Option<&RunningStore>,
) -> ReplicaProgram {
    let (arm, resource) = (stage.arm, &stage.scenario.resource);
    ReplicaProgram::Own {
        arguments: arguments(strategy, arm, resource, &stage.folder(), store),
        poll_interval_ms: arm.setup.sharing.poll_interval.map(PollInterval::milliseconds),
        shares_tags: store.is_some(),
    }
}

async fn start_store(stage: &Stage<'_>) -> Result<RunningStore, RunError> {
    let (sharing, path) = (&stage.arm.setup.sharing, &stage.scenario.resource.path);
    RunningStore::start(sharing, stage.program, &stage.folder(), path).await
}

async fn stop_store(store: Option<RunningStore>) {
    if let Some(store) = store {
        store.stop().await;
    }
}
