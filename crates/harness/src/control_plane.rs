//! Runs one arm whose clients poll a control plane: starts the source and its proxies, polls, lets
//! happen what the timeline says, and accounts for it.
//!
//! What was asked of the source, the source counts itself; how late a change reached whom follows
//! from what the clients took and when.

mod editions;
mod freshness;
mod process;
mod prometheus;
mod proxy;
mod routes;
mod source;
mod tier;

use std::path::Path;

use client::{Milestone, PollOutcome, PollTarget};
use thiserror::Error;

use self::source::Account;
use self::tier::Tier;
use crate::arm::{Ran, Stage};
use crate::gateway::Gateway;
use crate::run::RunError;
use crate::timeline::{Step, Timeline};
use scenario::{Arm, ControlPlane, SharingEventKind};

pub use self::editions::EditionError;
pub use self::process::ProcessError;
pub use self::source::SourceError;

/// Why a control plane does not do what it was asked.
#[derive(Debug, Error)]
pub enum ControlPlaneError {
    /// The source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A proxy.
    #[error(transparent)]
    Proxy(#[from] ProcessError),
    /// The routes make no table.
    #[error(transparent)]
    Edition(#[from] EditionError),
}

/// Makes all polls of `arm` against `plane`, or as many as come before `stop`.
pub(crate) async fn run(
    stage: &Stage<'_>,
    arm: &Arm,
    plane: &ControlPlane,
    timeline: &Timeline,
    directory: &Path,
    stop: impl Future<Output = ()>,
) -> Result<Ran, RunError> {
    let mut stop = std::pin::pin!(stop);
    let mut tier = tokio::select! {
        biased;
        () = &mut stop => return Ok(Ran::nothing()),
        tier = Tier::start(stage, plane, directory) => tier.map_err(RunError::from)?,
    };
    let settings = stage.balancer_settings(arm, &tier.addresses());
    let gateway = Gateway::start(settings).map_err(RunError::Listen)?;
    let target = PollTarget::new(gateway.address(), &tier.paths()[0])
        .and_paths(&tier.paths()[1..])
        .and_then(|target| target.accepting(&arm.setup.accept_encoding))
        .expect("paths are the lab's own, and a scenario holds valid codings only");
    let mut load = stage.load(arm);
    load.log_changes = true;
    tier.begin().await?;
    let mut script = Script { tier, timeline, gateway: &gateway, reached: Milestone::default() };
    let reach = async |round| script.reach(round).await;
    let outcome = client::poll(&target, &load, &timeline.rounds(), reach, stage.meter, stop).await;
    let mut tier = script.tier;
    let accounted = tier.account(arm, plane, &outcome).await;
    let proxies_cpu = tier.proxies_cpu();
    drop(gateway);
    tier.stop().await;
    // What was polled is worth keeping, even if the source cannot say any more what it was asked.
    let failure = outcome.failure.map(RunError::from);
    let (control_plane, source) = match accounted {
        Ok((record, source)) => (Some(record), source),
        Err(error) if failure.is_none() => return Err(error.into()),
        Err(_) => (None, Account::default()),
    };
    let origin_cpu = if plane.is_direct() { source.cpu } else { proxies_cpu };
    let PollOutcome { tally, transcript, changes, complete, .. } = outcome;
    let outcome = PollOutcome { tally, transcript, changes, complete, failure };
    Ok(Ran { outcome, origin_cpu, control_plane, counts: None })
}

/// Carries out the timeline on a running control plane.
struct Script<'a> {
    tier: Tier,
    timeline: &'a Timeline,
    gateway: &'a Gateway,
    reached: Milestone,
}

impl Script<'_> {
    async fn reach(&mut self, round: u32) -> Result<Milestone, ControlPlaneError> {
        for &step in self.timeline.steps(round) {
            match step {
                // There is one source: it has the change when the first replica would have it.
                Step::Deploy { replica: 0, edition, .. } => self.tier.change(edition).await?,
                Step::Kill(proxy) => self.tier.kill_proxy(proxy).await,
                Step::Restart(proxy) => {
                    self.tier.restart_proxy(proxy).await?;
                    if !self.tier.is_direct() {
                        self.gateway.readmit(proxy);
                    }
                }
                Step::SourceDown => self.tier.kill_source().await?,
                Step::SourceUp => {
                    self.tier.restart_source().await?;
                    if self.tier.is_direct() {
                        self.gateway.readmit(0);
                    }
                }
                Step::Reconnect => self.reached.reconnects += 1,
                Step::Edge(edge) => self.gateway.set_edge(edge),
                Step::Sharing(SharingEventKind::Resume) => self.reached.resumes += 1,
                // Proxies have no content of their own, share no tags and set nobody's pace.
                Step::Deploy { .. }
                | Step::Announce { .. }
                | Step::Publish(_)
                | Step::Sharing(_) => {}
            }
        }
        Ok(self.reached)
    }
}
