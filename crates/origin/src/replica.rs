//! The state of a replica: what is current, and how a change arrives.
//!
//! Knows nothing of requests and connections. Everything here is synchronous and may block on the
//! replica's own file; callers inside a runtime keep changes off the path of requests.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use semantics::EntityTag;
use serde::{Deserialize, Serialize};
use server::content::Memory;
use server::{Description, representation};
use strategies::{Computed, Deployed, ProcessState};
use system::replace::{Replacement, replace};
use system::{FileError, file};

use crate::accounts::{Accounts, ReplicaCounts};
use crate::content;
use crate::copy::{self, LocalCopy};
use crate::poll_interval::PollIntervalField;
use crate::shared_tags::{SharedTagsSpec, SharedTagsState};
use crate::spec::ReplicaSpec;
use crate::state::{Circumstances, ResourceState};

mod stored;

use stored::StoredReplica;

// Whoever shows one has the lock: between the question and the change nobody else comes.
type Changing<'a> = MutexGuard<'a, ()>;

/// A path at which no resource can be served.
#[derive(Debug, thiserror::Error)]
#[error("{path:?} is no resource path: expected `/`, then letters, digits and any of `/-._~%`")]
pub struct InvalidPath {
    path: String,
}

/// New content.
#[derive(Clone, Copy, Debug)]
pub enum ContentSource<'a> {
    /// A file that another process owns and that is only read.
    File(&'a Path),
    /// The content itself.
    Content(&'a [u8]),
}

/// A step of a change under shared tags; their order decides the outcome of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeStep {
    /// Announces the change to the store of shared tags.
    Announce,
    /// Puts the new content into the database.
    Commit,
    /// Puts a new tag into the store.
    Publish,
}

/// Outcome of a PUT.
#[derive(Debug)]
pub(crate) enum PutOutcome {
    Stored {
        now: Arc<ResourceState>,
        is_first: bool,
    },
    /// A precondition does not hold for this, which is what is there.
    Refused(Option<Arc<ResourceState>>),
}

/// One replica; shared by everything that serves or changes it.
#[derive(Debug)]
pub struct Replica {
    pub(crate) spec: ReplicaSpec,
    pub(crate) description: Description,
    /// `lab-replica` as long as there is no content.
    pub(crate) bare_declaration: Option<HeaderValue>,
    pub(crate) shared_tags: Option<Arc<SharedTagsState>>,
    pub(crate) poll_interval: PollIntervalField,
    pub(crate) accounts: Arc<Accounts>,
    /// Memory for the contents of requests.
    pub(crate) memory: Memory,
    nonce: u64,
    started_ns: u64,
    changes_seen: AtomicU64,
    /// Moment of the last rendering, in nanoseconds since 1970, where the strategy reads it.
    moment_ns: AtomicU64,
    current: RwLock<Option<Arc<ResourceState>>>,
    /// Held from the first look at the copy to the swap of what is current.
    changing: Mutex<()>,
}

impl Replica {
    /// A replica without content, which answers 503 until its first deploy or check.
    ///
    /// # Panics
    ///
    /// When the strategy reads a revision or a shared tag and there is no store of it, and when there
    /// are shared tags that nobody reads.
    pub fn new(spec: ReplicaSpec) -> Result<Self, InvalidPath> {
        let may_follow = |octet: u8| octet.is_ascii_alphanumeric() || b"/-._~%".contains(&octet);
        if !spec.path.starts_with('/') || !spec.path.bytes().all(may_follow) {
            return Err(InvalidPath { path: spec.path });
        }
        let reads = spec.strategy.reads;
        assert!(
            spec.database.is_some() || !(reads.revision || reads.shared_tag),
            "all read one database"
        );
        assert_eq!(spec.shared_tags.is_some(), reads.shared_tag, "shared tags are read");
        let shared =
            |shared: &SharedTagsSpec| Arc::new(SharedTagsState::new(shared.clone(), &spec.path));
        Ok(Self {
            shared_tags: spec.shared_tags.as_ref().map(shared),
            poll_interval: PollIntervalField::new(spec.poll_interval_ms),
            accounts: Arc::default(),
            memory: Memory::new(spec.memory_bytes),
            description: Description {
                content_type: spec.content_type.clone(),
                cache_control: spec.cache_control.clone(),
                varies: !spec.codings.is_empty(),
            },
            bare_declaration: spec.id.map(|id| representation::declaration(id, None)),
            // Seeded by the operating system: all that a nonce needs is to differ by process.
            nonce: RandomState::new().hash_one(std::process::id()),
            started_ns: since_1970(SystemTime::now()).as_nanos() as u64,
            changes_seen: AtomicU64::new(spec.history),
            moment_ns: AtomicU64::default(),
            current: RwLock::new(None),
            changing: Mutex::new(()),
            spec,
        })
    }

