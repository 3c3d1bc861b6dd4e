//! One inbound connection: its requests one after the other, and how it ends.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::{io, mem};

use tokio::net::TcpStream;
use tokio::sync::futures::Notified;

use crate::balancer::Balancer;
use crate::client::{Client, Next};
use crate::exchange::exchange;
use crate::rooms::Rooms;
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
        if client.rooms.requests.is_empty() {
            balancer.spare_rooms.give_back(mem::replace(&mut client.rooms, Rooms::none()));
            // A request of which bytes are here already is still answered.
            if balancer.is_stopping() || !client.is_asked(&balancer.limits, stopped.as_mut()).await
            {
                break Next::Close;
            }
            client.rooms = balancer.spare_rooms.lend();
            match client.rooms.requests.try_fill(&client.stream) {
                Ok(1..) => {}
                // Woken for nothing.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Ok(0) | Err(_) => break Next::Close,
            }
        }
        let next = converse_once(&balancer, &mut client).await;
        if next != Next::Request {
            break next;
        }
    };
    balancer.spare_rooms.give_back(mem::replace(&mut client.rooms, Rooms::none()));
    // In a box, so that a connection at rest does not keep room for how it may end.
    Box::pin(client.end(next)).await;
}

/// One request and its answer.
async fn converse_once(balancer: &Balancer, client: &mut Client) -> Next {
    let mut request = match client.next_request(&balancer.limits).await {
        Ok(request) => request,
        Err(None) => return Next::Close,
        Err(Some(reply)) => {
            balancer.counters.count_reply(reply.status);
            balancer.count_answer(client, reply.status, 0, None);
            // The end of a rejected request is unknown, so nothing after it can be read as the
            // next one.
            return client.answer(reply, false, false).await;
        }
    };
    exchange(balancer, client, &mut request).await
}

impl Client {
    /// Waits until there is something to read, and reads nothing.
    async fn is_asked(&mut self, limits: &Limits, stopped: Pin<&mut Notified<'_>>) -> bool {
        let Self { stream, clock, .. } = self;
        let readable = async {
            tokio::select! {
                biased;
                readable = poll_fn(|cx| stream.poll_read_ready(cx)) => readable.is_ok(),
                () = stopped => false,
            }
        };
        clock.within(limits.idle_client, readable).await == Some(true)
    }

    /// Reads a request and translates its head into `forwarded`.
    async fn next_request(&mut self, limits: &Limits) -> Result<RequestHead, NoRequest> {
        let Self { rooms: Rooms { requests, forwarded, .. }, stream, local, clock, .. } = self;
        forwarded.clear();
        if let Some(head) = take_head(requests, *local, forwarded, limits)? {
            return Ok(head);
        }
        let rest_of_head = read_head(stream, requests, *local, forwarded, limits);
        let read = clock.within(limits.request_head, rest_of_head).await;
        read.unwrap_or(Err(Some(Reply::new(408, "the request took too long"))))
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
