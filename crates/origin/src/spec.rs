//! Settings of a replica, in values that are good already: nothing is read or checked here.

use std::path::PathBuf;
use std::sync::Arc;

use http::HeaderValue;
use semantics::Coding;
use server::content::MEMORY_BYTES;
use strategies::Entry;
use text::secret::Secret;
use truth::ReplicaId;

use crate::databases::Database;
use crate::shared_tags::SharedTagsSpec;

/// Settings of a replica.
#[derive(Clone, Debug)]
pub struct ReplicaSpec {
    /// Number to declare in `lab-replica`; `None` to declare nothing.
    pub id: Option<ReplicaId>,
    /// Number by which content names it, where that is not declared.
    pub name: Option<ReplicaId>,
    /// Strategy that makes its tags.
    pub strategy: &'static Entry,
    /// Path of its own copy of the content, which the first deploy may write.
    pub copy: PathBuf,
    /// Path of the resource in requests: `/`, then letters, digits and any of `/-._~%`.
    pub path: String,
    /// Value of `Content-Type`.
    pub content_type: HeaderValue,
    /// Value of `Cache-Control`, on 200 and 304 alike; `None` sends none.
    pub cache_control: Option<HeaderValue>,
    /// Changes of the resource that this replica is to have seen before it got any content.
    pub history: u64,
    /// The database where content and revision are read instead of from a copy of its own, for every
    /// request; only for the revision by strategies that read it, else for the whole content.
    pub database: Option<Arc<dyn Database>>,
    /// The tags that all replicas share, for strategies that read them, and for no others.
    pub shared_tags: Option<SharedTagsSpec>,
    /// Bearer token; requests for the resource without it are refused with 401.
    pub token: Option<Secret>,
    /// Value of `Poll-Interval` in milliseconds; -1 asks clients to stop, `None` sends no field.
    pub poll_interval_ms: Option<i64>,
    /// Content codings on offer beside `identity`, the preferred one first. Each change is coded
    /// once, when it comes; empty to send the content as it is to everybody.
    pub codings: Vec<Coding>,
    /// Send `Last-Modified` of the copy, and evaluate dates in requests.
    pub last_modified: bool,
    /// Refuse PUT with 405.
    pub read_only: bool,
    /// Names for which a PUT is taken, beside `localhost` and every IP address.
    pub hosts: Vec<String>,
    /// Refuse a PUT that does not say what it replaces with 428 (RFC 6585 §3).
    pub require_if_match: bool,
    /// Content of a PUT that is longer is refused with 413.
    pub max_content_bytes: u64,
    /// Memory for the contents of all PUTs together; one for which there is none left is refused with
    /// 503.
    pub memory_bytes: u32,
}

impl ReplicaSpec {
    /// The number by which content names it.
    pub(crate) fn number(&self) -> Option<ReplicaId> {
        self.id.or(self.name)
    }

    /// A replica with neither id nor history that serves JSON at `/api/config`, dated but in no
    /// coding, to be revalidated each time, and lets it be replaced by up to 64 MiB.
    pub fn new(strategy: &'static Entry, copy: impl Into<PathBuf>) -> Self {
        Self {
            id: None,
            name: None,
            strategy,
            copy: copy.into(),
            path: "/api/config".to_owned(),
            content_type: HeaderValue::from_static("application/json"),
            cache_control: Some(HeaderValue::from_static("no-cache")),
            history: 0,
            database: None,
            shared_tags: None,
            token: None,
            poll_interval_ms: None,
            codings: Vec::new(),
            last_modified: true,
            read_only: false,
            hosts: Vec::new(),
            require_if_match: false,
            max_content_bytes: 64 << 20,
            memory_bytes: MEMORY_BYTES,
        }
    }
}
