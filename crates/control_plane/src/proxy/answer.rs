//! Answers one request from what is held.
//!
//! Reads no socket. What a request selects of a table, and how its preconditions are answered, is
//! the business of [`server::selected`].

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use semantics::Decision;
use server::content::discard;
use server::fields::HeaderFields;
use server::response::{after, response};
use server::{Answering, Handler, Plain, Prepared, Selected};

use crate::proxy::snapshot::ServedTable;
use crate::proxy::state::{ProxyState, RolloutMode};
use crate::proxy::target::RequestTarget;

type Answer = Response<Full<Bytes>>;

/// Seconds after which a proxy that has no table yet is worth asking again.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

impl Handler for ProxyState {
    type Content = Full<Bytes>;

    fn quick(&self, request: &Plain<'_>) -> Option<Prepared> {
        let held = self.served()?;
        let resource = held.resource(&RequestTarget::of(request.path))?;
        let selected = held.select(resource, request);
        let (status, answer) = selected.prepared(request, HeaderMap::new())?;
        self.count(status, request.method, &selected);
        self.metrics.answered(status);
        Some(answer)
    }

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Self::Content> {
        // A content means nothing here, but what comes after it is the next request.
        if !request.body().is_end_stream() {
            let proxy = Arc::clone(self);
            return Answering::waited(async move {
                let (head, body) = request.into_parts();
                let discarded = discard(&head.headers, body).await;
                after(discarded, || proxy.respond(&head.method, head.uri.path(), head.headers))
            });
        }
        let (head, _) = request.into_parts();
        Answering::done(self.respond(&head.method, head.uri.path(), head.headers))
    }
}

impl ProxyState {
    /// Answers a request whose content is out of the way.
    ///
    /// The map of request fields becomes the map of response fields: it is as good as a new one, and
    /// allocated already.
    fn respond(&self, method: &Method, path: &str, mut fields: HeaderMap) -> Answer {
        let target = RequestTarget::of(path);
        let response = match (method, &target) {
            (
                &Method::GET | &Method::HEAD,
                RequestTarget::Table | RequestTarget::Zone(_) | RequestTarget::Route(..),
            ) => self.read(method, &target, fields),
            (&Method::GET | &Method::HEAD, RequestTarget::Health) => {
                let status = match self.current() {
                    Some(_) => StatusCode::NO_CONTENT,
                    None => StatusCode::SERVICE_UNAVAILABLE,
                };
                fields.clear();
                bare(status, fields)
            }
            (&Method::GET | &Method::HEAD, RequestTarget::Metrics) => {
                let page = self.metrics_page();
                page_of("text/plain; version=0.0.4; charset=utf-8", page, method, fields)
            }
            (&Method::GET | &Method::HEAD, RequestTarget::Diff) => self.differences(method, fields),
            _ => otherwise(method, &target, fields),
        };
        if !matches!(target, RequestTarget::Health | RequestTarget::Metrics) {
            self.metrics.answered(response.status());
        }
        response
    }

    /// GET or HEAD of something that is made of the table. Whether there is anything comes before
    /// preconditions (RFC 9110 §13.2.1).
    fn read(&self, method: &Method, target: &RequestTarget<'_>, mut fields: HeaderMap) -> Answer {
        let Some(held) = self.served() else { return not_yet(fields) };
        let Some(resource) = held.resource(target) else {
            fields.clear();
            return bare(StatusCode::NOT_FOUND, fields);
        };
        let method =
            if *method == Method::HEAD { semantics::Method::Head } else { semantics::Method::Get };
        let selected = held.select(resource, &HeaderFields(&fields));
        let decision = selected.decide(method, &HeaderFields(&fields));
        fields.clear();
        let answer = match decision {
            Decision::PreconditionFailed => selected.precondition_failed(fields),
            Decision::NotModified => selected.not_modified(fields),
            Decision::Proceed => selected.full(method, fields),
        };
        self.count(answer.status(), method, &selected);
        answer
    }

    /// Counts the content that was sent, or that a 304 did not send.
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

    fn differences(&self, method: &Method, mut fields: HeaderMap) -> Answer {
        if self.mode != RolloutMode::Pre {
            fields.clear();
            return bare(StatusCode::NOT_FOUND, fields);
        }
        let Some(diff) = self.diff() else { return not_yet(fields) };
        page_of("application/json", diff.to_json(), method, fields)
    }
}

/// Answers other methods than GET and HEAD, and targets that do not exist.
fn otherwise(method: &Method, target: &RequestTarget<'_>, mut fields: HeaderMap) -> Answer {
    fields.clear();
    let allowed = HeaderValue::from_static("GET, HEAD, OPTIONS");
    let is_known = server::method::is_known(method);
    let status = match (method, target) {
        (_, _) if !is_known => StatusCode::NOT_IMPLEMENTED,
        // There is nothing to connect to, wherever it may be.
        (&Method::CONNECT, _) => StatusCode::METHOD_NOT_ALLOWED,
        (&Method::OPTIONS, RequestTarget::Server) => StatusCode::NO_CONTENT,
        (_, RequestTarget::Unknown | RequestTarget::Server) => StatusCode::NOT_FOUND,
        (&Method::OPTIONS, _) => StatusCode::NO_CONTENT,
        _ => StatusCode::METHOD_NOT_ALLOWED,
    };
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::METHOD_NOT_ALLOWED) {
        fields.insert(ALLOW, allowed);
    }
    bare(status, fields)
}

/// 503, without a tag: there is nothing yet that a client could revalidate.
fn not_yet(mut fields: HeaderMap) -> Answer {
    fields.clear();
    fields.insert(RETRY_AFTER, RETRY_AFTER_S);
    bare(StatusCode::SERVICE_UNAVAILABLE, fields)
}

/// A page that is made anew for each request.
fn page_of(
    media_type: &'static str,
    page: String,
    method: &Method,
    mut fields: HeaderMap,
) -> Answer {
    fields.clear();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(CONTENT_LENGTH, HeaderValue::from(page.len()));
    let content = if *method == Method::HEAD { Bytes::new() } else { page.into() };
    response(StatusCode::OK, fields, content.into())
}

/// Without content; its length is said to a HEAD too, except where there never is any.
fn bare(status: StatusCode, mut fields: HeaderMap) -> Answer {
    if status != StatusCode::NO_CONTENT {
        fields.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    response(status, fields, Full::default())
}
