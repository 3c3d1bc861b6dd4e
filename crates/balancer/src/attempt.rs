//! One request on one connection to one replica.

use std::io;
use std::time::Duration;

use system::socket::limit_unsent;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::balancer::Lease;
use crate::client::{Client, Next};
use crate::clock::Clock;
use crate::counters::count;
use crate::delivery::{addressee, deliver, receive};
use crate::failure::Failure;
use crate::rooms::Rooms;
use crate::upload::forward_both_ways;
use crate::wire::RequestHead;

/// Asks the replica on an idle connection, or on a fresh one where there is none or it proves
/// stale; a replica that fails on a fresh one is put aside.
pub(crate) async fn attempt(
    lease: &mut Lease<'_>,
    client: &mut Client,
    request: &mut RequestHead,
) -> Result<Next, Failure> {
    // A replica may close an idle connection while the request is on its way (RFC 9112 §9.3.1), so
    // a failure there says nothing about the replica.
    if let Some(stream) = lease.take_idle() {
        match forward(lease, stream, client, request).await {
            Err(failure) if failure.may_repeat(request) => {
                count(&lease.balancer.counters.retries);
                lease.distrust_idle();
            }
            outcome => return outcome,
        }
    }
    let outcome = match connect(lease, &mut client.clock).await {
        Some(stream) => forward(lease, stream, client, request).await,
        None => Err(Failure::Unsent),
    };
    match outcome {
        // A slow or malformed response shows that the replica is there.
        Err(Failure::Unsent | Failure::Died) => lease.put_aside(),
        Err(_) => {}
        Ok(_) => lease.prove_alive(),
    }
    outcome
}

async fn connect(lease: &Lease<'_>, clock: &mut Clock) -> Option<TcpStream> {
    let authority = lease.balancer.authority(lease.replica);
    let connecting = TcpStream::connect(&*authority);
    let stream = clock.within(lease.balancer.limits.connect, connecting).await?.ok()?;
    stream.set_nodelay(true).ok()?;
    limit_unsent(&stream);
    Some(stream)
}

async fn forward(
    lease: &mut Lease<'_>,
    mut replica: TcpStream,
    client: &mut Client,
    request: &mut RequestHead,
) -> Result<Next, Failure> {
    let balancer = lease.balancer;
    let limits = &balancer.limits;
    balancer.departures.to_replica(lease.replica).await;
    let Client { rooms, clock, .. } = client;
    send(&mut replica, &rooms.forwarded, clock, limits.response_head).await?;
    rooms.responses.clear();
    rooms.reply.clear();
    if !request.content.is_complete() {
        return forward_both_ways(lease, replica, client, request).await;
    }
    let Client { stream, rooms: Rooms { responses, reply, .. }, asked, clock, .. } = client;
    let addressee = addressee(request, lease);
    let receiving = receive(&mut replica, stream, responses, reply, &addressee, limits.field_bytes);
    let mut head =
        clock.within(limits.response_head, receiving).await.unwrap_or(Err(Failure::TimedOut))?;
    let coder = asked.as_ref().and_then(|asked| asked.recode(reply, &mut head, &addressee));
    deliver(lease, replica, client, head, coder).await
}

async fn send(
    replica: &mut TcpStream,
    bytes: &[u8],
    clock: &mut Clock,
    limit: Duration,
) -> Result<(), Failure> {
    // The count decides about repetition: while nothing has left, any request may be sent again.
    let mut sent = 0;
    let sending = async {
        while sent < bytes.len() {
            match replica.write(&bytes[sent..]).await? {
                0 => return Err(io::Error::from(io::ErrorKind::WriteZero)),
                count => sent += count,
            }
        }
        Ok(())
    };
    match clock.within(limit, sending).await {
        Some(Ok(())) => Ok(()),
        _ if sent == 0 => Err(Failure::Unsent),
        Some(Err(_)) => Err(Failure::Died),
        None => Err(Failure::TimedOut),
    }
}
