//! A handler whose answers are counted, and the page that shows the counts.
//!
//! Where nobody asked for counts there is no such handler, and an answer costs what it did.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use semantics::{FieldName, RequestFields};
use traffic::{Answered, Traffic};

use crate::content::discard;
use crate::fields::HeaderFields;
use crate::front::{Answering, Handler};
use crate::lane::{Plain, Prepared};
use crate::response::{after, no_read, response};

/// A handler that counts what another one answers.
///
/// What is no proper request comes to neither, and is not counted.
#[derive(Debug)]
pub struct Metered<H> {
    inner: Arc<H>,
    traffic: Arc<Traffic>,
}

impl<H> Metered<H> {
    /// The same handler, counted.
    pub fn new(inner: Arc<H>, traffic: Arc<Traffic>) -> Self {
        Self { inner, traffic }
    }
}

impl<H: Handler> Handler for Metered<H> {
    type Content = H::Content;

    fn quick(&self, request: &Plain<'_>) -> Option<Prepared> {
        let answer = self.inner.quick(request)?;
        self.traffic.count(&Answered {
            path: request.path,
            status: answer.status().as_u16(),
            is_conditional: is_conditional(request),
            content_bytes: answer.content_bytes(),
            upstream: None,
        });
        Some(answer)
    }

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Self::Content> {
        let asked = Asked {
            traffic: Arc::clone(&self.traffic),
            path: request.uri().path().to_owned(),
            is_head: request.method() == Method::HEAD,
            is_conditional: is_conditional(&HeaderFields(request.headers())),
        };
        match self.inner.answer(request) {
            Answering::Done(answer) => {
                Answering::Done(answer.inspect(|answer| asked.count(answer)))
            }
            Answering::Waited(waited) => Answering::waited(async move {
                let answer = waited.await;
                asked.count(&answer);
                answer
            }),
        }
    }
}

/// A request whose answer is to be counted.
struct Asked {
    traffic: Arc<Traffic>,
    path: String,
    is_head: bool,
    is_conditional: bool,
}

impl Asked {
    fn count(&self, answer: &Response<impl Body>) {
        // Content of a HEAD is not sent. Everything else has its length: nothing here is a stream.
        let size = answer.body().size_hint();
        self.traffic.count(&Answered {
            path: &self.path,
            status: answer.status().as_u16(),
            is_conditional: self.is_conditional,
            content_bytes: if self.is_head { 0 } else { size.exact().unwrap_or(size.lower()) },
            upstream: None,
        });
    }
}

fn is_conditional(fields: &impl RequestFields) -> bool {
    let has = |name| fields.lines(name).next().is_some();
    has(FieldName::IfNoneMatch) || has(FieldName::IfModifiedSince)
}

/// A server's page of metrics, at `/metrics` and nowhere else.
#[derive(Debug)]
pub struct MetricsServer(Arc<Traffic>);

impl MetricsServer {
    /// The page of these counts.
    pub fn new(traffic: Arc<Traffic>) -> Self {
        Self(traffic)
    }
}

impl Handler for MetricsServer {
    type Content = Full<Bytes>;

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Self::Content> {
        let traffic = Arc::clone(&self.0);
        Answering::waited(async move {
            let (head, body) = request.into_parts();
            let discarded = discard(&head.headers, body).await;
            let (method, path) = (&head.method, head.uri.path());
            after(discarded, || match (method, path) {
                (&Method::GET | &Method::HEAD, "/metrics") => {
                    page(text::metrics::PROMETHEUS, traffic.page(), method)
                }
                _ => no_read(method, path == "/metrics", path, "GET, HEAD, OPTIONS"),
            })
        })
    }
}

/// 200 with a page that was made for this request, and that no cache may keep.
pub fn page(media_type: &'static str, text: String, method: &Method) -> Response<Full<Bytes>> {
    let mut fields = HeaderMap::new();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    let content = if *method == Method::HEAD { Bytes::new() } else { text.into() };
    response(StatusCode::OK, fields, content.into())
}
