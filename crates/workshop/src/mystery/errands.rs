//! Errands of a participant, as the running mystery does them.

use std::time::{Duration, Instant};

use harness::{LiveOrder, LiveRequest};
use probe::run::{BUDGET, Job, Progress};
use probe::transport::RequestSettings;
use scenario::{ChangeKind, Event, EventKind};
use tokio::sync::{oneshot, watch};

use super::culprits::Culprit;
use super::debrief::{self, Rival};
use super::host::{Host, Settings};
use super::inquiry::{Ended, SharedInquiry};
use super::repair::{self, Fix, Judged};
use super::score::MysteryResult;
use super::talk::{Errand, Went};
use super::{answer, board, verdicts, words};

/// Time limit of the check that shows what it would have needed.
const CHECK: Duration = Duration::from_secs(10);

impl Host<'_> {
    /// Does an errand; returns how it went, and what to say.
    pub(super) async fn run(&mut self, errand: Errand) -> (Went, String) {
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
            Errand::Answer { code, cause } => self.answer(&code, cause.as_deref()).await,
            Errand::Repair(fix) => self.repair(&fix).await,
            Errand::Reveal => (Went::Well, self.end(Ended::Revealed, "revealed").await),
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
        // One after the other, as a rollout does it: the fleet never stops to answer.
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

    async fn answer(&mut self, code: &str, cause: Option<&str>) -> (Went, String) {
        let suspect = match answer::Suspect::of(code, cause) {
            Ok(suspect) => suspect,
            Err(error) => return (Went::Amiss, error),
        };
        match self.taken(&suspect) {
            None => (Went::Well, self.end(Ended::Named, "right").await),
            Some(reply) => reply,
        }
    }

    /// Takes an answer; `None` if nothing is left to name.
    fn taken(&self, suspect: &answer::Suspect) -> Option<(Went, String)> {
        let mut inquiry = self.inquiry.lock();
        // Before anything is judged: whoever only guesses would learn nothing.
        if !inquiry.has_enough() {
            return Some((Went::Early, words::early(&inquiry)));
        }
        let is_it = |culprit: &&'static Culprit| culprit.is_named_by(suspect.code, suspect.cause);
        // An answer after the end is judged, too, and costs nothing any more.
        let Some(place) = self.solution.culprits.iter().position(is_it) else {
            inquiry.wrong += u32::from(inquiry.ended.is_none());
            return Some((Went::Wrong, words::line("wrong", &suspect.would_differ())));
        };
        inquiry.found.insert(place);
        let is_all = inquiry.found.len() == self.solution.culprits.len();
        let more = "and that is not all: there is another one";
        (!is_all).then(|| (Went::Well, words::line("right", more)))
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
                let says = verdicts::repaired(&carried);
                (Went::Well, says + &self.end(Ended::Repaired, "right").await)
            }
            refused => {
                let mut inquiry = self.inquiry.lock();
                inquiry.wrong += u32::from(inquiry.ended.is_none());
                (Went::Wrong, verdicts::refused(&refused))
            }
        }
    }

    /// Ends the inquiry, unless it has ended; returns the debrief.
    async fn end(&mut self, how: Ended, says: &str) -> String {
        self.inquiry.lock().end(how);
        // Without the lock: a check takes its time, and its requests are no evidence of anybody.
        let rival = if self.settings.refuses_check { self.check().await } else { None };
        let inquiry = self.inquiry.lock();
        let ended = inquiry.ended.unwrap_or(how);
        let Settings { seed, difficulty, ref team, ref results, .. } = *self.settings;
        let result = MysteryResult::of(seed, difficulty, team, &inquiry, ended);
        let mut text = words::line(says, "this is what there was to find");
        text += "\n";
        text += &debrief::debrief(&self.solution, &inquiry, &result, rival.as_ref());
        if self.result.is_none() {
            text += &match board::keep(results, &result) {
                Ok(path) => words::line("result", &path.display().to_string()),
                Err(error) => words::line("result", &format!("not kept: {error}")),
            };
            self.result = Some(result);
        }
        text
    }

    /// Lets the check that was shut out in by the back door; `None` where it cannot look.
    async fn check(&self) -> Option<Rival> {
        let job = Job {
            url: format!("http://{}{}", self.behind, self.solution.fleet.path),
            backends: Vec::new(),
            all_ips: false,
            resolve: Vec::new(),
            follow: false,
            earlier: None,
            write: false,
            budget: BUDGET,
            rate: 0.0,
            max_time: CHECK,
            settings: RequestSettings::default(),
        };
        let begun = Instant::now();
        let progress = watch::channel(Progress::default()).0;
        let evidence = probe::run::collect(&job, &progress, &self.settings.stop).await.ok()?;
        Some(Rival { took: begun.elapsed(), requests: evidence.observations.len() })
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
