//! One virtual run: the polls of the schedule in the order in which clients would make them.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use balancer::Pins;
use client::cadence::{self, OpenLoop, Rounds, Share};
use client::offline::OfflineClients;
use client::pen::Pen;
use measure::Tally;
use origin::ReplicaCounts;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use scenario::{Arm, Cadence, Scenario, shares_tags};

use crate::automaton::{Automaton, Class, Place, State};
use crate::editions::Editions;
use crate::limits::{self, NotModelled};
use crate::timeline::Timeline;
use crate::world::{Case, World};

/// Buckets in which a tally keeps rounds; counts of several rounds that share one are handed over
/// together.
const BUCKETS: u32 = 128;

/// Result of modelling an arm.
#[derive(Debug)]
pub struct ArmOutcome {
    /// All counts; without times.
    pub tally: Tally,
    /// Queries and look-ups of the replicas, where they share something.
    pub counts: Option<ReplicaCounts>,
}

/// Models an arm; `now` is the time on the clock of its servers.
pub fn outcome_of(
    scenario: &Scenario,
    arm: &Arm,
    editions: &Editions,
    now: SystemTime,
) -> Result<ArmOutcome, NotModelled> {
    let case = Case::of(scenario, arm, editions, now)?;
    Ok(case.play(arm.setup.seed))
}

/// One client: eight bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    state: State,
    /// Round before which it makes no request.
    until: u32,
}

struct Player<'a> {
    case: &'a Case<'a>,
    world: World<'a>,
    automaton: Automaton,
    clients: Vec<Held>,
    /// Polls by class since they were handed over.
    counts: Vec<u64>,
    /// Forms in which clients accept content.
    forms: u32,
    /// True if a request names its client, so that its length depends on the number.
    names_clients: bool,
    /// The clients' own clock from one round to the next.
    interval: Duration,
    /// Rounds of one bucket.
    width: u32,
    last_round: u32,
}

impl<'a> Case<'a> {
    pub(crate) fn of(
        scenario: &'a Scenario,
        arm: &'a Arm,
        editions: &'a Editions,
        now: SystemTime,
    ) -> Result<Self, NotModelled> {
        let strategy = limits::check(scenario, arm, editions, now)?;
        let timeline = Timeline::of_fleet(scenario, arm);
        Ok(Self { scenario, arm, strategy, editions, timeline })
    }

    /// One virtual run.
    pub(crate) fn play(&self, seed: u64) -> ArmOutcome {
        let mut player = Player::new(self, seed);
        let rounds = self.rounds();
        match self.arm.setup.cadence {
            Cadence::OpenLoop { interval, jitter } => {
                player.open_loop(OpenLoop::new(rounds, interval, jitter, seed), interval);
            }
            Cadence::Lockstep => player.in_step(rounds),
            Cadence::Shuffled => {
                let end = rounds.count();
                let mut from = 0;
                for round in self.timeline.rounds().into_iter().filter(|&round| round < end) {
                    player.shuffled(rounds, from..round, seed);
                    player.reach(round);
                    from = round;
                }
                player.shuffled(rounds, from..end, seed);
            }
        }
        player.hand_over();
        let (tally, counts) = player.automaton.finish();
        let is_counted = self.arm.setup.sharing.database || shares_tags(self.arm);
        ArmOutcome { tally, counts: is_counted.then_some(counts) }
    }

    fn rounds(&self) -> Rounds {
        let setup = &self.arm.setup;
        Rounds { clients: setup.clients.get(), polls: setup.polls.get() }
    }

    fn clients(&self) -> OfflineClients {
        let setup = &self.arm.setup;
        let mut load = setup.load();
        load.identify_clients = setup.policy.pins == Pins::Client;
        let target = OfflineClients::nowhere(&self.scenario.resource.path);
        let target = target.sending(&setup.fields).expect("a scenario holds valid codings only");
        OfflineClients::new(target, load)
    }
}

impl<'a> Player<'a> {
    fn new(case: &'a Case<'a>, seed: u64) -> Self {
        let setup = &case.arm.setup;
        let forms = setup.fields.accept_encoding.len().max(1) as u32;
        let names_clients = setup.policy.pins == Pins::Client;
        let kinds = forms as usize * if names_clients { digits(u32::MAX) } else { 1 };
        let replicas = setup.replicas.get() as usize;
        Self {
            case,
            world: World::new(case, seed),
            automaton: Automaton::new(case.clients(), replicas, kinds),
            clients: vec![Held::default(); setup.clients.get() as usize],
            counts: Vec::new(),
            forms,
            names_clients,
            interval: setup.caching.round_interval,
            width: case.rounds().count().div_ceil(BUCKETS).next_power_of_two(),
            last_round: 0,
        }
    }

