//! One arm that runs until it is stopped: the same processes, balancer and clients as in a run, and
//! orders in the place of a timeline.
//!
//! An order is an event or a change as a scenario has it, so that a session can be written down as one.
//! Nothing is recorded here; whoever wants to see the polls is their witness ([`client::Witness`]).

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use client::cadence::Rounds;
use client::{Capture, Load, Meter, Milestone};
use model::{Editions, Timeline};
use scenario::{Arm, Cadence, Change, ChangeKind, Event, Replica, Scenario};
use tokio::sync::{mpsc, oneshot, watch};

use crate::arm::{Script, before};
use crate::control_plane::ControlPlaneTier;
use crate::disclosure::Disclosure;
use crate::editions;
use crate::error::RunError;
use crate::files::WriteError;
use crate::fleet::FleetTier;
use crate::preflight;
use crate::run::stopped;
use crate::scratch::Scratch;
use crate::stage::Stage;
use crate::tier::Tier;

/// Everything that a live arm needs beside its scenario.
pub struct Live {
    /// The `etag-lab` program, started as replica and guard.
    pub program: PathBuf,
    /// Becomes true when the arm shall end.
    pub stop: watch::Receiver<bool>,
    /// Orders, one after the other.
    pub orders: mpsc::Receiver<LiveRequest>,
    /// Becomes true once all servers answer, just before the first poll.
    pub ready: watch::Sender<bool>,
    /// Counts the polls, and has their witness.
    pub meter: Arc<Meter>,
    /// Limits of what the witness sees of the wire; `None` shows it nothing.
    pub capture: Option<Capture>,
    /// Most replicas at a time.
    pub most_replicas: u32,
    /// Most clients at a time.
    pub most_clients: u32,
}

/// Something to be done while clients poll.
#[derive(Clone, Debug)]
pub enum LiveOrder {
    /// Lets an event happen, whatever its poll and its arm.
    Event(Event),
    /// Changes the content everywhere.
    Change(ChangeKind),
    /// Only asks how many requests have come to what is behind the servers.
    Count,
    /// Lets clients rest, or poll again: no event, since time stands still meanwhile.
    Pause(bool),
}

/// An order and the way for its answer.
#[derive(Debug)]
pub struct LiveRequest {
    /// What to do.
    pub order: LiveOrder,
    /// Answer once it is done: the count that was asked for, or why it was not done, in words.
    pub answer: oneshot::Sender<Result<Option<u64>, String>>,
}

/// Runs an arm until it is stopped; an error of it is one of its beginning.
///
/// # Panics
///
/// If the cadence of the arm is no open loop.
pub async fn live(scenario: &Scenario, arm: &Arm, live: Live) -> Result<(), RunError> {
    preflight::check(scenario).await?;
    let directory = Scratch::new("live")?;
    let editions = Editions::of(scenario);
    editions::write(&editions, directory.path()).map_err(WriteError::of(directory.path()))?;
    let meter = Arc::clone(&live.meter);
    let program = live.program.clone();
    let stage = Stage {
        scenario,
        arm,
        editions: &RwLock::new(editions),
        room: live.most_replicas.saturating_sub(arm.setup.replicas.get()),
        program: &program,
        directory: directory.path(),
        meter: &meter,
        capture: live.capture,
        local_shards: None,
        disclosure: Disclosure::Open,
    };
    let folder = stage.folder();
    std::fs::create_dir_all(&folder).map_err(WriteError::of(&folder))?;
    // The state of a tier is large, and the future of each kind need not have room for all of them.
    match &arm.replica {
        Replica::ControlPlane(plane) => {
            Box::pin(poll(&stage, ControlPlaneTier::start(&stage, plane), live)).await
        }
        Replica::Strategy(strategy) => {
            Box::pin(poll(&stage, FleetTier::of_strategy(&stage, strategy), live)).await
        }
        Replica::Command(program) => {
            Box::pin(poll(&stage, FleetTier::of_program(&stage, program), live)).await
        }
    }
}

