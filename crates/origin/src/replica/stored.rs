//! A replica whose content stands in a store that others read and write, too.
//!
//! Strategies that read a revision ask for it alone, and for the content when it has changed; for all
//! others the application renders the content for every request.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::time::SystemTime;

use semantics::EntityTag;

use super::{Replica, since_1970};
use crate::change::{ChangeStep, PutOutcome};
use crate::copy::LocalCopy;
use crate::databases::{Database, StoredContent};
use crate::file_error::FileError;
use crate::shared_tags::writer::TagWriter;
use crate::state::ResourceState;

impl Replica {
    pub(super) fn change_stored(
        &self,
        database: &dyn Database,
        new: &StoredContent,
        steps: Option<&[ChangeStep]>,
        changing: &MutexGuard<'_, ()>,
    ) -> Result<Option<EntityTag>, FileError> {
        let Some(writer) = self.writer() else {
            if steps.is_none_or(|steps| steps.contains(&ChangeStep::Commit)) {
                database.put(new, &mut || {})?;
                self.told(database, changing)?;
            }
            return Ok(self.entity_tag());
        };
        let Some(steps) = steps else {
            let tag = writer.change(|before_commit| database.put(new, before_commit))?;
            self.told(database, changing)?;
            return Ok(tag);
        };
        let mut tag = None;
        for step in steps {
            match step {
                ChangeStep::Announce => writer.announce_only(),
                ChangeStep::Commit => {
                    database.put(new, &mut || {})?;
                    self.told(database, changing)?;
                }
                ChangeStep::Publish => tag = writer.publish_only(),
            }
        }
        Ok(tag)
    }

