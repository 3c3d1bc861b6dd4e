//! The balancer as its connections share it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::net::TcpStream;
use tokio::sync::Notify;
use traffic::Traffic;
use truth::ReplicaId;

use crate::choice::Caller;
use crate::counters::{Counters, Counts, count};
use crate::departures::Departures;
use crate::edge::{Edge, EdgeEntry};
use crate::edges::EDGES;
use crate::fleet::Fleet;
use crate::policy::Policy;
use crate::rooms::SpareRooms;
use crate::settings::{Limits, Replica, Settings, SettingsError};
use crate::wire::declaration_line;

/// A gateway in front of some replicas; [`serve`](crate::serve()) runs it.
pub struct Balancer {
    replicas: Vec<ReplicaAddress>,
    fleet: Mutex<Fleet>,
    /// Index in the catalogue: reading it costs an exchange without an edge next to nothing.
    edge: AtomicUsize,
    pub(crate) limits: Limits,
    pub(crate) counters: Counters,
    pub(crate) traffic: Option<Arc<Traffic>>,
    pub(crate) departures: Departures,
    pub(crate) spare_rooms: SpareRooms,
    pub(crate) stopping: AtomicBool,
    /// Wakes connections at rest once `stopping` is set.
    pub(crate) stop: Notify,
    pub(crate) probes_wanted: Notify,
    brought_back: Notify,
}

struct ReplicaAddress {
    /// Read once for each connection that is opened.
    authority: Mutex<Arc<str>>,
    declaration: Option<Vec<u8>>,
}

impl Balancer {
    /// A balancer that finds all replicas available until they prove otherwise.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let Settings { mut replicas, room, policy, edge, declare_replica, traffic, limits } =
            settings;
        let present = replicas.len();
        let last = replicas.last().ok_or(SettingsError::NoReplicas)?.id.0;
        let later = |step| Replica { id: ReplicaId(last + step), authority: String::new() };
        replicas.extend((1..=room).map(later));
        let slot = |replica: Replica| ReplicaAddress {
            declaration: declare_replica.then(|| declaration_line(replica.id)),
            authority: Mutex::new(replica.authority.into()),
        };
        Ok(Self {
            fleet: Mutex::new(Fleet::new(policy, present, limits.idle_per_replica)),
            replicas: replicas.into_iter().map(slot).collect(),
            edge: AtomicUsize::new(index_of(edge)),
            limits,
            counters: Counters::default(),
            traffic,
            departures: Departures::default(),
            spare_rooms: SpareRooms::default(),
            stopping: AtomicBool::new(false),
            stop: Notify::new(),
            probes_wanted: Notify::new(),
            brought_back: Notify::new(),
        })
    }

    /// Counts of everything that has happened so far.
    pub fn counts(&self) -> Counts {
        self.counters.snapshot()
    }

    /// Puts this edge in place of the one before, for every exchange that begins from now on.
    pub fn set_edge(&self, edge: &'static EdgeEntry) {
        self.edge.store(index_of(edge), Ordering::Relaxed);
    }

    /// Picks by this policy from now on.
    pub fn set_policy(&self, policy: Box<dyn Policy>) {
        self.fleet().set_policy(policy);
    }

    /// Goes on with so many replicas: the last ones leave, or further ones join, which have an address
    /// ([`Self::readdress`]).
    ///
    /// # Panics
    ///
    /// If there are none left, or more than there is room for ([`Settings::room`]).
    pub fn resize(&self, replicas: usize) {
        assert!((1..=self.replicas.len()).contains(&replicas), "there is room for each");
        // The lock is released before the sockets are closed, which takes system calls.
        let left = self.fleet().resize(replicas);
        drop(left);
    }

    /// Sends what goes to this replica (counted from 0) to another address from now on; exchanges under
    /// way end at the old one.
    pub fn readdress(&self, replica: usize, authority: &str) {
        *self.address(replica) = authority.into();
        let idle = self.fleet().drain_idle(replica);
        drop(idle);
        self.bring_back(replica);
    }

    fn address(&self, replica: usize) -> MutexGuard<'_, Arc<str>> {
        self.replicas[replica].authority.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn edge(&self) -> Option<&'static Edge> {
        EDGES[self.edge.load(Ordering::Relaxed)].edge.as_ref()
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Waits until no replica is put aside; at once when none is.
    pub async fn all_available(&self) {
        loop {
            // Created before the check, so that a change in between is not missed.
            let change = self.brought_back.notified();
            if self.fleet().all_available() {
                return;
            }
            change.await;
        }
    }

    /// Begins an exchange with the replica that the policy picks among those not tried yet;
    /// `None` when all were.
    pub(crate) fn lease(&self, caller: Caller, tried: &[usize]) -> Option<Lease<'_>> {
        let mut fleet = self.fleet();
        let replica = fleet.begin(caller, tried)?;
        let idle = fleet.take_idle(replica);
        Some(Lease { balancer: self, replica, idle, open: true })
    }

    pub(crate) fn authority(&self, replica: usize) -> Arc<str> {
        Arc::clone(&self.address(replica))
    }

    pub(crate) fn close_idle(&self) {
        for replica in 0..self.replicas.len() {
            // The lock is released before the sockets are closed, which takes system calls.
            let idle = self.fleet().drain_idle(replica);
            drop(idle);
        }
    }

    /// Uses this replica (counted from 0) again, without waiting for the next probe: for an owner
    /// who knows that it has been started again.
    pub fn bring_back(&self, replica: usize) {
        if self.fleet().bring_back(replica) {
            tracing::info!(authority = &*self.authority(replica), "replica is back");
            self.brought_back.notify_waiters();
        }
    }

    pub(crate) fn fleet(&self) -> MutexGuard<'_, Fleet> {
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn index_of(edge: &EdgeEntry) -> usize {
    EDGES.iter().position(|entry| entry == edge).expect("entries come from the catalogue")
}

