//! The balancer of one arm, on a thread and runtime of its own, so that clients and balancer do
//! not take turns on one core.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use balancer::{Balancer, Settings};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A serving balancer; dropping it stops it and waits for its thread.
pub(crate) struct Gateway {
    /// The address for clients.
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    pub(crate) balancer: Arc<Balancer>,
}

impl Gateway {
    /// Serves on a free loopback port.
    pub(crate) fn start(settings: Settings) -> std::io::Result<Self> {
        // Bound here, so that clients can connect before the thread accepts.
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // Longer turns of the event loop let the balancer send more requests in one go.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .event_interval(256)
            .build()?;
        let balancer = Balancer::new(settings).map_err(std::io::Error::other)?;
        let balancer = Arc::new(balancer);
        let served = Arc::clone(&balancer);
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("balancer".to_owned()).spawn(move || {
            runtime.block_on(async {
                match TcpListener::from_std(listener) {
                    Ok(listener) => {
                        let stopped = async { stopped.await.unwrap_or_default() };
                        balancer::serve(listener, served, stopped).await;
                    }
                    Err(error) => tracing::error!(%error, "cannot serve as balancer"),
                }
            });
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread), balancer })
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // The receiver is gone only when the thread has ended already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
