//! A door of the fleet: what stands at an address of the ticket. It passes everything on as it is, one
//! connection for each, and notes what was asked.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use system::Acceptor;
use tokio::net::{TcpListener, TcpStream};

use super::asked::{Asked, Way};
use super::inquiry::SharedInquiry;

type Answer = Response<Either<Incoming, Full<Bytes>>>;

/// Name by which `check` introduces itself, before and behind its version.
const CHECK: [&str; 2] = ["etag-lab/", "(check"];
const REFUSED: &str = "this fleet does not answer etag-lab check: ask it yourself\n";
const AWAY: &str = "nobody answers behind this address at the moment\n";

/// A door to one address.
pub(super) struct Door {
    listener: TcpListener,
    to: SocketAddr,
    way: Way,
}

impl Door {
    /// Opens a door on a free port of this machine.
    pub(super) async fn open(way: Way, to: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Self { listener, to, way })
    }

    pub(super) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Lets everybody in, until it is dropped.
    pub(super) async fn serve(self, inquiry: SharedInquiry, refuses_check: bool) {
        let Self { listener, to, way } = self;
        let hall = Arc::new(Hall { to, way, inquiry, refuses_check });
        let mut acceptor = Acceptor::new(listener);
        loop {
            let (stream, _) = acceptor.accept().await;
            tokio::spawn(Arc::clone(&hall).carry(stream));
        }
    }
}

struct Hall {
    to: SocketAddr,
    way: Way,
    inquiry: SharedInquiry,
    refuses_check: bool,
}

impl Hall {
    /// Carries the exchanges of one connection. It has one of its own behind the door, so that whoever
    /// pins connections pins this one.
    async fn carry(self: Arc<Self>, stream: TcpStream) {
        let behind = Arc::new(tokio::sync::Mutex::new(None));
        let service = service_fn(|request| {
            let (hall, behind) = (Arc::clone(&self), Arc::clone(&behind));
            async move { hall.exchange(request, &mut *behind.lock().await).await }
        });
        let mut connection = server::Builder::new();
        connection.auto_date_header(false).preserve_header_case(true);
        // A visitor that hangs up in the middle is no event.
        let _ = connection.serve_connection(TokioIo::new(stream), service).await;
    }

    async fn exchange(
        &self,
        request: Request<Incoming>,
        behind: &mut Option<SendRequest<Incoming>>,
    ) -> Result<Answer, hyper::Error> {
        if self.refuses_check && is_check(request.headers()) {
            return Ok(own(StatusCode::FORBIDDEN, REFUSED));
        }
        let mut asked = Asked::of(self.way, &request);
        if behind.as_ref().is_none_or(SendRequest::is_closed) {
            *behind = self.connect().await;
        }
        let Some(sender) = behind else { return Ok(own(StatusCode::BAD_GATEWAY, AWAY)) };
        let response = sender.send_request(request).await?;
        asked.answered(response.status(), response.headers());
        self.inquiry.lock().note(asked);
        Ok(response.map(Either::Left))
    }

    async fn connect(&self) -> Option<SendRequest<Incoming>> {
        let stream = TcpStream::connect(self.to).await.ok()?;
        let mut client = hyper::client::conn::http1::Builder::new();
        client.preserve_header_case(true);
        let (sender, connection) = client.handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(sender)
    }
}

fn is_check(fields: &HeaderMap) -> bool {
    let agent = fields.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    agent.is_some_and(|agent| agent.starts_with(CHECK[0]) && agent.contains(CHECK[1]))
}

fn own(status: StatusCode, text: &'static str) -> Answer {
    let mut response = Response::new(Either::Right(Full::from(text)));
    *response.status_mut() = status;
    response
}
