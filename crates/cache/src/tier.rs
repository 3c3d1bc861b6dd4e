//! One place of storage, and what stands behind it.
//!
//! Requests for one resource wait for each other, so that the origin is asked once for what many want
//! at the same time (collapsed forwarding).

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CONNECTION, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE, TRANSFER_ENCODING,
};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, request};
use semantics::{Decision, EntityTag, HttpDate, Validators};
use server::fields::HeaderFields;

use crate::catalogue::Behaviour;
use crate::clock::Clock;
use crate::origin::{Failure, Origin};
use crate::store::{Found, Store};

/// A response, and whether the origin was asked for it.
pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    pub(crate) asked: bool,
}

#[derive(Debug)]
pub(crate) enum Behind {
    Origin(Origin),
    Tier(Arc<Tier>),
}

#[derive(Debug)]
pub(crate) struct Tier {
    behaviour: Behaviour,
    clock: Clock,
    behind: Behind,
    /// By path and query.
    stores: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Store>>>>,
}

type Asking<'a> = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send + 'a>>;

// A cache asks for the whole, and in its own name.
const OF_THE_CLIENT: [HeaderName; 7] =
    [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE, RANGE, CONNECTION];

impl Tier {
    pub(crate) fn new(behaviour: Behaviour, clock: Clock, behind: Behind) -> Self {
        Self { behaviour, clock, behind, stores: Mutex::default() }
    }

    /// Answers a GET as the client wants it: with a 304 where its condition allows that.
    pub(crate) fn answer(self: &Arc<Self>, request: request::Parts) -> Asking<'_> {
        Box::pin(async move {
            let mut answer = self.whole(&request).await?;
            answer.response = conditional(&request, answer.response);
            Ok(answer)
        })
    }

    /// The whole response, stored or new.
    async fn whole(self: &Arc<Self>, request: &request::Parts) -> Result<Answer, Failure> {
        let mut store = self.store_of(request).lock_owned().await;
        let now = self.clock.now();
        match store.find(request, now) {
            Found::Fresh(index) => {
                Ok(Answer { response: store.response(index, now), asked: false })
            }
            Found::Stale(index, since)
                if since < store.allowed_stale(index).unwrap_or(self.behaviour.grace) =>
            {
                let response = store.response(index, now);
                self.refresh_behind(store, request.clone(), index);
                Ok(Answer { response, asked: false })
            }
            Found::Stale(index, _) => self.refresh(&mut store, request, Some(index)).await,
            Found::Nothing => self.refresh(&mut store, request, None).await,
        }
    }

    /// Validates a stored response while nobody waits for it.
    fn refresh_behind(
        self: &Arc<Self>,
        mut store: tokio::sync::OwnedMutexGuard<Store>,
        request: request::Parts,
        index: usize,
    ) {
        let tier = Arc::clone(self);
        // Holds the store, so that the next request finds what comes of it.
        tokio::spawn(async move {
            if let Err(error) = tier.refresh(&mut store, &request, Some(index)).await {
                tracing::debug!(%error, "a stale response was not validated");
            }
        });
    }

    /// Asks what stands behind, and stores the answer.
    async fn refresh(
        &self,
        store: &mut Store,
        request: &request::Parts,
        stored: Option<usize>,
    ) -> Result<Answer, Failure> {
        let mut head = request.clone();
        for name in OF_THE_CLIENT {
            head.headers.remove(name);
        }
        let validated = stored.filter(|_| self.behaviour.revalidates);
        if let Some(index) = validated {
            store.condition(index, &mut head.headers);
        }
        let Answer { mut response, asked } = match &self.behind {
            Behind::Origin(origin) => Answer { response: origin.ask(head).await?, asked: true },
            Behind::Tier(tier) => tier.answer(head).await?,
        };
        for name in [CONNECTION, TRANSFER_ENCODING] {
            response.headers_mut().remove(name);
        }
        let response = store.update(request, stored, response, self.clock.now());
        Ok(Answer { response, asked })
    }

    /// Forgets what is stored for a resource that a request may have changed.
    pub(crate) async fn forget(&self, request: &request::Parts) {
        self.store_of(request).lock().await.clear();
    }

    fn store_of(&self, request: &request::Parts) -> Arc<tokio::sync::Mutex<Store>> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
        Arc::clone(stores.entry(path.to_owned()).or_default())
    }
}

/// The response to a request with these conditions: a cache decides about what it has stored
/// (RFC 9111 §4.3.2).
fn conditional(request: &request::Parts, mut response: Response<Bytes>) -> Response<Bytes> {
    let field = |name| response.headers().get(name).map(HeaderValue::as_bytes);
    let tag = field(ETAG).and_then(|value| EntityTag::parse(value).ok());
    let date = field(LAST_MODIFIED).and_then(|value| HttpDate::parse(value).ok());
    let stored = Validators { entity_tag: tag.as_ref(), last_modified: date };
    let fields = HeaderFields(&request.headers);
    if response.status() != StatusCode::OK
        || semantics::evaluate(semantics::Method::Get, &fields, Some(&stored), None)
            != Decision::NotModified
    {
        return response;
    }
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = Bytes::new();
    let of_content: Vec<_> = response
        .headers()
        .keys()
        .filter(|name| name.as_str().starts_with("content-") || **name == ACCEPT_RANGES)
        .cloned()
        .collect();
    for name in of_content {
        response.headers_mut().remove(name);
    }
    response
}

/// True for requests that are answered from what is stored.
pub(crate) fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}
