//! Clients as an automaton: what a client has stored is a state, and a poll in a state at a replica is
//! of a class. Each class is worked out once, by a real exchange in memory, and only counted from then on.
//!
//! What changes answers, as a deploy does, clears the table; states and classes stay. A request that
//! writes a tag changes them too, and is worked out each time.

use std::collections::HashMap;
use std::rc::Rc;

use client::Milestone;
use client::offline::{Answer, OfflineClients, OfflinePoller, Standing, Turn, Waits, Wanted};
use measure::Tally;
use origin::ReplicaCounts;
use origin::offline::OfflineRequest;

use crate::world::World;

/// What a client has stored, by number.
pub(crate) type State = u32;
/// Kind of a poll, by number.
pub(crate) type Class = u32;

/// Entry of the table: next state and class, in one number that is read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell(u64);

impl Cell {
    const UNKNOWN: Self = Self(u64::MAX);

    fn new(next: State, class: Class) -> Self {
        Self(u64::from(next) << 32 | u64::from(class))
    }

    pub(crate) fn next(self) -> State {
        (self.0 >> 32) as u32
    }

    pub(crate) fn class(self) -> Class {
        self.0 as u32
    }

    pub(crate) fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }
}

/// What happens in a poll.
#[derive(Debug)]
enum Kind {
    /// Requests, with their answers.
    Exchange(Rc<[Answer]>),
    /// A stored response that is fresh.
    Fresh,
    /// Nothing: the server does not want it.
    HeldBack,
}

#[derive(Debug)]
struct PollClass {
    kind: Kind,
    before: State,
    /// One of the clients that make such a poll.
    client: u32,
    milestone: Milestone,
    waits: Waits,
    /// What it costs the replicas.
    counts: ReplicaCounts,
}

/// Where a poll goes: the kind of its client, and the replica that answers, if one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) client: u32,
    pub(crate) kind: usize,
    pub(crate) replica: Option<usize>,
}

pub(crate) struct Automaton {
    offline: OfflineClients,
    states: Vec<OfflinePoller>,
    numbers: HashMap<OfflinePoller, State>,
    classes: Vec<PollClass>,
    /// By state, then by replica, the last of which is nobody, then by kind of client.
    pub(crate) table: Vec<Cell>,
    /// Cells of one state.
    pub(crate) width: usize,
    replicas: usize,
    pub(crate) kinds: usize,
    /// By state and class of a poll of which the client hung up in the middle, and second replica.
    resumed: HashMap<(State, usize, Option<usize>), Cell>,
    /// True where the first exchange of a poll is broken off.
    broken: HashMap<(State, usize), bool>,
    /// Classes of polls without a request, by state.
    fresh: HashMap<State, Cell>,
    held_back: Option<Class>,
    counts: ReplicaCounts,
    /// What a replica sends to whoever has other content, or none.
    full: HashMap<(usize, usize), Rc<[Answer]>>,
    /// Requests, by state and kind of client.
    requests: HashMap<(State, usize), Option<OfflineRequest>>,
    /// Classes by all that decides how their polls are counted: most states differ in their tag alone.
    known: HashMap<Key, Class>,
}

/// Polls with equal keys are counted alike.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    before: Standing,
    request_bytes: usize,
    /// Address of the answers, which a class keeps.
    answers: *const Answer,
    waits: Waits,
}

impl Automaton {
    pub(crate) fn new(offline: OfflineClients, replicas: usize, kinds: usize) -> Self {
        let mut automaton = Self {
            offline,
            states: Vec::new(),
            numbers: HashMap::new(),
            classes: Vec::new(),
            table: Vec::new(),
            width: (replicas + 1) * kinds,
            replicas,
            kinds,
            resumed: HashMap::new(),
            broken: HashMap::new(),
            fresh: HashMap::new(),
            held_back: None,
            counts: ReplicaCounts::default(),
            full: HashMap::new(),
            requests: HashMap::new(),
            known: HashMap::new(),
        };
        automaton.number(OfflinePoller::default());
        automaton
    }

    /// Forgets all answers: the world has changed.
    pub(crate) fn forget(&mut self) {
        self.table.fill(Cell::UNKNOWN);
        self.resumed.clear();
        self.broken.clear();
        self.fresh.clear();
        self.full.clear();
        self.requests.clear();
        self.known.clear();
    }

    pub(crate) fn classes(&self) -> usize {
        self.classes.len()
    }

    pub(crate) fn is_stopped(&self, state: State, resumes: u32) -> bool {
        self.states[state as usize].is_stopped(resumes)
    }

    /// What a client waits for after a poll of this class.
    pub(crate) fn waits(&self, class: Class) -> Waits {
        self.classes[class as usize].waits
    }

