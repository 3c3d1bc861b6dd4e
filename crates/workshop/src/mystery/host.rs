//! A running mystery: the fleet, its doors, and whoever comes with an errand.

use std::path::PathBuf;

use harness::{Disclosure, LiveOrder, LiveRequest, Scratch, Standing, StandingAt};
use scenario::{ChangeKind, Event, EventKind};
use server::stdio;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::asked::Way;
use super::culprits::Culprit;
use super::door::Door;
use super::inquiry::{Ended, SharedInquiry};
use super::repair::{self, Fix, Judged};
use super::score::MysteryResult;
use super::solution::Solution;
use super::talk::{Errand, KIND, PATIENCE, SOCKET, TalkReply, Went, heard};
use super::words::{self, Addresses};
use super::{Difficulty, MysteryError, answer};

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
    let scenario = super::load::dashboard(&solution);
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

struct Host<'a> {
    settings: &'a Settings,
    solution: Solution,
    at: Addresses,
    inquiry: SharedInquiry,
    orders: mpsc::Sender<LiveRequest>,
    result: Option<MysteryResult>,
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
        let at = Addresses { balancer: addresses[0], nodes };
        Ok(Self { settings, solution, at, inquiry, orders, result: None, _doors: doors })
    }

    fn ticket(&self) -> String {
        let Settings { seed, difficulty, refuses_check, .. } = *self.settings;
        words::ticket(&self.solution, seed, difficulty, &self.at, refuses_check)
    }

    /// Does errands, one after the other.
    async fn receive(&mut self, listener: &UnixListener) {
        loop {
            // One that hangs up, or says nothing, keeps nobody else waiting.
            if let Ok((stream, _)) = listener.accept().await {
                let _ = self.serve(stream).await;
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

    async fn run(&mut self, errand: Errand) -> (Went, String) {
        match errand {
            Errand::Seed => (Went::Well, String::new()),
            Errand::Ticket => (Went::Well, self.ticket()),
            Errand::Evidence => {
                (Went::Well, words::evidence(&self.inquiry.lock(), self.solution.par()))
            }
            Errand::Change => {
                let changed = self.order(LiveOrder::Change(ChangeKind::Edit)).await;
                self.done(changed, "the content has changed on every node", SharedInquiry::changed)
            }
            Errand::Restart { node } => self.restart(node).await,
            Errand::Hint => (Went::Well, self.hint()),
            Errand::Answer { code, cause } => self.answer(&code, cause.as_deref()),
            Errand::Repair(fix) => self.repair(&fix).await,
            Errand::Reveal => (Went::Well, self.end(Ended::Revealed, "revealed")),
        }
    }

    async fn order(&self, order: LiveOrder) -> Result<(), String> {
        let (answer, answered) = oneshot::channel();
        let gone = || "the fleet is ending".to_owned();
        self.orders.send(LiveRequest { order, answer }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?.map(drop)
    }

    fn done(
        &self,
        result: Result<(), String>,
        says: &str,
        note: fn(&SharedInquiry),
    ) -> (Went, String) {
        match result {
            Ok(()) => {
                note(&self.inquiry);
                (Went::Well, format!("{says}\n"))
            }
            Err(error) => (Went::Amiss, error),
        }
    }

    async fn restart(&mut self, node: Option<u32>) -> (Went, String) {
        let nodes = self.at.nodes.len() as u32;
        let chosen = match node {
            None => 1..=nodes,
            Some(node) if (1..=nodes).contains(&node) => node..=node,
            Some(node) => {
                let help = format!("there is no node {node}\n  = help: name one from 1 to {nodes}");
                return (Went::Amiss, help);
            }
        };
        let mut restarted = Ok(());
        for node in chosen {
            let replica = std::num::NonZeroU32::new(node);
            let event = Event { replica, ..Event::new(0, EventKind::Restart) };
            restarted = restarted.and(self.order(LiveOrder::Event(event)).await);
        }
        let says = match node {
            Some(node) => format!("node {node} has been started again"),
            None => "all nodes have been started again, one after the other".to_owned(),
        };
        self.done(restarted, &says, SharedInquiry::restarted)
    }

    fn hint(&self) -> String {
        let mut inquiry = self.inquiry.lock();
        let most = super::score::HINT_PRICES.len() as u8;
        if inquiry.ended.is_none() {
            inquiry.hints = (inquiry.hints + 1).min(most);
        }
        words::hints(&self.solution, inquiry.hints)
    }

    fn answer(&mut self, code: &str, cause: Option<&str>) -> (Went, String) {
        let suspect = match answer::Suspect::of(code, cause) {
            Ok(suspect) => suspect,
            Err(error) => return (Went::Amiss, error),
        };
        let mut inquiry = self.inquiry.lock();
        if !inquiry.has_enough() {
            return (Went::Early, words::early(&inquiry));
        }
        let is_it = |culprit: &&'static Culprit| culprit.is_named_by(suspect.code, suspect.cause);
        let Some(place) = self.solution.culprits.iter().position(is_it) else {
            inquiry.wrong += u32::from(inquiry.ended.is_none());
            return (Went::Wrong, words::line("wrong", &suspect.would_differ()));
        };
        inquiry.found.insert(place);
        let left = self.solution.culprits.len() - inquiry.found.len();
        drop(inquiry);
        if left > 0 {
            return (Went::Well, words::line("right", "and that is not all: there is another one"));
        }
        (Went::Well, self.end(Ended::Named, "right"))
    }

    async fn repair(&mut self, fix: &Fix) -> (Went, String) {
        let fleet = match fix.applied(&self.solution.fleet) {
            Ok(fleet) => fleet,
            Err(error) => return (Went::Amiss, error),
        };
        if !self.inquiry.lock().has_enough() {
            return (Went::Early, words::early(&self.inquiry.lock()));
        }
        let Settings { program, stop, .. } = self.settings;
        let carried = match repair::carried(&fleet, program.clone(), stop.clone()).await {
            Ok(Some(carried)) => carried,
            Ok(None) => return (Went::Amiss, "the mystery is ending".to_owned()),
            Err(error) => return (Went::Amiss, error.to_string()),
        };
        match fix.judged(&self.solution.fleet, carried) {
            Judged::Repaired { carried } => {
                let says = words::repaired(&carried);
                (Went::Well, says + &self.end(Ended::Repaired, "right"))
            }
            refused => {
                let mut inquiry = self.inquiry.lock();
                inquiry.wrong += u32::from(inquiry.ended.is_none());
                (Went::Wrong, words::refused(&refused))
            }
        }
    }

    /// Ends the inquiry, unless it has ended; returns the debrief.
    fn end(&mut self, how: Ended, says: &str) -> String {
        let inquiry = &mut self.inquiry.lock();
        inquiry.end(how);
        let ended = inquiry.ended.unwrap_or(how);
        let Settings { seed, difficulty, ref team, ref results, .. } = *self.settings;
        let result = MysteryResult::of(seed, difficulty, team, inquiry, ended);
        let mut text = words::line(says, "this is what there was to find");
        text += "\n";
        text += &words::debrief(&self.solution, inquiry, &result);
        if self.result.is_none() {
            text += &match super::board::keep(results, &result) {
                Ok(path) => words::line("result", &path.display().to_string()),
                Err(error) => words::line("result", &format!("not kept: {error}")),
            };
            self.result = Some(result);
        }
        text
    }
}

impl SharedInquiry {
    fn changed(&self) {
        self.lock().changed();
    }

    fn restarted(&self) {
        self.lock().restarted();
    }
}
