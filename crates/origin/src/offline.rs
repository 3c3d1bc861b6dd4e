//! A replica in memory: the very code that answers requests, without file, socket or process.
//!
//! For a model in virtual time. Facts that a running replica gathers are handed in: inode and dates of
//! its copy, nonce and start of its process. What replicas share is one [`Shared`], whose tags are
//! numbered and not drawn, so that the same steps give the same tags.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use semantics::{Decision, EntityTag, Method};
use server::fields::HeaderFields;
use strategies::{Deployed, FileMetadata};
use system::FileError;

use crate::accounts::ReplicaCounts;
use crate::connection;
use crate::content;
use crate::copy::LocalCopy;
use crate::databases::{Database, StoredContent};
use crate::replica::{ChangeStep, ContentSource, InvalidPath, Replica};
use crate::shared_tags::protocol::{CreationResult, HeldTag, WriteResult};
use crate::shared_tags::reader;
use crate::shared_tags::slot::TagSlot;
use crate::shared_tags::stores::{Asked, Created, TagStore, Written};
use crate::spec::ReplicaSpec;

/// Date of every response: a model knows no calendar, and all dates are of one length.
const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

/// A replica that is asked by a function call.
#[derive(Clone, Debug)]
pub struct OfflineReplica(Arc<Replica>);

/// A request without a range, as a replica reads it.
#[derive(Clone, Debug)]
pub struct OfflineRequest(HeaderMap);

/// Database and store of tags in memory, for replicas that share them.
#[derive(Clone, Debug, Default)]
pub struct Shared(Arc<Memory>);

#[derive(Debug, Default)]
struct Memory {
    content: Mutex<Option<StoredContent>>,
    tag: Mutex<TagSlot<EntityTag, u64>>,
    /// Number of the last tag, or of the last mark.
    numbers: AtomicU64,
    /// Times that the tag was written.
    writes: AtomicU64,
}

impl OfflineReplica {
    /// A replica without content whose process has this nonce and start. `spec` names no database and
    /// no store: `shared` has them where the replicas share something.
    pub fn new(
        mut spec: ReplicaSpec,
        shared: Option<&Shared>,
        nonce: u64,
        started_ns: u64,
    ) -> Result<Self, InvalidPath> {
        if let Some(Shared(memory)) = shared {
            spec.database = Some(Arc::clone(memory) as Arc<dyn Database>);
        }
        Ok(Self(Arc::new(Replica::new(spec)?.in_process(nonce, started_ns))))
    }

    /// Serves this content, as of a copy with this inode and date.
    pub fn deploy(&self, content: &Bytes, edition: u32, inode: u64, modified: SystemTime) {
        let replica = &self.0;
        let modified_ns = match replica.spec.strategy.deployed {
            Deployed::StampedWith(second) => i128::from(second) * 1_000_000_000,
            Deployed::AsGiven | Deployed::NamingReplica => since_1970_ns(modified),
        };
        let file = FileMetadata { inode, size_bytes: content.len() as u64, modified_ns };
        let content = match (replica.spec.strategy.deployed, replica.spec.number()) {
            (Deployed::NamingReplica, Some(id)) => content::naming(content, &id.to_string()).into(),
            _ => content.clone(),
        };
        let copy = LocalCopy { content, file, revision: None, tagged: true };
        replica.publish(copy, Some(edition));
    }

    /// Stores this content for all that share a database, and declares it.
    ///
    /// # Panics
    ///
    /// Without a database.
    pub fn commit(&self, content: &Bytes, edition: u32, modified: SystemTime) {
        assert!(self.0.spec.database.is_some(), "without a database, a copy is deployed");
        let steps = Some(&[ChangeStep::Commit][..]);
        let source = ContentSource::Content(content);
        let stored = self.0.change(source, Some(edition), Some(modified), steps);
        stored.expect("memory takes everything");
        self.0.declare(content, Some(edition));
    }

    /// Sets the `Poll-Interval` of responses from now on.
    pub fn set_poll_interval_ms(&self, interval_ms: Option<i64>) {
        self.0.set_poll_interval_ms(interval_ms);
    }

    /// Changes that it has seen.
    pub fn changes_seen(&self) -> u64 {
        self.0.changes_seen()
    }

    /// The counters so far.
    pub fn counts(&self) -> ReplicaCounts {
        self.0.counts()
    }

    /// True if it answers such a GET with its whole content; for one without shared tags.
    pub fn sends_all(&self, OfflineRequest(fields): &OfflineRequest) -> bool {
        let received = HeaderFields(fields);
        let current = self.0.current(None);
        current.is_some_and(|current| {
            let selected = current.select(&self.0.description, &received);
            selected.decide(Method::Get, &received) == Decision::Proceed
        })
    }

    /// Answers a GET for the resource, as octets.
    ///
    /// # Panics
    ///
    /// If these octets are no request: they come from the balancer's own code.
    pub fn answer(&self, request: &[u8]) -> Vec<u8> {
        let fields = fields_of(request);
        let answering = reader::answer(Arc::clone(&self.0), Method::Get, fields);
        let response = at_once(answering);
        let (head, body) = response.into_parts();
        let mut octets = written(&head);
        let content = at_once(axum::body::to_bytes(body, usize::MAX));
        octets.extend_from_slice(&content.expect("content in memory"));
        octets
    }
}

