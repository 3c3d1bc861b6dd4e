//! Makes the polls of some clients, one after the other: request, exchange, verdict, count.
//!
//! The order of the polls and their send times come from `cadence` and `pacing`.

pub(crate) mod fetch;
mod writers;

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, Instant};

use measure::{Exchange, ExchangeBytes, Resume, Verdict};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;

use self::fetch::{Fetch, FetchResult, PollStep};
use self::writers::Writers;
use crate::cadence::{self, Cadence, Share, Slot};
use crate::capture::{ExchangeLog, Tap};
use crate::conditions::RecentConditions;
use crate::connection::{Peer, PollConnection, Socket};
use crate::counts::RunCounts;
use crate::freshness::ArrivalTime;
use crate::judge::Judgement;
use crate::load::{Load, Milestone};
use crate::pen::Pen;
use crate::poll_interval::ServerPace;
use crate::poller::Poller;
use crate::response::PollResponse;
use crate::target::PollTarget;

/// State that all drivers of one run share: on one thread, and so without locks.
pub(crate) struct SharedRun {
    pub(crate) target: PollTarget,
    pub(crate) peer: Peer,
    pub(crate) load: Load,
    pub(crate) start: Instant,
    pub(crate) counts: RunCounts,
    pub(crate) recorder: Option<RefCell<ExchangeLog>>,
    pub(crate) conditions: RefCell<RecentConditions>,
    pub(crate) milestone: Cell<Milestone>,
}

pub(crate) struct Driver {
    shared: Rc<SharedRun>,
    share: Share,
    pollers: Vec<Poller>,
    connections: Vec<PollConnection>,
    request: Vec<u8>,
    turn: Rc<Notify>,
    /// The clients' own clock, where it does not show real time.
    virtual_time: Duration,
    /// Number of times that its connections have been dropped.
    reconnects: u32,
    /// In lock-step, where there is one driver.
    writers: Option<Writers>,
}

impl Driver {
    /// The drivers that this load needs: one in lock-step, else one for each connection.
    pub(crate) fn all(shared: &Rc<SharedRun>) -> Vec<Self> {
        let Load { connections, cadence, share, rounds, .. } = shared.load;
        let own = share.count(connections).max(1);
        let (drivers, each) = match cadence {
            // One driver makes the polls of all clients in strict order, over all connections.
            Cadence::Lockstep => (1, connections),
            // A part of the clients has its part of the connections, the very same ones where their
            // number can be divided.
            Cadence::Shuffled | Cadence::OpenLoop { .. } if !shared.peer.is_http2() => (own, 1),
            // Each has as many as it may have streams, and none without a client.
            _ => {
                let most = share.count(rounds.clients).max(1);
                (own.saturating_mul(shared.peer.streams()).min(most), 1)
            }
        };
        let sockets = if shared.peer.is_http2() { Socket::several(own) } else { Vec::new() };
        let of = |driver| Self::new(shared, share.part(driver, drivers), driver, each, &sockets);
        (0..drivers).map(of).collect()
    }

    fn new(
        shared: &Rc<SharedRun>,
        share: Share,
        number: u32,
        connections: u32,
        sockets: &[Rc<Socket>],
    ) -> Self {
        let Load { rounds, timeout, capture, cadence, writing, .. } = shared.load;
        let writing = writing.filter(|_| cadence == Cadence::Lockstep);
        let connection = |place: u32| {
            // Client c is on connection c % connections here as well.
            let socket = sockets.get((number + place) as usize % sockets.len().max(1));
            PollConnection::new(timeout, capture.map(Tap::new), socket.cloned())
        };
        Self {
            shared: Rc::clone(shared),
            share,
            pollers: share.members(rounds.clients).map(|_| Poller::default()).collect(),
            connections: (0..connections).map(connection).collect(),
            request: Vec::with_capacity(512),
            turn: Rc::default(),
            virtual_time: Duration::ZERO,
            reconnects: 0,
            writers: writing.map(|writing| Writers::new(shared, writing)),
        }
    }

    /// Makes the polls of these rounds, each as soon as the pen releases it.
    pub(crate) async fn make_rounds(&mut self, range: Range<u32>, pen: &RefCell<Pen<Rc<Notify>>>) {
        let Load { rounds, seed, cadence, caching, .. } = self.shared.load;
        for round in range {
            self.virtual_time = caching.round_interval.saturating_mul(round);
            let order = match cadence {
                Cadence::Shuffled => cadence::shuffled(rounds, self.share, round, seed),
                _ => cadence::in_order(rounds, self.share, round),
            };
            for poller in order {
                self.released_by(pen).await;
                self.poll_once(Slot { poller, round, due: None }).await;
            }
            if let Some(writers) = &mut self.writers {
                writers.write_round(&self.shared, round).await;
            }
        }
        let next = pen.borrow_mut().leave();
        next.inspect(|next| next.notify_one());
    }

    /// Waits in the pen until this driver is drawn.
    async fn released_by(&self, pen: &RefCell<Pen<Rc<Notify>>>) {
        let next = pen.borrow_mut().enter(Rc::clone(&self.turn));
        // Woken by another driver, unless this one is drawn itself: a notification to oneself would
        // cost a turn of the scheduler.
        if !next.as_ref().is_some_and(|next| Rc::ptr_eq(next, &self.turn)) {
            next.inspect(|next| next.notify_one());
            self.turn.notified().await;
        }
    }

    pub(crate) async fn poll_when_due(mut self, mut queue: UnboundedReceiver<Slot>) {
        while let Some(slot) = queue.recv().await {
            self.poll_once(slot).await;
        }
    }

