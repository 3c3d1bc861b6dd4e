//! Makes the polls of some clients, one after the other: request, exchange, verdict, count.
//!
//! When a poll is due and in which order is decided elsewhere.

mod fetch;
mod log;
mod record;
mod store;
mod table;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;

use self::fetch::Fetch;
use crate::cadence::{self, Cadence, Share, Slot};
use crate::capture::Tap;
use crate::connection::Connection;
use crate::freshness::Moment;
use crate::judge::Judged;
use crate::pen::Pen;
use crate::poll_interval::Pace;
use crate::poller::Poller;
use crate::polling::{Load, Reached, Shared};

/// Some of the clients, with the connections they share.
pub(crate) struct Driver {
    shared: Rc<Shared>,
    share: Share,
    pollers: Vec<Poller>,
    connections: Vec<Connection>,
    request: Vec<u8>,
    turn: Rc<Notify>,
    /// The clients' own clock, where it is not that of the world.
    virtual_time: Duration,
    /// As often as its connections have been dropped.
    reconnects: u32,
}

impl Driver {
    /// The drivers that this load needs: one in lock-step, else one for each connection.
    pub(crate) fn all(shared: &Rc<Shared>) -> Vec<Self> {
        let Load { rounds, connections, timeout, cadence, capture, .. } = shared.load;
        let (step, each) = match cadence {
            Cadence::Lockstep => (1, connections),
            Cadence::Shuffled | Cadence::OpenLoop { .. } => (connections, 1),
        };
        let driver = |first| {
            let share = Share { first, step };
            Self {
                shared: Rc::clone(shared),
                share,
                pollers: share.members(rounds.clients).map(|_| Poller::default()).collect(),
                connections: (0..each)
                    .map(|_| Connection::new(timeout, capture.map(Tap::new)))
                    .collect(),
                request: Vec::with_capacity(512),
                turn: Rc::default(),
                virtual_time: Duration::ZERO,
                reconnects: 0,
            }
        };
        (0..step).map(driver).collect()
    }

    /// Makes the polls of these rounds, each as soon as the pen lets it.
    pub(crate) async fn make_rounds(&mut self, range: Range<u32>, pen: &RefCell<Pen<Rc<Notify>>>) {
        let Load { rounds, seed, cadence, caching, .. } = self.shared.load;
        for round in range {
            self.virtual_time = caching.round_interval.saturating_mul(round);
            let order = match cadence {
                Cadence::Shuffled => cadence::shuffled(rounds, self.share, round, seed),
                _ => cadence::in_order(rounds, self.share, round),
            };
            for poller in order {
                let next = pen.borrow_mut().enter(Rc::clone(&self.turn));
                if !next.as_ref().is_some_and(|next| Rc::ptr_eq(next, &self.turn)) {
                    next.inspect(|next| next.notify_one());
                    self.turn.notified().await;
                }
                self.poll_once(Slot { poller, round, due: None }).await;
            }
        }
        let next = pen.borrow_mut().leave();
        next.inspect(|next| next.notify_one());
    }

    /// Makes polls as they fall due, until there are no more.
    pub(crate) async fn poll_when_due(mut self, mut queue: UnboundedReceiver<Slot>) {
        while let Some(slot) = queue.recv().await {
            self.poll_once(slot).await;
        }
    }

    /// Makes one poll and counts it.
    async fn poll_once(&mut self, slot: Slot) {
        let reached = self.shared.reached.get();
        self.follow(reached);
        let shared = &*self.shared;
        let now = Instant::now();
        let index = (slot.poller / self.share.step) as usize;
        let poller = &mut self.pollers[index];
        let clock = slot.due.map_or(self.virtual_time, |_| now - shared.start);
        if shared.needs_no_request(slot, poller, clock, reached) {
            // Nothing else here waits, and whoever wants to stop the run is to be heard.
            return tokio::task::coop::consume_budget().await;
        }
        let places = self.connections.len();
        let connection = &mut self.connections[index % places];
        let fetch = Fetch { shared, client: slot.poller, poller, started: now };
        let fetched = fetch.over(connection, &mut self.request).await;
        let arrived = Instant::now();
        let at = arrived - shared.start;
        let latency = arrived.saturating_duration_since(slot.due.map_or(now, |d| shared.start + d));

        let received = fetched.result.as_ref().map(|arrived| connection.received(arrived));
        let received = received.map_err(|failure| failure.reason);
        let judged = Judged::of(poller, fetched.rest.as_ref(), &received);
        let came = received.as_ref().ok();
        let resource = shared.target.resource(slot.poller);
        let exchange = judged.exchange(slot, resource, poller, &fetched, came, latency);
        shared.count(&exchange, &judged, fetched.rest.is_some());
        shared.keep(slot.poller, &self.request, connection, &judged, came, fetched.last);
        if let (None, Some(received)) = (judged.error, came) {
            let before = poller.held;
            let moment = || match slot.due {
                Some(_) => Moment::real(shared.start, now),
                None => Moment::of_virtual(clock),
            };
            poller.take(&judged, received, fetched.rest, shared, moment);
            poller.note_change(reached, judged.held, &mut shared.tally.borrow_mut());
            shared.note_response(slot.poller, poller, before, at);
        } else {
            shared.note_error(poller, at);
        }
        if shared.load.obey_poll_interval {
            let clock = slot.due.map_or(clock, |_| at);
            poller.pace = came.map_or(Pace::Own, |r| Pace::asked(r.head, clock, reached.resumes));
        }
    }

    /// Drops all connections if clients have been told to.
    fn follow(&mut self, reached: Reached) {
        if self.reconnects != reached.reconnects {
            self.reconnects = reached.reconnects;
            self.connections.iter_mut().for_each(Connection::close);
        }
    }
}
