//! Clients in, answers out, until shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, request};
use http_body_util::Full;
use hyper::body::Incoming;
use server::response::bare;
use server::{Answering, Handler};
use tokio::net::TcpListener;

use crate::catalogue::Behaviour;
use crate::clock::Clock;
use crate::counts::{Counters, Counts, count};
use crate::origin::Origin;
use crate::tier::{self, Behind, Tier};

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
        Self { tiers, turn: AtomicUsize::default(), counters }
    }

    /// The counters so far.
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    async fn respond(&self, mut head: request::Parts) -> Response<Full<Bytes>> {
        let wants_content = head.method == Method::GET;
        // A GET answers a HEAD as well.
        head.method = Method::GET;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        match self.tiers[turn % self.tiers.len()].answer(head).await {
            Ok(answer) => {
                if !answer.asked {
                    count(&self.counters.hits);
                }
                let content = |content: Bytes| if wants_content { content } else { Bytes::new() };
                answer.response.map(|body| Full::new(content(body)))
            }
            Err(error) => {
                tracing::debug!(%error, "the origin did not answer");
                bare(StatusCode::BAD_GATEWAY)
            }
        }
    }
}

impl Handler for Cache {
    type Content = Full<Bytes>;

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Self::Content> {
        let cache = Arc::clone(self);
        let (head, _) = request.into_parts();
        Answering::waited(async move {
            if tier::reads(&head.method) {
                return cache.respond(head).await;
            }
            for tier in &cache.tiers {
                tier.forget(&head).await;
            }
            bare(StatusCode::METHOD_NOT_ALLOWED)
        })
    }
}

/// Serves until `shutdown` completes.
pub async fn serve(listener: TcpListener, cache: Arc<Cache>, shutdown: impl Future<Output = ()>) {
    server::serve(listener, cache, shutdown).await;
}
