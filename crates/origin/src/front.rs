//! Where a request goes: a read of the resource is answered at once, other requests for it after
//! their content has come, and requests for other paths by axum's router.
//!
//! No boxed service or future for a read, because they cost more than the whole answer does, and
//! a 304 is what this program is measured by.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::response::Response;
use http::Request;
use hyper::body::{Body as _, Incoming};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use semantics::Method;

use crate::answer::{answer, bare, closing};
use crate::message;
use crate::replica::Replica;

mod rest;

pub(crate) use rest::elsewhere;

/// What one connection calls for each of its requests.
pub(crate) struct Front {
    pub(crate) replica: Arc<Replica>,
    pub(crate) elsewhere: Router,
    /// Requests received so far, by which the connection knows that it is not idle.
    pub(crate) requests: Arc<AtomicU64>,
}

impl Service<Request<Incoming>> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if let Some(status) = message::refusal(&request) {
            return Answering::Done(Some(closing(bare(status))));
        }
        if request.uri().path() != self.replica.spec.path {
            let router = TowerToHyperService::new(self.elsewhere.clone());
            return Answering::Waited(Box::pin(async move { router.call(request).await }));
        }
        let method = match *request.method() {
            http::Method::GET => Method::Get,
            http::Method::HEAD => Method::Head,
            _ => return self.rest(request),
        };
        // A content means nothing to a read, but what comes after it is the next request.
        if !request.body().is_end_stream() {
            return self.rest(request);
        }
        let (head, _) = request.into_parts();
        Answering::Done(Some(answer(&self.replica, method, head.headers)))
    }
}

impl Front {
    fn rest(&self, request: Request<Incoming>) -> Answering {
        let answer = rest::at_the_resource(Arc::clone(&self.replica), request);
        Answering::Waited(Box::pin(async move { Ok(answer.await) }))
    }
}

type Waited = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// An answer, almost always there already.
pub(crate) enum Answering {
    Done(Option<Response>),
    Waited(Waited),
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Done(response) => {
                Poll::Ready(Ok(response.take().expect("a future is not polled once it is ready")))
            }
            Self::Waited(waited) => waited.as_mut().poll(cx),
        }
    }
}
