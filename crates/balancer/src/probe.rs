//! Finds out when a replica that was put aside can be reached again.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::balancer::Balancer;

/// Tries to connect, with pauses that double, until it succeeds or an exchange did before.
pub(crate) async fn probe(balancer: Arc<Balancer>, replica: usize) {
    let mut probing = Probing { balancer: &balancer, replica, done: false };
    let limits = &balancer.limits;
    let mut pause = limits.first_probe;
    loop {
        sleep(pause).await;
        // An exchange may have reached the replica during the pause; then no connection has to
        // prove it.
        if balancer.fleet().is_available(replica) || is_reachable(&balancer, replica).await {
            break;
        }
        pause = (pause * 2).min(limits.longest_probe);
    }
    balancer.bring_back(replica);
    probing.done = true;
}

async fn is_reachable(balancer: &Balancer, replica: usize) -> bool {
    let connecting = TcpStream::connect(balancer.authority(replica));
    timeout(balancer.limits.connect, connecting).await.is_ok_and(|connected| connected.is_ok())
}

/// Leaves the replica to the next one who probes when this one is interrupted.
struct Probing<'a> {
    balancer: &'a Balancer,
    replica: usize,
    done: bool,
}

impl Drop for Probing<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.balancer.fleet().give_up_probing(self.replica);
        }
    }
}
