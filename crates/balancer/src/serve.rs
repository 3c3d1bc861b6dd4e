//! The life of a running balancer: accepts, probes, stops, and leaves no task behind.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use system::Acceptor;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use crate::balancer::Balancer;
use crate::connection::converse;
use crate::counters::count;

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
    // An earlier server of this balancer may have been stopped, or dropped while it probed.
    balancer.stopping.store(false, Ordering::SeqCst);
    balancer.fleet().forget_probes();
    let mut server = Server {
        balancer,
        connections: JoinSet::new(),
        probes: JoinSet::new(),
        dispatcher: JoinSet::new(),
    };
    server.group_departures();
    let mut acceptor = Acceptor::new(listener);
    server.accept_until(&mut acceptor, shutdown).await;
    // New clients are refused at once instead of waiting in the backlog for a server that is
    // stopping.
    drop(acceptor);
    server.stop().await;
}

struct Server {
    balancer: Arc<Balancer>,
    connections: JoinSet<()>,
    probes: JoinSet<()>,
    dispatcher: JoinSet<()>,
}

impl Server {
    async fn accept_until(&mut self, acceptor: &mut Acceptor, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        self.probe_those_put_aside();
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                (stream, peer) = acceptor.accept() => self.accept(stream, peer),
                () = self.balancer.probes_wanted.notified() => self.probe_those_put_aside(),
                Some(ended) = self.connections.join_next() => report(&ended),
                Some(ended) = self.probes.join_next() => report(&ended),
            }
        }
    }

    fn group_departures(&mut self) {
        // On several threads tasks do not run in the order in which they were woken, and grouping
        // would cost something for nothing.
        if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            let balancer = Arc::clone(&self.balancer);
            self.dispatcher.spawn(async move { balancer.departures.dispatch().await });
        }
    }

    fn accept(&mut self, stream: TcpStream, peer: SocketAddr) {
        let number = count(&self.balancer.counters.connections);
        self.connections.spawn(converse(Arc::clone(&self.balancer), stream, peer, number));
    }

    fn probe_those_put_aside(&mut self) {
        let unprobed = self.balancer.fleet().take_unprobed();
        for replica in unprobed {
            self.probes.spawn(probe(Arc::clone(&self.balancer), replica));
        }
    }

    async fn stop(mut self) {
        self.balancer.stopping.store(true, Ordering::SeqCst);
        self.balancer.stop.notify_waiters();
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

/// Tries to connect to a replica that was put aside until it succeeds or an exchange did before.
async fn probe(balancer: Arc<Balancer>, replica: usize) {
    let limits = &balancer.limits;
    let mut pause = limits.first_probe;
    loop {
        sleep(pause).await;
        // An exchange may have reached the replica during the pause; then no connection has to
        // prove it.
        let is_available = balancer.fleet().is_available(replica);
        let authority = balancer.authority(replica);
        let connecting = TcpStream::connect(&*authority);
        if is_available || matches!(timeout(limits.connect, connecting).await, Ok(Ok(_))) {
            return balancer.bring_back(replica);
        }
        pause = (pause * 2).min(limits.longest_probe);
    }
}

fn report(ended: &Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a task of the balancer panicked");
    }
}
