//! Passes a response on to the client: its head, and its content as it comes, never faster than
//! the client reads and never as if it were complete when it is not.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use system::socket::reset_on_close;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::balancer::Lease;
use crate::client::{CONTENT_BYTES, Client, Next};
use crate::clock::Clock;
use crate::coder::Coder;
use crate::counters::count;
use crate::failure::Failure;
use crate::rooms::{RESPONSE_BYTES, Rooms};
use crate::wire::{
    Addressee, Answer, Buffer, InvalidResponse, Method, RequestHead, ResponseHead,
    translate_response,
};

/// Interim responses before the one that counts; more are not believed.
const MAX_INTERIM: usize = 64;

pub(crate) fn addressee<'a>(request: &RequestHead, lease: &Lease<'a>) -> Addressee<'a> {
    Addressee {
        head: request.method == Method::Head,
        minor: request.minor,
        keep_alive: request.keep_alive,
        stopping: &lease.balancer.stopping,
        declaration: lease.declaration(),
    }
}

/// Reads the head of the response and translates it into `reply`; interim responses go to the
/// client at once.
pub(crate) async fn receive(
    replica: &mut (impl AsyncRead + Unpin),
    client: &mut (impl AsyncWrite + Unpin),
    responses: &mut Buffer,
    reply: &mut Vec<u8>,
    addressee: &Addressee<'_>,
    field_bytes: usize,
) -> Result<ResponseHead, Failure> {
    let mut interim = 0;
    loop {
        let found = translate_response(responses.filled(), addressee, reply)?;
        let length = found.as_ref().map_or(responses.filled().len(), |(length, _)| *length);
        if length > field_bytes || interim > MAX_INTERIM {
            return Err(InvalidResponse("the replica sent too many or too large fields").into());
        }
        match found {
            Some((length, Answer::Final(head))) => {
                responses.consume(length);
                return Ok(head);
            }
            Some((length, Answer::Interim)) => {
                interim += 1;
                responses.consume(length);
                client.write_all(reply).await.map_err(|_| Failure::ClientGone)?;
                reply.clear();
            }
            None => match responses.fill(replica).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return Err(Failure::Died),
            },
        }
    }
}

/// The side that ended a delivery before the content was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    ByReplica,
    ByClient,
}

/// Delivers the response whose head is in `client.reply`, and ends the exchange with the replica
/// as soon as everything of it is here.
pub(crate) async fn deliver(
    lease: &mut Lease<'_>,
    mut replica: TcpStream,
    client: &mut Client,
    mut head: ResponseHead,
    coder: Option<Box<Coder>>,
) -> Result<Next, Failure> {
    let Client { stream, rooms: Rooms { responses, reply, .. }, clock, .. } = client;
    let balancer = lease.balancer;
    let stall = balancer.limits.stalled_content;
    let uploaded = &AtomicU64::new(0);
    let mut delivery =
        Delivery { head: &mut head, coder, responses, reply, clock, stall, uploaded };
    delivery.take_received_content()?;
    delivery.begin(stream);
    let outcome = if delivery.head.content.is_complete() {
        // The replica is released before the client reads anything: a slow client must not hold it.
        lease.finish(delivery.keeps_connection().then_some(replica));
        balancer.departures.to_client().await;
        delivery.send_reply(stream).await
    } else {
        let outcome = delivery.send_all(&mut replica, stream).await;
        if outcome.is_ok() {
            lease.finish(delivery.keeps_connection().then_some(replica));
        }
        outcome
    };
    delivery.end(stream, outcome);
    Ok(after(lease, client, &head, outcome))
}

/// A response on its way, with what it needs of its client.
pub(crate) struct Delivery<'a> {
    pub(crate) head: &'a mut ResponseHead,
    /// Codes the content on its way, where an edge does; in a box, to weigh nothing where none does.
    pub(crate) coder: Option<Box<Coder>>,
    pub(crate) responses: &'a mut Buffer,
    pub(crate) reply: &'a mut Vec<u8>,
    pub(crate) clock: &'a mut Clock,
    /// Longest time in which nothing moves: the replica sends nothing, or the client reads nothing.
    /// How little moves is no matter: events may come a few bytes a minute, and are not cut.
    pub(crate) stall: Duration,
    /// Bytes of the request that have moved, which a replica may wait for in the middle of its answer.
    pub(crate) uploaded: &'a AtomicU64,
}