    fn in_step(&mut self, rounds: Rounds) {
        for round in 0..rounds.count() {
            self.reach(round);
            for client in 0..rounds.pollers_in(round) {
                self.poll(client, round);
            }
        }
    }

    /// Polls as they fall due, changes between them.
    fn open_loop(&mut self, schedule: OpenLoop, interval: Duration) {
        let mut milestones = self.case.timeline.rounds().into_iter().peekable();
        for slot in schedule {
            let due = slot.due.unwrap_or_default();
            while let Some(round) = milestones.next_if(|&round| interval * round <= due) {
                self.reach(round);
            }
            self.poll(slot.poller, slot.round);
        }
    }

    /// Some rounds as the client's drivers would make them, if any poll in flight were as likely as
    /// another to be answered next.
    fn shuffled(&mut self, rounds: Rounds, range: Range<u32>, seed: u64) {
        let step = self.case.arm.setup.connections.get();
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut pen = Pen::new(step as usize, seed, range.start);
        let mut drivers: Vec<_> = (0..step)
            .map(|first| Shuffled {
                rounds,
                share: Share { first, step },
                seed,
                next: range.clone(),
                round: 0,
                to_make: VecDeque::new(),
            })
            .collect();
        let mut in_flight = Vec::new();
        let mut fresh = 0..step as usize;
        loop {
            let ready = fresh.next().or_else(|| {
                let answered = random.random_range(0..in_flight.len().max(1));
                (!in_flight.is_empty()).then(|| in_flight.swap_remove(answered))
            });
            let Some(driver) = ready else { return };
            let next = if drivers[driver].is_done() { pen.leave() } else { pen.enter(driver) };
            if let Some(next) = next
                && let Some((round, poller)) = drivers[next].take()
            {
                self.poll(poller, round);
                in_flight.push(next);
            }
        }
    }

    /// Lets happen what comes before this round.
    fn reach(&mut self, round: u32) {
        if self.world.reach(round) {
            self.automaton.forget();
        }
    }

    fn poll(&mut self, client: u32, round: u32) {
        if round / self.width != self.last_round / self.width {
            self.hand_over();
        }
        self.last_round = round;
        let Held { state, until } = self.clients[client as usize];
        let milestone = self.world.milestone;
        let paced = self.case.arm.setup.obey_poll_interval;
        if paced && (round < until || self.automaton.is_stopped(state, milestone.resumes)) {
            let class = self.automaton.held_back();
            return self.tick(class);
        }
        if round < until {
            let cell = self.automaton.fresh(state, client, round, milestone);
            self.clients[client as usize].state = cell.next();
            return self.tick(cell.class());
        }
        let replica = self.world.pick(client);
        let place = Place { client, kind: self.kind(client), replica };
        let cell = if self.case.arm.setup.caching.interruption.is_some() {
            self.automaton.cell_of_cut(&mut self.world, state, place, round)
        } else {
            self.automaton.cell(&mut self.world, state, place, round)
        };
        let waits = self.automaton.waits(cell.class());
        let until = round.saturating_add(self.rounds_in(waits.fresh.max(waits.held_back)));
        self.clients[client as usize] = Held { state: cell.next(), until };
        self.tick(cell.class());
    }

    /// Rounds from a poll to the first one that is not before this time has passed.
    fn rounds_in(&self, time: Duration) -> u32 {
        if time.is_zero() {
            return 0;
        }
        let interval = self.interval.as_nanos().max(1);
        u32::try_from(time.as_nanos().div_ceil(interval)).unwrap_or(u32::MAX)
    }

    fn kind(&self, client: u32) -> usize {
        let form = (client % self.forms) as usize;
        if !self.names_clients {
            return form;
        }
        form + self.forms as usize * (digits(client) - 1)
    }

    fn tick(&mut self, class: Class) {
        if self.counts.len() <= class as usize {
            self.counts.resize(self.automaton.classes(), 0);
        }
        self.counts[class as usize] += 1;
    }

    /// Hands the counts over to the tally.
    fn hand_over(&mut self) {
        self.automaton.count(self.last_round, &mut self.counts);
    }
}

/// What one driver of a shuffled cadence has to make, round by round.
struct Shuffled {
    rounds: Rounds,
    share: Share,
    seed: u64,
    next: Range<u32>,
    round: u32,
    to_make: VecDeque<u32>,
}

impl Shuffled {
    fn is_done(&mut self) -> bool {
        while self.to_make.is_empty() {
            let Some(round) = self.next.next() else { return true };
            self.round = round;
            self.to_make = cadence::shuffled(self.rounds, self.share, round, self.seed).into();
        }
        false
    }

    fn take(&mut self) -> Option<(u32, u32)> {
        (!self.is_done()).then_some(())?;
        Some((self.round, self.to_make.pop_front()?))
    }
}

/// Decimal digits of a number.
fn digits(number: u32) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}
