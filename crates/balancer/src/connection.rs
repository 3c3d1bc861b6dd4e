//! One inbound connection: its requests one after the other, and how it ends.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::futures::Notified;

use crate::balancer::Balancer;
use crate::clock::{Clock, Elapsed};
use crate::exchange::exchange;
use crate::recoding::Asked;
use crate::running::Running;
use crate::settings::Limits;
use crate::wire::{Buffer, Rejection, Reply, RequestHead, translate_request, write_reply};

/// Room for the requests of one client; grows where a head needs more.
pub(crate) const REQUEST_BYTES: usize = 4 * 1024;
/// Room for a response; a small one with its content takes one read and one write.
pub(crate) const RESPONSE_BYTES: usize = 16 * 1024;
/// Room for content under way, in either direction.
pub(crate) const CONTENT_BYTES: usize = 64 * 1024;

/// What a client that was refused may still send before the connection is closed on it.
const LINGER_BYTES: usize = 1024 * 1024;
const LINGER: Duration = Duration::from_secs(1);

/// A client, with everything that an exchange with it needs and reuses.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    /// Received from the client.
    pub(crate) requests: Buffer,
    /// Received from a replica.
    pub(crate) responses: Buffer,
    /// To be sent to a replica, kept until its answer came.
    pub(crate) forwarded: Vec<u8>,
    /// To be sent to the client.
    pub(crate) reply: Vec<u8>,
    /// What the edge has to know of the request under way; `None` without an edge.
    pub(crate) asked: Option<Asked>,
    pub(crate) clock: Clock,
    pub(crate) running: Arc<Running>,
    /// Number of the connection.
    pub(crate) number: u64,
    /// Stands for a client that does not name itself.
    pub(crate) peer: u64,
    local: SocketAddr,
}

/// What becomes of the connection after an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another request may come.
    Request,
    /// It closes.
    Close,
    /// It closes once the client had a chance to read what was sent: it may still be sending, and
    /// a reset would take the answer from it.
    Linger,
    /// It is reset, because closing it would look like the end of the content.
    Reset,
}

/// Why no further request comes.
enum NoRequest {
    Over,
    Rejected(Rejection),
}

