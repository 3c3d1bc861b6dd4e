//! Answers one request from what is held.
//!
//! Reads no socket. What a request selects of a table, and how its preconditions are answered, is
//! the business of [`server::selected`].

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use semantics::Decision;
use server::content::discard;
use server::fields::HeaderFields;
use server::metered::page;
use server::response::{after, bare, no_read};
use server::{Answering, Handler, Plain, Prepared, Selected};

use crate::proxy::snapshot::ServedTable;
use crate::proxy::state::{ProxyState, RolloutMode};
use crate::proxy::table::Part;
use crate::proxy::target::RequestTarget;

type Answer = Response<Full<Bytes>>;

const LEFT_OUT_FIELD: HeaderName = HeaderName::from_static("x-left-out");

impl Handler for ProxyState {
    type Content = Full<Bytes>;

    fn quick(&self, request: &Plain<'_>) -> Option<Prepared> {
        if !self.admits(request) {
            return None;
        }
        let held = self.served()?;
        let part = held.part(&RequestTarget::of(request.path))?;
        let resource = held.resources.ready(part)?;
        let selected = held.select(&resource, request);
        let (status, answer) = selected.prepared(request, HeaderMap::new())?;
        self.count(status, request.method, &selected);
        self.metrics.answered(status);
        Some(answer)
    }

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Self::Content> {
        // Nothing is made for strangers.
        let is_admitted = self.admits(&HeaderFields(request.headers()));
        let unready = || self.unready(request.method(), request.uri().path());
        let unready = is_admitted.then(unready).flatten();
        let has_content = !request.body().is_end_stream();
        let (head, body) = request.into_parts();
        if !has_content && unready.is_none() {
            return Answering::done(self.respond(&head.method, head.uri.path(), head.headers));
        }
        let proxy = Arc::clone(self);
        Answering::waited(async move {
            // A content means nothing here, but what comes after it is the next request.
            let discarded = discard(&head.headers, body).await;
            if let Some((held, part)) = unready {
                held.resources.prepare(part).await;
            }
            after(discarded, || proxy.respond(&head.method, head.uri.path(), head.headers))
        })
    }
}

impl ProxyState {
    /// Answers a request whose content is out of the way.
    fn respond(&self, method: &Method, path: &str, fields: HeaderMap) -> Answer {
        let target = RequestTarget::of(path);
        let is_open = matches!(target, RequestTarget::Health | RequestTarget::Metrics);
        let response = match (method, &target) {
            // Before everything else: not even the names of zones are for strangers.
            _ if !is_open && !self.admits(&HeaderFields(&fields)) => unauthorized(),
            (
                &Method::GET | &Method::HEAD,
                RequestTarget::Table | RequestTarget::Zone(_) | RequestTarget::Route(..),
            ) => self.read(method, &target, fields),
            (&Method::GET | &Method::HEAD, RequestTarget::Health) => self.health(),
            (&Method::GET | &Method::HEAD, RequestTarget::Metrics) => {
                page(text::metrics::PROMETHEUS, self.metrics_page(), method)
            }
            (&Method::GET | &Method::HEAD, RequestTarget::Diff) => self.differences(method),
            _ => {
                let is_there = !matches!(target, RequestTarget::Unknown | RequestTarget::Server);
                sized(no_read(method, is_there, path, "GET, HEAD, OPTIONS"))
            }
        };
        // Probes of whoever watches the proxy would drown what its clients get.
        if !is_open {
            self.metrics.answered(response.status());
        }
        response
    }

    fn health(&self) -> Answer {
        // In mode `off` nothing is ever held, so that no balancer takes it for ready.
        if self.current().is_none() {
            return sized(bare(StatusCode::SERVICE_UNAVAILABLE));
        }
        // A bad key is no reason to take the others away: it is healthy, and says what it lacks.
        let mut answer = bare(StatusCode::NO_CONTENT);
        let left_out = self.left_out_count();
        if left_out > 0 {
            answer.headers_mut().insert(LEFT_OUT_FIELD, HeaderValue::from(left_out));
        }
        answer
    }

    /// GET or HEAD of something that is made of the table.
    fn read(&self, method: &Method, target: &RequestTarget<'_>, mut fields: HeaderMap) -> Answer {
        // Whether there is anything comes before preconditions (RFC 9110 §13.2.1).
        let Some(held) = self.served() else { return not_yet() };
        let Some(part) = held.part(target) else { return sized(bare(StatusCode::NOT_FOUND)) };
        // Ready, unless the table has changed since it was waited for.
        let resource = held.resources.get(part);
        let method =
            if *method == Method::HEAD { semantics::Method::Head } else { semantics::Method::Get };
        let selected = held.select(&resource, &HeaderFields(&fields));
        let decision = selected.decide(method, &HeaderFields(&fields));
        // From here on the map is that of the response: it is allocated already.
        fields.clear();
        let answer = match decision {
            Decision::PreconditionFailed => selected.precondition_failed(fields),
            Decision::NotModified => selected.not_modified(fields),
            Decision::Proceed => selected.full(method, fields),
        };
        self.count(answer.status(), method, &selected);
        answer
    }

    /// A part that a read asks for, and that takes long to make.
    fn unready(&self, method: &Method, path: &str) -> Option<(Arc<ServedTable>, Part)> {
        let held = self.served().filter(|_| matches!(*method, Method::GET | Method::HEAD))?;
        let part = held.part(&RequestTarget::of(path))?;
        held.resources.ready(part).is_none().then_some((held, part))
    }

    fn count(&self, status: StatusCode, method: semantics::Method, selected: &Selected<'_>) {
        let bytes = selected.variant.content.len();
        match status {
            StatusCode::NOT_MODIFIED => self.metrics.avoided(bytes),
            StatusCode::OK if method != semantics::Method::Head => self.metrics.served(bytes),
            _ => {}
        }
    }

    /// The table that is served; `None` before there is one, and in the modes that do not serve.
    fn served(&self) -> Option<Arc<ServedTable>> {
        if self.mode == RolloutMode::Exec { self.current() } else { None }
    }

    fn differences(&self, method: &Method) -> Answer {
        if self.mode != RolloutMode::Pre {
            return sized(bare(StatusCode::NOT_FOUND));
        }
        let Some(diff) = self.diff() else { return not_yet() };
        page("application/json", diff.to_json(), method)
    }
}

fn unauthorized() -> Answer {
    let mut answer = bare(StatusCode::UNAUTHORIZED);
    let challenge = HeaderValue::from_static("Bearer realm=\"etag-lab\"");
    answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    sized(answer)
}

fn not_yet() -> Answer {
    // Without a tag: there is nothing yet that a client could revalidate.
    let mut answer = bare(StatusCode::SERVICE_UNAVAILABLE);
    // The first poll brings a table, within a second or so of the start.
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    sized(answer)
}

/// An answer without content, with its length.
fn sized(mut answer: Answer) -> Answer {
    // To a HEAD, too, for which hyper adds none; a 204 never has one (RFC 9110 §8.6).
    if answer.status() != StatusCode::NO_CONTENT {
        answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    answer
}
