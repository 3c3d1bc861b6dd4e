//! One timer for each inbound connection, re-armed lazily.
//!
//! A future that is ready at once costs nothing here, and a limit that is far away leaves an
//! earlier alarm standing until it rings, so the timer wheel is touched once in many exchanges.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

pub(crate) struct Clock {
    alarm: Pin<Box<Sleep>>,
}

impl Clock {
    /// A clock whose alarm rings for the first time after `pause` at the latest.
    pub(crate) fn new(pause: Duration) -> Self {
        Self { alarm: Box::pin(sleep(pause)) }
    }

    /// The output of `future`; `None` when `limit` has passed since it was first pending.
    pub(crate) async fn within<F: Future>(
        &mut self,
        limit: Duration,
        future: F,
    ) -> Option<F::Output> {
        let mut future = pin!(future);
        let mut deadline = None;
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + limit);
            if self.alarm.deadline() > deadline {
                self.alarm.as_mut().reset(deadline);
            }
            while self.alarm.as_mut().poll(cx).is_ready() {
                if Instant::now() >= deadline {
                    return Poll::Ready(None);
                }
                self.alarm.as_mut().reset(deadline);
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    async fn check(clock: &mut Clock, limit_s: u64) {
        let start = Instant::now();
        let limit = Duration::from_secs(limit_s);
        assert_eq!(clock.within(limit, pending::<()>()).await, None);
        let (elapsed, tick) = (start.elapsed(), Duration::from_millis(2));
        assert!(elapsed >= limit && elapsed <= limit + tick, "{limit:?} took {elapsed:?}");
    }

    #[test]
    fn limits_hold_whatever_the_alarm_stood_at() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(async {
            tokio::time::pause();
            let mut clock = Clock::new(Duration::from_secs(10));
            for limit_s in [3, 30, 10, 1, 0, 60] {
                check(&mut clock, limit_s).await;
                assert_eq!(clock.within(Duration::ZERO, ready(1)).await, Some(1));
            }
        });
    }
}
