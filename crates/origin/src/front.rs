//! Dispatch of requests: a read of the resource is answered at once, other requests for it after
//! their content has come, and requests for other paths by axum's router.
//!
//! The one resource is answered below axum: a bare axum handler costs 6 % more per 304, and its router
//! puts `Content-Length: 0` into a 304 that answers a HEAD.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::body::{Body as _, Incoming};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use semantics::Method;
use server::response::closing;
use server::{Answering, Handler, Plain, Prepared};

use crate::answer::{polled, quick};
use crate::authority;
use crate::replica::Replica;
use crate::shared_tags::protocol::TagProtocol;
use crate::shared_tags::{SharedTagsState, reader};

mod rest;

/// The replica, and the router for all other paths.
pub(crate) struct ReplicaHandler {
    replica: Arc<Replica>,
    elsewhere: Router,
}

impl ReplicaHandler {
    pub(crate) fn new(replica: Arc<Replica>) -> Self {
        Self { elsewhere: rest::elsewhere(&replica), replica }
    }

    /// Returns true if the request has its authority, or if the published protocol checks that
    /// later.
    fn may_go_on(&self, request: &Request<Incoming>) -> bool {
        let looks_later =
            |shared: &SharedTagsState| shared.spec.protocol == TagProtocol::AsPublished;
        let reads = matches!(*request.method(), http::Method::GET | http::Method::HEAD);
        authority::is_granted(&self.replica, request.headers())
            || reads && self.replica.shared_tags.as_deref().is_some_and(looks_later)
    }

    fn rest(&self, request: Request<Incoming>) -> Answering<Body> {
        Answering::waited(rest::at_the_resource(Arc::clone(&self.replica), request))
    }
}

impl Handler for ReplicaHandler {
    type Content = Body;

    fn quick(&self, request: &Plain<'_>) -> Option<Prepared> {
        quick(&self.replica, request)
    }

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Body> {
        if request.uri().path() != self.replica.spec.path {
            let router = TowerToHyperService::new(self.elsewhere.clone());
            return Answering::waited(async move {
                let Ok(response) = router.call(request).await;
                response
            });
        }
        if !self.may_go_on(&request) {
            return Answering::done(refused(&self.replica, &request));
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
        if self.replica.shared_tags.is_some() {
            let replica = Arc::clone(&self.replica);
            return Answering::waited(reader::answer(replica, method, head.headers));
        }
        Answering::done(polled(&self.replica, method, head.headers))
    }
}

/// A content that nobody has read is the end of its connection.
fn refused(replica: &Replica, request: &Request<Incoming>) -> Response {
    let refusal = authority::refusal(replica);
    if request.body().is_end_stream() { refusal } else { closing(refusal) }
}
