//! What one participant, or one team, has asked, gathered and tried so far.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::asked::{Asked, Way, opaque};
use super::clue::Clue;

/// Exchanges that are kept for the debrief.
const MOST_KEPT: usize = 2_000;
/// Kinds of evidence that an answer needs.
pub(super) const ENOUGH: usize = 2;
/// Requests through the balancer that are a look at it.
const REPEATS: u64 = 4;

/// An inquiry that several doors note their exchanges in.
#[derive(Clone, Debug)]
pub(super) struct SharedInquiry(Arc<Mutex<Inquiry>>);

impl SharedInquiry {
    pub(super) fn begun() -> Self {
        Self(Arc::new(Mutex::new(Inquiry::begun())))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inquiry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How an inquiry ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Everything was named.
    Named,
    /// The fleet was repaired.
    Repaired,
    /// The truth was asked for.
    Revealed,
}

impl Ended {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Repaired => "repaired",
            Self::Revealed => "revealed",
        }
    }
}

/// The course of an inquiry.
#[derive(Debug)]
pub(super) struct Inquiry {
    begun: Instant,
    /// Time that it took, once it has ended.
    took: Option<Duration>,
    /// Requests that were answered.
    pub(super) requests: u64,
    /// Of these, those whose question and answer nobody had seen before.
    pub(super) informative: u64,
    known: HashSet<Asked>,
    /// The first ones that carried information, in their order.
    pub(super) telling: Vec<Asked>,
    validators: HashSet<String>,
    through_balancer: u64,
    nodes: BTreeSet<usize>,
    codings: BTreeSet<bool>,
    /// Changes and restarts so far.
    epoch: (u32, u32),
    clues: BTreeSet<Clue>,
    pub(super) hints: u8,
    pub(super) wrong: u32,
    /// Places in the list of culprits that were named.
    pub(super) found: BTreeSet<usize>,
    pub(super) ended: Option<Ended>,
}

impl Inquiry {
    fn begun() -> Self {
        Self {
            begun: Instant::now(),
            took: None,
            requests: 0,
            informative: 0,
            known: HashSet::new(),
            telling: Vec::new(),
            validators: HashSet::new(),
            through_balancer: 0,
            nodes: BTreeSet::new(),
            codings: BTreeSet::new(),
            epoch: (0, 0),
            clues: BTreeSet::new(),
            hints: 0,
            wrong: 0,
            found: BTreeSet::new(),
            ended: None,
        }
    }

    /// Notes an exchange and what it is evidence of. After the end nothing counts any more.
    pub(super) fn note(&mut self, asked: Asked) {
        if self.ended.is_some() {
            return;
        }
        let asked = Asked { epoch: self.epoch, ..asked };
        self.requests += 1;
        // An error page says nothing of tags.
        if asked.is_usual() {
            self.gather(&asked);
        }
        if self.known.len() < MOST_KEPT && self.known.insert(asked.clone()) {
            self.informative += 1;
            self.telling.push(asked);
        }
    }

    fn gather(&mut self, asked: &Asked) {
        // Only what this fleet has issued: a tag of one's own invention is no replay.
        let is_replay = asked.sent_tags.iter().chain(&asked.sent_date);
        if is_replay.into_iter().any(|sent| self.validators.contains(sent)) {
            self.clues.insert(Clue::Replays);
        }
        match asked.way {
            Way::Balancer => self.through_balancer += 1,
            Way::Node(node) => drop(self.nodes.insert(node)),
        }
        self.codings.insert(asked.compressed);
        let (changes, restarts) = self.epoch;
        let gathered = [
            (Clue::Repeats, self.through_balancer >= REPEATS),
            (Clue::Nodes, self.nodes.len() > 1),
            (Clue::Codings, self.codings.len() > 1),
            (Clue::Changes, changes > 0),
            (Clue::Restarts, restarts > 0),
        ];
        self.clues.extend(gathered.into_iter().filter(|(_, is)| *is).map(|(clue, _)| clue));
        if self.validators.len() < MOST_KEPT {
            self.validators.extend(asked.tag.as_deref().map(opaque));
            self.validators.extend(asked.date.clone());
        }
    }

    pub(super) fn changed(&mut self) {
        self.epoch.0 += 1;
    }

    pub(super) fn restarted(&mut self) {
        self.epoch.1 += 1;
    }

    pub(super) fn clues(&self) -> &BTreeSet<Clue> {
        &self.clues
    }

    pub(super) fn has_enough(&self) -> bool {
        self.clues.len() >= ENOUGH
    }

    /// Ends it, unless it has ended.
    pub(super) fn end(&mut self, how: Ended) {
        if self.ended.is_none() {
            (self.ended, self.took) = (Some(how), Some(self.begun.elapsed()));
        }
    }

    pub(super) fn minutes(&self) -> f64 {
        self.took.unwrap_or_else(|| self.begun.elapsed()).as_secs_f64() / 60.0
    }
}
