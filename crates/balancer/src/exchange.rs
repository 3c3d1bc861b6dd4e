//! One request, answered: by the replica that the policy picks, by another where that one fails
//! and the request may be sent again, by the balancer itself where nobody else can.

use crate::attempt::attempt;
use crate::balancer::Balancer;
use crate::choice::Caller;
use crate::client::{Client, Next};
use crate::counters::count;
use crate::failure::Failure;
use crate::observation::is_conditional;
use crate::recoding::EdgeRequest;
use crate::rooms::Rooms;
use crate::wire::{Method, RequestHead};

pub(crate) async fn exchange(
    balancer: &Balancer,
    client: &mut Client,
    request: &mut RequestHead,
) -> Next {
    let answered = try_replicas(balancer, client, request).await;
    // A connection at rest need not hold the head of a request that is over.
    client.asked = None;
    let reply = match answered {
        Ok(next) => return next,
        Err(Failure::ClientGone) => return Next::Close,
        Err(failure) => failure.reply(),
    };
    balancer.counters.count_reply(reply.status);
    balancer.count_answer(client, reply.status, 0, None);
    // With content still to come the next request cannot be found on this connection.
    let keep_alive = request.keep_alive && request.content.is_complete() && !balancer.is_stopping();
    client.answer(reply, request.method == Method::Head, keep_alive).await
}

async fn try_replicas(
    balancer: &Balancer,
    client: &mut Client,
    request: &mut RequestHead,
) -> Result<Next, Failure> {
    count(&balancer.counters.exchanges);
    let Rooms { requests, forwarded, .. } = &mut client.rooms;
    client.is_conditional = balancer.traffic.is_some() && is_conditional(forwarded);
    client.asked = balancer.edge().map(|edge| EdgeRequest::of(edge, forwarded));
    // The content that came with the head travels with it, in one write.
    let received = requests.filled();
    let taken = request.content.advance(received).map_err(|_| Failure::InvalidContent)?;
    forwarded.extend_from_slice(&received[..taken]);
    requests.consume(taken);
    let caller =
        Caller { client: request.client.unwrap_or(client.peer), connection: client.number };
    // Each replica is tried once, so the client gets an error only after all of them failed. The
    // vector allocates only then.
    let mut tried = Vec::new();
    let mut last_failure = Failure::Unsent;
    while let Some(mut lease) = balancer.lease(caller, &tried) {
        match attempt(&mut lease, client, request).await {
            Err(failure) if failure.may_repeat(request) => {
                count(&balancer.counters.retries);
                tried.push(lease.replica);
                last_failure = failure;
            }
            outcome => return outcome,
        }
    }
    Err(last_failure)
}
