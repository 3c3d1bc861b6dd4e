//! SIGINT and SIGTERM: an order to stop in an orderly way, the first time.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::exit::Failure;

/// Becomes true at the first SIGINT or SIGTERM. A second one ends the process at once, for
/// users who will not wait; child processes end with us.
pub(crate) fn stop_signal() -> Result<watch::Receiver<bool>, Failure> {
    let (stop, stopped) = watch::channel(false);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::environment)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::environment)?;
    tokio::spawn(async move {
        // The first signal lets a run save what it has measured.
        for first in [true, false] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if first {
                stop.send_replace(true);
            } else {
                std::process::exit(130);
            }
        }
    });
    Ok(stopped)
}

/// Completes at the signal.
pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    // The sender lives as long as the runtime.
    let _ = stop.wait_for(|stop| *stop).await;
}
