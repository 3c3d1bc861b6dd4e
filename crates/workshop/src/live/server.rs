//! The server of the page: its files, its feed and its switches, for those who may have them.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use tokio::net::TcpListener;

use super::feed::Feed;
use super::guard::{self, Refusal};
use super::room::Room;
use super::switch::Switch;
use super::{shown, story};

/// Longest press.
const MOST_BYTES: usize = 1_024;

/// Nothing from elsewhere, and no frame of another page around ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, room: Arc<Room>) {
    let router = router(room).into_make_service_with_connect_info::<SocketAddr>();
    // It ends with an error only where the listener does, which lives as long as we do.
    let _ = axum::serve(listener, router).await;
}

fn router(room: Arc<Room>) -> Router {
    Router::new()
        .route("/", get(control))
        .route("/view", get(view))
        .route("/live.css", get(style))
        .route("/live.js", get(script))
        .route("/events", get(events))
        .route("/wires", get(wires))
        .route("/session.toml", get(session))
        .route("/press", post(press))
        .layer(middleware::from_fn(guarded))
        .with_state(room)
}

type Visitor = ConnectInfo<SocketAddr>;

/// Refuses visitors who came by a foreign name, and says to browsers what the page may do.
async fn guarded(request: Request, next: Next) -> Response {
    let mut response = match guard::may_look(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refused(refusal),
    };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refused(Refusal(status, reason): Refusal) -> Response {
    (status, reason).into_response()
}

/// The page with switches; whoever may not press them is led to the page of the audience.
async fn control(State(room): State<Arc<Room>>, visitor: Visitor, uri: Uri) -> Response {
    if may_control(&room, visitor, &uri) { page() } else { Redirect::to("/view").into_response() }
}

fn may_control(room: &Room, ConnectInfo(peer): Visitor, uri: &Uri) -> bool {
    let token = uri.query().and_then(|query| query.strip_prefix("token="));
    guard::may_control(peer.ip(), token, room.control_token.as_ref())
}

async fn view() -> Response {
    page()
}

fn page() -> Response {
    typed("text/html; charset=utf-8", include_str!("page/live.html"))
}

async fn style() -> Response {
    let style = format!("{}{}", report::COLOURS, include_str!("page/live.css"));
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], style).into_response()
}

async fn script() -> Response {
    typed("text/javascript; charset=utf-8", include_str!("page/live.js"))
}

fn typed(media_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, media_type)], text).into_response()
}

async fn events(State(room): State<Arc<Room>>) -> Response {
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::new(Feed::of(&room))).into_response()
}

async fn wires(State(room): State<Arc<Room>>) -> Response {
    let wires = shown::wires(&room.session());
    ([(header::CONTENT_TYPE, "application/json")], wires).into_response()
}

/// The session as a scenario; it may name files, so it is for those who may press.
async fn session(State(room): State<Arc<Room>>, visitor: Visitor, uri: Uri) -> Response {
    if !may_control(&room, visitor, &uri) {
        return refused(guard::CONTROL);
    }
    let file = story::file(&room.session());
    let fields = [
        (header::CONTENT_TYPE, "application/toml; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"session.toml\""),
    ];
    (fields, file).into_response()
}

async fn press(
    State(room): State<Arc<Room>>,
    ConnectInfo(peer): Visitor,
    fields: HeaderMap,
    content: Body,
) -> Response {
    if let Err(refusal) = guard::may_press(peer.ip(), &fields, room.control_token.as_ref()) {
        return refused(refusal);
    }
    let content = to_bytes(content, MOST_BYTES).await.unwrap_or_default();
    let Ok(switch) = serde_json::from_slice::<Switch>(&content) else {
        return (StatusCode::BAD_REQUEST, "this is no switch\n").into_response();
    };
    match room.press(&switch).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(reason) => (StatusCode::CONFLICT, reason).into_response(),
    }
}
