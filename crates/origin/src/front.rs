//! Where a request goes: a read of the resource is answered at once, other requests for it after
//! their content has come, and requests for other paths by axum's router.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::{Body as _, Incoming};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use semantics::Method;
use server::{Answering, Handler};

use crate::answer::answer;
use crate::replica::Replica;

mod rest;

/// The replica, and the router for all other paths.
pub(crate) struct Front {
    replica: Arc<Replica>,
    elsewhere: Router,
}

impl Front {
    pub(crate) fn new(replica: Arc<Replica>) -> Self {
        Self { elsewhere: rest::elsewhere(&replica), replica }
    }

    fn rest(&self, request: Request<Incoming>) -> Answering<Body> {
        Answering::waited(rest::at_the_resource(Arc::clone(&self.replica), request))
    }
}

impl Handler for Front {
    type Content = Body;

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Body> {
        if request.uri().path() != self.replica.spec.path {
            let router = TowerToHyperService::new(self.elsewhere.clone());
            return Answering::waited(async move {
                let Ok(response) = router.call(request).await;
                response
            });
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
        Answering::done(answer(&self.replica, method, head.headers))
    }
}
