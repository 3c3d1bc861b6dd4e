//! Changes found in a file that somebody else edits, for a replica started by hand.
//!
//! Looks at the file's metadata only; the content is read when that has changed. Decides nothing:
//! [`Replica::check_now`] does.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::replica::Replica;

/// Usual time between two looks.
pub const INTERVAL: Duration = Duration::from_millis(500);

/// Checks the replica's copy at once and then every `period`, until `shutdown` completes.
///
/// A file that is absent or cannot be read is reported once, in the log; what was served before
/// is served on, and the next look may find it again.
///
/// # Panics
///
/// When `period` is zero.
pub async fn watch(replica: Arc<Replica>, period: Duration, shutdown: impl Future<Output = ()>) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut shutdown = pin!(shutdown);
    let mut was_lost = false;
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            _ = ticks.tick() => {}
        }
        let replica = Arc::clone(&replica);
        let checking = spawn_blocking(move || replica.check_now());
        let checked = tokio::select! {
            // A disk that hangs must not keep a replica from stopping.
            () = &mut shutdown => return,
            checked = checking => checked,
        };
        match checked {
            Ok(Ok(changed)) => {
                if changed {
                    tracing::info!("content changed");
                }
                was_lost = false;
            }
            Ok(Err(error)) => {
                // Once, and not twice a second for as long as the file is away.
                if !was_lost {
                    tracing::warn!(%error, "content cannot be checked");
                }
                was_lost = true;
            }
            Err(error) => tracing::error!(%error, "check of the content failed"),
        }
    }
}
