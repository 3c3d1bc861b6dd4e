//! Makes the polls of some clients, one after the other: request, exchange, verdict, count.
//!
//! When a poll is due and in which order is decided elsewhere.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, Instant};

use measure::{
    ContentCoding, ErrorReason, Exchange, ExchangeBytes, Observation, Resume, Tally, Verdict,
    classify, held_after,
};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use truth::{CLIENT_FIELD, Content};

use crate::cadence::{self, Cadence, Share, Slot};
use crate::capture::{Meaning, Tap};
use crate::connection::{Connection, Failure, Received, Traffic};
use crate::freshness::Moment;
use crate::pen::Pen;
use crate::poller::Poller;
use crate::polling::{Load, Reached, Shared};
use crate::resume::{Part, Rest};

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

    /// Drops all connections if clients have been told to.
    fn follow(&mut self, reached: Reached) {
        if self.reconnects != reached.reconnects {
            self.reconnects = reached.reconnects;
            self.connections.iter_mut().for_each(Connection::close);
        }
    }

    /// Makes one poll and counts it.
    async fn poll_once(&mut self, slot: Slot) {
        let reached = self.shared.reached.get();
        self.follow(reached);
        let shared = &*self.shared;
        let caching = &shared.load.caching;
        let now = Instant::now();
        let intended = slot.due.map_or(now, |due| shared.start + due);
        let index = (slot.poller / self.share.step) as usize;
        let poller = &mut self.pollers[index];
        let clock = slot.due.map_or(self.virtual_time, |_| now - shared.start);
        if poller.is_fresh(clock) {
            poller.use_stored(slot.round, shared, reached);
            // Nothing else here waits, and whoever wants to stop the run is to be heard.
            return tokio::task::coop::consume_budget().await;
        }
        let conditional = !poller.conditions().is_empty();
        let connection_index = index % self.connections.len();
        let connection = &mut self.connections[connection_index];
        let (mut traffic, mut instrumentation) = (Traffic::default(), 0);
        let (mut rest, mut part) = (None, Part::first(caching.interruption));
        // Once; a second time for the rest of a download in which the client hung up.
        let result = loop {
            let purpose = rest.as_ref().map_or(Purpose::Poll(poller), Purpose::Rest);
            instrumentation += write_request(&mut self.request, shared, slot.poller, purpose);
            let addresses = shared.target.addresses();
            let mut result = connection.exchange(addresses, &self.request, &part, now).await;
            traffic.add(traffic_of(&result));
            match result.as_mut().ok().and_then(|r| Rest::of(r, caching, &shared.conditions)) {
                Some((missing, wanted)) => (rest, part) = (Some(missing), wanted),
                None => break result,
            }
        };
        let latency = intended.elapsed();
        let judged = Judged::of(poller, conditional, rest.as_ref(), &result);
        let received = result.as_ref().ok();
        let exchange = Exchange {
            round: slot.round,
            verdict: judged.verdict,
            error: judged.error,
            conditional,
            replica: received.and_then(|r| r.declaration).map(|d| d.replica),
            entity_tag: received.and_then(|r| r.entity_tag),
            tagged_content: judged.tagged_content.map(|content| content.id),
            coding: match (&rest, judged.resume) {
                (Some(rest), Some(Resume::Partial)) => rest.coding,
                _ => poller.coding_of(received),
            },
            bytes: exchange_bytes(traffic, instrumentation),
            latency,
        };
        let mut tally = shared.tally.borrow_mut();
        tally.record(&exchange);
        judged.tagged_content.into_iter().for_each(|declared| tally.record_state(declared));
        if rest.is_some() {
            tally.record_resume(judged.resume);
        }
        if let (None, Some(received)) = (judged.error, received) {
            poller.commit(&judged, received, rest, shared);
            if caching.honour_freshness {
                let moment = slot.due.map(|_| Moment::real(shared.start, now));
                let moment = moment.unwrap_or_else(|| Moment::of_virtual(clock));
                poller.note_lifetime(judged.verdict.is_not_modified(), received, moment);
            }
            poller.note_change(reached, judged.held, &mut tally);
        }
        shared.meter.count(conditional, judged.verdict);
        if let Some(recorder) = &shared.recorder {
            let meaning = Meaning {
                verdict: exchange.verdict,
                error: exchange.error,
                replica: exchange.replica,
                octets: received.filter(|r| r.traffic.content > 0).map(|r| r.content),
                tagged_content: exchange.tagged_content,
                held: judged.held.map(|content| content.id),
                bytes: exchange.bytes,
            };
            let tap = connection.tap().expect("who records has taps");
            recorder.borrow_mut().keep(slot.poller, &self.request, tap, meaning);
        }
    }
}

/// What a result means to the client that waited for it.
struct Judged {
    verdict: Verdict,
    error: Option<ErrorReason>,
    held: Option<Content>,
    /// What the replica held when it sent its tag, where that is known.
    tagged_content: Option<Content>,
    /// How a broken download went on, if it did.
    resume: Option<Resume>,
}

