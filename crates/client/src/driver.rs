//! Makes the polls of some clients, one after the other: request, exchange, verdict, count.
//!
//! When a poll is due and in which order is decided elsewhere.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::time::Instant;

use measure::{
    ContentCoding, ErrorReason, Exchange, ExchangeBytes, Observation, Tally, Verdict, classify,
    held_after,
};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use truth::{CLIENT_FIELD, Content};

use crate::cadence::{self, Cadence, Share, Slot};
use crate::connection::{Connection, Failure, Received, Traffic};
use crate::pen::Pen;
use crate::poller::{Poller, RecentTags};
use crate::polling::{Load, Reached, Shared};

/// Some of the clients, with the connections they share.
pub(crate) struct Driver {
    shared: Rc<Shared>,
    share: Share,
    pollers: Vec<Poller>,
    connections: Vec<Connection>,
    request: Vec<u8>,
    turn: Rc<Notify>,
}

impl Driver {
    /// The drivers that this load needs: one in lock-step, else one for each connection.
    pub(crate) fn all(shared: &Rc<Shared>) -> Vec<Self> {
        let Load { rounds, connections, timeout, cadence, .. } = shared.load;
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
                connections: (0..each).map(|_| Connection::new(timeout)).collect(),
                request: Vec::with_capacity(512),
                turn: Rc::default(),
            }
        };
        (0..step).map(driver).collect()
    }

    /// Makes the polls of these rounds, each as soon as the pen lets it.
    pub(crate) async fn make_rounds(&mut self, range: Range<u32>, pen: &RefCell<Pen<Rc<Notify>>>) {
        let Load { rounds, seed, cadence, .. } = self.shared.load;
        for round in range {
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
                self.poll_once(Slot { poller, due: None }).await;
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
        let shared = &*self.shared;
        let now = Instant::now();
        let intended = slot.due.map_or(now, |due| shared.start + due);
        let reached = shared.reached.get();
        let index = (slot.poller / self.share.step) as usize;
        let poller = &mut self.pollers[index];
        let instrumentation = write_request(&mut self.request, shared, slot.poller, poller);
        let conditional = poller.entity_tag.is_some();
        let connection_index = index % self.connections.len();
        let connection = &mut self.connections[connection_index];
        let result = connection.exchange(shared.target.addresses(), &self.request, now).await;
        let latency = intended.elapsed();
        let judged = Judged::of(poller, conditional, &result);
        let (traffic, received) = match &result {
            Ok(received) => (received.traffic, Some(received)),
            Err(failure) => (failure.traffic, None),
        };
        let exchange = Exchange {
            verdict: judged.verdict,
            error: judged.error,
            conditional,
            replica: received.and_then(|r| r.declaration).map(|d| d.replica),
            entity_tag: received.and_then(|r| r.entity_tag),
            tagged_content: judged.tagged_content.map(|content| content.id),
            coding: poller.coding_of(received),
            bytes: exchange_bytes(traffic, instrumentation),
            latency,
        };
        let mut tally = shared.tally.borrow_mut();
        tally.record(&exchange);
        if judged.error.is_none() {
            if let Some(received) = received {
                poller.commit(&judged, received, &mut shared.tags.borrow_mut());
            }
            poller.note_change(reached, &mut tally);
        }
        shared.meter.count(conditional, judged.verdict);
    }
}

/// What a result means to the client that waited for it.
struct Judged {
    verdict: Verdict,
    error: Option<ErrorReason>,
    held: Option<Content>,
    /// What the replica held when it sent its tag, where that is known.
    tagged_content: Option<Content>,
}

impl Judged {
    fn of(poller: &Poller, conditional: bool, result: &Result<Received<'_>, Failure>) -> Self {
        let observed = match result {
            Err(failure) => Err(failure.reason),
            Ok(received) => observe(received, conditional),
        };
        match observed {
            Err(reason) => Self {
                verdict: Verdict::Error,
                error: Some(reason),
                held: poller.held,
                tagged_content: None,
            },
            Ok(observed) => Self {
                verdict: classify(poller.held, observed),
                error: None,
                held: held_after(poller.held, observed),
                tagged_content: match observed {
                    Observation::Content(content) => Some(content),
                    Observation::NotModified { current } => current,
                },
            },
        }
    }
}

fn observe(received: &Received<'_>, conditional: bool) -> Result<Observation, ErrorReason> {
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

    /// Stores the response: only now, after its content is complete.
    fn commit(&mut self, judged: &Judged, received: &Received<'_>, tags: &mut RecentTags) {
        self.held = judged.held;
        if judged.verdict.is_not_modified() {
            // Neither a 304 without tag nor one with a foreign tag changes the validator of the
            // stored response (RFC 9111 §4.3.4).
            return;
        }
        self.coding = received.coding;
        let kept = self.entity_tag.as_deref();
        if kept != received.entity_tag {
            self.entity_tag = received.entity_tag.map(|tag| tags.share(tag));
        }
    }

    /// Notes, once per client and change, whether the first poll after it showed it.
    fn note_change(&mut self, reached: Reached, tally: &mut Tally) {
        if self.changes_seen < reached.complete_changes {
            self.changes_seen = reached.complete_changes;
            let edition = self.held.and_then(|held| held.edition);
            let updated = edition.is_some_and(|edition| edition >= reached.edition);
            tally.record_change_polled(reached.complete_changes as usize - 1, updated);
        }
    }
}

/// Writes the request of this client and returns how many of its bytes only the lab adds.
fn write_request(request: &mut Vec<u8>, shared: &Shared, number: u32, poller: &Poller) -> u64 {
    request.clear();
    request.extend_from_slice(shared.target.request_start());
    request.extend_from_slice(shared.target.accept_encoding(number));
    let mut instrumentation = 0;
    if shared.load.identify_clients {
        let line = format!("{CLIENT_FIELD}: {number}\r\n");
        request.extend_from_slice(line.as_bytes());
        instrumentation = line.len() as u64;
    }
    if let Some(tag) = &poller.entity_tag {
        request.extend_from_slice(b"if-none-match: ");
        request.extend_from_slice(tag);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    instrumentation
}

fn exchange_bytes(traffic: Traffic, request_instrumentation: u64) -> ExchangeBytes {
    ExchangeBytes {
        request: traffic.written,
        response_fields: traffic.read - traffic.content,
        response_content: traffic.content,
        instrumentation: traffic.instrumentation + request_instrumentation,
    }
}