impl From<Rejection> for NoRequest {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// Serves one connection to its end.
pub(crate) async fn converse(
    balancer: Arc<Balancer>,
    running: Arc<Running>,
    stream: TcpStream,
    peer: SocketAddr,
    number: u64,
) {
    let mut stopped = pin!(running.announcement());
    let Ok(mut client) = Client::new(stream, peer, number, &running, &balancer.limits) else {
        return;
    };
    let next = loop {
        if running.is_stopping() && client.requests.is_empty() {
            break Next::Close;
        }
        let mut request = match client.next_request(&balancer.limits, stopped.as_mut()).await {
            Ok(request) => request,
            Err(NoRequest::Over) => break Next::Close,
            Err(NoRequest::Rejected(reply)) => {
                balancer.counters.count_reply(reply.status);
                break client.answer(reply, false, false).await;
            }
        };
        let next = exchange(&balancer, &mut client, &mut request).await;
        if next != Next::Request {
            break next;
        }
    };
    client.end(next).await;
}

impl Client {
    fn new(
        stream: TcpStream,
        peer: SocketAddr,
        number: u64,
        running: &Arc<Running>,
        limits: &Limits,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            local: stream.local_addr()?,
            stream,
            requests: Buffer::new(REQUEST_BYTES),
            responses: Buffer::new(RESPONSE_BYTES),
            forwarded: Vec::with_capacity(1024),
            reply: Vec::with_capacity(1024),
            asked: None,
            clock: Clock::new(limits.request_head),
            running: Arc::clone(running),
            number,
            peer: identity(peer.ip()),
        })
    }

    /// Waits for a request and translates its head into `forwarded`.
    async fn next_request(
        &mut self,
        limits: &Limits,
        stopped: Pin<&mut Notified<'_>>,
    ) -> Result<RequestHead, NoRequest> {
        if self.requests.is_empty() {
            self.wait_for_request(limits, stopped).await?;
        }
        self.forwarded.clear();
        let Self { requests, forwarded, stream, local, clock, .. } = self;
        if let Some(head) = take_head(requests, *local, forwarded, limits)? {
            return Ok(head);
        }
        let rest_of_head = read_head(stream, requests, *local, forwarded, limits);
        clock.within(limits.request_head, rest_of_head).await.unwrap_or_else(|Elapsed| {
            Err(Reply { status: 408, reason: "the request took too long" }.into())
        })
    }

    async fn wait_for_request(
        &mut self,
        limits: &Limits,
        stopped: Pin<&mut Notified<'_>>,
    ) -> Result<(), NoRequest> {
        let Self { stream, requests, clock, .. } = self;
        let first_bytes = async {
            tokio::select! {
                biased;
                received = requests.fill(stream) => received.unwrap_or(0) > 0,
                () = stopped => false,
            }
        };
        let received = clock.within(limits.idle_client, first_bytes).await;
        if received == Ok(true) { Ok(()) } else { Err(NoRequest::Over) }
    }

    /// Sends a response of the balancer's own; `keep_alive` says whether the client may go on.
    pub(crate) async fn answer(&mut self, reply: Reply, head: bool, keep_alive: bool) -> Next {
        self.reply.clear();
        write_reply(&mut self.reply, reply, head, !keep_alive);
        let sending = self.stream.write_all(&self.reply);
        match self.clock.within(LINGER, sending).await {
            Ok(Ok(())) if keep_alive => Next::Request,
            Ok(Ok(())) => Next::Linger,
            _ => Next::Close,
        }
    }

    async fn end(mut self, next: Next) {
        match next {
            Next::Request | Next::Close => {}
            Next::Linger => self.linger().await,
            Next::Reset => {
                // Failing to set the option leaves an ordinary close, and nothing better to do.
                let _ = self.stream.set_zero_linger();
            }
        }
    }

    async fn linger(&mut self) {
        let Self { stream, requests, clock, .. } = self;
        let drain = async {
            stream.shutdown().await?;
            requests.clear();
            let mut ignored = 0;
            let mut scrap = [0; 1024];
            while ignored < LINGER_BYTES {
                match stream.read(&mut scrap).await? {
                    0 => break,
                    count => ignored += count,
                }
            }
            io::Result::Ok(())
        };
        // However it ends, the connection is closed next.
        let _ = clock.within(LINGER, drain).await;
    }
}

/// Takes a complete head out of the buffer; `None` when there is none yet.
fn take_head(
    requests: &mut Buffer,
    local: SocketAddr,
    forwarded: &mut Vec<u8>,
    limits: &Limits,
) -> Result<Option<RequestHead>, Rejection> {
    let bytes = requests.filled();
    let found = translate_request(bytes, local, forwarded)?;
    let length = found.as_ref().map_or(bytes.len(), |(length, _)| *length);
    if length > limits.field_bytes {
        let in_request_line = !bytes[..limits.field_bytes].contains(&b'\n');
        return Err(if in_request_line {
            Reply { status: 414, reason: "the request target is too long" }
        } else {
            Reply { status: 431, reason: "the request fields are too large" }
        });
    }
    Ok(found.map(|(length, head)| {
        requests.consume(length);
        head
    }))
}

async fn read_head(
    stream: &mut TcpStream,
    requests: &mut Buffer,
    local: SocketAddr,
    forwarded: &mut Vec<u8>,
    limits: &Limits,
) -> Result<RequestHead, NoRequest> {
    loop {
        let received = requests.fill(stream).await.unwrap_or(0);
        if received == 0 {
            return Err(NoRequest::Over);
        }
        // Only the end of a line can complete a head: whoever sends single bytes does not get
        // everything before them parsed again for each.
        let bytes = requests.filled();
        let news = &bytes[bytes.len() - received..];
        if !news.contains(&b'\n') && bytes.len() <= limits.field_bytes {
            continue;
        }
        if let Some(head) = take_head(requests, local, forwarded, limits)? {
            return Ok(head);
        }
    }
}

/// The same number for the same address.
fn identity(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits()),
        IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64 ^ v6.to_bits() as u64,
    }
}