    /// The same in a process with this nonce and start.
    pub(crate) fn in_process(self, nonce: u64, started_ns: u64) -> Self {
        Self { nonce, started_ns, ..self }
    }

    /// Puts a new copy in place and serves it: written beside the old one and renamed, hence with
    /// a new inode, and with `modified` as its time if that is given. Returns the new tag.
    ///
    /// Every deploy but the first content counts as a change seen. When it fails, the error names
    /// the file and the cause, and what was served before is served on. Blocks on file I/O.
    ///
    /// With a store, the content goes there, and what is served is what the store holds then. With
    /// shared tags, see [`Self::change`].
    pub fn deploy(
        &self,
        source: ContentSource<'_>,
        edition: Option<u32>,
        modified: Option<SystemTime>,
    ) -> Result<Option<EntityTag>, FileError> {
        self.change(source, edition, modified, None)
    }

    /// Makes a change, or those steps of it that are given, in their order.
    ///
    /// A whole change of an edition that the store has already is none, and leaves the shared tag as
    /// it is. Without shared tags there is one step only, the commit.
    ///
    /// # Panics
    ///
    /// With shared tags, outside a runtime and on a thread of it that may not block.
    pub fn change(
        &self,
        source: ContentSource<'_>,
        edition: Option<u32>,
        modified: Option<SystemTime>,
        steps: Option<&[ChangeStep]>,
    ) -> Result<Option<EntityTag>, FileError> {
        let changing = self.begin_change();
        let content = match source {
            ContentSource::Content(content) => content.into(),
            ContentSource::File(path) => Cow::from(file::read(path, file::CONTENT)?),
        };
        if let Some(stored) = self.stored() {
            let new = stored::stored(content.into_owned(), edition, modified);
            return stored.change(&new, steps, &changing);
        }
        if steps.is_none_or(|steps| steps.contains(&ChangeStep::Commit)) {
            let modified = self.stamp().or(modified);
            // It is gone with the run: the disk need not have it.
            replace(&self.spec.copy, &content, Replacement { modified, durable: false })?;
            self.publish(self.read_copy()?, edition);
        }
        Ok(self.entity_tag())
    }

    /// Declares what the truth about the content is, for answers that are given without it; for a
    /// harness, which knows. Without shared tags there are no such answers.
    pub fn declare(&self, content: &[u8], edition: Option<u32>) {
        if let (Some(shared), Some(id)) = (&self.shared_tags, self.spec.id) {
            shared.declare(representation::declaration(id, Some((content, edition))));
        }
    }

    /// Sets the `Poll-Interval` of responses from now on; `None` sends none.
    pub fn set_poll_interval_ms(&self, poll_interval_ms: Option<i64>) {
        self.poll_interval.set(poll_interval_ms);
    }

    /// The counters so far.
    pub fn counts(&self) -> ReplicaCounts {
        self.accounts.counts()
    }

    /// Puts `content` into the copy if `may` says so of what is there at that very moment. Blocks on file I/O, and on the store of
    /// shared tags where there is one, like [`Self::change`]; then `shared_tag` is what it held.
    pub(crate) fn put(
        &self,
        content: &[u8],
        shared_tag: Option<&EntityTag>,
        may: impl Fn(Option<&ResourceState>) -> bool,
    ) -> Result<PutOutcome, FileError> {
        let changing = self.begin_change();
        if let Some(stored) = self.stored() {
            return stored.put(content, shared_tag, may, &changing);
        }
        // An edit of the file that nobody has noticed yet counts, too.
        if let Err(error) = self.check(&changing) {
            tracing::debug!(%error, "the last good content is compared");
        }
        let current = self.current(None);
        if !may(current.as_deref()) {
            return Ok(PutOutcome::Refused(current));
        }
        // A client that was told 204 must find it after a loss of power, too.
        let wishes = Replacement { modified: self.stamp(), durable: true };
        replace(&self.spec.copy, content, wishes)?;
        let now = self.publish(self.read_copy()?, None);
        Ok(PutOutcome::Stored { now, is_first: current.is_none() })
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
        Some(self.held()?.representation.identity.tag.as_ref()?.value.clone())
    }

