//! Ctrl-C and SIGTERM as an error that travels up the stack, so that every peer is dropped, and
//! with that ended, on the way.

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
        let asked = Arc::clone(&stop.0);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (mut interrupt, mut terminate) = {
            let _entered = runtime.enter();
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
        };
        std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                asked.store(true, Ordering::Relaxed);
            });
        });
        Ok(stop)
    }

    /// An error once somebody asked.
    pub(crate) fn check(&self) -> Result<(), Interrupted> {
        if self.0.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
    }
}