async fn poll<T: Tier>(
    stage: &Stage<'_>,
    start: impl Future<Output = Result<T, RunError>>,
    live: Live,
) -> Result<(), RunError> {
    let mut tier = tokio::select! {
        biased;
        () = stopped(&live.stop) => return Ok(()),
        tier = start => tier?,
    };
    let (gateway, target) = before(stage, &tier).await?;
    tier.begin().await?;
    live.ready.send_replace(true);
    let pollers = Some(stage.arm.setup.clients.get());
    let reached = Milestone { pollers, ..Milestone::default() };
    let script = Script { tier, gateway: &gateway, reached };
    let mut session =
        Session { script, arm: stage.arm.clone(), stage, paused: false, orders: live.orders };
    let load = load(stage, live.most_clients);
    let next = async || Ok::<_, RunError>(session.next().await);
    let stop = stopped(&live.stop);
    client::poll_until(&target, &load, reached, next, stage.meter, stop).await;
    let tier = session.script.tier;
    drop(gateway);
    tier.stop().await;
    Ok(())
}

/// Polls without an end, by as many clients as there may ever be.
fn load(stage: &Stage<'_>, most_clients: u32) -> Load {
    let load = stage.load(false);
    let clients = most_clients.max(load.rounds.clients);
    let polls = u64::from(u32::MAX) * u64::from(clients);
    Load {
        rounds: Rounds { clients, polls },
        connections: load.connections.max(clients.min(MOST_CONNECTIONS)),
        // A policy that needs it may take the place of another one.
        identify_clients: true,
        ..load
    }
}

/// Connections that are enough for polls that an eye can follow.
const MOST_CONNECTIONS: u32 = 64;

/// A live arm while clients poll.
pub(crate) struct Session<'a, T: Tier> {
    pub(crate) script: Script<'a, T>,
    /// The arm as the orders so far have left it.
    pub(crate) arm: Arm,
    pub(crate) stage: &'a Stage<'a>,
    pub(crate) paused: bool,
    pub(crate) orders: mpsc::Receiver<LiveRequest>,
}

impl<T: Tier> Session<'_, T> {
    /// Takes the next order; returns the state of the world after it.
    pub(crate) async fn next(&mut self) -> Milestone {
        let Some(LiveRequest { order, answer }) = self.orders.recv().await else {
            // Nobody gives orders any more; the polls go on until they are stopped.
            return std::future::pending().await;
        };
        let result = self.obey(order).await.map_err(|error| error.to_string());
        // Nobody need wait for the answer.
        let _ = answer.send(result);
        let reached = self.script.reached;
        let pollers = if self.paused { Some(0) } else { reached.pollers };
        Milestone { pollers, ..reached }
    }

    async fn obey(&mut self, order: LiveOrder) -> Result<Option<u64>, RunError> {
        match order {
            LiveOrder::Event(event) => {
                let steps = Timeline::<T::Step>::of_event(&self.arm, &event);
                self.script.carry_out(&steps).await?;
                self.arm.switch(&event);
            }
            LiveOrder::Change(kind) => {
                let edition = self.stage.add_edition(kind)?;
                let change = Change::at_once(1, kind);
                let steps = Timeline::<T::Step>::of_change(&self.arm, &change, edition);
                self.script.carry_out(&steps).await?;
            }
            LiveOrder::Count => return self.script.tier.requests_behind().await,
            LiveOrder::Pause(paused) => self.paused = paused,
        }
        Ok(None)
    }
}

/// The setup of a live arm: every client polls once per interval, so that all of them together make so
/// many polls a second.
pub fn at_rate(arm: &mut Arm, polls_per_second: u32) {
    let clients = f64::from(arm.setup.clients.get());
    let interval = std::time::Duration::from_secs_f64(clients / f64::from(polls_per_second.max(1)));
    arm.setup.cadence = Cadence::OpenLoop { interval, jitter: 0.0 };
}
