//! A server of the run, on a thread and runtime of its own, so that it does not take turns with the
//! clients on one core.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running server; dropping it stops it and waits for its thread.
pub(crate) struct Serving {
    /// The address for clients.
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Serves on a free loopback port. `serve` gets the listener, and what completes when it shall end.
    pub(crate) fn start<S: Future<Output = ()>>(
        name: &str,
        serve: impl FnOnce(TcpListener, Stopped) -> S + Send + 'static,
    ) -> std::io::Result<Self> {
        // Bound here, so that clients can connect before the thread accepts.
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // Longer turns of the event loop let it send more messages in one go.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .event_interval(256)
            .build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let name = name.to_owned();
        let thread = std::thread::Builder::new().name(name.clone()).spawn(move || {
            runtime.block_on(async {
                match TcpListener::from_std(listener) {
                    Ok(listener) => serve(listener, Stopped(stopped)).await,
                    Err(error) => tracing::error!(%error, name, "cannot serve"),
                }
            });
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }
}

/// Completes when the server shall end.
pub(crate) struct Stopped(oneshot::Receiver<()>);

impl Stopped {
    pub(crate) async fn wait(self) {
        self.0.await.unwrap_or_default();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // The receiver is gone only when the thread has ended already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
