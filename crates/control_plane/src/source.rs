//! The list that clients of a control plane polled before there was a proxy: Ingress-like objects,
//! as the Kubernetes API gives it, over a file or over etcd.
//!
//! ```text
//! GET /apis/networking.k8s.io/v1/ingresses                     all objects
//! GET /apis/networking.k8s.io/v1/namespaces/ZONE/ingresses     those of one zone
//! GET /metrics                                                 what it has been asked so far
//!
//! source ◄─ {"counts":{}}                                      the one order over stdio
//! source ─► {"counts":{"requests":240,"content_bytes":1966080}}
//! ```
//!
//! Each answer is a full 200, read and written anew, with a `resourceVersion` inside and no
//! validator outside: so no client of it can revalidate. It knows no watch, no paging and no other
//! resource.

mod object;
mod store;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use server::stdio::{self, Messages, Report};
use server::{Answering, Handler};
use tokio::io::{AsyncBufRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

pub(crate) use object::ZONE_LABEL;
pub use object::{NotARoute, RouteList, list};
pub use store::{RouteStore, RouteStoreError};

/// Path of all objects.
pub const LIST_PATH: &str = "/apis/networking.k8s.io/v1/ingresses";

/// Path of the objects of one zone, which is their namespace.
pub fn zone_path(zone: &str) -> String {
    format!("/apis/networking.k8s.io/v1/namespaces/{zone}/ingresses")
}

/// Routes to serve, and counters of requests for them.
#[derive(Debug)]
pub struct SourceState {
    // One reader at a time, because etcd is asked over one connection.
    store: Mutex<RouteStore>,
    requests: AtomicU64,
    content_bytes: AtomicU64,
    /// The last answer was an error, which the log knows of.
    is_failing: AtomicBool,
}

/// Requests to a source since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCounts {
    /// Requests for the list, whatever the answer.
    pub requests: u64,
    /// Content of the answers, in bytes.
    pub content_bytes: u64,
}

impl SourceState {
    /// Nobody has asked yet.
    pub fn new(store: RouteStore) -> Self {
        Self {
            store: Mutex::new(store),
            requests: AtomicU64::new(0),
            content_bytes: AtomicU64::new(0),
            is_failing: AtomicBool::new(false),
        }
    }

    /// The counters so far.
    pub fn counts(&self) -> SourceCounts {
        SourceCounts {
            requests: self.requests.load(Ordering::Relaxed),
            content_bytes: self.content_bytes.load(Ordering::Relaxed),
        }
    }

    async fn answer(&self, zone: Option<&str>) -> Response {
        // A request that fails has cost the store as much as one that does not.
        self.requests.fetch_add(1, Ordering::Relaxed);
        let zone = zone.map(str::to_owned);
        let listed = match self.store.lock().await.read().await {
            // Much to write keeps nobody else waiting.
            Ok(routes) => spawn_blocking(move || list(&routes, zone.as_deref()))
                .await
                .expect("writing a list does not panic")
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let has_failed = self.is_failing.swap(listed.is_err(), Ordering::Relaxed);
        match listed {
            Ok(list) => {
                self.content_bytes.fetch_add(list.len() as u64, Ordering::Relaxed);
                ([(header::CONTENT_TYPE, "application/json")], list).into_response()
            }
            Err(error) => {
                // Once, and not for each client for as long as it lasts.
                if !has_failed {
                    tracing::warn!(%error, "no list");
                }
                (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response()
            }
        }
    }
}

/// Serves until `shutdown` completes; then closes idle connections, gives busy ones a second to end,
/// and returns when none is left.
pub async fn serve(
    listener: TcpListener,
    state: Arc<SourceState>,
    shutdown: impl Future<Output = ()>,
) {
    server::serve(listener, Arc::new(SourceHandler(router(state))), shutdown).await;
}

struct SourceHandler(Router);

impl Handler for SourceHandler {
    type Content = Body;

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Body> {
        let router = TowerToHyperService::new(self.0.clone());
        Answering::waited(async move {
            let Ok(response) = router.call(request).await;
            response
        })
    }
}

fn router(state: Arc<SourceState>) -> Router {
    type Shared = State<Arc<SourceState>>;
    let of_zone =
        async |State(state): Shared, Path(zone): Path<String>| state.answer(Some(&zone)).await;
    Router::new()
        .route(LIST_PATH, get(async |State(state): Shared| state.answer(None).await))
        .route(&zone_path("{zone}"), get(of_zone))
        .route("/metrics", get(async |State(state): Shared| metrics(state.counts())))
        .with_state(state)
}

fn metrics(counts: SourceCounts) -> Response {
    let text = format!(
        "# TYPE etag_lab_source_requests_total counter\n\
         etag_lab_source_requests_total {}\n\
         # TYPE etag_lab_source_content_bytes_total counter\n\
         etag_lab_source_content_bytes_total {}\n",
        counts.requests, counts.content_bytes
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// An order to a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SourceOrder {
    /// Report what was asked for since the start.
    Counts {},
}

impl stdio::Order for SourceOrder {
    type Report = SourceReport;
}

/// The report of a source that has carried out an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SourceReport {
    /// Counts since the start.
    Counts(SourceCounts),
}

/// Answers each order with one report; returns when they end.
pub async fn obey(
    mut orders: Messages<impl AsyncBufRead + Unpin>,
    mut reports: impl AsyncWrite + Unpin,
    state: Arc<SourceState>,
) -> io::Result<()> {
    while let Some(order) = orders.next().await? {
        let report = match order {
            Ok(SourceOrder::Counts {}) => Report::Own(SourceReport::Counts(state.counts())),
            Err(error) => Report::Failed { reason: format!("order not understood: {error}") },
        };
        stdio::send(&mut reports, &report).await?;
    }
    Ok(())
}
