//! The signs of life of a connection, by which one that rests is told from one that is slow.
//!
//! Each of these is progress: a request, a byte of a response that the system took, a byte of a
//! content that the client sent. The bytes of a request's head are none, so that a head that is sent
//! byte by byte is not waited for.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::sleep;

/// Least number of bytes in a period that counts as progress. An honest link, however slow, moves a
/// hundred times as much in a minute; whoever holds a connection by a byte now and then is no client.
const LEAST_BYTES: u64 = 4 * 1_024;

#[derive(Debug, Default)]
pub(crate) struct Progress {
    requests: AtomicU64,
    bytes: AtomicU64,
    /// The content of a request is being received.
    receives: AtomicBool,
}

impl Progress {
    pub(crate) fn requested(&self, requests: u64) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Counts bytes of a content, and none of a head.
    pub(crate) fn received(&self, bytes: usize) {
        if self.receives.load(Ordering::Relaxed) {
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// From now on, what is received is content, or it is no more.
    pub(crate) fn receive_content(&self, receives: bool) {
        self.receives.store(receives, Ordering::Relaxed);
    }

    /// Completes when a whole period passes without progress.
    pub(crate) async fn until_idle(&self, period: Duration) {
        loop {
            let (requests, bytes) = self.seen();
            sleep(period).await;
            let now = self.seen();
            if now.0 == requests && now.1 - bytes < LEAST_BYTES {
                return;
            }
        }
    }

    fn seen(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    const PERIOD: Duration = Duration::from_secs(60);

    /// Number of periods after which a connection counts as idle on which this happens in each of the
    /// first ten.
    async fn check(happens: impl Fn(&Progress), expected: u32) {
        let (progress, start) = (Progress::default(), Instant::now());
        let happening = async {
            sleep(PERIOD / 2).await;
            for _ in 0..10 {
                happens(&progress);
                sleep(PERIOD).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = happening => {}
            () = progress.until_idle(PERIOD) => {}
        }
        assert_eq!(start.elapsed().as_secs(), u64::from(expected) * PERIOD.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_period_without_progress_is_idle_and_one_with_some_is_not() {
        check(|_| {}, 1).await;
        check(|progress| progress.requested(1), 11).await;
        check(|progress| progress.sent(LEAST_BYTES as usize), 11).await;
        check(|progress| progress.sent(LEAST_BYTES as usize - 1), 1).await;
        check(|progress| progress.received(LEAST_BYTES as usize), 1).await;
        let content = |progress: &Progress| {
            progress.receive_content(true);
            progress.received(LEAST_BYTES as usize);
        };
        check(content, 11).await;
    }
}
