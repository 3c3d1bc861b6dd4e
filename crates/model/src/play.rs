//! One virtual run: the polls of the schedule in the order in which clients would make them.

mod crowd;
mod in_step;
mod lots;
mod open_loop;
mod shuffled;

use std::time::{Duration, SystemTime};

use balancer::Pins;
use client::cadence::Rounds;
use client::offline::OfflineClients;
use measure::Tally;
use origin::ReplicaCounts;
use scenario::{Arm, Cadence, Scenario, shares_tags};

use crate::automaton::{Automaton, Place, State};
use crate::counts::Counts;
use crate::editions::Editions;
use crate::limits::{self, NotModelled};
use crate::play::crowd::Crowd;
use crate::timeline::Timeline;
use crate::world::{Case, World};

/// Result of modelling an arm.
#[derive(Debug)]
pub struct ArmOutcome {
    /// All counts; without times.
    pub tally: Tally,
    /// Queries and look-ups of the replicas, where they share something.
    pub counts: Option<ReplicaCounts>,
    /// The way in which its polls were modelled.
    pub method: Method,
}

/// Way in which the polls of an arm are modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Each for itself.
    Each,
    /// Those of some clients, which stand for all: the others cannot differ from them.
    Crowds {
        /// Number of such clients.
        size: usize,
    },
    /// None for itself: clients are alike but for lots, and how many drew which was drawn.
    Lots,
}

/// Models an arm; `now` is the time on the clock of its servers. With `each`, no client stands for others.
pub fn outcome_of(
    scenario: &Scenario,
    arm: &Arm,
    editions: &Editions,
    now: SystemTime,
    each: bool,
) -> Result<ArmOutcome, NotModelled> {
    let case = Case::of(scenario, arm, editions, now)?;
    let method = if each { Method::Each } else { case.method() };
    let clients = arm.setup.clients.get();
    if method == Method::Each && clients > MOST_CLIENTS {
        return Err(NotModelled::TooMany(clients));
    }
    Ok(case.play_by(method, arm.setup.seed))
}

/// Most clients that are modelled each for itself: eight bytes for each, and as much again in an open loop.
const MOST_CLIENTS: u32 = 120_000_000;
/// Most clients of a run, whose lots are drawn one by one, as a run draws them.
const MOST_OF_RUN: u32 = 1_000_000;

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
    held: Vec<Held>,
    counts: Counts,
    /// Forms in which clients accept content.
    forms: u32,
    /// True if a request names its client, so that its length depends on the number.
    names_clients: bool,
    /// The clients' own clock from one round to the next.
    interval: Duration,
    /// True if clients may have to wait, or hang up: then each poll is looked at for itself.
    is_slow: bool,
    /// Room for the columns of polls that follow one another.
    columns: Vec<u32>,
    /// Replicas that were picked in advance, and the number of those that were used.
    picked: Vec<u32>,
    next_pick: usize,
    /// True if a policy ties clients or connections to replicas.
    pins: bool,
}

impl<'a> Case<'a> {
    pub(crate) fn of(
        scenario: &'a Scenario,
        arm: &'a Arm,
        editions: &'a Editions,
        now: SystemTime,
    ) -> Result<Self, NotModelled> {
        let strategy = limits::check(scenario, arm, editions, now)?;
        let timeline = Timeline::of(scenario, arm);
        Ok(Self { scenario, arm, strategy, editions, timeline })
    }

    /// The way in which polls are modelled: as few of them as show all.
    pub(crate) fn method(&self) -> Method {
        if let Some(crowd) = Crowd::of(self) {
            return Method::Crowds { size: crowd.size() };
        }
        let is_beyond_runs = self.arm.setup.clients.get() > MOST_OF_RUN;
        if is_beyond_runs && lots::decide(self) { Method::Lots } else { Method::Each }
    }

    /// One virtual run.
    pub(crate) fn play(&self, seed: u64) -> ArmOutcome {
        self.play_by(self.method(), seed)
    }

