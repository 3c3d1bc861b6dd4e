//! One inbound connection: its requests one after the other, and how it ends.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::futures::Notified;

use crate::balancer::Balancer;
use crate::client::{Client, Next};
use crate::exchange::exchange;
use crate::settings::Limits;
use crate::wire::{Buffer, Reply, RequestHead, translate_request};

/// The last response of a connection, to a request that is refused; `None` when no request came.
type NoRequest = Option<Reply>;

pub(crate) async fn converse(
    balancer: Arc<Balancer>,
    stream: TcpStream,
    peer: SocketAddr,
    number: u64,
) {
    // Made before the first look at `is_stopping`, so that no announcement is missed in between.
    let mut stopped = pin!(balancer.stop.notified());
    let Ok(mut client) = Client::new(stream, peer, number, &balancer.limits) else { return };
    let next = loop {
        // A request of which bytes are here already is still answered.
        if balancer.is_stopping() && client.requests.is_empty() {
            break Next::Close;
        }
        let mut request = match client.next_request(&balancer.limits, stopped.as_mut()).await {
            Ok(request) => request,
            Err(None) => break Next::Close,
            Err(Some(reply)) => {
                balancer.counters.count_reply(reply.status);
                // The end of a rejected request is unknown, so nothing after it can be read as the
                // next one.
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
        let read = clock.within(limits.request_head, rest_of_head).await;
        read.unwrap_or(Err(Some(Reply::new(408, "the request took too long"))))
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
        if received == Some(true) { Ok(()) } else { Err(None) }
    }
}

fn take_head(
    requests: &mut Buffer,
    local: SocketAddr,
    forwarded: &mut Vec<u8>,
    limits: &Limits,
) -> Result<Option<RequestHead>, Reply> {
    let bytes = requests.filled();
    let found = translate_request(bytes, local, forwarded)?;
    let length = found.as_ref().map_or(bytes.len(), |(length, _)| *length);
    if length > limits.field_bytes {
        // A target that fills the limit by itself is 414; everything else is 431 (RFC 6585 §5).
        let in_request_line = !bytes[..limits.field_bytes].contains(&b'\n');
        return Err(if in_request_line {
            Reply::new(414, "the request target is too long")
        } else {
            Reply::new(431, "the request fields are too large")
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
            return Err(None);
        }
        // Only the end of a line can complete a head. A client that sends single bytes must not cause
        // everything before them to be parsed again for each.
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
