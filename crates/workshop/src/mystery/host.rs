//! A running mystery: the fleet, its doors, and whoever comes with an errand.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use harness::{Disclosure, LiveRequest, Scratch, Standing, StandingAt};
use server::stdio;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::asked::Way;
use super::door::Door;
use super::inquiry::SharedInquiry;
use super::score::MysteryResult;
use super::solution::Solution;
use super::talk::{KIND, PATIENCE, SOCKET, TalkReply, heard};
use super::words::{self, Addresses};
use super::{Difficulty, MysteryError};

/// Pause after an errand that could not be taken.
const PAUSE: Duration = Duration::from_millis(50);

/// Settings of a mystery.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `etag-lab` program, started as replica.
    pub program: PathBuf,
    /// Seed, which is the whole truth.
    pub seed: u64,
    /// How well the fault hides.
    pub difficulty: Difficulty,
    /// Answers `etag-lab check` with 403.
    pub refuses_check: bool,
    /// Name of the team; empty where there is none.
    pub team: String,
    /// Folder for the result.
    pub results: PathBuf,
    /// Becomes true when it shall end.
    pub stop: watch::Receiver<bool>,
}

/// Runs a mystery until it is stopped; `ready` gets the ticket.
pub async fn run(settings: &Settings, ready: impl FnOnce(&str)) -> Result<(), MysteryError> {
    let solution = Solution::of(settings.seed, settings.difficulty);
    let scratch = Scratch::new(KIND).map_err(harness::RunError::from)?;
    let socket = scratch.path().join(SOCKET);
    let listener = UnixListener::bind(&socket).map_err(MysteryError::Socket)?;
    // The load is of no use to a fleet that others ask.
    let scenario = solution.dashboard();
    let (orders, taken) = mpsc::channel(1);
    let (sender, started) = oneshot::channel();
    let standing = Standing {
        program: settings.program.clone(),
        folder: scratch.path().to_owned(),
        stop: settings.stop.clone(),
        orders: taken,
        ready: sender,
        disclosure: Disclosure::Silent,
    };
    // Both are large, and the caller's future need not carry them.
    let fleet = Box::pin(harness::stand(&scenario, &scenario.arms[0], standing));
    let host = Box::pin(async {
        // The fleet ends first where it does not begin.
        let Ok(at) = started.await else { return std::future::pending().await };
        let mut host = Host::open(settings, solution, &at, orders).await?;
        ready(&host.ticket());
        host.receive(&listener).await;
        Ok(())
    });
    tokio::select! {
        ended = fleet => Ok(ended?),
        failed = host => failed,
    }
}

/// A running mystery, as its errands see it.
pub(super) struct Host<'a> {
    pub(super) settings: &'a Settings,
    pub(super) solution: Solution,
    pub(super) at: Addresses,
    /// The balancer behind its door.
    pub(super) behind: SocketAddr,
    pub(super) inquiry: SharedInquiry,
    pub(super) orders: mpsc::Sender<LiveRequest>,
    /// How it ended, once it has.
    pub(super) result: Option<MysteryResult>,
    _doors: JoinSet<()>,
}

impl<'a> Host<'a> {
    async fn open(
        settings: &'a Settings,
        solution: Solution,
        at: &StandingAt,
        orders: mpsc::Sender<LiveRequest>,
    ) -> Result<Self, MysteryError> {
        let inquiry = SharedInquiry::begun();
        let mut doors = JoinSet::new();
        let mut addresses = Vec::new();
        let nodes = (0..).zip(&at.replicas).map(|(node, to)| (Way::Node(node), *to));
        for (way, to) in [(Way::Balancer, at.balancer)].into_iter().chain(nodes) {
            let door = Door::open(way, to).await.map_err(MysteryError::Door)?;
            addresses.push(door.address().map_err(MysteryError::Door)?);
            doors.spawn(door.serve(inquiry.clone(), settings.refuses_check));
        }
        let nodes = addresses.split_off(1);
        let own = Addresses { balancer: addresses[0], nodes };
        let (behind, result) = (at.balancer, None);
        Ok(Self { settings, solution, at: own, behind, inquiry, orders, result, _doors: doors })
    }

    pub(super) fn ticket(&self) -> String {
        let Settings { seed, difficulty, refuses_check, .. } = *self.settings;
        words::ticket(&self.solution, seed, difficulty, &self.at, refuses_check)
    }

    /// Does errands, one after the other.
    async fn receive(&mut self, listener: &UnixListener) {
        loop {
            // One that hangs up, or says nothing, keeps nobody else waiting.
            match listener.accept().await {
                Ok((stream, _)) => drop(self.serve(stream).await),
                // Descriptors that lack come back; asked at once, it would only turn in a circle.
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn serve(&mut self, stream: UnixStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let errand = tokio::time::timeout(PATIENCE, heard(read)).await;
        let errand = errand.map_err(|_| std::io::ErrorKind::TimedOut)??;
        let (went, text) = self.run(errand).await;
        let reply = TalkReply { went, text, seed: self.settings.seed };
        stdio::send(&mut write, &reply).await
    }
}