    /// Column of the table for a poll of this kind that a replica answers, nobody, or another.
    pub(crate) fn column(&self, place: Place) -> usize {
        place.replica.unwrap_or(self.replicas) * self.kinds + place.kind
    }

    /// The cell of a poll that makes a request.
    pub(crate) fn cell(
        &mut self,
        world: &mut World<'_>,
        state: State,
        place: Place,
        round: u32,
    ) -> Cell {
        let at = state as usize * self.width + self.column(place);
        if self.table[at].is_known() {
            return self.table[at];
        }
        let before = world.writes();
        let cell = match self.sent_in_full(world, state, place) {
            Some(answers) => self.answered(world.milestone, state, place, round, answers),
            None => self.work_out(world, state, place, round, |_| place.replica),
        };
        if world.writes() == before {
            self.table[at] = cell;
        } else {
            self.forget();
        }
        cell
    }

    /// The same where clients hang up in the middle of what they get, so that another replica may
    /// answer the second request of a poll.
    pub(crate) fn cell_of_cut(
        &mut self,
        world: &mut World<'_>,
        state: State,
        place: Place,
        round: u32,
    ) -> Cell {
        let column = self.column(place);
        match self.broken.get(&(state, column)) {
            Some(false) => self.cell(world, state, place, round),
            Some(true) => {
                world.hang_up(place.client);
                let second = world.pick(place.client);
                if let Some(&known) = self.resumed.get(&(state, column, second)) {
                    return known;
                }
                let cell = self.work_out(world, state, place, round, |_| second);
                self.resumed.insert((state, column, second), cell);
                cell
            }
            None => {
                let mut second = None;
                let pick = |world: &mut World<'_>| {
                    world.hang_up(place.client);
                    second = Some(world.pick(place.client));
                    second.flatten()
                };
                let cell = self.work_out(world, state, place, round, pick);
                self.broken.insert((state, column), second.is_some());
                if let Some(second) = second {
                    self.resumed.insert((state, column, second), cell);
                }
                cell
            }
        }
    }

    /// The cell of a poll whose stored response is fresh.
    pub(crate) fn fresh(
        &mut self,
        state: State,
        client: u32,
        round: u32,
        milestone: Milestone,
    ) -> Cell {
        if let Some(&known) = self.fresh.get(&state) {
            return known;
        }
        let mut poller = self.states[state as usize].clone();
        self.offline.use_fresh(&mut poller, Turn { client, round, milestone, times: 0 });
        let next = self.number(poller);
        let class = self.class(PollClass {
            kind: Kind::Fresh,
            before: state,
            client,
            milestone,
            waits: Waits::default(),
            counts: ReplicaCounts::default(),
        });
        let cell = Cell::new(next, class);
        self.fresh.insert(state, cell);
        cell
    }

    /// The class of a poll that is not made.
    pub(crate) fn held_back(&mut self) -> Class {
        if let Some(known) = self.held_back {
            return known;
        }
        let class = self.class(PollClass {
            kind: Kind::HeldBack,
            before: 0,
            client: 0,
            milestone: Milestone::default(),
            waits: Waits::default(),
            counts: ReplicaCounts::default(),
        });
        self.held_back = Some(class);
        class
    }

    /// Counts polls of each class, all of rounds that share a bucket with this one.
    pub(crate) fn count(&mut self, round: u32, classes: &[u64]) {
        for (class, &times) in self.classes.iter().zip(classes) {
            if times == 0 {
                continue;
            }
            let turn = Turn { client: class.client, round, milestone: class.milestone, times };
            let mut poller = self.states[class.before as usize].clone();
            match &class.kind {
                Kind::HeldBack => self.offline.hold_back(times),
                Kind::Fresh => self.offline.use_fresh(&mut poller, turn),
                Kind::Exchange(answers) => {
                    let mut answers = answers.iter();
                    let next = |_: &[u8], _: &Wanted| {
                        answers.next().expect("as many as when it was worked out").clone()
                    };
                    self.offline.poll(&mut poller, turn, next);
                    add(&mut self.counts, class.counts, times);
                }
            }
        }
    }

    /// All that was counted.
    pub(crate) fn finish(self) -> (Tally, ReplicaCounts) {
        (self.offline.take(), self.counts)
    }

    /// The whole content of a replica, if that is its answer and it was sent before: most polls of
    /// clients with tags of other replicas are so.
    fn sent_in_full(
        &mut self,
        world: &World<'_>,
        state: State,
        place: Place,
    ) -> Option<Rc<[Answer]>> {
        let replica = place.replica?;
        let known = self.full.get(&(replica, place.kind))?;
        let (clients, poller) = (&self.offline, &self.states[state as usize]);
        let request = self.requests.entry((state, place.kind));
        let request =
            request.or_insert_with(|| world.plain(&clients.request(poller, place.client)));
        let sends_all = world.sends_all(replica, request.as_ref()?);
        sends_all.then(|| Rc::clone(known))
    }

    /// The cell of a poll with these answers, which cost the replicas nothing that they count.
    fn answered(
        &mut self,
        milestone: Milestone,
        state: State,
        place: Place,
        round: u32,
        answers: Rc<[Answer]>,
    ) -> Cell {
        let mut poller = self.states[state as usize].clone();
        let before = poller.standing();
        let turn = Turn { client: place.client, round, milestone, times: 0 };
        let (mut next, mut request_bytes) = (answers.iter(), 0);
        let waits = self.offline.poll(&mut poller, turn, |request: &[u8], _: &Wanted| {
            request_bytes += request.len();
            next.next().expect("one answer is the whole content").clone()
        });
        let next = self.number(poller);
        let key = Key { before, request_bytes, answers: answers.as_ptr(), waits };
        if let Some(&class) = self.known.get(&key) {
            return Cell::new(next, class);
        }
        let counts = ReplicaCounts::default();
        let kind = Kind::Exchange(answers);
        let class =
            PollClass { kind, before: state, client: place.client, milestone, waits, counts };
        let class = self.class(class);
        self.known.insert(key, class);
        Cell::new(next, class)
    }

    /// Makes the exchanges of a poll; `second` has the replica of a second one.
    fn work_out(
        &mut self,
        world: &mut World<'_>,
        state: State,
        place: Place,
        round: u32,
        second: impl FnOnce(&mut World<'_>) -> Option<usize>,
    ) -> Cell {
        let mut poller = self.states[state as usize].clone();
        let (mut answers, mut counts) = (Vec::new(), ReplicaCounts::default());
        let milestone = world.milestone;
        let turn = Turn { client: place.client, round, milestone, times: 0 };
        let mut second = Some(second);
        let exchange = |request: &[u8], wanted: &Wanted| {
            let replica = if answers.is_empty() {
                place.replica
            } else {
                second.take().and_then(|second| second(world))
            };
            let before = world.counts(replica);
            let answer = world.exchange(replica, request, wanted);
            add(&mut counts, less(world.counts(replica), before), 1);
            answers.push(answer.clone());
            answer
        };
        let waits = self.offline.poll(&mut poller, turn, exchange);
        let next = self.number(poller);
        let answers: Rc<[Answer]> = answers.into();
        if let (Some(replica), [answer]) = (place.replica, &*answers)
            && answer.is_full()
        {
            self.full.insert((replica, place.kind), Rc::clone(&answers));
        }
        let kind = Kind::Exchange(answers);
        let class =
            PollClass { kind, before: state, client: place.client, milestone, waits, counts };
        Cell::new(next, self.class(class))
    }

    fn class(&mut self, class: PollClass) -> Class {
        self.classes.push(class);
        self.classes.len() as u32 - 1
    }

    fn number(&mut self, poller: OfflinePoller) -> State {
        let next = self.states.len() as u32;
        let number = *self.numbers.entry(poller.clone()).or_insert(next);
        if number == next {
            self.states.push(poller);
            self.table.resize(self.states.len() * self.width, Cell::UNKNOWN);
        }
        number
    }
}

fn add(sum: &mut ReplicaCounts, more: ReplicaCounts, times: u64) {
    sum.requests += times * more.requests;
    sum.not_modified += times * more.not_modified;
    sum.queries += times * more.queries;
    sum.queries_on_not_modified += times * more.queries_on_not_modified;
    sum.hits += times * more.hits;
    sum.misses.header_missing += times * more.misses.header_missing;
    sum.misses.key_not_found += times * more.misses.key_not_found;
    sum.misses.resource_changed += times * more.misses.resource_changed;
    sum.store_errors += times * more.store_errors;
}

fn less(after: ReplicaCounts, before: ReplicaCounts) -> ReplicaCounts {
    let mut difference = after;
    difference.requests -= before.requests;
    difference.not_modified -= before.not_modified;
    difference.queries -= before.queries;
    difference.queries_on_not_modified -= before.queries_on_not_modified;
    difference.hits -= before.hits;
    difference.misses.header_missing -= before.misses.header_missing;
    difference.misses.key_not_found -= before.misses.key_not_found;
    difference.misses.resource_changed -= before.misses.resource_changed;
    difference.store_errors -= before.store_errors;
    difference
}
