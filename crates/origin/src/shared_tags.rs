//! Tags that a whole fleet shares: a store holds one random tag for each path.
//!
//! Shared tags are weak. A tag is read before the content is rendered, so for a moment it may stand
//! for two contents, and no client may splice by it; hence `If-Match`, which compares strongly (RFC
//! 9110 §13.1.1), never holds, and a 204 to a PUT carries no tag. Nor do dates validate anything under
//! our rules: two changes within a second have one date, and no replica knows what others have served
//! under it, so that `If-Modified-Since` gets the content.
//!
//! The tag says nothing about the content; what makes it honest is the order in which readers and
//! writers speak to the store and to the database. That order is [`protocol`], and the store's
//! atomic operations are [`slot`]; both are pure, so that the middleware and the model checker of
//! `tests/origin/shared_protocol` drive the very same code. Around them:
//!
//! - [`stores`]: the stores;
//! - `reader`: the middleware, which answers a request before the application does;
//! - `writer`: what a change tells the store;
//! - `gate`: where a harness stops a request to order the events of a race.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use http::HeaderValue;
use semantics::EntityTag;

mod gate;
pub mod protocol;
pub(crate) mod reader;
pub mod slot;
pub mod stores;
pub(crate) mod writer;

pub(crate) use gate::Gate;
use protocol::TagProtocol;
use stores::TagStore;

/// Usual life of a tag, as at GitLab: from its last write, whoever reads it.
pub const TTL: Duration = Duration::from_secs(20 * 60);

/// Usual life of an announcement: a commit must not take longer, and a writer
/// that dies between its announcement and its publication costs everybody the tag for so long.
pub const LEASE: Duration = Duration::from_secs(5);

/// The shared tags of a replica: where they are, and by which rules they are read and written.
#[derive(Clone, Debug)]
pub struct SharedTagsSpec {
    /// Their store.
    pub store: Arc<dyn TagStore>,
    /// By which rules.
    pub protocol: TagProtocol,
    /// Life of a tag from its last write. Each client that polls gets at least one 200 in
    /// this time, whether anything has changed or not.
    pub ttl: Duration,
    /// Life of a writer's announcement.
    pub lease: Duration,
    /// Prefix of the path in the store's keys: one store may serve several fleets.
    pub namespace: String,
}

impl SharedTagsSpec {
    /// Tags in this store, opened for [`LEASE`], under our own rules and for twenty minutes.
    pub fn new(store: Arc<dyn TagStore>) -> Self {
        let namespace = "etag-lab".to_owned();
        Self { store, protocol: TagProtocol::Hardened, ttl: TTL, lease: LEASE, namespace }
    }
}

#[derive(Debug)]
pub(crate) struct SharedTagsState {
    pub(crate) spec: SharedTagsSpec,
    /// The key of the resource: its path, without any query.
    pub(crate) key: String,
    /// Stops a request that is about to create a tag.
    pub(crate) gate: Gate,
    /// Declaration of the content by the harness, for answers that are given without it.
    declared: RwLock<Option<HeaderValue>>,
    /// The mark of a change whose steps are ordered one by one.
    announced: Mutex<Option<String>>,
}

impl SharedTagsState {
    pub(crate) fn new(spec: SharedTagsSpec, path: &str) -> Self {
        let key = format!("{}:{path}", spec.namespace);
        Self {
            spec,
            key,
            gate: Gate::default(),
            declared: RwLock::default(),
            announced: Mutex::default(),
        }
    }

    pub(crate) fn declare(&self, truth: HeaderValue) {
        *self.declared.write().unwrap_or_else(PoisonError::into_inner) = Some(truth);
    }

    fn declared(&self) -> Option<HeaderValue> {
        self.declared.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The mark that was announced and not published yet; from now on it is `mark`.
    fn swap_mark(&self, mark: Option<String>) -> Option<String> {
        std::mem::replace(&mut *self.announced.lock().unwrap_or_else(PoisonError::into_inner), mark)
    }
}

/// A tag that nobody has used before.
fn fresh_tag() -> EntityTag {
    EntityTag::weak(random()).expect("hexadecimal digits are etagc")
}

/// 128 bits in hexadecimal.
fn random() -> String {
    // From the operating system: replicas that drew from one seed would give one tag to two contents.
    // Nothing of a run that is to be repeated depends on the value of a tag.
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    format!("{:032x}", u128::from_ne_bytes(bytes))
}
