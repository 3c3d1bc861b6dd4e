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

use crate::answer::{bare, closing, polled};
use crate::authority;
use crate::message;
use crate::replica::Replica;
use crate::shared::protocol::Protocol;
use crate::shared::{Sharing, reader};

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
        if !self.may_go_on(&request) {
            return Answering::Done(Some(refused(&self.replica, &request)));
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
        if self.replica.sharing.is_some() {
            let answer = reader::answer(Arc::clone(&self.replica), method, head.headers);
            return Answering::Waited(Box::pin(async move { Ok(answer.await) }));
        }
        Answering::Done(Some(polled(&self.replica, method, head.headers)))
    }
}

impl Front {
    /// Whether the request has the authority that it needs, or goes to somebody who looks later.
    fn may_go_on(&self, request: &Request<Incoming>) -> bool {
        let looks_later = |sharing: &Sharing| sharing.tags.protocol == Protocol::AsPublished;
        let reads = matches!(*request.method(), http::Method::GET | http::Method::HEAD);
        authority::is_granted(&self.replica, request.headers())
            || reads && self.replica.sharing.as_deref().is_some_and(looks_later)
    }

    fn rest(&self, request: Request<Incoming>) -> Answering {
        let answer = rest::at_the_resource(Arc::clone(&self.replica), request);
        Answering::Waited(Box::pin(async move { Ok(answer.await) }))
    }
}

/// A content that nobody has read is the end of its connection.
fn refused(replica: &Replica, request: &Request<Incoming>) -> Response {
    let refusal = authority::refusal(replica);
    if request.body().is_end_stream() { refusal } else { closing(refusal) }
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
