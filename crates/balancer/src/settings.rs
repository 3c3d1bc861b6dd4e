//! Settings of a balancer, fixed before it starts.

use std::sync::Arc;
use std::time::Duration;

use traffic::Traffic;
use truth::ReplicaId;

use crate::catalogue::no_edge;
use crate::edge::EdgeEntry;
use crate::policy::Policy;

/// Everything a balancer needs to know.
pub struct Settings {
    /// The replicas, at least one; policies count them from 0 in this order.
    pub replicas: Vec<Replica>,
    /// Replicas that may join later; their numbers follow that of the last one. 0.
    pub room: u32,
    /// Picks the replica for each request.
    pub policy: Box<dyn Policy>,
    /// The edge that changes messages; it may be replaced later.
    pub edge: &'static EdgeEntry,
    /// Adds the field `lab-replica` to responses without one.
    pub declare_replica: bool,
    /// Counts every answer, if given.
    pub traffic: Option<Arc<Traffic>>,
    /// Time and size limits.
    pub limits: Limits,
}

impl Settings {
    /// Declares replicas, without an edge, with the default limits.
    pub fn new(replicas: Vec<Replica>, policy: Box<dyn Policy>) -> Self {
        Self {
            replicas,
            room: 0,
            policy,
            edge: no_edge(),
            declare_replica: true,
            traffic: None,
            limits: Limits::default(),
        }
    }
}

/// A server behind the balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// Its name in declarations.
    pub id: ReplicaId,
    /// Address, `host:port`; the replica may restart there.
    pub authority: String,
}

/// Time and size limits. The defaults suit a lab on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection to a replica; 1 s.
    pub connect: Duration,
    /// From a sent request to the complete head of its response; 10 s.
    pub response_head: Duration,
    /// From the first byte of a request to the end of its head; 10 s.
    pub request_head: Duration,
    /// Without a byte of content moving from the replica or to the client; 60 s.
    pub stalled_content: Duration,
    /// Between two requests of a client on one connection; 5 min.
    pub idle_client: Duration,
    /// For exchanges under way when the balancer stops; 1 s.
    pub grace: Duration,
    /// Before the first probe of a replica put aside, doubling from then on; 50 ms.
    pub first_probe: Duration,
    /// Longest pause between two probes; 2 s.
    pub longest_probe: Duration,
    /// Bytes in the head of a message, in either direction; 64 KiB.
    pub field_bytes: usize,
    /// Idle connections kept for each replica; 512.
    pub idle_per_replica: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            response_head: Duration::from_secs(10),
            request_head: Duration::from_secs(10),
            stalled_content: Duration::from_secs(60),
            idle_client: Duration::from_secs(300),
            grace: Duration::from_secs(1),
            first_probe: Duration::from_millis(50),
            longest_probe: Duration::from_secs(2),
            field_bytes: 64 * 1024,
            idle_per_replica: 512,
        }
    }
}

/// Settings that no balancer can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The list is empty.
    #[error("a balancer needs at least one replica")]
    NoReplicas,
}
