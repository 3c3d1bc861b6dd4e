//! The state of a replica: what is current, and how a change arrives.
//!
//! Knows nothing of requests and connections. Everything here is synchronous and may block on the
//! replica's own file; callers inside a runtime keep changes off the path of requests.

use std::borrow::Cow;
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use semantics::{Coding, EntityTag};
use strategies::{Computed, Deployed, Entry, ProcessState};
use truth::ReplicaId;

use crate::content;
use crate::copy::{self, FileError, LocalCopy};
use crate::representation::{self, Representation};
use crate::stores::{Store, Stored};

/// What a replica is asked to be.
#[derive(Clone, Debug)]
pub struct ReplicaSpec {
    /// Who it declares to be in `lab-replica`; `None` to declare nothing.
    pub id: Option<ReplicaId>,
    /// How it makes its tags.
    pub strategy: &'static Entry,
    /// Where its own copy of the content lies, or will lie after the first deploy.
    pub copy: PathBuf,
    /// Path of the resource in requests: `/`, then letters, digits and any of `/-._~%`.
    pub path: String,
    /// Value of `Content-Type`.
    pub content_type: HeaderValue,
    /// Value of `Cache-Control`, on 200 and 304 alike; `None` sends none.
    pub cache_control: Option<HeaderValue>,
    /// Changes of the resource that this replica is to have seen before it got any content.
    pub history: u64,
    /// Where content and revision are read instead of from a copy of its own; for strategies that
    /// read a revision, and for no others.
    pub store: Option<Arc<dyn Store>>,
    /// Content codings on offer beside `identity`, the preferred one first. Each change is coded
    /// once, when it comes; empty to send the content as it is to everybody.
    pub codings: Vec<Coding>,
    /// Whether responses say when the copy was modified, and dates in requests count.
    pub last_modified: bool,
    /// Whether PUT is refused with 405.
    pub read_only: bool,
    /// Whether a PUT that does not say what it replaces is refused with 428 (RFC 6585 §3).
    pub require_if_match: bool,
    /// Content of a PUT that is longer is refused with 413.
    pub max_content_bytes: u64,
}

impl ReplicaSpec {
    /// A replica with neither id nor history that serves JSON at `/api/config`, dated but in no
    /// coding, to be revalidated each time, and lets it be replaced by up to 64 MiB.
    pub fn new(strategy: &'static Entry, copy: impl Into<PathBuf>) -> Self {
        Self {
            id: None,
            strategy,
            copy: copy.into(),
            path: "/api/config".to_owned(),
            content_type: HeaderValue::from_static("application/json"),
            cache_control: Some(HeaderValue::from_static("no-cache")),
            history: 0,
            store: None,
            codings: Vec::new(),
            last_modified: true,
            read_only: false,
            require_if_match: false,
            max_content_bytes: 64 << 20,
        }
    }
}

/// A path at which no resource can be served.
#[derive(Debug, thiserror::Error)]
#[error("{path:?} is no resource path: expected `/`, then letters, digits and any of `/-._~%`")]
pub struct InvalidPath {
    path: String,
}