    async fn poll_once(&mut self, slot: Slot) {
        let milestone = self.shared.milestone.get();
        if !milestone.is_polling(slot.poller) {
            // Nothing else here waits, and an order to stop the run has to come through.
            return tokio::task::coop::consume_budget().await;
        }
        // Clients were ordered to drop their connections.
        if self.reconnects != milestone.reconnects {
            self.reconnects = milestone.reconnects;
            self.connections.iter_mut().for_each(PollConnection::close);
            self.writers.iter_mut().for_each(Writers::close);
        }
        let shared = &*self.shared;
        // Read once for all that follows: a poll takes only a few microseconds.
        let now = Instant::now();
        let index = (slot.poller / self.share.step) as usize;
        let poller = &mut self.pollers[index];
        let clock = slot.due.map_or(self.virtual_time, |_| now - shared.start);
        let place = (slot, shared.target.resource(slot.poller));
        if needs_no_request(&shared.counts, place, poller, clock, milestone) {
            // Nothing else here waits, and an order to stop the run has to come through.
            return tokio::task::coop::consume_budget().await;
        }
        let places = self.connections.len();
        let connection = &mut self.connections[index % places];
        connection.wants_sample = shared.counts.wants_sample(place.1);
        let fetch = Fetch { shared, client: slot.poller, poller, started: now };
        let mut fetched = fetch.over(connection, &mut self.request).await;
        let arrival = Instant::now();
        let at = arrival - shared.start;
        // From the time the poll was due, not from the time it was sent: a stalled client must not
        // hide the delay of the polls behind it.
        let latency = arrival.saturating_duration_since(slot.due.map_or(now, |d| shared.start + d));

        let sample = fetched.result.as_mut().ok().and_then(|buffered| buffered.sample.take());
        let response = fetched.result.as_ref().map(|buffered| connection.response(buffered));
        let response = response.map_err(|reason| *reason);
        let response = response.map(|response| shared.target.completed(response));
        let response = response.and_then(|it| shared.target.origins().readable(slot.poller, it));
        let conditional = !poller.conditions().is_empty();
        let judgement = Judgement::of(poller.held, conditional, fetched.rest.as_ref(), &response);
        let response = response.as_ref().ok();
        let exchange = sent_poll(place, poller, &fetched, response, &judgement, Some(latency));
        shared.counts.count(&exchange, Some(&judgement));
        shared.counts.keep_sample(&exchange, sample);
        if fetched.rest.is_some() {
            shared.counts.count_resume(&judgement);
        }
        if fetched.step == PollStep::GetAnew {
            shared.counts.count_second_get();
        }
        if let (Some(recorder), Some(tap)) = (&shared.recorder, connection.tap()) {
            let (judgement, bytes) = (Some(&judgement), fetched.last);
            recorder.borrow_mut().keep(slot.poller, tap, response, judgement, None, bytes);
        }
        // Stored only now: a validator without its complete content would confirm a broken one.
        if let (None, Some(response)) = (judgement.error, response) {
            let before = poller.held;
            let moment = || match slot.due {
                Some(_) => ArrivalTime::real(shared.start, now),
                None => ArrivalTime::of_virtual(clock),
            };
            let (caching, recent) = (&shared.load.caching, &mut shared.conditions.borrow_mut());
            poller.store(&judgement, response, fetched.rest, caching, recent, moment);
            shared.counts.count_change(poller, milestone, judgement.held);
            shared.counts.count_table(slot.poller, poller, before, at);
        } else {
            shared.counts.count_failure(poller, shared.load.on_error, at);
        }
        if shared.load.obey_poll_interval {
            let clock = slot.due.map_or(clock, |_| at);
            let asked = |r: &PollResponse<'_>| ServerPace::asked(r.head, clock, milestone.resumes);
            poller.pace = response.map_or(ServerPace::Own, asked);
        }
    }
}

/// Counts a poll due at `clock` that is not made: because the server does not want it, or because
/// the stored response answers it. `false` for one that has to be made.
fn needs_no_request(
    counts: &RunCounts,
    place: (Slot, u32),
    poller: &mut Poller,
    clock: Duration,
    milestone: Milestone,
) -> bool {
    if poller.pace.holds_back(clock, milestone.resumes) {
        counts.count_paused();
        return true;
    }
    let fresh = poller.is_fresh(clock);
    if fresh {
        counts.count(&fresh_hit(place, poller), None);
        counts.count_change(poller, milestone, poller.held);
    }
    fresh
}

/// A poll that was sent; `poller` is as it was before the response.
pub(crate) fn sent_poll<'a>(
    (slot, resource): (Slot, u32),
    poller: &Poller,
    fetched: &FetchResult,
    response: Option<&PollResponse<'a>>,
    judgement: &Judgement,
    latency: Option<Duration>,
) -> Exchange<'a> {
    Exchange {
        round: slot.round,
        verdict: judgement.verdict,
        error: judgement.error,
        conditional: !poller.conditions().is_empty(),
        resource,
        replica: response.and_then(|r| r.declaration).map(|d| d.replica),
        entity_tag: response.and_then(|r| r.entity_tag),
        tagged_content: judgement.tagged_content.map(|content| content.id),
        coding: match (&fetched.rest, judgement.resume, response) {
            (Some(rest), Some(Resume::Partial), _) => rest.coding,
            (_, _, Some(response)) if response.status != 304 => response.coding,
            // A 304 confirms the stored content.
            _ => poller.coding,
        },
        bytes: fetched.total,
        latency,
    }
}

pub(crate) fn fresh_hit((slot, resource): (Slot, u32), poller: &Poller) -> Exchange<'static> {
    Exchange {
        round: slot.round,
        verdict: Verdict::FreshHit,
        error: None,
        conditional: false,
        resource,
        replica: None,
        entity_tag: None,
        tagged_content: None,
        coding: poller.coding,
        bytes: ExchangeBytes::default(),
        latency: None,
    }
}
