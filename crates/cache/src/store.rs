//! The stored responses of one resource, one for each selection by `Vary` (RFC 9111 §4.1).

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderValue, Response, request, response};
use http_cache_semantics::{AfterResponse, BeforeRequest, CacheOptions, CachePolicy};

/// What is there for a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    /// A response that may be used as it is.
    Fresh(usize),
    /// One that may be used until it is validated for so long after it went stale.
    Stale(usize, Duration),
    Nothing,
}

#[derive(Debug, Default)]
pub(crate) struct Store(Vec<Stored>);

#[derive(Debug)]
struct Stored {
    policy: CachePolicy,
    /// Fields as they came, the date of the origin among them.
    head: response::Parts,
    content: Bytes,
    /// Moment at which it came, or at which a 304 confirmed it.
    received: SystemTime,
}

impl Store {
    pub(crate) fn find(&self, request: &request::Parts, now: SystemTime) -> Found {
        for (index, stored) in self.0.iter().enumerate() {
            match stored.policy.before_request(request, now) {
                BeforeRequest::Fresh(_) => return Found::Fresh(index),
                BeforeRequest::Stale { matches: true, .. } => {
                    return Found::Stale(index, stored.stale_for(now));
                }
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

    /// Time for which the response itself allows to use it stale, while it is validated.
    pub(crate) fn allowed_stale(&self, index: usize) -> Option<Duration> {
        let lines = self.0[index].head.headers.get_all(CACHE_CONTROL);
        let directives = lines.iter().filter_map(|line| line.to_str().ok());
        let mut directives = directives.flat_map(|line| line.split(',').map(str::trim));
        let seconds = directives.find_map(|one| one.strip_prefix("stale-while-revalidate="))?;
        seconds.parse().ok().map(Duration::from_secs)
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

    /// Takes the answer of the origin in; returns the response for the client. `index` is the stored
    /// response that was to be validated.
    pub(crate) fn update(
        &mut self,
        request: &request::Parts,
        index: Option<usize>,
        answer: Response<Bytes>,
        now: SystemTime,
    ) -> Response<Bytes> {
        let (head, content) = answer.into_parts();
        if let Some(stored) = index.map(|index| &mut self.0[index])
            && let AfterResponse::NotModified(policy, _) =
                stored.policy.after_response(request, &undated(&head), now)
        {
            stored.confirm(policy, &head.headers, now);
            return Response::from_parts(stored.head.clone(), stored.content.clone());
        }
        let policy =
            CachePolicy::new_options(request, &undated(&head), now, CacheOptions::default());
        let response = Response::from_parts(head.clone(), content.clone());
        let kept = policy.is_storable().then_some(Stored { policy, head, content, received: now });
        match (index, kept) {
            (Some(index), Some(kept)) => self.0[index] = kept,
            (Some(index), None) => drop(self.0.swap_remove(index)),
            (None, Some(kept)) => self.0.push(kept),
            (None, None) => {}
        }
        response
    }

    /// Forgets everything: the resource was changed through this cache (RFC 9111 §4.4).
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Stored {
    fn stale_for(&self, now: SystemTime) -> Duration {
        let lifetime = self.policy.time_to_live(self.received);
        now.duration_since(self.received).unwrap_or_default().saturating_sub(lifetime)
    }

    /// A 304 has come: its fields replace the stored ones (RFC 9111 §3.2), and the age begins anew.
    fn confirm(&mut self, policy: CachePolicy, newer: &HeaderMap, now: SystemTime) {
        (self.policy, self.received) = (policy, now);
        let told = newer.iter().filter(|(name, _)| !name.as_str().starts_with("content-"));
        for (name, value) in told {
            self.head.headers.insert(name.clone(), HeaderValue::clone(value));
        }
    }
}

/// The head without its date: the age of a response is counted from its arrival, by the clock of the
/// cache, which in a run is not that of the origin.
fn undated(head: &response::Parts) -> Response<()> {
    let mut undated = Response::new(());
    *undated.status_mut() = head.status;
    *undated.headers_mut() = head.headers.clone();
    undated.headers_mut().remove(DATE);
    undated
}
