//! One request, answered: by the replica that the policy picks, by another where that one fails
//! and the request may be sent again, by the balancer itself where nobody else can.

use crate::attempt::{Failure, attempt};
use crate::balancer::Balancer;
use crate::connection::{Client, Next};
use crate::fleet::Caller;
use crate::recoding::Asked;
use crate::wire::{Method, Reply, RequestHead};

/// Forwards the request whose head is in `client.forwarded`, and its answer.
pub(crate) async fn exchange(
    balancer: &Balancer,
    client: &mut Client,
    request: &mut RequestHead,
) -> Next {
    let reply = match try_replicas(balancer, client, request).await {
        Ok(next) => return next,
        Err(Failure::ClientGone) => return Next::Close,
        Err(failure) => failure.reply(),
    };
    balancer.counters.count_reply(reply.status);
    // With content still to come the next request cannot be found on this connection.
    let keep_alive =
        request.keep_alive && request.content.is_complete() && !client.running.is_stopping();
    client.answer(reply, request.method == Method::Head, keep_alive).await
}

async fn try_replicas(
    balancer: &Balancer,
    client: &mut Client,
    request: &mut RequestHead,
) -> Result<Next, Failure> {
    balancer.counters.exchanges.next();
    client.asked = balancer.edge().map(|edge| Asked::of(edge, &mut client.forwarded));
    take_received_content(client, request)?;
    let caller =
        Caller { client: request.client.unwrap_or(client.peer), connection: client.number };
    let mut tried = Vec::new();
    let mut last_failure = Failure::Unsent;
    while let Some(mut lease) = balancer.lease(caller, &tried) {
        match attempt(balancer, &mut lease, client, request).await {
            Err(failure) if failure.may_repeat(request) => {
                balancer.counters.retries.next();
                tried.push(lease.replica());
                last_failure = failure;
            }
            outcome => return outcome,
        }
    }
    Err(last_failure)
}

/// Moves the content that came with the head behind it, to travel with it.
fn take_received_content(client: &mut Client, request: &mut RequestHead) -> Result<(), Failure> {
    let Client { requests, forwarded, .. } = client;
    let received = requests.filled();
    let count = request.content.advance(received).map_err(|_| Failure::InvalidContent)?;
    forwarded.extend_from_slice(&received[..count]);
    requests.consume(count);
    Ok(())
}

impl Failure {
    /// Whether the request may be sent again (RFC 9110 §9.2.2): not when the replica may have
    /// acted on one that is not idempotent, nor when content of it is gone.
    pub(crate) fn may_repeat(self, request: &RequestHead) -> bool {
        match self {
            Self::Unsent => !request.streamed,
            Self::Died => !request.streamed && request.method != Method::Other,
            _ => false,
        }
    }

    fn reply(self) -> Reply {
        let (status, reason) = match self {
            Self::Unsent => (502, "no replica can be reached"),
            Self::Died => (502, "the replica closed the connection before it answered"),
            Self::TimedOut => (504, "the replica did not answer in time"),
            Self::Invalid(invalid) => (502, invalid.0),
            Self::InvalidContent => (400, "malformed content"),
            Self::ClientStalled => (408, "the content did not arrive in time"),
            Self::ClientGone => (400, "the client is gone"),
        };
        Reply { status, reason }
    }
}
