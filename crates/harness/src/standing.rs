//! A fleet without clients of its own, which stands until it is stopped: replicas and balancer for
//! whoever asks them, and orders in the place of a timeline.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use client::{Meter, Milestone};
use model::Editions;
use scenario::{Arm, Replica, Scenario};
use tokio::sync::{mpsc, oneshot, watch};

use crate::arm::{Script, before};
use crate::disclosure::Disclosure;
use crate::editions;
use crate::error::RunError;
use crate::files::WriteError;
use crate::fleet::FleetTier;
use crate::live::{LiveRequest, Session};
use crate::run::stopped;
use crate::stage::Stage;
use crate::tier::Tier;

/// Everything that a standing fleet needs beside its scenario.
pub struct Standing {
    /// The `etag-lab` program, started as replica.
    pub program: PathBuf,
    /// Folder for the replicas' copies; must exist, and is its owner's to remove.
    pub folder: PathBuf,
    /// Becomes true when the fleet shall end.
    pub stop: watch::Receiver<bool>,
    /// Orders, one after the other.
    pub orders: mpsc::Receiver<LiveRequest>,
    /// Gets the addresses once all servers answer.
    pub ready: oneshot::Sender<StandingAt>,
    /// How much the replicas say of themselves.
    pub disclosure: Disclosure,
}

/// Addresses of a standing fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAt {
    /// Of the balancer.
    pub balancer: SocketAddr,
    /// Of each replica; one that is restarted keeps its own.
    pub replicas: Vec<SocketAddr>,
}

/// Lets a fleet of the lab's own replicas stand until it is stopped; an error is one of its beginning.
///
/// # Panics
///
/// If the arm has no strategy: no other kind of fleet stands.
pub async fn stand(scenario: &Scenario, arm: &Arm, standing: Standing) -> Result<(), RunError> {
    let editions = Editions::of(scenario);
    let directory = standing.folder.clone();
    editions::write(&editions, &directory).map_err(WriteError::of(&directory))?;
    let stage = Stage {
        scenario,
        arm,
        editions: &RwLock::new(editions),
        room: 0,
        program: &standing.program.clone(),
        directory: &directory,
        meter: &Arc::new(Meter::default()),
        capture: None,
        local_shards: None,
        disclosure: standing.disclosure,
    };
    let folder = stage.folder();
    std::fs::create_dir_all(&folder).map_err(WriteError::of(&folder))?;
    answer(&stage, standing).await
}

/// Starts replicas and balancer, and obeys orders until the end.
async fn answer(stage: &Stage<'_>, standing: Standing) -> Result<(), RunError> {
    let Replica::Strategy(strategy) = stage.arm.replica else {
        panic!("a standing fleet has replicas of the lab");
    };
    let tier = tokio::select! {
        biased;
        () = stopped(&standing.stop) => return Ok(()),
        tier = FleetTier::of_strategy(stage, strategy) => tier?,
    };
    let (gateway, _) = before(stage, &tier).await?;
    let replicas = tier.addresses().await.into_iter().map(|(_, address)| address).collect();
    // Whoever no longer waits for them has stopped the fleet as well.
    let _ = standing.ready.send(StandingAt { balancer: gateway.address(), replicas });
    let script = Script { tier, gateway: &gateway, reached: Milestone::default() };
    let arm = stage.arm.clone();
    let mut session = Session { script, arm, stage, paused: false, orders: standing.orders };
    let obeyed = async {
        loop {
            session.next().await;
        }
    };
    tokio::select! {
        () = stopped(&standing.stop) => {}
        () = obeyed => {}
    }
    let tier = session.script.tier;
    drop(gateway);
    tier.stop().await;
    Ok(())
}
