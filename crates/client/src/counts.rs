//! Counts of one run: the tally, and the log of content changes.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use measure::{Exchange, Tally, Verdict, WriteVerdict};
use truth::{Content, ContentId};

use crate::OnError;
use crate::judge::Judgement;
use crate::load::{Load, Milestone};
use crate::meter::Meter;
use crate::poller::Poller;

/// A client replaced its stored content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentChange {
    /// The client.
    pub poller: u32,
    /// Content that it shows from now on.
    pub content: ContentId,
    /// Arrival of its last byte, in real time since the first poll was due.
    pub at: Duration,
}

pub(crate) struct RunCounts {
    tally: RefCell<Tally>,
    meter: Arc<Meter>,
    /// `None` where no log of changes was asked for.
    changes: Option<RefCell<Vec<ContentChange>>>,
    /// True if a 304 is about a tag: one about a date may be about any content of that second.
    by_tag: bool,
    /// Number of polls that each count stands for: one, but in virtual time.
    pub(crate) times: Cell<u64>,
}

impl RunCounts {
    pub(crate) fn new(load: &Load, meter: &Arc<Meter>) -> Self {
        let changes = load.log_changes.then(RefCell::default);
        let by_tag = load.caching.validate.by_tag();
        Self {
            tally: RefCell::default(),
            meter: Arc::clone(meter),
            changes,
            by_tag,
            times: Cell::new(1),
        }
    }

    /// Counts a poll that was answered, by the server or by the stored response.
    pub(crate) fn count(&self, exchange: &Exchange<'_>, judgement: Option<&Judgement>) {
        // No await happens while the tally is borrowed, so the drivers of one thread never collide.
        let mut tally = self.tally.borrow_mut();
        tally.record_times(exchange, self.times.get());
        if let Some(declared) = judgement.and_then(|judgement| judgement.tagged_content) {
            tally.record_state(exchange.resource, declared);
        }
        let confirmed = judgement.filter(|_| exchange.verdict == Verdict::Unverifiable);
        if let Some(held) = confirmed.and_then(|judgement| judgement.held)
            && self.by_tag
        {
            tally.record_confirmed(exchange.resource, held.id);
        }
        self.meter.polls.fetch_add(1, Ordering::Relaxed);
        if exchange.conditional {
            self.meter.conditional.fetch_add(1, Ordering::Relaxed);
            let not_modified = u64::from(exchange.verdict.is_not_modified());
            self.meter.not_modified.fetch_add(not_modified, Ordering::Relaxed);
        }
        if let Some(witness) = &self.meter.witness {
            witness.judged(exchange);
        }
    }

    /// Reports whether the next content of this resource is to be kept.
    pub(crate) fn wants_sample(&self, resource: u32) -> bool {
        self.tally.borrow().wants_sample(resource)
    }

    /// Keeps the content of an exchange that was counted, if it was wanted and brought one.
    pub(crate) fn keep_sample(&self, exchange: &Exchange<'_>, sample: Option<Vec<u8>>) {
        let has_content = exchange.error.is_none() && !exchange.verdict.is_not_modified();
        let content = exchange.tagged_content.filter(|_| has_content);
        if let (Some(sample), Some(content)) = (sample, content) {
            self.tally.borrow_mut().keep_sample(exchange.resource, content, sample);
        }
    }

    pub(crate) fn count_resume(&self, judgement: &Judgement) {
        self.tally.borrow_mut().record_resume(judgement.resume, self.times.get());
    }

    pub(crate) fn count_second_get(&self) {
        self.tally.borrow_mut().second_gets += self.times.get();
    }

    pub(crate) fn count_write(&self, verdict: WriteVerdict) {
        self.tally.borrow_mut().writes.get_or_insert_default().count(verdict);
    }

    pub(crate) fn count_paused(&self) {
        self.tally.borrow_mut().paused += self.times.get();
        self.meter.polls.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts, once per client and change, whether the first poll after it showed it.
    pub(crate) fn count_change(
        &self,
        poller: &mut Poller,
        milestone: Milestone,
        shown: Option<Content>,
    ) {
        // The milestone is that of the request: a change during the poll is seen by the next one.
        if poller.changes_seen < milestone.complete_changes {
            poller.changes_seen = milestone.complete_changes;
            let edition = shown.and_then(|shown| shown.edition);
            let updated = edition.is_some_and(|edition| edition >= milestone.edition);
            let index = milestone.complete_changes as usize - 1;
            self.tally.borrow_mut().record_change_polled(index, updated, self.times.get());
        }
    }

    /// Counts a complete response at `at` for a client's table, which is the content that it has
    /// stored; `before` is the content that it had until then.
    pub(crate) fn count_table(
        &self,
        client: u32,
        poller: &mut Poller,
        before: Option<Content>,
        at: Duration,
    ) {
        let unconfirmed = poller.confirm(at);
        let mut tally = self.tally.borrow_mut();
        if let Some(unconfirmed) = unconfirmed {
            tally.tables.record_unconfirmed(unconfirmed);
        }
        let loaded = tally.tables.record_response(before, poller.held, self.times.get());
        if let (true, Some(changes), Some(content)) = (loaded, &self.changes, poller.held) {
            changes.borrow_mut().push(ContentChange { poller: client, content: content.id, at });
        }
    }

    /// Counts a poll that failed at `at`: the client keeps its table or drops it.
    pub(crate) fn count_failure(&self, poller: &mut Poller, on_error: OnError, at: Duration) {
        if poller.held.is_none() {
            return;
        }
        let mut tally = self.tally.borrow_mut();
        match on_error {
            OnError::Keep => {
                tally.tables.record_kept(poller.keep_unconfirmed(at), self.times.get());
            }
            OnError::Drop => {
                poller.forget();
                tally.tables.record_lost(self.times.get());
            }
        }
    }

    pub(crate) fn take(&self) -> (Tally, Vec<ContentChange>) {
        (self.tally.take(), self.changes.as_ref().map(RefCell::take).unwrap_or_default())
    }
}