impl Judged {
    fn of(
        poller: &Poller,
        conditional: bool,
        rest: Option<&Rest>,
        result: &Result<Received<'_>, Failure>,
    ) -> Self {
        let observed = match (result, rest) {
            (Err(failure), _) => Err(failure.reason),
            (Ok(received), None) => observe(received, conditional).map(|seen| (seen, None)),
            (Ok(received), Some(rest)) => {
                rest.observe(received).map(|(seen, resume)| (seen, Some(resume)))
            }
        };
        match observed {
            Err(reason) => Self {
                verdict: Verdict::Error,
                error: Some(reason),
                held: poller.held,
                tagged_content: None,
                resume: None,
            },
            Ok((observed, resume)) => Self {
                verdict: classify(poller.held, observed),
                error: None,
                held: held_after(poller.held, observed),
                tagged_content: match observed {
                    Observation::Content(content) => Some(content),
                    Observation::NotModified { current } => current,
                },
                resume,
            },
        }
    }
}

/// What a complete response to a request for all of the content shows.
pub(crate) fn observe(
    received: &Received<'_>,
    conditional: bool,
) -> Result<Observation, ErrorReason> {
    let declared = received.declaration.and_then(|declaration| declaration.content);
    match received.status {
        304 if conditional => Ok(Observation::NotModified { current: declared }),
        304 => Err(ErrorReason::UnsolicitedNotModified),
        200 => match declared {
            // What came in a coding that nobody here knows cannot be compared.
            Some(declared)
                if received.coding == ContentCoding::Other || declared.id == received.content =>
            {
                Ok(Observation::Content(declared))
            }
            Some(_) => Err(ErrorReason::ContentMismatch),
            None => Ok(Observation::Content(Content { id: received.content, edition: None })),
        },
        status => Err(ErrorReason::Status(status)),
    }
}

impl Poller {
    /// The form of the content that a response speaks of: a 304 confirms what is stored.
    fn coding_of(&self, received: Option<&Received<'_>>) -> ContentCoding {
        match received {
            Some(received) if received.status != 304 => received.coding,
            _ => self.coding,
        }
    }

    /// A poll that the stored response answers.
    fn use_stored(&mut self, round: u32, shared: &Shared, reached: Reached) {
        let exchange = Exchange {
            round,
            verdict: Verdict::FreshHit,
            error: None,
            conditional: false,
            replica: None,
            entity_tag: None,
            tagged_content: None,
            coding: self.coding,
            bytes: ExchangeBytes::default(),
            latency: Duration::ZERO,
        };
        let mut tally = shared.tally.borrow_mut();
        tally.record(&exchange);
        self.note_change(reached, self.held, &mut tally);
        shared.meter.count(false, Verdict::FreshHit);
    }

    /// Stores the response: only now, after its content is complete.
    fn commit(
        &mut self,
        judged: &Judged,
        received: &Received<'_>,
        rest: Option<Rest>,
        shared: &Shared,
    ) {
        match (judged.verdict.is_not_modified(), judged.resume, rest) {
            (true, ..) => self.validated(judged.held),
            (false, Some(Resume::Partial), Some(rest)) => {
                self.store(judged.held, rest.coding, rest.conditions);
            }
            (false, ..) => {
                let validate = shared.load.caching.validate;
                let conditions = shared.conditions.borrow_mut().of(received, validate);
                self.store(judged.held, received.coding, conditions);
            }
        }
    }

    /// Notes, once per client and change, whether the first poll after it showed it.
    fn note_change(&mut self, reached: Reached, shown: Option<Content>, tally: &mut Tally) {
        if self.changes_seen < reached.complete_changes {
            self.changes_seen = reached.complete_changes;
            let edition = shown.and_then(|shown| shown.edition);
            let updated = edition.is_some_and(|edition| edition >= reached.edition);
            tally.record_change_polled(reached.complete_changes as usize - 1, updated);
        }
    }
}

/// What a request is for.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    /// The content, unless this client has it.
    Poll(&'a Poller),
    /// What a broken download lacks.
    Rest(&'a Rest),
}

/// Writes the request of this client and returns how many of its bytes only the lab adds.
fn write_request(request: &mut Vec<u8>, shared: &Shared, number: u32, purpose: Purpose<'_>) -> u64 {
    request.clear();
    request.extend_from_slice(shared.target.request_start());
    request.extend_from_slice(shared.target.accept_encoding(number));
    let mut instrumentation = 0;
    if shared.load.identify_clients {
        let line = format!("{CLIENT_FIELD}: {number}\r\n");
        request.extend_from_slice(line.as_bytes());
        instrumentation = line.len() as u64;
    }
    match purpose {
        Purpose::Poll(poller) => request.extend_from_slice(poller.conditions()),
        Purpose::Rest(rest) => rest.write(request),
    }
    request.extend_from_slice(b"\r\n");
    instrumentation
}

fn traffic_of(result: &Result<Received<'_>, Failure>) -> Traffic {
    match result {
        Ok(received) => received.traffic,
        Err(failure) => failure.traffic,
    }
}

fn exchange_bytes(traffic: Traffic, request_instrumentation: u64) -> ExchangeBytes {
    ExchangeBytes {
        request: traffic.written,
        response_fields: traffic.read - traffic.content,
        response_content: traffic.content,
        instrumentation: traffic.instrumentation + request_instrumentation,
    }
}
