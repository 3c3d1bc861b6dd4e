//! Everything that is no plain read of the resource: other methods, other paths, and requests with
//! content.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::any;
use http::header::{ALLOW, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode};
use hyper::body::Incoming;
use server::content::{Discarded, discard};
use server::method::is_known;
use server::response::{after, bare};

use crate::answer::put;
use crate::replica::Replica;
use crate::shared_tags::reader;

/// Answers what comes for the resource.
///
/// Not by way of axum: its router adds `Content-Length: 0` to a 304 that answers a HEAD, which is
/// not the length of the 200 (RFC 9110 §8.6).
pub(super) async fn at_the_resource(replica: Arc<Replica>, request: Request<Incoming>) -> Response {
    let request = request.map(Body::new);
    if request.method() == Method::PUT && !replica.spec.read_only {
        return put(replica, request).await;
    }
    let (head, body) = request.into_parts();
    let discarded = discard(&head.headers, body).await;
    let answer = match discarded {
        Discarded::Whole | Discarded::InPart => {
            by_method(replica, &head.method, head.headers).await
        }
        // Refused by `after`, whatever it asks for.
        Discarded::Malformed => Response::default(),
    };
    after(discarded, || answer)
}

/// The router for all other paths.
pub(super) fn elsewhere(replica: &Replica) -> Router {
    let read_only = replica.spec.read_only;
    Router::new().fallback(any(move |request: Request<Body>| at_no_resource(read_only, request)))
}

async fn at_no_resource(read_only: bool, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    after(discard(&head.headers, body).await, || match head.method {
        Method::OPTIONS if head.uri.path() == "*" => allowed(StatusCode::NO_CONTENT, read_only),
        // There is nothing to connect to, wherever it may be.
        Method::CONNECT => allowed(StatusCode::METHOD_NOT_ALLOWED, read_only),
        method if is_known(&method) => bare(StatusCode::NOT_FOUND),
        _ => bare(StatusCode::NOT_IMPLEMENTED),
    })
}

async fn by_method(replica: Arc<Replica>, method: &Method, fields: HeaderMap) -> Response {
    match *method {
        Method::GET => reader::answer(replica, semantics::Method::Get, fields).await,
        Method::HEAD => reader::answer(replica, semantics::Method::Head, fields).await,
        Method::OPTIONS => allowed(StatusCode::NO_CONTENT, replica.spec.read_only),
        _ if is_known(method) => allowed(StatusCode::METHOD_NOT_ALLOWED, replica.spec.read_only),
        _ => bare(StatusCode::NOT_IMPLEMENTED),
    }
}

fn allowed(status: StatusCode, read_only: bool) -> Response {
    let methods = if read_only { "GET, HEAD, OPTIONS" } else { "GET, HEAD, OPTIONS, PUT" };
    let mut response = bare(status);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}
