//! One request on one connection to one replica.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::balancer::{Balancer, Lease};
use crate::clock::{Clock, Elapsed};
use crate::connection::{Client, Next};
use crate::delivery::deliver;
use crate::running::Running;
use crate::upload::forward_both_ways;
use crate::wire::{
    Addressee, Answer, Buffer, InvalidResponse, Method, RequestHead, ResponseHead,
    translate_response,
};

/// Interim responses before the one that counts; more are not believed.
const MAX_INTERIM: usize = 64;

/// Why no answer came, while nothing of one was sent to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Not a byte of the request left.
    Unsent,
    /// The replica closed the connection before the head of its response was complete.
    Died,
    /// The head did not come in time.
    TimedOut,
    /// What came cannot be forwarded.
    Invalid(InvalidResponse),
    /// The client's content breaks the rules of its framing.
    InvalidContent,
    /// The client stopped sending content.
    ClientStalled,
    /// The client closed the connection.
    ClientGone,
}

impl From<InvalidResponse> for Failure {
    fn from(invalid: InvalidResponse) -> Self {
        Self::Invalid(invalid)
    }
}

/// Asks the replica on an idle connection, or on a fresh one where there is none or it proves
/// stale; a replica that fails on a fresh one is put aside.
pub(crate) async fn attempt(
    balancer: &Balancer,
    lease: &mut Lease<'_>,
    client: &mut Client,
    request: &mut RequestHead,
) -> Result<Next, Failure> {
    if let Some(stream) = lease.take_idle() {
        match forward(balancer, lease, stream, client, request).await {
            Err(failure) if failure.may_repeat(request) => {
                balancer.counters.retries.next();
                lease.distrust_idle();
            }
            outcome => return outcome,
        }
    }
    let outcome = match connect(balancer, lease, &mut client.clock).await {
        Some(stream) => forward(balancer, lease, stream, client, request).await,
        None => Err(Failure::Unsent),
    };
    match outcome {
        Err(Failure::Unsent | Failure::Died) => lease.put_aside(),
        Err(_) => {}
        Ok(_) => lease.prove_alive(),
    }
    outcome
}

async fn connect(balancer: &Balancer, lease: &Lease<'_>, clock: &mut Clock) -> Option<TcpStream> {
    let connecting = TcpStream::connect(lease.authority());
    let stream = clock.within(balancer.limits.connect, connecting).await.ok()?.ok()?;
    stream.set_nodelay(true).ok()?;
    Some(stream)
}

async fn forward(
    balancer: &Balancer,
    lease: &mut Lease<'_>,
    mut replica: TcpStream,
    client: &mut Client,
    request: &mut RequestHead,
) -> Result<Next, Failure> {
    let limits = &balancer.limits;
    client.running.departures.to_replica(lease.replica()).await;
    send(&mut replica, &client.forwarded, &mut client.clock, limits.response_head).await?;
    client.responses.clear();
    client.reply.clear();
    if !request.content.is_complete() {
        return forward_both_ways(balancer, lease, replica, client, request).await;
    }
    let Client { stream, responses, reply, asked, clock, running, .. } = client;
    let addressee = addressee(request, lease, running);
    let receiving = receive(&mut replica, stream, responses, reply, &addressee, limits.field_bytes);
    let mut head =
        clock.within(limits.response_head, receiving).await.unwrap_or(Err(Failure::TimedOut))?;
    let coder = asked.and_then(|asked| asked.recode(reply, &mut head, &addressee));
    deliver(balancer, lease, replica, client, head, coder).await
}

/// To whom the response goes.
pub(crate) fn addressee<'a>(
    request: &RequestHead,
    lease: &Lease<'a>,
    running: &'a Running,
) -> Addressee<'a> {
    Addressee {
        head: request.method == Method::Head,
        minor: request.minor,
        keep_alive: request.keep_alive,
        stopping: &running.stopping,
        declaration: lease.declaration(),
    }
}

async fn send(
    replica: &mut TcpStream,
    bytes: &[u8],
    clock: &mut Clock,
    limit: std::time::Duration,
) -> Result<(), Failure> {
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
        Ok(Ok(())) => Ok(()),
        _ if sent == 0 => Err(Failure::Unsent),
        Ok(Err(_)) => Err(Failure::Died),
        Err(Elapsed) => Err(Failure::TimedOut),
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
