//! A replica whose content is in a database that others read and write, too.
//!
//! Strategies that read a revision ask for it alone, and for the content when it has changed; for all
//! others the application renders the content for every request.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use semantics::EntityTag;
use system::FileError;

use super::{ChangeStep, Changing, PutOutcome, Replica, since_1970};
use crate::copy::LocalCopy;
use crate::databases::{Database, StoredContent};
use crate::shared_tags::writer::TagWriter;
use crate::state::ResourceState;

/// A replica with the database that it reads.
pub(super) struct StoredReplica<'a> {
    pub(super) replica: &'a Replica,
    pub(super) database: &'a dyn Database,
}

impl StoredReplica<'_> {
    pub(super) fn change(
        &self,
        new: &StoredContent,
        steps: Option<&[ChangeStep]>,
        changing: &Changing<'_>,
    ) -> Result<Option<EntityTag>, FileError> {
        let Some(writer) = self.writer() else {
            if steps.is_none_or(|steps| steps.contains(&ChangeStep::Commit)) {
                self.commit(new, changing)?;
            }
            return Ok(self.replica.entity_tag());
        };
        let Some(steps) = steps else {
            let tag = writer.change(|before_commit| self.database.put(new, before_commit))?;
            self.told(changing)?;
            return Ok(tag);
        };
        let mut tag = None;
        for step in steps {
            match step {
                ChangeStep::Announce => writer.announce_only(),
                ChangeStep::Commit => self.commit(new, changing)?,
                ChangeStep::Publish => tag = writer.publish_only(),
            }
        }
        Ok(tag)
    }

    fn commit(&self, new: &StoredContent, changing: &Changing<'_>) -> Result<(), FileError> {
        self.database.put(new, &mut || {})?;
        self.told(changing)
    }

    /// The writer's side of the shared tags, where there are some.
    fn writer(&self) -> Option<TagWriter<'_>> {
        let shared = self.replica.shared_tags.as_ref()?;
        Some(TagWriter { shared, accounts: &self.replica.accounts })
    }

    pub(super) fn put(
        &self,
        content: &[u8],
        shared_tag: Option<&EntityTag>,
        may: impl Fn(Option<&ResourceState>) -> bool,
        changing: &Changing<'_>,
    ) -> Result<PutOutcome, FileError> {
        let new = stored(content.to_vec(), None, None);
        // Other processes may write at any time: whoever comes too late looks again.
        loop {
            let current = self.look(shared_tag, changing)?;
            if !may(current.as_deref()) {
                return Ok(PutOutcome::Refused(current));
            }
            // What is served may have gone from the store: then there is nothing to be late for.
            let revision = self.database.revision()?;
            let compared = current.as_ref().and_then(|current| current.copy.revision);
            let is_compared = revision.is_none() || revision == compared;
            let new = StoredContent { revision: compared.unwrap_or(0), ..new.clone() };
            if is_compared && self.replace(revision, &new)? {
                self.told(changing)?;
                let now = self.replica.held().expect("what is in the store was loaded");
                return Ok(PutOutcome::Stored { now, is_first: current.is_none() });
            }
        }
    }

    /// Replaces what is in the store, with everything that has to be said about it.
    fn replace(&self, known: Option<u64>, new: &StoredContent) -> Result<bool, FileError> {
        let mut replaced = false;
        let mut replace = |before_commit: &mut dyn FnMut()| {
            replaced = self.database.replace(known, new, before_commit)?;
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
    pub(super) fn looked_up(&self, held: Arc<ResourceState>) -> Option<Arc<ResourceState>> {
        let current = match self.database.revision() {
            Ok(revision) if revision == held.copy.revision => return Some(held),
            Ok(_) => self.load(&self.replica.begin_change()),
            Err(error) => Err(error),
        };
        if let Err(error) = current {
            tracing::debug!(%error, "the last good content is served");
        }
        self.replica.held()
    }

    /// Serves what the store holds from now on, unless that is what is served already.
    fn load(&self, _: &Changing<'_>) -> Result<(), FileError> {
        let Some(stored) = self.database.load()? else { return Ok(()) };
        let held = self.replica.held().and_then(|held| held.copy.revision);
        if held != Some(stored.revision) {
            let edition = stored.edition;
            self.replica.publish(LocalCopy::of_store(stored), edition);
        }
        Ok(())
    }

    /// Content of the database, rendered for this one request; the last good one where the database
    /// cannot be read.
    pub(super) fn rendered_or_last(
        &self,
        held: &Arc<ResourceState>,
        shared_tag: Option<&EntityTag>,
    ) -> Arc<ResourceState> {
        let problem = match self.rendered(shared_tag) {
            Ok(Some(rendered)) => return rendered,
            Ok(None) => None,
            Err(error) => Some(error),
        };
        tracing::debug!(?problem, "the last good content is served");
        if self.replica.shared_tags.is_none() {
            return Arc::clone(held);
        }
        // Without a shared tag, which is about what the database holds.
        let around = self.replica.around(None);
        Arc::new(held.tagged_again(held.copy.clone(), self.replica.spec.strategy, around))
    }

    /// `None` where the database holds nothing.
    fn rendered(
        &self,
        shared_tag: Option<&EntityTag>,
    ) -> Result<Option<Arc<ResourceState>>, FileError> {
        let Some(stored) = self.database.load()? else { return Ok(None) };
        let (replica, edition) = (self.replica, stored.edition);
        let (around, held) = (replica.around(shared_tag), replica.held());
        let copy = LocalCopy::of_store(stored);
        if let Some(held) = held.as_ref().filter(|held| held.copy.revision == copy.revision) {
            return Ok(Some(Arc::new(held.rendered_again(copy, &replica.spec, around))));
        }
        let next = ResourceState::new(copy, edition, &replica.spec, around, held.as_deref());
        Ok(Some(replica.swap(next)))
    }

    /// Content of the database, while nothing else of this process changes it.
    fn look(
        &self,
        shared_tag: Option<&EntityTag>,
        changing: &Changing<'_>,
    ) -> Result<Option<Arc<ResourceState>>, FileError> {
        if self.replica.spec.strategy.reads.revision {
            self.load(changing)?;
        } else if let Some(rendered) = self.rendered(shared_tag)? {
            return Ok(Some(rendered));
        }
        Ok(self.replica.held())
    }

    /// Serves what the store holds after a change that this process was told of.
    fn told(&self, changing: &Changing<'_>) -> Result<(), FileError> {
        if self.replica.spec.strategy.reads.revision {
            return self.load(changing);
        }
        // Here a process counts what it was told of, whoever was the first to store it.
        if self.replica.held().is_some() {
            self.replica.changes_seen.fetch_add(1, Ordering::Relaxed);
        }
        self.rendered(None).map(drop)
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