impl Delivery<'_> {
    /// Sees to it that a client which was promised no framing can tell a cut from the end.
    pub(crate) fn begin(&self, client: &TcpStream) {
        if self.is_unframed() {
            reset_on_close(client, true);
        }
    }

    /// Lets the close be the end of what was delivered whole.
    pub(crate) fn end(&self, client: &TcpStream, outcome: Result<(), Cut>) {
        if self.is_unframed() && outcome.is_ok() {
            reset_on_close(client, false);
        }
    }

    fn is_unframed(&self) -> bool {
        self.head.decode || self.head.content.ends_with_connection()
    }

    /// True when the replica's connection can carry another request. Bytes beyond the
    /// content, such as those of a 304 with content, belong to no response and are dropped.
    pub(crate) fn keeps_connection(&self) -> bool {
        self.head.reusable && self.head.content.is_complete() && self.responses.is_empty()
    }

    /// Moves the content that came with the head behind it, so that a small response is one write.
    pub(crate) fn take_received_content(&mut self) -> Result<(), Failure> {
        let Self { head, coder, responses, reply, .. } = self;
        let (received, before) = (responses.filled(), reply.len());
        let taken = if let Some(coder) = coder {
            coder.take(&mut head.content, received, reply)
        } else if head.decode {
            head.content.decode(received, reply)
        } else {
            let taken = head.content.advance(received);
            taken.inspect(|&count| reply.extend_from_slice(&received[..count]))
        };
        let count = taken.map_err(|_| InvalidResponse("the replica sent malformed content"))?;
        responses.consume(count);
        head.delivered += (reply.len() - before) as u64;
        Ok(())
    }

    /// Sends the head and the rest of the content, after what came of it was taken.
    pub(crate) async fn send_all(
        &mut self,
        replica: &mut (impl AsyncRead + Unpin),
        client: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), Cut> {
        self.send_reply(client).await?;
        // Large content takes fewer system calls with more room, which is given back so that
        // connections at rest stay small.
        if self.head.content.exceeds(RESPONSE_BYTES) {
            self.responses.resize(CONTENT_BYTES);
        }
        let outcome = self.relay(replica, client).await;
        self.responses.resize(RESPONSE_BYTES);
        outcome
    }

    async fn relay(
        &mut self,
        replica: &mut (impl AsyncRead + Unpin),
        client: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), Cut> {
        while !self.head.content.is_complete() {
            match self.fill(replica).await {
                Some(Ok(1..)) => {}
                Some(Ok(0)) if self.head.content.ends_with_connection() => {
                    return self.send_end(client).await;
                }
                _ => return Err(Cut::ByReplica),
            }
            if self.head.decode || self.coder.is_some() {
                self.reply.clear();
                self.take_received_content().map_err(|_| Cut::ByReplica)?;
                self.send_reply(client).await?;
            } else {
                let received = self.responses.filled();
                let count = self.head.content.advance(received).map_err(|_| Cut::ByReplica)?;
                send(client, &received[..count], self.clock, self.stall).await?;
                self.head.delivered += count as u64;
                self.responses.consume(count);
            }
        }
        Ok(())
    }

    /// Receives once; `None` when nothing has moved in either direction for too long.
    async fn fill(&mut self, replica: &mut (impl AsyncRead + Unpin)) -> Option<io::Result<usize>> {
        loop {
            // Both directions are polled by one task, so relaxed ordering is enough.
            let before = self.uploaded.load(Ordering::Relaxed);
            let filled = self.clock.within(self.stall, self.responses.fill(replica)).await;
            if filled.is_some() || self.uploaded.load(Ordering::Relaxed) == before {
                return filled;
            }
        }
    }

    /// Sends what the coder held back of content that ended with its connection.
    async fn send_end(&mut self, client: &mut (impl AsyncWrite + Unpin)) -> Result<(), Cut> {
        let Some(coder) = &mut self.coder else { return Ok(()) };
        self.reply.clear();
        coder.finish(self.reply);
        self.head.delivered += self.reply.len() as u64;
        self.send_reply(client).await
    }

    async fn send_reply(&mut self, client: &mut (impl AsyncWrite + Unpin)) -> Result<(), Cut> {
        send(client, self.reply, self.clock, self.stall).await
    }
}

async fn send(
    client: &mut (impl AsyncWrite + Unpin),
    mut bytes: &[u8],
    clock: &mut Clock,
    stall: Duration,
) -> Result<(), Cut> {
    // The limit counts from the last byte that was taken, and not for all of them.
    while !bytes.is_empty() {
        match clock.within(stall, client.write(bytes)).await {
            Some(Ok(count @ 1..)) => bytes = &bytes[count..],
            _ => return Err(Cut::ByClient),
        }
    }
    Ok(())
}

pub(crate) fn after(
    lease: &Lease<'_>,
    client: &Client,
    head: &ResponseHead,
    outcome: Result<(), Cut>,
) -> Next {
    let balancer = lease.balancer;
    balancer.count_answer(client, head.status, head.delivered, Some(lease.replica));
    match outcome {
        Ok(()) if head.keep_alive => Next::Request,
        Ok(()) | Err(Cut::ByClient) => Next::Close,
        Err(Cut::ByReplica) => {
            count(&balancer.counters.cut);
            Next::Close
        }
    }
}

#[cfg(test)]
mod tests;
