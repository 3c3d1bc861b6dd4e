//! The service of one connection, called for each request: improper ones are refused, the others
//! are the handler's.
//!
//! No boxed service, and no boxed future for an answer that is there already: they cost more than
//! the whole answer does, and a 304 is what this program is measured by.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::Scheme;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::service::Service;

use crate::lane::{Plain, Prepared};
use crate::message;
use crate::progress::Progress;
use crate::response::{bare, closing};

/// Whatever answers proper requests.
pub trait Handler: Send + Sync + 'static {
    /// Content of its responses; empty by default.
    type Content: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>
        + Default
        + Send
        + Unpin
        + 'static;

    /// Answers a plain read at once, with the octets that [`Self::answer`] comes to; `None` leaves it
    /// to that, and the rest of the connection too.
    fn quick(&self, request: &Plain<'_>) -> Option<Prepared> {
        let _ = request;
        None
    }

    /// Answers a request at once, or says how to go on.
    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Self::Content>;
}

/// An answer, almost always there already.
pub enum Answering<B> {
    /// It is there; `None` once it was taken.
    Done(Option<Response<B>>),
    /// It will be.
    Waited(Pin<Box<dyn Future<Output = Response<B>> + Send>>),
}

impl<B> Answering<B> {
    /// An answer that is there.
    pub fn done(response: Response<B>) -> Self {
        Self::Done(Some(response))
    }

    /// An answer to wait for.
    pub fn waited(answer: impl Future<Output = Response<B>> + Send + 'static) -> Self {
        Self::Waited(Box::pin(answer))
    }
}

impl<B: Unpin> Future for Answering<B> {
    type Output = Result<Response<B>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Done(response) => {
                Poll::Ready(Ok(response.take().expect("a future is not polled once it is ready")))
            }
            Self::Waited(waited) => waited.as_mut().poll(cx).map(Ok),
        }
    }
}

pub(crate) struct ConnectionService<H> {
    pub(crate) handler: Arc<H>,
    pub(crate) progress: Arc<Progress>,
    /// `https` where the connection is encrypted.
    pub(crate) scheme: Scheme,
}

impl<H: Handler> Service<Request<Incoming>> for ConnectionService<H> {
    type Response = Response<H::Content>;
    type Error = Infallible;
    type Future = Answering<H::Content>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.progress.requested(1);
        let has_content = !request.body().is_end_stream();
        match message::refusal(&request, &self.scheme) {
            Some(status) => Answering::done(closing(bare(status))),
            None if has_content => self.receive(request),
            None => self.handler.answer(request),
        }
    }
}

impl<H: Handler> ConnectionService<H> {
    /// Lets a request with content be answered; until then, what is received is that content.
    fn receive(&self, request: Request<Incoming>) -> Answering<H::Content> {
        let progress = Arc::clone(&self.progress);
        progress.receive_content(true);
        let answering = self.handler.answer(request);
        Answering::waited(async move {
            let Ok(response) = answering.await;
            progress.receive_content(false);
            response
        })
    }
}
