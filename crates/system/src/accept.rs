//! Connections accepted, also when the operating system has no descriptors left.
//!
//! Then it refuses, and at once would do so again: a pause goes by between two attempts, and the log
//! has one line a second, with the number of attempts since the last one. The clients wait, and are
//! served as soon as descriptors are free.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

use crate::socket::limit_unsent;

const PAUSE: Duration = Duration::from_millis(20);
const BETWEEN_LINES: Duration = Duration::from_secs(1);

/// A listener that accepts whenever it can.
#[derive(Debug)]
pub struct Acceptor {
    listener: TcpListener,
    refusals: Refusals,
    /// End of the pause after a refusal; kept here, because whoever waits may be interrupted.
    paused_until: Option<Instant>,
}

impl Acceptor {
    /// Accepts what comes in through this listener.
    pub fn new(listener: TcpListener) -> Self {
        limit_unsent(&listener);
        Self { listener, refusals: Refusals::default(), paused_until: None }
    }

    /// Waits for the next connection. Loses none when it is dropped before.
    pub async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            if let Some(end) = self.paused_until {
                sleep_until(end).await;
                self.paused_until = None;
            }
            match self.listener.accept().await {
                Ok(accepted) => return accepted,
                Err(error) => self.refused(&error),
            }
        }
    }

    fn refused(&mut self, error: &io::Error) {
        let now = Instant::now();
        self.paused_until = Some(now + PAUSE);
        if let Some(attempts) = self.refusals.count(now) {
            tracing::warn!(%error, attempts, "connections wait: the operating system refuses them");
        }
    }
}

/// Refusals that the log does not know of yet.
#[derive(Debug, Default)]
struct Refusals {
    count: u64,
    logged: Option<Instant>,
}

impl Refusals {
    /// Counts one; returns the number to log when it is time to.
    fn count(&mut self, now: Instant) -> Option<u64> {
        self.count += 1;
        if self.logged.is_some_and(|logged| now < logged + BETWEEN_LINES) {
            return None;
        }
        self.logged = Some(now);
        Some(std::mem::take(&mut self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_logged_once_a_second_and_none_is_left_out() {
        let (mut refusals, start) = (Refusals::default(), Instant::now());
        let logged: Vec<_> = (0..125).filter_map(|n| refusals.count(start + PAUSE * n)).collect();
        assert_eq!(logged, [1, 50, 50]);
    }
}
