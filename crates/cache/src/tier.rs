//! One place of storage, and what stands behind it.
//!
//! Requests for one resource wait for each other, so that the origin is asked once for what many want
//! at the same time (collapsed forwarding).

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CONTENT_LOCATION, HOST, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, LOCATION, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, request};
use tokio::sync::OwnedMutexGuard;

use crate::catalogue::Behaviour;
use crate::clock::Clock;
use crate::fields::{Directives, keep_end_to_end};
use crate::origin::{Failure, Origin};
use crate::selected::selected;
use crate::store::{Found, Store};
use crate::stores::Stores;

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
    stores: Stores,
}

type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

// A cache asks for the whole, and in its own name.
const OF_THE_CLIENT: [HeaderName; 4] = [IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_RANGE, RANGE];

impl Tier {
    pub(crate) fn new(behaviour: Behaviour, clock: Clock, behind: Behind) -> Self {
        Self { behaviour, clock, behind, stores: Stores::default() }
    }

    /// Answers a GET as the client wants it: with a 304 or a range where it asks for that.
    pub(crate) fn answer(self: &Arc<Self>, request: request::Parts) -> Asking<'_, Answer> {
        Box::pin(async move {
            let mut answer = self.whole(&request).await?;
            answer.response = selected(&request, answer.response);
            Ok(answer)
        })
    }

    /// Passes a request on that is not answered from what is stored, and forgets what it has changed.
    pub(crate) fn pass(
        self: &Arc<Self>,
        request: request::Parts,
        content: Bytes,
    ) -> Asking<'_, Response<Bytes>> {
        Box::pin(async move {
            let mut response = match &self.behind {
                Behind::Origin(origin) => origin.pass(request.clone(), content).await?,
                Behind::Tier(tier) => tier.pass(request.clone(), content).await?,
            };
            keep_end_to_end(response.headers_mut());
            let is_done = response.status().is_success() || response.status().is_redirection();
            if is_done && changes(&request.method) {
                for path in changed_paths(&request, response.headers()) {
                    self.stores.of(&path).lock().await.clear();
                }
            }
            Ok(response)
        })
    }

    /// The whole response, stored or new.
    async fn whole(self: &Arc<Self>, request: &request::Parts) -> Result<Answer, Failure> {
        let mut store = self.stores.of(path(&request.uri)).lock_owned().await;
        let now = self.clock.now();
        let directives = Directives::read(&request.headers);
        let stored = match store.find(request, now) {
            Found::Fresh(index) => {
                return Ok(Answer { response: store.response(index, now), asked: false });
            }
            Found::Stale(index) => {
                let grace = self.behaviour.grace;
                if !directives.ask_for_more(&request.headers)
                    && store.is_lenient(index, "stale-while-revalidate", grace, now)
                {
                    let response = store.response(index, now);
                    self.refresh_behind(store, request.clone(), index);
                    return Ok(Answer { response, asked: false });
                }
                Some(index)
            }
            Found::Nothing => None,
        };
        if directives.has("only-if-cached") {
            let response = server::response::bare(StatusCode::GATEWAY_TIMEOUT);
            return Ok(Answer { response, asked: false });
        }
        self.refresh(&mut store, request, stored).await
    }

    /// Validates a stored response while nobody waits for it.
    fn refresh_behind(
        self: &Arc<Self>,
        mut store: OwnedMutexGuard<Store>,
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

    /// Asks what stands behind, and stores the answer; where that fails, a stale response may do.
    async fn refresh(
        &self,
        store: &mut Store,
        request: &request::Parts,
        stored: Option<usize>,
    ) -> Result<Answer, Failure> {
        let now = self.clock.now();
        let validated = stored.filter(|_| self.behaviour.revalidates);
        let answer = self.ask(store, request, validated).await;
        let has_failed =
            answer.as_ref().map_or(true, |answer| is_failure(answer.response.status()));
        if let Some(index) = stored.filter(|_| has_failed)
            && store.is_lenient(index, "stale-if-error", self.behaviour.grace, now)
        {
            return Ok(Answer { response: store.response(index, now), asked: true });
        }
        let Answer { response, asked } = answer?;
        if let Some(index) = validated.filter(|_| response.status() == StatusCode::NOT_MODIFIED) {
            if let Some(response) = store.confirm(request, index, response.headers(), now) {
                return Ok(Answer { response, asked });
            }
            // It confirms what is not there, and the client may have nothing either.
            let Answer { response, asked } = self.ask(store, request, None).await?;
            store.keep(request, &response, now, |bytes| self.stores.room(bytes));
            return Ok(Answer { response, asked });
        }
        if let Some(index) = stored {
            store.remove(index);
        }
        store.keep(request, &response, now, |bytes| self.stores.room(bytes));
        Ok(Answer { response, asked })
    }

    /// Asks what stands behind for the whole; with the validators of a stored response, if one is given.
    async fn ask(
        &self,
        store: &Store,
        request: &request::Parts,
        validated: Option<usize>,
    ) -> Result<Answer, Failure> {
        let mut head = request.clone();
        for name in OF_THE_CLIENT {
            head.headers.remove(name);
        }
        if let Some(index) = validated {
            store.condition(index, &mut head.headers);
        }
        let mut answer = match &self.behind {
            Behind::Origin(origin) => Answer { response: origin.ask(head).await?, asked: true },
            Behind::Tier(tier) => tier.answer(head).await?,
        };
        keep_end_to_end(answer.response.headers_mut());
        Ok(answer)
    }
}

/// True for requests that are answered from what is stored; conditions for the origin alone
/// (RFC 9111 §4.3.2) are passed on.
pub(crate) fn reads(head: &request::Parts) -> bool {
    matches!(head.method, Method::GET | Method::HEAD)
        && ![IF_MATCH, IF_UNMODIFIED_SINCE].iter().any(|name| head.headers.contains_key(name))
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

fn is_failure(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

fn path(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path| path.as_str())
}

/// The resource of a request that changed it, and those of this host that its response names
/// (RFC 9111 §4.4).
fn changed_paths(request: &request::Parts, response: &HeaderMap) -> Vec<String> {
    let host = request.headers.get(HOST).map(HeaderValue::as_bytes);
    let named = [LOCATION, CONTENT_LOCATION].into_iter().filter_map(|name| response.get(name));
    let here = named.filter_map(|value| {
        let uri: Uri = value.to_str().ok()?.parse().ok()?;
        let is_here = uri.authority().is_none_or(|it| Some(it.as_str().as_bytes()) == host);
        is_here.then(|| path(&uri).to_owned())
    });
    std::iter::once(path(&request.uri).to_owned()).chain(here).collect()
}