/// Where new content comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A file that somebody else owns and that is only read.
    File(&'a Path),
    /// The content itself.
    Content(&'a [u8]),
}

/// What became of a PUT.
#[derive(Debug)]
pub(crate) enum Put {
    /// There was no content before.
    Created(Arc<Representation>),
    /// This took the place of what was there.
    Replaced(Arc<Representation>),
    /// A precondition does not hold for this, which is what is there.
    Refused(Option<Arc<Representation>>),
}

/// One replica; shared by everything that serves or changes it.
#[derive(Debug)]
pub struct Replica {
    pub(crate) spec: ReplicaSpec,
    /// `lab-replica` as long as there is no content.
    pub(crate) bare_declaration: Option<HeaderValue>,
    nonce: u64,
    started_ns: u64,
    changes_seen: AtomicU64,
    current: RwLock<Option<Arc<Representation>>>,
    /// Held from the first look at the copy to the swap of what is current.
    changing: Mutex<()>,
}

impl Replica {
    /// A replica without content, which answers 503 until its first deploy or check.
    ///
    /// # Panics
    ///
    /// When there is a store and the strategy reads no revision, or the other way round.
    pub fn new(spec: ReplicaSpec) -> Result<Self, InvalidPath> {
        let may_follow = |octet: u8| octet.is_ascii_alphanumeric() || b"/-._~%".contains(&octet);
        if !spec.path.starts_with('/') || !spec.path.bytes().all(may_follow) {
            return Err(InvalidPath { path: spec.path });
        }
        assert_eq!(spec.store.is_some(), spec.strategy.reads.revision, "stores hold revisions");
        Ok(Self {
            bare_declaration: spec.id.map(representation::bare_declaration),
            // Seeded by the operating system: all that a nonce needs is to differ by process.
            nonce: RandomState::new().hash_one(std::process::id()),
            started_ns: since_1970(SystemTime::now()).as_nanos() as u64,
            changes_seen: AtomicU64::new(spec.history),
            current: RwLock::new(None),
            changing: Mutex::new(()),
            spec,
        })
    }

    /// Puts a new copy in place and serves it: written beside the old one and renamed, hence with
    /// a new inode, and with `modified` as its time if that is given. Returns the new tag.
    ///
    /// Every deploy but the first content counts as a change seen. When it fails, the error names
    /// the file and the cause, and what was served before is served on. Blocks on file I/O.
    ///
    /// With a store, the content goes there, and what is served is what the store holds then.
    pub fn deploy(
        &self,
        source: Source<'_>,
        edition: Option<u32>,
        modified: Option<SystemTime>,
    ) -> Result<Option<EntityTag>, FileError> {
        let changing = self.begin_change();
        let content = match source {
            Source::Content(content) => content.into(),
            Source::File(path) => {
                Cow::from(fs::read(path).map_err(FileError::refused("read", path))?)
            }
        };
        if let Some(store) = &self.spec.store {
            store.put(&stored(content.into_owned(), edition, modified))?;
            self.load(store.as_ref(), &changing)?;
        } else {
            copy::replace(&self.spec.copy, &content, self.stamp().or(modified))?;
            self.publish(self.read_copy()?, edition);
        }
        Ok(self.entity_tag())
    }

    /// Puts `content` into the copy if `may` says so of what is there at that very moment: no other
    /// change comes between the question and the change. Blocks on file I/O.
    pub(crate) fn put(
        &self,
        content: &[u8],
        may: impl Fn(Option<&Representation>) -> bool,
    ) -> Result<Put, FileError> {
        let changing = self.begin_change();
        if let Some(store) = &self.spec.store {
            return self.put_into(store.as_ref(), content, may, &changing);
        }
        // An edit of the file that nobody has noticed yet counts, too.
        if let Err(error) = self.check(&changing) {
            tracing::debug!(%error, "the last good content is compared");
        }
        let current = self.current();
        if !may(current.as_deref()) {
            return Ok(Put::Refused(current));
        }
        copy::replace(&self.spec.copy, content, self.stamp())?;
        let stored = self.publish(self.read_copy()?, None);
        Ok(if current.is_some() { Put::Replaced(stored) } else { Put::Created(stored) })
    }

    /// The same with a store, to which other processes may write at any time: whoever comes too
    /// late looks again.
    fn put_into(
        &self,
        store: &dyn Store,
        content: &[u8],
        may: impl Fn(Option<&Representation>) -> bool,
        changing: &MutexGuard<'_, ()>,
    ) -> Result<Put, FileError> {
        let new = stored(content.to_vec(), None, None);
        loop {
            self.load(store, changing)?;
            let current = self.held();
            if !may(current.as_deref()) {
                return Ok(Put::Refused(current));
            }
            // What is served may have gone from the store: then there is nothing to be late for.
            let revision = store.revision()?;
            let compared = current.as_ref().and_then(|current| current.copy.revision);
            let is_compared = revision.is_none() || revision == compared;
            let new = Stored { revision: compared.unwrap_or(0), ..new.clone() };
            if is_compared && store.replace(revision, &new)? {
                self.load(store, changing)?;
                let stored = self.held().expect("what is in the store was loaded");
                let replaced = current.is_some();
                return Ok(if replaced { Put::Replaced(stored) } else { Put::Created(stored) });
            }
        }
    }

    /// Looks whether the copy is still the one being served, and serves what it is now.
    ///
    /// Returns whether inode, size or modification time had changed, which counts as a change
    /// seen. On an error, what was served before is served on. Blocks on file I/O.
    pub fn check_now(&self) -> Result<bool, FileError> {
        let changing = self.begin_change();
        self.check(&changing)
    }

    /// The tag of what is served now; `None` without content or where the strategy makes none.
    pub fn entity_tag(&self) -> Option<EntityTag> {
        Some(self.held()?.identity.tag.as_ref()?.value.clone())
    }

    /// Changes of the resource seen so far, the declared history included.
    pub fn changes_seen(&self) -> u64 {
        self.changes_seen.load(Ordering::Relaxed)
    }

    /// What to answer a request with; `None` before there is any content.
    pub(crate) fn current(&self) -> Option<Arc<Representation>> {
        let held = self.held()?;
        match self.spec.strategy.computed {
            Computed::OnChange => Some(held),
            Computed::PerRequest => match &self.spec.store {
                Some(store) => self.looked_up(store.as_ref(), held),
                None => self.gathered_again(held),
            },
        }
    }

    fn held(&self) -> Option<Arc<Representation>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gathers the facts that the strategy reads once more, inside the request, because their
    /// cost is part of what is measured.
    fn gathered_again(&self, held: Arc<Representation>) -> Option<Arc<Representation>> {
        let ReplicaSpec { strategy, copy: path, .. } = &self.spec;
        let gathered = if strategy.reads.content || strategy.reads.encoded {
            self.read_copy()
        } else if strategy.reads.file {
            copy::stat(path).map(|file| LocalCopy { file, ..held.copy.clone() })
        } else {
            Ok(held.copy.clone())
        };
        match gathered {
            Ok(copy) if copy.file == held.copy.file => {
                Some(Arc::new(held.tagged_again(copy, strategy, self.process())))
            }
            Ok(_) => self.overtaken(),
            Err(error) => {
                tracing::debug!(%error, "the last good content is served");
                Some(held)
            }
        }
    }

    /// Asks the store, inside the request, whether what is held is still current. Its content is
    /// read once for each revision.
    fn looked_up(
        &self,
        store: &dyn Store,
        held: Arc<Representation>,
    ) -> Option<Arc<Representation>> {
        let current = match store.revision() {
            Ok(revision) if revision == held.copy.revision => return Some(held),
            Ok(_) => self.load(store, &self.begin_change()),
            Err(error) => Err(error),
        };
        if let Err(error) = current {
            tracing::debug!(%error, "the last good content is served");
        }
        self.held()
    }

    /// Serves what the store holds from now on, unless that is what is served already.
    fn load(&self, store: &dyn Store, _changing: &MutexGuard<'_, ()>) -> Result<(), FileError> {
        let Some(stored) = store.load()? else { return Ok(()) };
        let held = self.held().and_then(|held| held.copy.revision);
        if held != Some(stored.revision) {
            let edition = stored.edition;
            self.publish(LocalCopy::of_store(stored), edition);
        }
        Ok(())
    }

    /// The time that every copy gets, if that is what the strategy is for.
    fn stamp(&self) -> Option<SystemTime> {
        match self.spec.strategy.deployed {
            Deployed::StampedWith(second) => Some(UNIX_EPOCH + Duration::from_secs(second)),
            Deployed::AsGiven | Deployed::NamingReplica => None,
        }
    }

    /// The copy as it is served: in the name of this replica, if that is what the strategy is for.
    fn read_copy(&self) -> Result<LocalCopy, FileError> {
        let mut copy = LocalCopy::read(&self.spec.copy)?;
        if self.spec.strategy.deployed == Deployed::NamingReplica {
            let name = self.spec.id.map_or_else(|| "r-".to_owned(), |id| id.to_string());
            copy.content = content::naming(&copy.content, &name).into();
        }
        Ok(copy)
    }

    /// The copy is no longer the one held: content and tag must still be those of one moment.
    fn overtaken(&self) -> Option<Arc<Representation>> {
        // When it is taken, a deploy is about to swap; until then the old state is right.
        if let Ok(changing) = self.changing.try_lock()
            && let Err(error) = self.check(&changing)
        {
            tracing::debug!(%error, "the last good content is served");
        }
        self.held()
    }

    fn begin_change(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, _changing: &MutexGuard<'_, ()>) -> Result<bool, FileError> {
        let file = copy::stat(&self.spec.copy)?;
        if self.held().is_some_and(|held| held.copy.file == file) {
            return Ok(false);
        }
        self.publish(self.read_copy()?, None);
        Ok(true)
    }

    fn publish(&self, copy: LocalCopy, edition: Option<u32>) -> Arc<Representation> {
        let before = self.held();
        if before.is_some() {
            self.changes_seen.fetch_add(1, Ordering::Relaxed);
        }
        let process = self.process();
        let next = Representation::new(copy, edition, &self.spec, process, before.as_deref());
        let next = Arc::new(next);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::clone(&next));
        next
    }

    fn process(&self) -> ProcessState {
        let Self { nonce, started_ns, .. } = *self;
        ProcessState { nonce, started_ns, changes_seen: self.changes_seen() }
    }
}

/// New content for a store, which numbers it itself.
fn stored(content: Vec<u8>, edition: Option<u32>, modified: Option<SystemTime>) -> Stored {
    let modified_ns = since_1970(modified.unwrap_or_else(SystemTime::now)).as_nanos() as i64;
    Stored { revision: 0, edition, modified_ns, content: content.into() }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}
