//! Where a request goes: the resource is answered at once, everything else by axum's router.
//!
//! The router is not asked about the resource because its boxed services and futures cost more
//! than the whole answer does, and a 304 is what this program is measured by.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::response::Response;
use axum::routing::any;
use http::header::ALLOW;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use semantics::Method;

use crate::answer::answer;
use crate::replica::Replica;

/// What one connection calls for each of its requests.
pub(crate) struct Front {
    pub(crate) replica: Arc<Replica>,
    pub(crate) elsewhere: Router,
    /// Requests received so far, by which the connection knows that it is not idle.
    pub(crate) requests: Arc<AtomicU64>,
}

/// Answers what the front does not: 405 to other methods at the resource, 404 at other paths.
pub(crate) fn elsewhere(replica: &Replica) -> Router {
    let not_allowed = any(async || (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]));
    Router::new().route(&replica.spec.path, not_allowed)
}

impl Service<Request<Incoming>> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let method = match *request.method() {
            http::Method::GET => Method::Get,
            http::Method::HEAD => Method::Head,
            _ => return self.route(request),
        };
        if request.uri().path() != self.replica.spec.path {
            return self.route(request);
        }
        let (head, _) = request.into_parts();
        Answering::Done(Some(answer(&self.replica, method, head.headers)))
    }
}

impl Front {
    fn route(&self, request: Request<Incoming>) -> Answering {
        let router = TowerToHyperService::new(self.elsewhere.clone());
        Answering::Routed(Box::pin(async move { router.call(request).await }))
    }
}

type Routed = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// An answer, almost always there already.
pub(crate) enum Answering {
    Done(Option<Response>),
    Routed(Routed),
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Done(response) => {
                Poll::Ready(Ok(response.take().expect("a future is not polled once it is ready")))
            }
            Self::Routed(routed) => routed.as_mut().poll(cx),
        }
    }
}
