//! Runs one arm: starts its tier and the balancer, polls, lets happen what the timeline holds, and
//! asks for the account.

use client::{Milestone, PollOutcome, PollTarget};
use scenario::Replica;

use crate::control_plane::ControlPlaneTier;
use crate::error::RunError;
use crate::files::WriteError;
use crate::fleet::FleetTier;
use crate::gateway::Gateway;
use crate::local_shards::{self, DividedPolls};
use crate::stage::Stage;
use crate::tier::{Tier, TierAccount};
use model::{Step, Timeline};

/// Result of running one arm.
pub(crate) type ArmResult = (PollOutcome<RunError>, TierAccount);

/// Makes all polls of an arm, or as many as come before `stop`.
pub(crate) async fn run(
    stage: &Stage<'_>,
    stop: impl Future<Output = ()>,
) -> Result<ArmResult, RunError> {
    let (scenario, arm) = (stage.scenario, stage.arm);
    let folder = stage.folder();
    std::fs::create_dir_all(&folder).map_err(WriteError::of(&folder))?;
    match &arm.replica {
        Replica::ControlPlane(plane) => {
            let timeline = Timeline::of_control_plane(scenario, arm);
            poll(stage, ControlPlaneTier::start(stage, plane), &timeline, stop).await
        }
        Replica::Strategy(strategy) => {
            let (start, timeline) =
                (FleetTier::of_strategy(stage, strategy), Timeline::of_fleet(scenario, arm));
            poll(stage, start, &timeline, stop).await
        }
        Replica::Command(program) => {
            let timeline = Timeline::of_fleet(scenario, arm);
            poll(stage, FleetTier::of_program(stage, program), &timeline, stop).await
        }
    }
}

async fn poll<T: Tier>(
    stage: &Stage<'_>,
    start: impl Future<Output = Result<T, RunError>>,
    timeline: &Timeline<T::Step>,
    stop: impl Future<Output = ()>,
) -> Result<ArmResult, RunError> {
    let mut stop = std::pin::pin!(stop);
    let mut tier = tokio::select! {
        // An order to stop that is there already comes before anything is started.
        biased;
        () = &mut stop => {
            return Ok((PollOutcome::nothing(), TierAccount::default()));
        }
        tier = start => tier?,
    };
    let balancer = stage.balancer(&tier.addresses().await);
    let gateway = Gateway::start(balancer, &stage.arm.setup).map_err(RunError::Listen)?;
    let paths = tier.paths();
    let target = PollTarget::new(gateway.address(), &paths[0])
        .and_paths(&paths[1..])
        .and_then(|target| target.sending(&stage.arm.setup.fields))
        .expect("a scenario holds valid paths and codings only")
        .knowing(tier.holdings());
    tier.begin().await?;
    let load = stage.load(T::LOGS_CHANGES);
    let rounds = if gateway.follows_rounds() {
        (0..load.rounds.count()).collect()
    } else {
        timeline.rounds()
    };
    let mut script = Script { tier, timeline, gateway: &gateway, reached: Milestone::default() };
    let reach = async |round| script.reach(round).await;
    let mut outcome = match stage.local_shards {
        None => client::poll(&target, &load, &rounds, reach, stage.meter, stop).await,
        Some(shards) => {
            let (address, milestones) = (gateway.address(), rounds.as_slice());
            let polls = DividedPolls { address, paths: &paths, load: &load, milestones };
            local_shards::poll(stage, shards, &polls, reach, stop).await?
        }
    };
    let mut tier = script.tier;
    let cache = gateway.cached();
    // No exchange is under way any more when servers report what they have counted.
    drop(gateway);
    let account = tier.account(&outcome).await;
    tier.stop().await;
    let account = account.unwrap_or_else(|error| {
        // What was polled is worth keeping, even if the servers cannot account for it.
        outcome.complete = false;
        outcome.failure.get_or_insert(error);
        TierAccount::default()
    });
    let account = TierAccount { cache, ..account };
    Ok((outcome, account))
}

/// Carries out a timeline.
struct Script<'a, T: Tier> {
    tier: T,
    timeline: &'a Timeline<T::Step>,
    gateway: &'a Gateway,
    reached: Milestone,
}

impl<T: Tier> Script<'_, T> {
    /// Lets happen what comes before this round.
    async fn reach(&mut self, round: u32) -> Result<Milestone, RunError> {
        for &step in self.timeline.steps(round) {
            let mut back = None;
            match step {
                Step::Reconnect => self.reached.reconnects += 1,
                Step::Resume => self.reached.resumes += 1,
                Step::Complete(edition) => {
                    self.reached.complete_changes += 1;
                    self.reached.edition = edition;
                }
                Step::Edge(edge) => self.gateway.balancer.set_edge(edge),
                Step::Kill(index) => self.tier.kill(index).await?,
                Step::Restart(index) => back = self.tier.restart(index).await?,
                Step::Tier(step) => back = self.tier.apply(step).await?,
            }
            if let Some(index) = back {
                self.gateway.balancer.bring_back(index);
            }
        }
        self.gateway.round_begins(round);
        self.tier.round_begins();
        Ok(self.reached)
    }
}
