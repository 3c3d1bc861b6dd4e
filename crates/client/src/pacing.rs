//! Waits for send times on a thread of its own.
//!
//! The runtime's timer counts in milliseconds, which would show as latency of every poll; a
//! parked thread wakes within some fifty microseconds. It also keeps the schedule honest: a
//! stalled client loop cannot delay the intended starts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::cadence::Slot;

#[derive(Debug)]
pub(crate) struct Pacer {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Pacer {
    /// Hands each slot, when it is due, to its driver: clients, which are so far `apart`, take turns.
    pub(crate) fn start(
        schedule: impl Iterator<Item = Slot> + Send + 'static,
        apart: u32,
        drivers: u32,
        start: Instant,
    ) -> (Self, Vec<UnboundedReceiver<Slot>>) {
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..drivers).map(|_| unbounded_channel()).unzip();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || pace(schedule, apart, &senders, start, &stopped));
        (Self { stop, thread: Some(thread) }, receivers)
    }
}

impl Drop for Pacer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic of the pacer has shown itself as an early end of the schedule.
            let _ = thread.join();
        }
    }
}

fn pace(
    schedule: impl Iterator<Item = Slot>,
    apart: u32,
    senders: &[UnboundedSender<Slot>],
    start: Instant,
    stopped: &AtomicBool,
) {
    for slot in schedule {
        let is_due = wait_until(start + slot.due.unwrap_or_default(), stopped);
        let driver = (slot.poller / apart) as usize % senders.len();
        if !is_due || senders[driver].send(slot).is_err() {
            return;
        }
    }
}

/// Returns false if it is stopped before.
fn wait_until(due: Instant, stopped: &AtomicBool) -> bool {
    while !stopped.load(Ordering::Relaxed) {
        let wait = due.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            return true;
        }
        std::thread::park_timeout(wait);
    }
    false
}
