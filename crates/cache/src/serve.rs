//! Clients in, answers out, until shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, RANGE};
use http::{Method, Request, Response, StatusCode, request};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use server::content::{self, MEMORY_BYTES, Memory};
use server::response::{bare, closing};
use server::{Answering, Handler};
use tokio::net::TcpListener;

use crate::catalogue::Behaviour;
use crate::clock::Clock;
use crate::counts::{Counters, Counts, count};
use crate::fields;
use crate::origin::{Failure, MOST_CONTENT_BYTES, Origin};
use crate::tier::{self, Answer, Behind, Tier};

/// Settings of a cache.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address of the origin.
    pub origin: SocketAddr,
    /// Its way with stale responses, and its tiers.
    pub behaviour: Behaviour,
    /// Time by which responses grow old.
    pub clock: Clock,
}

/// A shared cache.
#[derive(Debug)]
pub struct Cache {
    /// At least one; clients meet them in turn.
    tiers: Vec<Arc<Tier>>,
    turn: AtomicUsize,
    counters: Arc<Counters>,
    /// For contents on their way to the origin.
    memory: Memory,
}

impl Cache {
    /// An empty cache.
    pub fn new(settings: Settings) -> Self {
        let Settings { origin, behaviour, clock } = settings;
        let counters = Arc::new(Counters::default());
        let tier = |behind| Arc::new(Tier::new(behaviour, clock.clone(), behind));
        let last = tier(Behind::Origin(Origin::new(origin, Arc::clone(&counters))));
        let before = || tier(Behind::Tier(Arc::clone(&last)));
        let mut tiers: Vec<_> = (0..behaviour.points_of_presence).map(|_| before()).collect();
        if tiers.is_empty() {
            tiers.push(last);
        }
        let memory = Memory::new(MEMORY_BYTES);
        Self { tiers, turn: AtomicUsize::default(), counters, memory }
    }

    /// The counters so far.
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (mut head, body) = request.into_parts();
        if head.method == Method::CONNECT {
            return bare(StatusCode::METHOD_NOT_ALLOWED);
        }
        fields::forward(&mut head);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let tier = &self.tiers[turn % self.tiers.len()];
        let answered = if tier::reads(&head) && body.is_end_stream() {
            self.read(tier, head).await
        } else {
            match content::read(body, MOST_CONTENT_BYTES, &self.memory).await {
                Ok(content) => tier.pass(head, content.bytes).await,
                Err(status) => return closing(bare(status)),
            }
        };
        answered.map_or_else(
            |error| {
                tracing::debug!(%error, "the origin did not answer");
                bare(StatusCode::BAD_GATEWAY)
            },
            |response| response.map(Full::new),
        )
    }

    async fn read(
        &self,
        tier: &Arc<Tier>,
        mut head: request::Parts,
    ) -> Result<Response<Bytes>, Failure> {
        let is_head = head.method == Method::HEAD;
        // A GET answers a HEAD as well, as in nginx and Varnish; ranges are for GET alone.
        if is_head {
            head.method = Method::GET;
            head.headers.remove(RANGE);
        }
        let Answer { mut response, asked } = tier.answer(head).await?;
        if !asked {
            count(&self.counters.hits);
        }
        if is_head && response.status() != StatusCode::NOT_MODIFIED {
            let length = response.body().len();
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
            *response.body_mut() = Bytes::new();
        }
        Ok(response)
    }
}

impl Handler for Cache {
    type Content = Full<Bytes>;

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Self::Content> {
        let cache = Arc::clone(self);
        Answering::waited(async move { cache.respond(request).await })
    }
}

/// Serves until `shutdown` completes.
pub async fn serve(listener: TcpListener, cache: Arc<Cache>, shutdown: impl Future<Output = ()>) {
    server::serve(listener, cache, shutdown).await;
}
