//! The messages of a change to the store of tags.
//!
//! The order is [`TagProtocol`](super::protocol::TagProtocol)'s. Blocks, on threads that may; knows nothing
//! of what is written.

use std::sync::Arc;
use std::time::Duration;

use semantics::EntityTag;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};

use super::protocol::{WriteResult, WriteStep};
use super::{SharedTagsState, fresh_tag, random};
use crate::accounts::Accounts;

const PAUSE: Duration = Duration::from_millis(100);

/// Longest time that a change waits for the store, in all its steps together. A client that looked
/// the tag up before has waited as long once more at most, which makes a second.
const PATIENCE: Duration = super::stores::PATIENCE;

#[derive(Debug)]
pub(crate) struct TagWriter<'a> {
    pub(crate) shared: &'a Arc<SharedTagsState>,
    pub(crate) accounts: &'a Arc<Accounts>,
}

impl TagWriter<'_> {
    /// Makes a whole change. `commit` calls what it is given once it is certain that it will commit,
    /// and returns whether it did. The tag is that of the change; `None` where nothing changed or
    /// the store has not taken one yet.
    ///
    /// # Panics
    ///
    /// Outside a runtime, and on a thread of it that may not block.
    pub(crate) fn change<E>(
        &self,
        commit: impl FnOnce(&mut dyn FnMut()) -> Result<bool, E>,
    ) -> Result<Option<EntityTag>, E> {
        let (mark, mut is_announced, mut patience) = (random(), false, PATIENCE);
        let announces = self.shared.spec.protocol.first_write() == WriteStep::Announce;
        let committed = commit(&mut || {
            if announces {
                is_announced = true;
                self.announce(&mark, &mut patience);
            }
        });
        // Also after a rollback: a mark that nobody takes away costs its whole lease.
        let owes = is_announced || matches!(committed, Ok(true));
        let tag = if owes { self.publish(mark, patience) } else { None };
        committed.map(|_| tag)
    }

    /// The first step alone, for a harness that orders the events of a race.
    pub(crate) fn announce_only(&self) {
        // The protocol as published has no such step.
        if self.shared.spec.protocol.first_write() == WriteStep::Announce {
            let mark = random();
            self.announce(&mark, &mut PATIENCE.clone());
            self.shared.swap_mark(Some(mark));
        }
    }

    /// The last step alone.
    pub(crate) fn publish_only(&self) -> Option<EntityTag> {
        self.publish(self.shared.swap_mark(None).unwrap_or_else(random), PATIENCE)
    }

    fn announce(&self, mark: &str, patience: &mut Duration) {
        let tags = &self.shared.spec;
        let announced = tags.store.announce(&self.shared.key, mark, tags.lease);
        if within(patience, announced) != Some(WriteResult::Done) {
            self.accounts.store_failed();
            tracing::warn!("a change is made that the tag store has not heard of");
        }
    }

    /// Publishes, if need be later.
    fn publish(&self, mark: String, mut patience: Duration) -> Option<EntityTag> {
        // The second one is for a store that was started again, and shows it to the first one.
        for _ in 0..2 {
            match within(&mut patience, attempt(self.shared, self.accounts, &mark)) {
                Some(Ok(tag)) => return Some(tag),
                Some(Err(WriteStep::Publish)) | None => {}
                Some(Err(_)) => return None,
            }
        }
        // The change is made already, and waits for no store.
        let (shared, accounts) = (Arc::clone(self.shared), Arc::clone(self.accounts));
        Handle::current().spawn(async move {
            while attempt(&shared, &accounts, &mark).await == Err(WriteStep::Publish) {
                sleep(PAUSE).await;
            }
        });
        None
    }
}

/// Waits for an answer of the store, and takes the time from the patience; `None` if it ran out.
fn within<T>(patience: &mut Duration, asked: impl Future<Output = T>) -> Option<T> {
    let start = Instant::now();
    let answer = Handle::current().block_on(async { timeout(*patience, asked).await.ok() });
    *patience = patience.saturating_sub(start.elapsed());
    answer
}

/// An attempt to publish; an error is what the protocol has the writer do next.
async fn attempt(
    shared: &SharedTagsState,
    accounts: &Accounts,
    mark: &str,
) -> Result<EntityTag, WriteStep> {
    // A tag of its own for each attempt, because one without an answer may have succeeded.
    let (tags, tag) = (&shared.spec, fresh_tag());
    let written = tags.store.publish(&shared.key, mark, &tag, tags.ttl).await;
    if written == WriteResult::Done {
        return Ok(tag);
    }
    accounts.store_failed();
    Err(tags.protocol.published(written))
}
