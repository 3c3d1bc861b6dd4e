//! The life of a running balancer: accepts, probes, stops, and leaves no task behind.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use crate::balancer::Balancer;
use crate::connection::converse;
use crate::probe::probe;
use crate::running::Running;

/// Pause after a failed accept, so that a lack of descriptors is not made worse by haste.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Forwards what comes in through `listener` until `shutdown` completes.
///
/// Fastest on a single-threaded runtime of its own, with an event interval of 256 or so: what is
/// ready in one turn of its event loop leaves grouped by destination.
///
/// After `shutdown` nothing is accepted any more and exchanges under way get `Limits::grace` to
/// finish. All tasks and idle connections are gone when this returns.
pub async fn serve(
    listener: TcpListener,
    balancer: Arc<Balancer>,
    shutdown: impl Future<Output = ()>,
) {
    let mut server = Server {
        balancer,
        running: Arc::default(),
        connections: JoinSet::new(),
        probes: JoinSet::new(),
        dispatcher: JoinSet::new(),
    };
    server.group_departures();
    server.accept_until(&listener, shutdown).await;
    // New clients are refused at once instead of waiting in the backlog for a server that is
    // stopping.
    drop(listener);
    server.stop().await;
}

struct Server {
    balancer: Arc<Balancer>,
    running: Arc<Running>,
    connections: JoinSet<()>,
    probes: JoinSet<()>,
    dispatcher: JoinSet<()>,
}

impl Server {
    async fn accept_until(&mut self, listener: &TcpListener, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        self.probe_those_put_aside();
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                accepted = listener.accept() => self.accept(accepted).await,
                () = self.balancer.probes_wanted.notified() => self.probe_those_put_aside(),
                Some(ended) = self.connections.join_next() => report(&ended),
                Some(ended) = self.probes.join_next() => report(&ended),
            }
        }
    }

    /// On several threads tasks do not run in the order in which they were woken, and grouping
    /// would cost something for nothing.
    fn group_departures(&mut self) {
        if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            let running = Arc::clone(&self.running);
            self.dispatcher.spawn(async move { running.departures.dispatch().await });
        }
    }

    async fn accept(&mut self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        match accepted {
            Ok((stream, peer)) => {
                let number = self.balancer.counters.connections.next();
                let (balancer, running) = (Arc::clone(&self.balancer), Arc::clone(&self.running));
                self.connections.spawn(converse(balancer, running, stream, peer, number));
            }
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }

    fn probe_those_put_aside(&mut self) {
        let unprobed = self.balancer.fleet().take_unprobed();
        for replica in unprobed {
            self.probes.spawn(probe(Arc::clone(&self.balancer), replica));
        }
    }

    async fn stop(mut self) {
        self.running.announce_stop();
        // Probes are of no use to the exchanges that are still finishing.
        self.probes.shutdown().await;
        let all_ended = async {
            while let Some(ended) = self.connections.join_next().await {
                report(&ended);
            }
        };
        if timeout(self.balancer.limits.grace, all_ended).await.is_err() {
            tracing::debug!("exchanges outlived the grace period");
        }
        self.connections.shutdown().await;
        self.dispatcher.shutdown().await;
        self.balancer.close_idle();
    }
}

fn report(ended: &Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a task of the balancer panicked");
    }
}
