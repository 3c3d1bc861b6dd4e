//! A request whose content is still on its way: forwarded in both directions at once, because a
//! replica may answer before it has read everything, and may read no further until it is read.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::balancer::Lease;
use crate::client::{CONTENT_BYTES, Client, Next};
use crate::clock::Clock;
use crate::delivery::{Cut, Delivery, addressee, after, receive};
use crate::failure::Failure;
use crate::rooms::{REQUEST_BYTES, Rooms};
use crate::wire::{Buffer, FramedContent, RequestHead, ResponseHead};

/// Forwards the rest of the request and its answer; the head of the request was sent.
pub(crate) async fn forward_both_ways(
    lease: &mut Lease<'_>,
    mut replica: TcpStream,
    client: &mut Client,
    request: &mut RequestHead,
) -> Result<Next, Failure> {
    request.streamed = true;
    let (head, outcome, reusable) = both_ways(lease, &mut replica, client, request).await?;
    client.rooms.requests.resize(REQUEST_BYTES);
    let next = after(lease, client, &head, outcome);
    if !request.content.is_complete() {
        // The answer came early. What the client still sends has nowhere to go, and must not cost it
        // the answer.
        return Ok(if outcome.is_ok() { Next::Linger } else { next });
    }
    if outcome.is_ok() {
        lease.finish(reusable.then_some(replica));
    }
    Ok(next)
}

/// The head of the answer, the outcome of its delivery, and whether the connection can be kept.
async fn both_ways(
    lease: &Lease<'_>,
    replica: &mut TcpStream,
    client: &mut Client,
    request: &mut RequestHead,
) -> Result<(ResponseHead, Result<(), Cut>, bool), Failure> {
    let Client { stream, rooms, asked, clock, .. } = client;
    let Rooms { requests, responses, reply, .. } = rooms;
    let (mut from_client, mut to_client) = stream.split();
    let (mut from_replica, mut to_replica) = replica.split();
    let (limits, progress) = (&lease.balancer.limits, &UploadProgress::default());
    let addressee = addressee(request, lease);
    let content = &mut request.content;

    let uploading = upload(&mut from_client, &mut to_replica, requests, content, progress);
    let answering = async {
        let (from, to, fields) = (&mut from_replica, &mut to_client, limits.field_bytes);
        let receiving = receive(from, to, responses, reply, &addressee, fields);
        let mut head = within_progress(clock, limits.response_head, progress, receiving).await?;
        let stall = limits.stalled_content;
        let coder = asked.as_ref().and_then(|asked| asked.recode(reply, &mut head, &addressee));
        let uploaded = &progress.forwarded;
        let mut delivery =
            Delivery { head: &mut head, coder, responses, reply, clock, stall, uploaded };
        delivery.take_received_content()?;
        progress.answering.store(true, Ordering::Relaxed);
        delivery.begin(to_client.as_ref());
        let outcome = delivery.send_all(&mut from_replica, &mut to_client).await;
        delivery.end(to_client.as_ref(), outcome);
        let reusable = delivery.keeps_connection();
        Ok((head, outcome, reusable))
    };

    let (mut uploading, mut answering, mut uploaded) = (pin!(uploading), pin!(answering), false);
    loop {
        tokio::select! {
            biased;
            // The response comes first: when it is complete, the rest of the upload no longer
            // matters.
            answered = &mut answering => return answered,
            ended = &mut uploading, if !uploaded => {
                ended?;
                uploaded = true;
            }
        }
    }
}

/// State of the upload, for the direction that waits for a response.
#[derive(Default)]
struct UploadProgress {
    forwarded: AtomicU64,
    waits_for_client: AtomicBool,
    answering: AtomicBool,
}

/// The head of the answer, unless no content moved for as long as `limit`.
async fn within_progress(
    clock: &mut Clock,
    limit: Duration,
    progress: &UploadProgress,
    receiving: impl Future<Output = Result<ResponseHead, Failure>>,
) -> Result<ResponseHead, Failure> {
    let mut receiving = pin!(receiving);
    loop {
        // A slow upload is not a silent replica: the limit counts from the last byte that moved.
        // Both directions are polled by one task, so relaxed ordering is enough.
        let before = progress.forwarded.load(Ordering::Relaxed);
        match clock.within(limit, receiving.as_mut()).await {
            Some(received) => return received,
            None if progress.forwarded.load(Ordering::Relaxed) != before => {}
            None if progress.waits_for_client.load(Ordering::Relaxed) => {
                return Err(Failure::ClientStalled);
            }
            None => return Err(Failure::TimedOut),
        }
    }
}

async fn upload(
    client: &mut (impl AsyncRead + Unpin),
    replica: &mut (impl AsyncWrite + Unpin),
    requests: &mut Buffer,
    content: &mut FramedContent,
    progress: &UploadProgress,
) -> Result<(), Failure> {
    if content.exceeds(REQUEST_BYTES) {
        requests.resize(CONTENT_BYTES);
    }
    while !content.is_complete() {
        progress.waits_for_client.store(true, Ordering::Relaxed);
        match requests.fill(client).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => return Err(Failure::ClientGone),
        }
        progress.waits_for_client.store(false, Ordering::Relaxed);
        let received = requests.filled();
        let Ok(mut left) = content.advance(received) else {
            // After the head of one response no other can be sent.
            let answering = progress.answering.load(Ordering::Relaxed);
            return Err(if answering { Failure::ClientGone } else { Failure::InvalidContent });
        };
        // A replica that stops reading may still have answered, so its response is awaited.
        while left > 0 {
            let Ok(count @ 1..) = replica.write(&requests.filled()[..left]).await else {
                return Ok(());
            };
            requests.consume(count);
            progress.forwarded.fetch_add(count as u64, Ordering::Relaxed);
            left -= count;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, duplex};
    use tokio::time::sleep;

    const LIMIT: Duration = Duration::from_secs(10);
    const BYTES: usize = 64 << 10;

    /// The replica reads so many bytes, one part after each pause, and answers.
    async fn check(reads: usize, expected: Result<(), Failure>) {
        let (mut replica, mut to_replica) = duplex(1 << 10);
        let (content, progress) = (vec![7; BYTES], UploadProgress::default());
        let mut framed = FramedContent::of_length(BYTES as u64);
        let (mut client, mut requests) = (content.as_slice(), Buffer::new(REQUEST_BYTES));
        let uploading = upload(&mut client, &mut to_replica, &mut requests, &mut framed, &progress);
        let receiving = async {
            let mut part = [0; 1 << 10];
            for _ in 0..reads / part.len() {
                sleep(LIMIT / 2).await;
                replica.read_exact(&mut part).await.expect("the upload goes on");
            }
            if reads < BYTES {
                std::future::pending::<()>().await;
            }
            let content = FramedContent::NONE;
            Ok(ResponseHead::of_content(content))
        };
        let mut clock = Clock::new(LIMIT);
        let answered = within_progress(&mut clock, LIMIT, &progress, receiving);
        let answered = tokio::select! {
            answered = answered => answered,
            Err(failure) = uploading => Err(failure),
        };
        assert_eq!(answered.map(drop), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_is_given_up_only_when_nothing_of_it_moves() {
        check(BYTES, Ok(())).await;
        check(BYTES / 2, Err(Failure::TimedOut)).await;
    }
}
