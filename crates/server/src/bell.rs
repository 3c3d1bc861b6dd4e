//! A filter for wake-ups: polls a future only when its own waker was called, and not on every wake-up
//! of its task.
//!
//! The end of a connection is waited for beside each of its requests. To ask a timer and a channel
//! each time whether they are done, and to register with both anew, costs as much as reading the
//! request does.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// A future with a waker of its own.
pub(crate) struct Belled<F> {
    future: Pin<Box<F>>,
    bell: Option<Arc<Bell>>,
}

struct Bell {
    has_rung: AtomicBool,
    task: Waker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.has_rung.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

impl<F> Belled<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Box::pin(future), bell: None }
    }

    /// The bell to poll with, if there is reason to: it has rung, or it would ring for another task.
    fn reason(&mut self, task: &Waker) -> Option<Arc<Bell>> {
        let bell = self.bell.as_ref().filter(|bell| bell.task.will_wake(task));
        if let Some(bell) = bell {
            return bell.has_rung.swap(false, Ordering::Acquire).then(|| Arc::clone(bell));
        }
        let bell = Arc::new(Bell { has_rung: AtomicBool::new(false), task: task.clone() });
        self.bell = Some(Arc::clone(&bell));
        Some(bell)
    }
}

impl<F: Future> Future for Belled<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Some(bell) = self.reason(cx.waker()) else { return Poll::Pending };
        let waker = Waker::from(bell);
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::future::poll_fn;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn it_is_polled_at_first_and_when_it_rang() {
        let (rope, mut pulled) = oneshot::channel::<()>();
        let polls = Cell::new(0);
        let mut belled = Belled::new(poll_fn(|cx| {
            polls.set(polls.get() + 1);
            Pin::new(&mut pulled).poll(cx)
        }));
        for _ in 0..3 {
            let poll = poll_fn(|cx| Poll::Ready(Pin::new(&mut belled).poll(cx))).await;
            assert!(poll.is_pending());
        }
        assert_eq!(polls.get(), 1);
        drop(rope);
        assert!(belled.await.is_err(), "nobody can send any more");
        assert_eq!(polls.get(), 2);
    }

    #[tokio::test]
    async fn it_rings_for_whoever_waits_last() {
        let (rope, pulled) = oneshot::channel();
        let mut belled = Belled::new(pulled);
        let poll = Pin::new(&mut belled).poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
        let (answer, sent) = tokio::join!(belled, async { rope.send(7) });
        assert_eq!((answer, sent), (Ok(7), Ok(())));
    }
}
