//! What a client keeps of a poll: the response, until when it is fresh, and which changes it saw.

use measure::{Resume, Tally};
use truth::Content;

use crate::connection::Received;
use crate::freshness::Moment;
use crate::judge::Judged;
use crate::poller::Poller;
use crate::polling::{Reached, Shared};
use crate::resume::Rest;

impl Poller {
    /// Keeps a response: only now, after its content is complete. `moment` is its arrival.
    pub(super) fn take(
        &mut self,
        judged: &Judged,
        received: &Received<'_>,
        rest: Option<Rest>,
        shared: &Shared,
        moment: impl FnOnce() -> Moment,
    ) {
        let not_modified = judged.verdict.is_not_modified();
        match (not_modified, judged.resume, rest) {
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
        if shared.load.caching.honour_freshness {
            self.note_lifetime(not_modified, received, moment());
        }
    }

    /// Notes, once per client and change, whether the first poll after it showed it.
    pub(super) fn note_change(
        &mut self,
        reached: Reached,
        shown: Option<Content>,
        tally: &mut Tally,
    ) {
        if self.changes_seen < reached.complete_changes {
            self.changes_seen = reached.complete_changes;
            let edition = shown.and_then(|shown| shown.edition);
            let updated = edition.is_some_and(|edition| edition >= reached.edition);
            tally.record_change_polled(reached.complete_changes as usize - 1, updated);
        }
    }
}
