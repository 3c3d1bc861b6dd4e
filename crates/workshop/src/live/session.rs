//! The state of a session: the fleet as it is, the course of its polls, what happened and what was
//! guessed. Bounded, however long it lasts. Knows no visitor and no socket.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use measure::record::RoundBucketRecord;
use measure::{Course, Exchange, Verdict, WireExchange};
use scenario::{Arm, Scenario};

use super::played::Played;

/// Width of a slot of the course.
pub(super) const SLOT: Duration = Duration::from_millis(250);
/// Slots that are kept one by one: 30 s.
pub(super) const RECENT: usize = 120;
/// Polls of one tick that are drawn one by one.
const MOST_DRAWN: usize = 24;
/// Things that happened which are remembered; what was before them is not.
const MOST_MARKS: usize = 2_000;

/// Something that happened, on the axis and in the transcript.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// Time of the session.
    pub(super) at: Duration,
    /// Key that does it.
    pub(super) key: &'static str,
    pub(super) label: String,
    /// What a scenario would say of it.
    pub(super) played: Vec<Played>,
}

/// The last seconds, frozen.
#[derive(Clone, Debug)]
pub(super) struct Before {
    pub(super) label: String,
    pub(super) first: u32,
    pub(super) buckets: Vec<RoundBucketRecord>,
}

/// What was expected, from the moment when number and curve were covered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Guessing {
    pub(super) covered: bool,
    /// In percent, as far as it is typed.
    pub(super) guess: Option<u32>,
}

/// Requests to what is behind the servers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Behind {
    last: Option<(Duration, u64)>,
    /// A second; `None` where nobody counts any.
    pub(super) rate: Option<f64>,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the page")]
pub(super) struct Session {
    pub(super) scenario: Arc<Scenario>,
    /// The arm with which it began.
    pub(super) first: Arm,
    /// The arm as it is.
    pub(super) arm: Arm,
    /// Numbers of replicas that are dead.
    pub(super) down: BTreeSet<u32>,
    /// Strategies of replicas that differ from the others, by number.
    pub(super) exceptions: BTreeMap<u32, &'static str>,
    pub(super) source_down: bool,
    pub(super) paused: bool,
    pub(super) guessing: Guessing,
    pub(super) before: Option<Before>,
    /// The 304 rate that the model expects of the fleet as it is.
    pub(super) predicted: Option<f64>,
    pub(super) behind: Behind,
    pub(super) marks: Vec<Mark>,
    pub(super) most_clients: u32,
    /// Steps of the scenario's script that were taken.
    pub(super) step: usize,
    /// Last problem, in words.
    pub(super) note: String,
    /// True until the first poll, and after the last one.
    pub(super) begun: bool,
    pub(super) ended: bool,
    /// The last exchange of each replica.
    pub(super) wires: BTreeMap<u32, WireExchange>,
    pub(super) course: Course,
    clock: Clock,
    /// Replica, verdict and client of polls since the last tick.
    drawn: Vec<[u32; 3]>,
    /// 304s, needless 200s and other answers since the last tick, by replica.
    answers: BTreeMap<u32, [u32; 3]>,
}

/// Time of the session, which stands still in a pause.
#[derive(Debug, Default)]
struct Clock {
    since: Option<Instant>,
    before: Duration,
}

impl Session {
    pub(super) fn new(scenario: Arc<Scenario>, arm: Arm) -> Self {
        Self {
            scenario,
            first: arm.clone(),
            most_clients: arm.setup.clients.get(),
            arm,
            down: BTreeSet::new(),
            exceptions: BTreeMap::new(),
            source_down: false,
            paused: false,
            guessing: Guessing::default(),
            before: None,
            predicted: None,
            behind: Behind::default(),
            marks: Vec::new(),
            step: 0,
            note: String::new(),
            begun: false,
            ended: false,
            wires: BTreeMap::new(),
            course: Course::new(RECENT),
            clock: Clock::default(),
            drawn: Vec::new(),
            answers: BTreeMap::new(),
        }
    }

    /// Time since the first poll, without pauses.
    pub(super) fn now(&self) -> Duration {
        self.clock.before + self.clock.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub(super) fn begin(&mut self) {
        self.begun = true;
        self.clock.since = Some(Instant::now());
    }

    /// Stops the clock, or lets it go on.
    pub(super) fn set_paused(&mut self, paused: bool) {
        self.clock.before = self.now();
        self.clock.since = (!paused).then(Instant::now);
        self.paused = paused;
    }

    fn slot(&self) -> u32 {
        (self.now().as_millis() / SLOT.as_millis()) as u32
    }

    pub(super) fn judged(&mut self, exchange: &Exchange<'_>) {
        let slot = self.slot();
        self.course.record(slot, exchange);
        let replica = exchange.replica.map_or(0, |replica| replica.0);
        let verdict = Verdict::ALL.iter().position(|verdict| *verdict == exchange.verdict);
        if self.drawn.len() < MOST_DRAWN {
            self.drawn.push([replica, verdict.unwrap_or_default() as u32, exchange.resource]);
        }
        let kind = match exchange.verdict {
            verdict if verdict.is_not_modified() && verdict != Verdict::FalseValidation => 0,
            Verdict::NeedlessTransfer => 1,
            _ => 2,
        };
        self.answers.entry(replica).or_default()[kind] += 1;
    }

    pub(super) fn on_the_wire(&mut self, exchange: WireExchange) {
        if let Some(replica) = exchange.replica {
            self.wires.insert(replica.0, exchange);
        }
    }

    /// What is drawn of the polls since the last call.
    pub(super) fn take_drawn(&mut self) -> (Vec<[u32; 3]>, BTreeMap<u32, [u32; 3]>) {
        if !self.paused && self.begun && !self.ended {
            let slot = self.slot();
            self.course.advance(slot);
        }
        (std::mem::take(&mut self.drawn), std::mem::take(&mut self.answers))
    }

    pub(super) fn count_behind(&mut self, count: Option<u64>) {
        let now = self.now();
        let before = self.behind.last;
        self.behind.last = count.map(|count| (now, count));
        let seconds = before.map_or(0.0, |(at, _)| now.saturating_sub(at).as_secs_f64());
        if let (Some((_, before)), Some(count)) = (before.filter(|_| seconds > 0.0), count) {
            self.behind.rate = Some(count.saturating_sub(before) as f64 / seconds);
        }
    }

    pub(super) fn mark(&mut self, key: &'static str, label: String, played: Vec<Played>) {
        if self.marks.len() == MOST_MARKS {
            self.marks.remove(0);
        }
        self.marks.push(Mark { at: self.now(), key, label, played });
    }

    /// Freezes the last seconds.
    pub(super) fn freeze(&mut self, label: String) {
        let (first, buckets) = self.course.recent();
        let buckets = buckets.copied().collect();
        self.before = Some(Before { label, first, buckets });
    }
}
