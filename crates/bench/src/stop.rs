//! Ctrl-C, SIGTERM and SIGHUP as an error that travels up the stack, so that every peer is dropped,
//! and with that ended, on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};

/// Somebody asked the benchmark to stop.
#[derive(Debug, Error)]
#[error("interrupted; nothing was written")]
pub(crate) struct Interrupted;

/// Whether somebody asked the benchmark to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens for signals on a thread of its own, for as long as the program runs.
    pub(crate) fn on_signals() -> std::io::Result<Self> {
        let stop = Self::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        for kind in kinds.into_iter().filter(|kind| !is_ignored(*kind)) {
            let mut asked = {
                let _entered = runtime.enter();
                signal(kind)?
            };
            let stop = Arc::clone(&stop.0);
            runtime.spawn(async move {
                asked.recv().await;
                stop.store(true, Ordering::Relaxed);
            });
        }
        std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
        Ok(stop)
    }

    /// An error once somebody asked.
    pub(crate) fn check(&self) -> Result<(), Interrupted> {
        if self.0.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
    }
}

/// Reports whether we were started to ignore a signal, as `nohup` does it: whoever listens to it no
/// longer does.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Signal n is bit n - 1.
    ignored.is_some_and(|mask| mask >> (kind.as_raw_value() - 1) & 1 == 1)
}