    /// The writer's side of the shared tags, where there are some.
    fn writer(&self) -> Option<TagWriter<'_>> {
        let shared = self.shared_tags.as_ref()?;
        Some(TagWriter { shared, accounts: &self.accounts })
    }

    /// The same with a store, to which other processes may write at any time: whoever comes too
    /// late looks again.
    pub(super) fn put_into(
        &self,
        database: &dyn Database,
        content: &[u8],
        shared_tag: Option<&EntityTag>,
        may: impl Fn(Option<&ResourceState>) -> bool,
        changing: &MutexGuard<'_, ()>,
    ) -> Result<PutOutcome, FileError> {
        let new = stored(content.to_vec(), None, None);
        loop {
            let current = self.look(database, shared_tag, changing)?;
            if !may(current.as_deref()) {
                return Ok(PutOutcome::Refused(current));
            }
            // What is served may have gone from the store: then there is nothing to be late for.
            let revision = database.revision()?;
            let compared = current.as_ref().and_then(|current| current.copy.revision);
            let is_compared = revision.is_none() || revision == compared;
            let new = StoredContent { revision: compared.unwrap_or(0), ..new.clone() };
            if is_compared && self.replace(database, revision, &new)? {
                self.told(database, changing)?;
                let stored = self.held().expect("what is in the store was loaded");
                let replaced = current.is_some();
                return Ok(if replaced {
                    PutOutcome::Replaced(stored)
                } else {
                    PutOutcome::Created(stored)
                });
            }
        }
    }

    /// Replaces what is in the store, with everything that has to be said about it.
    fn replace(
        &self,
        database: &dyn Database,
        known: Option<u64>,
        new: &StoredContent,
    ) -> Result<bool, FileError> {
        let mut replaced = false;
        let mut replace = |before_commit: &mut dyn FnMut()| {
            replaced = database.replace(known, new, before_commit)?;
            Ok(replaced)
        };
        match self.writer() {
            Some(writer) => writer.change(replace).map(drop)?,
            None => replace(&mut || {}).map(drop)?,
        }
        Ok(replaced)
    }

    /// Asks the store, inside the request, whether what is held is still current. Its content is
    /// read once for each revision.
    pub(super) fn looked_up(
        &self,
        database: &dyn Database,
        held: Arc<ResourceState>,
    ) -> Option<Arc<ResourceState>> {
        let current = match database.revision() {
            Ok(revision) if revision == held.copy.revision => return Some(held),
            Ok(_) => self.load(database, &self.begin_change()),
            Err(error) => Err(error),
        };
        if let Err(error) = current {
            tracing::debug!(%error, "the last good content is served");
        }
        self.held()
    }

    /// Serves what the store holds from now on, unless that is what is served already.
    fn load(
        &self,
        database: &dyn Database,
        _changing: &MutexGuard<'_, ()>,
    ) -> Result<(), FileError> {
        let Some(stored) = database.load()? else { return Ok(()) };
        let held = self.held().and_then(|held| held.copy.revision);
        if held != Some(stored.revision) {
            let edition = stored.edition;
            self.publish(LocalCopy::of_store(stored), edition);
        }
        Ok(())
    }

    /// Content of the database, rendered for this one request.
    ///
    /// An application that cannot read its database serves its last good content. Without a shared
    /// tag then: that speaks of what the database holds.
    pub(super) fn rendered_or_last(
        &self,
        database: &dyn Database,
        held: &Arc<ResourceState>,
        shared_tag: Option<&EntityTag>,
    ) -> Arc<ResourceState> {
        let problem = match self.rendered(database, shared_tag) {
            Ok(Some(rendered)) => return rendered,
            Ok(None) => None,
            Err(error) => Some(error),
        };
        tracing::debug!(?problem, "the last good content is served");
        if self.shared_tags.is_none() {
            return Arc::clone(held);
        }
        let around = self.around(None);
        Arc::new(held.tagged_again(held.copy.clone(), self.spec.strategy, around))
    }

    /// `None` where the database holds nothing.
    fn rendered(
        &self,
        database: &dyn Database,
        shared_tag: Option<&EntityTag>,
    ) -> Result<Option<Arc<ResourceState>>, FileError> {
        let Some(stored) = database.load()? else { return Ok(None) };
        let (edition, around) = (stored.edition, self.around(shared_tag));
        let copy = LocalCopy::of_store(stored);
        let held = self.held();
        if let Some(held) = held.as_ref().filter(|held| held.copy.revision == copy.revision) {
            return Ok(Some(Arc::new(held.rendered_again(copy, &self.spec, around))));
        }
        let next = ResourceState::new(copy, edition, &self.spec, around, held.as_deref());
        Ok(Some(self.swap(next)))
    }

    /// Content of the database, while nothing else of this process changes it.
    fn look(
        &self,
        database: &dyn Database,
        shared_tag: Option<&EntityTag>,
        changing: &MutexGuard<'_, ()>,
    ) -> Result<Option<Arc<ResourceState>>, FileError> {
        if self.spec.strategy.reads.revision {
            self.load(database, changing)?;
        } else if let Some(rendered) = self.rendered(database, shared_tag)? {
            return Ok(Some(rendered));
        }
        Ok(self.held())
    }

    /// Serves what the store holds after a change that this process was told of.
    fn told(
        &self,
        database: &dyn Database,
        changing: &MutexGuard<'_, ()>,
    ) -> Result<(), FileError> {
        if self.spec.strategy.reads.revision {
            return self.load(database, changing);
        }
        // Here a process counts what it was told of, whoever was the first to store it.
        if self.held().is_some() {
            self.changes_seen.fetch_add(1, Ordering::Relaxed);
        }
        self.rendered(database, None).map(drop)
    }
}

/// New content for a store, which numbers it itself.
pub(super) fn stored(
    content: Vec<u8>,
    edition: Option<u32>,
    modified: Option<SystemTime>,
) -> StoredContent {
    let modified_ns = since_1970(modified.unwrap_or_else(SystemTime::now)).as_nanos() as i64;
    StoredContent { revision: 0, edition, modified_ns, content: content.into(), tagged: true }
}
