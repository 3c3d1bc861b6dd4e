//! Dispatch of requests: a read of the resource is answered at once, other requests for it after
//! their content has come, and requests for other paths by axum's router.
//!
//! The one resource is answered below axum: a bare axum handler costs 6 % more per 304, and its router
//! puts `Content-Length: 0` into a 304 that answers a HEAD, which is not the length of the 200 (RFC
//! 9110 §8.6). Its path is compared octet by octet: to undo dots, double slashes and percent signs is
//! the business of servers that have folders (§4.2.3).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::any;
use http::Request;
use hyper::body::{Body as _, Incoming};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use semantics::Method;
use server::content::{Discarded, discard};
use server::response::{after, closing, no_read};
use server::{Answering, Handler, Plain, Prepared};

use crate::answer::{is_granted, polled, put, quick, unauthorized};
use crate::replica::Replica;
use crate::shared_tags::protocol::TagProtocol;
use crate::shared_tags::{SharedTagsState, reader};

pub(crate) struct ReplicaHandler {
    replica: Arc<Replica>,
    elsewhere: Router,
}

impl ReplicaHandler {
    pub(crate) fn new(replica: Arc<Replica>) -> Self {
        let read_only = replica.spec.read_only;
        let elsewhere = move |request: Request<Body>| at_no_resource(read_only, request);
        Self { elsewhere: Router::new().fallback(any(elsewhere)), replica }
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
        let has_no_content = request.body().is_end_stream();
        let read = read_method(request.method());
        let looks_later =
            |shared: &SharedTagsState| shared.spec.protocol == TagProtocol::AsPublished;
        // The published protocol looks at the authority of a read once it is no hit.
        let may_go_on = is_granted(&self.replica, request.headers())
            || read.is_some() && self.replica.shared_tags.as_deref().is_some_and(looks_later);
        if !may_go_on {
            let refusal = unauthorized(&self.replica);
            // A content that nobody has read is the end of its connection.
            return Answering::done(if has_no_content { refusal } else { closing(refusal) });
        }
        // A content means nothing to a read, but what comes after it is the next request.
        let (Some(method), true) = (read, has_no_content) else {
            return Answering::waited(at_the_resource(Arc::clone(&self.replica), request));
        };
        let (head, _) = request.into_parts();
        if self.replica.shared_tags.is_some() {
            let replica = Arc::clone(&self.replica);
            return Answering::waited(reader::answer(replica, method, head.headers));
        }
        Answering::done(polled(&self.replica, method, head.headers, None))
    }
}

/// Answers what comes for the resource and is no plain read.
async fn at_the_resource(replica: Arc<Replica>, request: Request<Incoming>) -> Response {
    let request = request.map(Body::new);
    if request.method() == http::Method::PUT && !replica.spec.read_only {
        return put(replica, request).await;
    }
    let (head, body) = request.into_parts();
    let discarded = discard(&head.headers, body).await;
    let answer = match (discarded, read_method(&head.method)) {
        // Refused by `after`, whatever it asks for.
        (Discarded::Malformed, _) => Response::default(),
        (_, Some(method)) => reader::answer(replica, method, head.headers).await,
        _ => no_read(&head.method, true, head.uri.path(), allowed(replica.spec.read_only)),
    };
    after(discarded, || answer)
}

async fn at_no_resource(read_only: bool, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let discarded = discard(&head.headers, body).await;
    after(discarded, || no_read(&head.method, false, head.uri.path(), allowed(read_only)))
}

fn read_method(method: &http::Method) -> Option<Method> {
    match *method {
        http::Method::GET => Some(Method::Get),
        http::Method::HEAD => Some(Method::Head),
        _ => None,
    }
}

fn allowed(read_only: bool) -> &'static str {
    if read_only { "GET, HEAD, OPTIONS" } else { "GET, HEAD, OPTIONS, PUT" }
}