    /// One virtual run with this method, which is one that shows all.
    pub(crate) fn play_by(&self, method: Method, seed: u64) -> ArmOutcome {
        let mut player = Player::new(self, seed);
        let rounds = self.rounds();
        match (method, self.arm.setup.cadence) {
            (Method::Crowds { .. }, _) => {
                player.in_crowds(rounds, &Crowd::of(self).expect("clients cannot differ"));
            }
            (Method::Lots, _) => player.by_lot(rounds, seed),
            (Method::Each, cadence) => {
                player.held = vec![Held::default(); rounds.clients as usize];
                match cadence {
                    Cadence::OpenLoop { jitter, .. } => player.open_loop(rounds, jitter, seed),
                    Cadence::Lockstep => player.in_step(rounds),
                    Cadence::Shuffled => player.shuffled(rounds, seed),
                }
            }
        }
        player.counts.finish(&mut player.automaton);
        let (tally, counts) = player.automaton.finish();
        let is_counted = self.arm.setup.sharing.database || shares_tags(self.arm);
        ArmOutcome { tally, counts: is_counted.then_some(counts), method }
    }

    pub(crate) fn rounds(&self) -> Rounds {
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
            held: Vec::new(),
            counts: Counts::new(case.rounds().count(), setup.obey_poll_interval),
            forms,
            names_clients,
            interval: setup.caching.round_interval,
            is_slow: setup.has_clock() || setup.caching.interruption.is_some(),
            columns: Vec::new(),
            picked: Vec::new(),
            next_pick: 0,
            pins: setup.policy.pins != Pins::Nothing,
        }
    }

    /// Lets happen what comes before this round.
    fn reach(&mut self, round: u32) {
        if self.world.reach(round) {
            self.automaton.forget();
        }
    }

    fn poll(&mut self, client: u32, round: u32) {
        let Held { state, until } = self.held[client as usize];
        let milestone = self.world.milestone;
        let paced = self.case.arm.setup.obey_poll_interval;
        if paced && (round < until || self.automaton.is_stopped(state, milestone.resumes)) {
            let class = self.automaton.held_back();
            return self.counts.add(class, round);
        }
        if round < until {
            let cell = self.automaton.fresh(state, client, round, milestone);
            self.held[client as usize].state = cell.next();
            return self.counts.add(cell.class(), round);
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
        self.held[client as usize] = Held { state: cell.next(), until };
        self.counts.add(cell.class(), round);
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
}

/// Decimal digits of a number.
fn digits(number: u32) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use scenario::{Flags, Scenario};

    use super::*;

    /// A moment after every date of the contents.
    const NOW: Duration = Duration::from_secs(1_790_000_000);

    #[test]
    fn many_polls_at_once_are_the_same_as_one_after_the_other() {
        for policy in balancer::catalogue::POLICIES {
            for (clients, polls, accepted) in
                [("1", "900", ""), ("10", "50", "gzip"), ("9000", "3", "gzip")]
            {
                let mut flags = Flags::default().with("policy", policy.name);
                flags = flags.with("clients", clients).with("polls", polls);
                flags = flags.with("set", "event=[{at-poll=3,kind='reconnect'}]");
                if !accepted.is_empty() {
                    flags = flags.with("accept-encoding", accepted);
                    flags = flags.with("accept-encoding", "identity");
                }
                let scenario = Scenario::load(Some("rolling-deploy"), &flags).expect("sound");
                let editions = Editions::of(&scenario);
                for arm in &scenario.arms {
                    let case = Case::of(&scenario, arm, &editions, UNIX_EPOCH + NOW);
                    let case = case.expect("it is modelled");
                    let slow = {
                        let mut player = Player::new(&case, 1);
                        player.is_slow = true;
                        player.held = vec![Held::default(); case.rounds().clients as usize];
                        player.in_step(case.rounds());
                        player.counts.finish(&mut player.automaton);
                        player.automaton.finish().0.to_record()
                    };
                    let quick = case.play_by(Method::Each, 1).tally.to_record();
                    if Crowd::of(&case).is_some() {
                        let method = Method::Crowds { size: 0 };
                        let crowds = case.play_by(method, 1).tally.to_record();
                        assert_eq!(crowds, slow, "{} with {clients} clients", policy.name);
                    }
                    assert_eq!(quick, slow, "{} with {clients} clients", policy.name);
                }
            }
        }
    }
}
