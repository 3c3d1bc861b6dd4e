//! State that the connections of one running balancer share besides the balancer.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::departures::Departures;

#[derive(Default)]
pub(crate) struct Running {
    pub(crate) departures: Departures,
    pub(crate) stopping: AtomicBool,
    stop: Notify,
}

impl Running {
    /// Tells everybody to stop.
    pub(crate) fn announce_stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.stop.notify_waiters();
    }

    /// True once the balancer is stopping.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Completes with an announcement that is made after this call; look at
    /// [`Self::is_stopping`] for an earlier one.
    pub(crate) fn announcement(&self) -> Notified<'_> {
        self.stop.notified()
    }
}
