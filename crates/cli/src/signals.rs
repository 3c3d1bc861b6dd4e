//! Orders to stop: SIGINT (Ctrl-C), SIGTERM, and SIGHUP, which comes when the terminal is closed.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::exit::{Ending, Failure};

/// Becomes true at the first order to stop. A second one ends the process at once.
pub(crate) fn stop_signal() -> Result<watch::Receiver<bool>, Failure> {
    let (stop, stopped) = watch::channel(false);
    // On a thread of its own, so that an order is also heard while somebody blocks: a result may go
    // to a pipe that nobody reads.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let runtime = runtime.map_err(Failure::environment)?;
    let listening = runtime.enter();
    let mut orders = Orders::listen().map_err(Failure::environment)?;
    drop(listening);
    let obeying = async move {
        // The first one lets a run save what it has measured.
        orders.next().await;
        stop.send_replace(true);
        orders.next().await;
        // For users who will not wait; child processes end with us.
        std::process::exit(Ending::Interrupted as i32);
    };
    std::thread::spawn(move || runtime.block_on(obeying));
    Ok(stopped)
}

pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    // The sender lives as long as the runtime.
    let _ = stop.wait_for(|stop| *stop).await;
}

struct Orders {
    interrupt: Signal,
    terminate: Signal,
    /// `None` under `nohup`.
    hang_up: Option<Signal>,
}

impl Orders {
    fn listen() -> std::io::Result<Self> {
        // Whoever listens to a signal no longer ignores it.
        let hang_up = (!is_hang_up_ignored()).then(|| signal(SignalKind::hangup())).transpose()?;
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up,
        })
    }

    async fn next(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hang_up => {}
        }
    }
}

/// Reports whether we were started to outlive our terminal, as `nohup` does it; `false` where the
/// system does not say.
fn is_hang_up_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Signal n is bit n - 1.
    ignored.is_some_and(|mask| mask >> (SignalKind::hangup().as_raw_value() - 1) & 1 == 1)
}
