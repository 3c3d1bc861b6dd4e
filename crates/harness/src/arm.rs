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
use crate::tier::{Reroute, Tier, TierAccount};
use model::{Step, Timeline};

/// Result of running one arm.
pub(crate) type ArmResult = (PollOutcome<RunError>, TierAccount);

/// Makes all polls of an arm, or as many as come before `stop`.
pub(crate) async fn run(
    stage: &Stage<'_>,
    stop: impl Future<Output = ()>,
) -> Result<ArmResult, RunError> {
    let folder = stage.folder();
    std::fs::create_dir_all(&folder).map_err(WriteError::of(&folder))?;
    match &stage.arm.replica {
        Replica::ControlPlane(plane) => {
            poll(stage, ControlPlaneTier::start(stage, plane), stop).await
        }
        Replica::Strategy(strategy) => {
            poll(stage, FleetTier::of_strategy(stage, strategy), stop).await
        }
        Replica::Command(program) => poll(stage, FleetTier::of_program(stage, program), stop).await,
    }
}

async fn poll<T: Tier>(
    stage: &Stage<'_>,
    start: impl Future<Output = Result<T, RunError>>,
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
    let (gateway, target) = before(stage, &tier).await?;
    let paths = tier.paths();
    tier.begin().await?;
    let timeline = Timeline::<T::Step>::of(stage.scenario, stage.arm);
    let load = stage.load(T::LOGS_CHANGES);
    let rounds = if gateway.follows_rounds() {
        (0..load.rounds.count()).collect()
    } else {
        timeline.rounds()
    };
    let mut script = Script { tier, gateway: &gateway, reached: Milestone::default() };
    let reach = async |round| script.reach(round, timeline.steps(round)).await;
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

/// The balancer before a tier, and what clients poll there.
pub(crate) async fn before<T: Tier>(
    stage: &Stage<'_>,
    tier: &T,
) -> Result<(Gateway, PollTarget), RunError> {
    let balancer = stage.balancer(&tier.addresses().await);
    let gateway = Gateway::start(balancer, &stage.arm.setup).map_err(RunError::Listen)?;
    let paths = tier.paths();
    let target = PollTarget::new(gateway.address(), &paths[0])
        .and_paths(&paths[1..])
        .and_then(|target| target.sending(&stage.arm.setup.fields))
        .expect("a scenario holds valid paths and codings only")
        .knowing(tier.holdings());
    Ok((gateway, target))
}

/// Lets happen what a timeline or an order holds.
pub(crate) struct Script<'a, T: Tier> {
    pub(crate) tier: T,
    pub(crate) gateway: &'a Gateway,
    pub(crate) reached: Milestone,
}

impl<T: Tier> Script<'_, T> {
    /// Lets happen what comes before this round.
    async fn reach(&mut self, round: u32, steps: &[Step<T::Step>]) -> Result<Milestone, RunError> {
        let reached = self.carry_out(steps).await;
        self.gateway.round_begins(round);
        reached
    }

    /// Lets these things happen, one after the other.
    pub(crate) async fn carry_out(
        &mut self,
        steps: &[Step<T::Step>],
    ) -> Result<Milestone, RunError> {
        let balancer = &self.gateway.balancer;
        for &step in steps {
            let mut reroutes = Vec::new();
            match step {
                Step::Reconnect => self.reached.reconnects += 1,
                Step::Resume => self.reached.resumes += 1,
                Step::Complete(edition) => {
                    self.reached.complete_changes += 1;
                    self.reached.edition = edition;
                }
                Step::Edge(edge) => balancer.set_edge(edge),
                Step::Policy(policy) => balancer.set_policy((policy.make)(self.gateway.seed)),
                Step::Clients(clients) => self.reached.pollers = Some(clients),
                Step::Kill(index) => self.tier.kill(index).await?,
                Step::Restart(index) => reroutes = self.tier.restart(index).await?,
                Step::Tier(step) => reroutes = self.tier.apply(step).await?,
            }
            for reroute in reroutes {
                match reroute {
                    Reroute::Back(index) => balancer.bring_back(index),
                    Reroute::To(index, address) => {
                        balancer.readdress(index, &address.to_string());
                    }
                    Reroute::Size(servers) => balancer.resize(servers),
                }
            }
            self.tier.retire().await;
        }
        self.tier.round_begins();
        Ok(self.reached)
    }
}