impl OfflineRequest {
    /// Reads a request once that is put to several replicas.
    pub fn read(octets: &[u8]) -> Self {
        Self(fields_of(octets))
    }
}

fn fields_of(request: &[u8]) -> HeaderMap {
    let mut fields = HeaderMap::new();
    let text = str::from_utf8(request).expect("the clients of a model send text");
    for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").expect("a gateway writes whole lines");
        let name = HeaderName::try_from(name).expect("a gateway writes valid names");
        fields.append(name, HeaderValue::try_from(value).expect("a valid value"));
    }
    fields
}

impl Shared {
    /// The store of tags.
    pub fn store(&self) -> Arc<dyn TagStore> {
        Arc::clone(&self.0) as Arc<dyn TagStore>
    }

    /// A writer announces a change; returns its mark.
    pub fn announce(&self) -> u64 {
        let mark = self.0.number();
        self.0.write(|slot| slot.announce(mark));
        mark
    }

    /// A writer publishes a new tag, under the mark that it announced, if it did.
    pub fn publish(&self, mark: Option<u64>) {
        let mark = mark.unwrap_or_else(|| self.0.number());
        let tag = self.0.fresh_tag();
        self.0.write(|slot| slot.publish(&mark, tag));
    }

    /// Times that the tag was written: requests that find none write one.
    pub fn writes(&self) -> u64 {
        self.0.writes.load(Ordering::Relaxed)
    }
}

impl Memory {
    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A tag as long as one that is drawn.
    fn fresh_tag(&self) -> EntityTag {
        EntityTag::weak(format!("{:032x}", self.number())).expect("hexadecimal digits are etagc")
    }

    fn write<T>(&self, change: impl FnOnce(&mut TagSlot<EntityTag, u64>) -> T) -> T {
        self.writes.fetch_add(1, Ordering::Relaxed);
        change(&mut lock(&self.tag))
    }
}

impl Database for Memory {
    fn revision(&self) -> Result<Option<u64>, FileError> {
        connection::note(1);
        Ok(lock(&self.content).as_ref().map(|content| content.revision))
    }

    fn load(&self) -> Result<Option<StoredContent>, FileError> {
        let stored = lock(&self.content).clone();
        // As many as the database of the lab sends to render.
        connection::note(if stored.is_some() { 3 } else { 1 });
        Ok(stored)
    }

    fn put(&self, new: &StoredContent, before_commit: &mut dyn FnMut()) -> Result<bool, FileError> {
        let mut content = lock(&self.content);
        let known = content.as_ref().map_or(0, |content| content.revision);
        let is_news = content.as_ref().is_none_or(|content| new.edition > content.edition);
        if is_news {
            before_commit();
            *content = Some(StoredContent { revision: known + 1, ..new.clone() });
        }
        Ok(is_news)
    }

    fn replace(
        &self,
        _: Option<u64>,
        _: &StoredContent,
        _: &mut dyn FnMut(),
    ) -> Result<bool, FileError> {
        // That is a PUT, which the clients of a model do not send.
        Ok(false)
    }
}

impl TagStore for Memory {
    fn get<'a>(&'a self, _: &'a str) -> Asked<'a, HeldTag<EntityTag>> {
        Box::pin(std::future::ready(lock(&self.tag).get()))
    }

    fn create<'a>(
        &'a self,
        _: &'a str,
        candidate: &'a EntityTag,
        _: std::time::Duration,
    ) -> Created<'a> {
        let created: CreationResult<_> = self.write(|slot| slot.create(candidate.clone()));
        Box::pin(std::future::ready(created))
    }

    fn announce<'a>(&'a self, _: &'a str, _: &'a str, _: std::time::Duration) -> Written<'a> {
        // Orders of a model come by `Shared`, which waits for nothing.
        Box::pin(std::future::ready(WriteResult::Down))
    }

    fn publish<'a>(
        &'a self,
        _: &'a str,
        _: &'a str,
        _: &'a EntityTag,
        _: std::time::Duration,
    ) -> Written<'a> {
        Box::pin(std::future::ready(WriteResult::Down))
    }

    fn candidate(&self) -> Option<EntityTag> {
        Some(self.fresh_tag())
    }
}

/// The result of work that waits for nothing, because all that it asks is in memory.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    match std::pin::pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("nothing in memory is waited for"),
    }
}

fn lock<T>(memory: &Mutex<T>) -> MutexGuard<'_, T> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

fn since_1970_ns(time: SystemTime) -> i128 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_nanos().cast_signed()
}

fn push(octets: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        octets.extend_from_slice(part.as_bytes());
    }
}

/// The head of a response, as it goes over a connection.
fn written(head: &http::response::Parts) -> Vec<u8> {
    let mut octets = Vec::new();
    let reason = head.status.canonical_reason().unwrap_or_default();
    push(&mut octets, &["HTTP/1.1 ", head.status.as_str(), " ", reason, "\r\n"]);
    for (name, value) in &head.headers {
        push(&mut octets, &[name.as_str(), ": "]);
        octets.extend_from_slice(value.as_bytes());
        push(&mut octets, &["\r\n"]);
    }
    // As the server does for whoever has not dated a response.
    if !head.headers.contains_key(http::header::DATE) {
        push(&mut octets, &["date: ", DATE, "\r\n"]);
    }
    push(&mut octets, &["\r\n"]);
    octets
}
