//! Deliveries to and from those who are slow, and those who have stopped, in virtual time.

use super::*;
use tokio::io::{AsyncReadExt as _, duplex};
use tokio::time::{Instant, sleep};

use crate::wire::FramedContent;

const STALL: Duration = Duration::from_secs(60);
const BYTES: usize = 256 << 10;

async fn delivered(
    replica: &mut (impl AsyncRead + Unpin),
    client: &mut (impl AsyncWrite + Unpin),
    uploaded: &AtomicU64,
) -> Result<(), Cut> {
    let content = FramedContent::of_length(BYTES as u64);
    let mut head = ResponseHead::of_content(content);
    let (mut responses, mut reply) = (Buffer::new(RESPONSE_BYTES), Vec::new());
    let mut delivery = Delivery {
        head: &mut head,
        coder: None,
        responses: &mut responses,
        reply: &mut reply,
        clock: &mut Clock::new(STALL),
        stall: STALL,
        uploaded,
    };
    delivery.send_all(replica, client).await
}

#[tokio::test(start_paused = true)]
async fn a_client_is_not_cut_as_long_as_it_reads_some_of_it() {
    let (mut client, mut server) = duplex(1 << 10);
    let content = vec![7; BYTES];
    let reading = async {
        let (mut part, mut read) = ([0; 1 << 10], 0);
        while read < BYTES {
            sleep(STALL / 2).await;
            read += client.read(&mut part).await.expect("it is not cut");
        }
    };
    let (start, none) = (Instant::now(), AtomicU64::new(0));
    let mut replica = content.as_slice();
    let (outcome, ()) = tokio::join!(delivered(&mut replica, &mut server, &none), reading);
    assert_eq!(outcome, Ok(()));
    assert!(start.elapsed() > 100 * STALL);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_no_further_is_cut() {
    let (_client, mut server) = duplex(1 << 10);
    let (content, none) = (vec![7; BYTES], AtomicU64::new(0));
    assert_eq!(delivered(&mut content.as_slice(), &mut server, &none).await, Err(Cut::ByClient));
}

#[tokio::test(start_paused = true)]
async fn a_replica_is_cut_when_it_sends_nothing_and_waits_for_nothing() {
    let (_silent, mut replica) = duplex(1 << 10);
    let none = AtomicU64::new(0);
    let outcome = delivered(&mut replica, &mut tokio::io::sink(), &none).await;
    assert_eq!(outcome, Err(Cut::ByReplica));

    let (mut slow, mut replica) = duplex(1 << 10);
    let uploaded = AtomicU64::new(0);
    let uploading = async {
        for _ in 0..10 {
            sleep(STALL / 2).await;
            uploaded.fetch_add(1, Ordering::Relaxed);
        }
        slow.write_all(&vec![7; BYTES]).await.expect("it is not cut");
    };
    let mut client = tokio::io::sink();
    let (outcome, ()) = tokio::join!(delivered(&mut replica, &mut client, &uploaded), uploading);
    assert_eq!(outcome, Ok(()));
}
