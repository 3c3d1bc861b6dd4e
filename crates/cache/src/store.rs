//! The stored responses of one resource, one for each selection by `Vary` (RFC 9111 §4.1).

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{
    AGE, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, request, response};
use http_cache_semantics::{BeforeRequest, CacheOptions, CachePolicy};
use semantics::EntityTag;
use tokio::sync::OwnedSemaphorePermit;

use crate::fields::{Directives, selecting, translated};

/// What is there for a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    /// A response that may be used as it is.
    Fresh(usize),
    /// One that may be used when it is validated.
    Stale(usize),
    Nothing,
}

/// The latest is the last.
#[derive(Debug, Default)]
pub(crate) struct Store(Vec<Stored>);

#[derive(Debug)]
struct Stored {
    policy: CachePolicy,
    directives: Directives,
    /// Fields as they came, the date of the origin among them.
    head: response::Parts,
    content: Bytes,
    /// Moment at which it came, or at which a 304 confirmed it.
    received: SystemTime,
    _room: OwnedSemaphorePermit,
}

/// Selections of one resource that are kept; the oldest makes room.
const MOST_SELECTIONS: usize = 32;

// They describe the content, which a 304 does not bring (RFC 9111 §3.2).
const OF_STORED_CONTENT: [HeaderName; 4] =
    [CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE];

impl Store {
    pub(crate) fn find(&self, request: &request::Parts, now: SystemTime) -> Found {
        let request = selecting(request);
        for (index, stored) in self.0.iter().enumerate().rev() {
            match stored.policy.before_request(&request, now) {
                BeforeRequest::Fresh(_) => return Found::Fresh(index),
                BeforeRequest::Stale { matches: true, .. } => return Found::Stale(index),
                BeforeRequest::Stale { matches: false, .. } => {}
            }
        }
        Found::Nothing
    }

    /// The stored response, with its age.
    pub(crate) fn response(&self, index: usize, now: SystemTime) -> Response<Bytes> {
        let stored = &self.0[index];
        let mut response = Response::from_parts(stored.head.clone(), stored.content.clone());
        let age = stored.policy.age(now).as_secs();
        response.headers_mut().insert(AGE, age.into());
        response
    }

    /// True if a response that went stale may be used all the same, as this directive of its own says
    /// for how long; for `grace` where it says nothing.
    pub(crate) fn is_lenient(
        &self,
        index: usize,
        directive: &str,
        grace: Duration,
        now: SystemTime,
    ) -> bool {
        let stored = &self.0[index];
        let allowed = stored.directives.seconds(directive).unwrap_or(grace);
        let lifetime = stored.policy.time_to_live(stored.received);
        let since = now.duration_since(stored.received).unwrap_or_default();
        stored.policy.is_stale(now)
            && !stored.directives.forbid_stale()
            && since.saturating_sub(lifetime) < allowed
    }

    /// Adds the validators of a stored response to a request.
    pub(crate) fn condition(&self, index: usize, fields: &mut HeaderMap) {
        let stored = &self.0[index].head.headers;
        for (validator, condition) in [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)] {
            if let Some(value) = stored.get(validator) {
                fields.insert(condition, value.clone());
            }
        }
    }

    /// Takes in a 304 about a stored response, and returns that; `None` if it is about another one.
    pub(crate) fn confirm(
        &mut self,
        request: &request::Parts,
        index: usize,
        newer: &HeaderMap,
        now: SystemTime,
    ) -> Option<Response<Bytes>> {
        let mut stored = self.0.remove(index);
        if !is_about(newer, &stored.head.headers) {
            return None;
        }
        for name in newer.keys().filter(|name| !OF_STORED_CONTENT.contains(name)) {
            stored.head.headers.remove(name);
            for value in newer.get_all(name) {
                stored.head.headers.append(name, HeaderValue::clone(value));
            }
        }
        if !newer.contains_key(AGE) {
            stored.head.headers.remove(AGE);
        }
        stored.policy = policy(request, &stored.head, now);
        stored.directives = Directives::read(&stored.head.headers);
        stored.received = now;
        let response = Response::from_parts(stored.head.clone(), stored.content.clone());
        if may_be_kept(&stored.policy, &stored.head) {
            self.0.push(stored);
        }
        Some(response)
    }

    /// Forgets one response, in the place of which another one came.
    pub(crate) fn remove(&mut self, index: usize) {
        self.0.remove(index);
    }

    /// Keeps a new response, if it may be kept and there is room.
    pub(crate) fn keep(
        &mut self,
        request: &request::Parts,
        response: &Response<Bytes>,
        now: SystemTime,
        room: impl FnOnce(usize) -> Option<OwnedSemaphorePermit>,
    ) {
        let (head, content) = response.clone().into_parts();
        let policy = policy(request, &head, now);
        if !may_be_kept(&policy, &head) {
            return;
        }
        let Some(room) = room(content.len()) else { return };
        if self.0.len() == MOST_SELECTIONS {
            self.0.remove(0);
        }
        let directives = Directives::read(&head.headers);
        self.0.push(Stored { policy, directives, head, content, received: now, _room: room });
    }

    /// Forgets everything: the resource was changed through this cache (RFC 9111 §4.4).
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

fn policy(request: &request::Parts, head: &response::Parts, now: SystemTime) -> CachePolicy {
    let (request, head) = (selecting(request), translated(head, now));
    CachePolicy::new_options(&request, &head, now, CacheOptions::default())
}

fn may_be_kept(policy: &CachePolicy, head: &response::Parts) -> bool {
    // Nothing is ever selected by `*`.
    let is_any =
        |line: &HeaderValue| line.as_bytes().split(|&o| o == b',').any(|m| m.trim_ascii() == b"*");
    policy.is_storable()
        && head.status != StatusCode::PARTIAL_CONTENT
        && !head.headers.get_all(VARY).iter().any(is_any)
}

/// True if a 304 with these fields is about the stored response whose validators were sent
/// (RFC 9111 §4.3.4).
fn is_about(newer: &HeaderMap, stored: &HeaderMap) -> bool {
    let tag = |fields: &HeaderMap| {
        fields.get(ETAG).and_then(|value| EntityTag::parse(value.as_bytes()).ok())
    };
    match (tag(newer), tag(stored)) {
        (Some(newer), Some(stored)) => newer.weak_eq(&stored),
        (Some(_), None) => false,
        (None, _) => newer
            .get(LAST_MODIFIED)
            .is_none_or(|date| stored.get(LAST_MODIFIED).is_none_or(|stored| stored == date)),
    }
}
