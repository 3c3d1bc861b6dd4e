//! The server of the page: its files, for those who may have them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use http::{HeaderValue, Uri, header};
use scenario::Scenario;
use text::secret::Secret;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::guard;

/// Time in which visitors hear that it is over.
const FAREWELL: Duration = Duration::from_millis(300);

/// Nothing from elsewhere, and no frame of another page around ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Everything that answers share.
#[derive(Debug)]
pub(super) struct State {
    title: String,
    control_token: Option<Secret>,
}

impl State {
    pub(super) fn new(scenario: &Scenario, control_token: Option<Secret>) -> Arc<Self> {
        Arc::new(Self { title: scenario.name.clone(), control_token })
    }
}

/// Serves until `stop` becomes true. A tab that stays open keeps nothing from ending.
pub(super) async fn serve(
    listener: TcpListener,
    state: Arc<State>,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let router = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let (ended, end) = (async move { drop(stop.wait_for(|stop| *stop).await) }, FAREWELL);
    tokio::select! {
        served = axum::serve(listener, router) => served,
        () = async { ended.await; tokio::time::sleep(end).await } => Ok(()),
    }
}

fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/", get(control))
        .route("/view", get(view))
        .route("/live.css", get(style))
        .layer(middleware::from_fn(guarded))
        .with_state(state)
}

/// Refuses visitors who came by a foreign name, and says to browsers what the page may do.
async fn guarded(request: Request, next: Next) -> Response {
    let mut response = match guard::may_look(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(guard::Refusal(status, reason)) => (status, reason).into_response(),
    };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The page with switches; whoever may not press them is led to the page of the audience.
async fn control(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
) -> Response {
    let token = uri.query().and_then(|query| query.strip_prefix("token="));
    if guard::may_control(peer.ip(), token, state.control_token.as_ref()) {
        page(&state)
    } else {
        Redirect::to("/view").into_response()
    }
}

async fn view(Shared(state): Shared<Arc<State>>) -> Response {
    page(&state)
}

fn page(state: &State) -> Response {
    let html = include_str!("page/live.html").replace("{title}", &text::html::escape(&state.title));
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

async fn style() -> Response {
    let css = include_str!("page/live.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response()
}