/// One exchange under way with one replica; counted as in flight until it is finished or dropped.
pub(crate) struct Lease<'a> {
    pub(crate) balancer: &'a Balancer,
    pub(crate) replica: usize,
    idle: Option<TcpStream>,
    open: bool,
}

impl<'a> Lease<'a> {
    pub(crate) fn declaration(&self) -> Option<&'a [u8]> {
        self.balancer.replicas[self.replica].declaration.as_deref()
    }

    /// An idle connection that the replica has not closed as far as is known by now.
    pub(crate) fn take_idle(&mut self) -> Option<TcpStream> {
        let mut idle = self.idle.take();
        while let Some(stream) = idle {
            if is_quiet(&stream) {
                return Some(stream);
            }
            idle = self.balancer.fleet().take_idle(self.replica);
        }
        None
    }

    /// Closes the replica's idle connections: where one proved stale the others are.
    pub(crate) fn distrust_idle(&mut self) {
        let idle = self.balancer.fleet().drain_idle(self.replica);
        drop(idle);
    }

    /// Lets others have the requests until the replica can be reached again.
    pub(crate) fn put_aside(&mut self) {
        let news = self.balancer.fleet().put_aside(self.replica);
        self.distrust_idle();
        if news {
            count(&self.balancer.counters.put_aside);
            let authority = self.balancer.authority(self.replica);
            tracing::warn!(authority = &*authority, "replica put aside");
        }
        self.balancer.probes_wanted.notify_one();
    }

    /// Takes note that the replica answered; it may have been tried as the last resort.
    pub(crate) fn prove_alive(&self) {
        // Looked up under the lock, which is free again before the replica is brought back.
        let aside = !self.balancer.fleet().is_available(self.replica);
        if aside {
            self.balancer.bring_back(self.replica);
        }
    }

    pub(crate) fn finish(&mut self, stream: Option<TcpStream>) {
        if std::mem::replace(&mut self.open, false) {
            let surplus = self.balancer.fleet().end(self.replica, stream);
            drop(surplus);
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.finish(None);
    }
}

/// True when an idle connection is still open and has sent nothing.
///
/// Costs no system call as long as the driver has seen no event on it.
fn is_quiet(stream: &TcpStream) -> bool {
    match stream.poll_read_ready(&mut Context::from_waker(Waker::noop())) {
        Poll::Pending => true,
        Poll::Ready(_) => stream
            .try_read(&mut [0])
            .is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
    }
}
