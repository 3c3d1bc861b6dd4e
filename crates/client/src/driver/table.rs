//! What becomes of a client's table, which is the content that it has stored: loaded, confirmed,
//! kept through an error or dropped.
//!
//! Stores nothing: what a response brings was stored before, complete, or not at all.

use std::time::Duration;

use truth::Content;

use crate::caching::OnError;
use crate::poller::Poller;
use crate::polling::{Shared, Take};

impl Shared {
    /// After a complete response that came at `at`; `before` is what the client held until then.
    pub(super) fn note_response(
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
        let loaded = tally.tables.record_response(before, poller.held);
        if let (true, true, Some(content)) = (loaded, self.load.log_takes, poller.held) {
            self.takes.borrow_mut().push(Take { poller: client, content: content.id, at });
        }
    }

    /// After a poll that failed at `at`.
    pub(super) fn note_error(&self, poller: &mut Poller, at: Duration) {
        if poller.held.is_none() {
            return;
        }
        let mut tally = self.tally.borrow_mut();
        match self.load.on_error {
            OnError::Keep => tally.tables.record_kept(poller.go_on_unconfirmed(at)),
            OnError::Drop => {
                poller.forget();
                tally.tables.record_lost();
            }
        }
    }
}