    /// Changes of the resource seen so far, the declared history included.
    pub fn changes_seen(&self) -> u64 {
        self.changes_seen.load(Ordering::Relaxed)
    }

    /// The state to answer a request from; `None` before there is any content. `shared_tag` is what
    /// the store of shared tags held before, where there is one.
    pub(crate) fn current(&self, shared_tag: Option<&EntityTag>) -> Option<Arc<ResourceState>> {
        let held = self.held()?;
        match (self.stored(), self.spec.strategy.computed) {
            (Some(stored), _) if self.spec.strategy.reads.revision => stored.looked_up(held),
            (Some(stored), _) => Some(stored.rendered_or_last(&held, shared_tag)),
            (None, Computed::OnChange) => Some(held),
            (None, Computed::PerRequest) => self.gathered_again(held),
        }
    }

    fn stored(&self) -> Option<StoredReplica<'_>> {
        let database = self.spec.database.as_deref()?;
        Some(StoredReplica { replica: self, database })
    }

    fn held(&self) -> Option<Arc<ResourceState>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gathers the facts that the strategy reads once more.
    fn gathered_again(&self, held: Arc<ResourceState>) -> Option<Arc<ResourceState>> {
        // Inside the request, because their cost is part of what is measured.
        let ReplicaSpec { strategy, copy: path, .. } = &self.spec;
        let gathered = if strategy.reads.content || strategy.reads.encoded {
            self.read_copy()
        } else if strategy.reads.file {
            copy::stat(path).map(|file| LocalCopy { file, ..held.copy.clone() })
        } else {
            Ok(held.copy.clone())
        };
        let gathered = gathered
            .inspect_err(|error| tracing::debug!(%error, "the last good content is served"));
        match gathered {
            Ok(copy) if copy.file == held.copy.file => {
                Some(Arc::new(held.tagged_again(copy, strategy, self.around(None))))
            }
            Ok(_) => self.overtaken(),
            Err(_) => Some(held),
        }
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
            let name = self.spec.number().map_or_else(|| "r-".to_owned(), |id| id.to_string());
            copy.content = content::naming(&copy.content, &name).into();
        }
        Ok(copy)
    }

    /// The copy is no longer the one held: content and tag must still be those of one moment.
    fn overtaken(&self) -> Option<Arc<ResourceState>> {
        // When it is taken, a deploy is about to swap; until then the old state is right.
        if let Ok(changing) = self.changing.try_lock()
            && let Err(error) = self.check(&changing)
        {
            tracing::debug!(%error, "the last good content is served");
        }
        self.held()
    }

    fn begin_change(&self) -> Changing<'_> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, _: &Changing<'_>) -> Result<bool, FileError> {
        let file = copy::stat(&self.spec.copy)?;
        if self.held().is_some_and(|held| held.copy.file == file) {
            return Ok(false);
        }
        self.publish(self.read_copy()?, None);
        Ok(true)
    }

    /// Serves this copy from now on.
    pub(crate) fn publish(&self, copy: LocalCopy, edition: Option<u32>) -> Arc<ResourceState> {
        let before = self.held();
        if before.is_some() {
            self.changes_seen.fetch_add(1, Ordering::Relaxed);
        }
        let around = self.around(None);
        self.swap(ResourceState::new(copy, edition, &self.spec, around, before.as_deref()))
    }

    fn swap(&self, next: ResourceState) -> Arc<ResourceState> {
        let next = Arc::new(next);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::clone(&next));
        next
    }

    fn around<'a>(&self, shared_tag: Option<&'a EntityTag>) -> Circumstances<'a> {
        let Self { nonce, started_ns, .. } = *self;
        let process = ProcessState { nonce, started_ns, changes_seen: self.changes_seen() };
        let moment_ns = self.spec.strategy.reads.moment.then(|| self.next_moment_ns());
        Circumstances { process, shared_tag, moment_ns }
    }

    /// The time, and a later one than ever before: a clock may stand still between two requests.
    fn next_moment_ns(&self) -> u64 {
        const MICROSECOND: u64 = 1_000;
        let now = since_1970(SystemTime::now()).as_nanos() as u64;
        let later = |last: u64| Some(now.max(last + MICROSECOND));
        let last = self.moment_ns.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        later(last.unwrap_or_default()).unwrap_or(now)
    }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}
