//! The control-plane proxy with an `ETag` cache: it polls the source of a configuration at one
//! cadence, and serves a whole fleet from what it holds, mostly with 304s.
//!
//! ```text
//! etcd · Kubernetes API · HTTP · files          data-plane clients
//!        ▲                                             │ GET /routes, If-None-Match
//!        │ one poll per interval                       ▼
//!     upstream ─routes─► table ─► snapshot ─► answer (200 or 304) ◄─ server
//!        └──────────── poller ────────┘
//! ```
//!
//! - [`table`]: routes in canonical order with their tags, pure;
//! - [`upstream`]: sources of routes: [`upstream::Locator`] names one, [`Upstream`] polls it;
//! - [`poller`]: one poll after the other; the last good table is kept, whatever goes wrong;
//! - [`diff`]: differences from the table that clients get without the proxy, pure;
//! - `snapshot`: the representations of a table, ready to be sent;
//! - [`state`]: the table held, and the mode of the rollout;
//! - `admission`: tokens of clients;
//! - `target`, `answer`: a request in, a response out; `outcome`, `metrics`: counters.
//!
//! Holds no state on disk, so that killing it costs nothing but freshness.

mod admission;
mod answer;
mod diff;
mod metrics;
mod outcome;
mod poller;
mod snapshot;
pub mod state;
pub mod table;
mod target;
pub mod upstream;

use std::sync::Arc;

use server::tls::ServerTls;
use tokio::net::TcpListener;

pub use admission::{ClientTokens, InvalidTokens};
pub use poller::{PollSchedule, poll};
pub use state::{ProxyState, RolloutMode};
pub use table::Table;
pub use upstream::Upstream;

/// Serves what the proxy holds, over TLS where it is given, until `shutdown` completes; then closes idle connections, gives busy
/// ones a second to end, and returns when none is left.
///
/// `GET` and `HEAD` of `/routes`, `/routes/ZONE` and `/routes/ZONE/ID` are answered with 200, 304,
/// 401, 404, 412, or 503 before there is a table; `/health` with 204 or 503; other methods with 405 or
/// 501; and what is no proper request as [`server::serve()`] says.
pub async fn serve(
    listener: TcpListener,
    tls: Option<ServerTls>,
    proxy: Arc<ProxyState>,
    shutdown: impl Future<Output = ()>,
) {
    match tls {
        Some(tls) => server::serve_tls(listener, Arc::new(tls), proxy, shutdown).await,
        None => server::serve(listener, proxy, shutdown).await,
    }
}
