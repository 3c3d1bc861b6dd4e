//! The list over HTTP: read from the store for every request, a full 200 without validators.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::source::control::SourceCounts;
use crate::source::object::list;
use crate::source::store::RouteStore;
use crate::source::{LIST_PATH, zone_path};

/// Routes to serve, and counters of requests for them.
#[derive(Debug)]
pub struct SourceState {
    /// One reader at a time, as one connection to etcd wants it.
    store: Mutex<RouteStore>,
    requests: AtomicU64,
    content_bytes: AtomicU64,
}

impl SourceState {
    /// Nobody has asked yet.
    pub fn new(store: RouteStore) -> Self {
        Self {
            store: Mutex::new(store),
            requests: AtomicU64::new(0),
            content_bytes: AtomicU64::new(0),
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
        self.requests.fetch_add(1, Ordering::Relaxed);
        let snapshot = self.store.lock().await.read().await;
        let listed = match &snapshot {
            Ok(snapshot) => list(snapshot, zone).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match listed {
            Ok(list) => {
                self.content_bytes.fetch_add(list.len() as u64, Ordering::Relaxed);
                ([(header::CONTENT_TYPE, "application/json")], list).into_response()
            }
            Err(error) => {
                tracing::warn!(%error, "no list");
                (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response()
            }
        }
    }
}

/// Serves until `shutdown` completes and the answers on their way are complete.
pub async fn serve(
    listener: TcpListener,
    state: Arc<SourceState>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new()
        .route(LIST_PATH, get(async |State(state): Shared| state.answer(None).await))
        .route(
            &zone_path("{zone}"),
            get(async |State(state): Shared, Path(zone): Path<String>| {
                state.answer(Some(&zone)).await
            }),
        )
        .route("/metrics", get(async |State(state): Shared| metrics(state.counts())))
        .with_state(state);
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

type Shared = State<Arc<SourceState>>;

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
