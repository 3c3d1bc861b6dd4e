//! Carries out the timeline of an arm on its running fleet.

use std::cell::Cell;
use std::time::Duration;

use client::Milestone;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::arm::Stage;
use crate::fleet::{Fleet, FleetError};
use crate::gateway::Gateway;
use crate::run::RunError;
use crate::tag_store::RunningStore;
use crate::timeline::{Step, Timeline};
use scenario::{Arm, Cadence, PollInterval, SharingEventKind};

/// Replicas take this long, at most, to ask a store again that has failed.
const STORE_PAUSE: Duration = origin::shared::tags::PAUSE;

/// What an arm runs on.
pub(crate) struct Script<'a> {
    stage: &'a Stage<'a>,
    arm: &'a Arm,
    timeline: &'a Timeline,
    gateway: &'a Gateway,
    fleet: &'a Mutex<Fleet>,
    store: &'a mut Option<RunningStore>,
    /// Told whenever creations are held.
    holds: UnboundedSender<()>,
    /// What each replica holds; `None` while it is dead.
    held: Vec<Option<u32>>,
    /// Who made the last change, counted from 0.
    writer: usize,
    /// Whether a change has been announced whose tag is yet to come.
    is_announced: bool,
    reached: Milestone,
}

impl<'a> Script<'a> {
    pub(crate) fn new(
        stage: &'a Stage<'a>,
        arm: &'a Arm,
        timeline: &'a Timeline,
        gateway: &'a Gateway,
        fleet: &'a Mutex<Fleet>,
        store: &'a mut Option<RunningStore>,
        holds: UnboundedSender<()>,
    ) -> Self {
        let held = vec![Some(0); arm.setup.histories.len()];
        Self {
            stage,
            arm,
            timeline,
            gateway,
            fleet,
            store,
            holds,
            held,
            writer: 0,
            is_announced: false,
            reached: Milestone::default(),
        }
    }

    /// Lets happen what comes before this round.
    pub(crate) async fn reach(&mut self, round: u32) -> Result<Milestone, RunError> {
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
                    self.fleet.lock().await.kill(replica).await;
                    self.held[replica] = None;
                }
                Step::Restart(replica) => self.restart(replica).await?,
                Step::Reconnect => self.reached.reconnects += 1,
                Step::Edge(edge) => self.gateway.set_edge(edge),
                Step::Announce { edition, commits } => self.announce(edition, commits).await?,
                Step::Publish(edition) => self.publish(edition).await?,
                Step::Sharing(kind) => self.share(kind).await?,
                // Replicas have no source behind them.
                Step::SourceDown | Step::SourceUp => {}
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
        self.fleet.lock().await.deploy(replica, &deployment).await
    }

    async fn restart(&mut self, replica: usize) -> Result<(), FleetError> {
        let edition = self.held[replica].unwrap_or(self.reached.edition);
        let deployment = self.stage.deployment(self.arm, replica, edition);
        self.fleet.lock().await.restart(replica, &deployment).await?;
        self.held[replica] = Some(edition);
        self.gateway.readmit(replica);
        Ok(())
    }

    /// The first replica that lives makes the change; the next one may be another's.
    async fn announce(&mut self, edition: u32, commits: bool) -> Result<(), FleetError> {
        self.writer = self.held.iter().position(Option::is_some).unwrap_or_default();
        self.is_announced = true;
        let deployment = self.stage.deployment(self.arm, self.writer, edition);
        match self.held[self.writer] {
            Some(_) => self.fleet.lock().await.announce(self.writer, &deployment, commits).await,
            None => Ok(()),
        }
    }

    /// A writer that has died meanwhile publishes nothing.
    async fn publish(&mut self, edition: u32) -> Result<(), FleetError> {
        self.is_announced = false;
        let deployment = self.stage.deployment(self.arm, self.writer, edition);
        match self.held[self.writer] {
            Some(_) => self.fleet.lock().await.publish(self.writer, &deployment).await,
            None => Ok(()),
        }
    }

    async fn share(&mut self, kind: SharingEventKind) -> Result<(), RunError> {
        match kind {
            SharingEventKind::StoreDown => {
                if let Some(store) = self.store {
                    store.down().await?;
                }
            }
            SharingEventKind::StoreUp => self.store_up().await?,
            SharingEventKind::Pace(pace) => {
                let pace = pace.map(PollInterval::milliseconds);
                self.fleet.lock().await.pace(pace).await?;
            }
            SharingEventKind::Resume => self.reached.resumes += 1,
            SharingEventKind::HoldCreation => {
                self.fleet.lock().await.hold_creations().await?;
                // The other end goes when the arm does.
                let _ = self.holds.send(());
            }
        }
        Ok(())
    }

    /// Where polls wait for us, they find a store that every replica asks again.
    async fn store_up(&mut self) -> Result<(), RunError> {
        let Some(store) = self.store.as_mut() else { return Ok(()) };
        let polls_wait = !matches!(self.arm.setup.cadence, Cadence::OpenLoop { .. });
        store.up(polls_wait && !self.is_announced).await?;
        if polls_wait {
            tokio::time::sleep(STORE_PAUSE).await;
        }
        Ok(())
    }
}

/// Lets requests go on that are held, each time as soon as there is one on every replica; until
/// nobody can hold any more. Polls go on meanwhile.
pub(crate) async fn release_held(
    fleet: &Mutex<Fleet>,
    mut holds: UnboundedReceiver<()>,
    failure: &Cell<Option<FleetError>>,
) {
    while holds.recv().await.is_some() {
        if let Err(error) = fleet.lock().await.release_creations().await {
            failure.set(Some(error));
        }
    }
}
