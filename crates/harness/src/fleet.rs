//! The replicas of one arm: processes that are started, given content, killed, restarted and
//! stopped.
//!
//! A fleet never outlives its owner ([`crate::process`]). When things happen is not decided here;
//! that is up to the timeline.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use origin::Counts;
use origin::replica::ChangeStep;
use thiserror::Error;
use truth::ReplicaId;

use crate::files::WriteError;
use crate::ports;
use crate::process::ProcessError;
use crate::tag_store::TagStoreError;

mod arguments;
mod replica;
mod tier;

use replica::FleetReplica;
pub(crate) use tier::FleetTier;

/// What all replicas of a fleet have in common.
#[derive(Clone, Debug)]
struct FleetSpec {
    /// The `etag-lab` program, which is its own replica and its own guard.
    lab: PathBuf,
    /// Folder for the replicas' copies and logs; must exist.
    directory: PathBuf,
    program: ReplicaProgram,
    /// Changes each replica has seen before the run; its length is the number of replicas.
    histories: Vec<u64>,
}

/// The program that replicas run.
#[derive(Clone, Debug)]
enum ReplicaProgram {
    /// `etag-lab replica`.
    Own {
        /// The arguments that all replicas share.
        arguments: Vec<OsString>,
        /// `Poll-Interval` of the responses, in milliseconds; `None` sends none.
        poll_interval_ms: Option<i64>,
        shares_tags: bool,
    },
    /// A command line for the shell; it gets `PORT`, `REPLICA`, `REPLICAS` and `RESOURCE`.
    Foreign { command: String },
}

/// Content for one replica.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// File with the content; copied, not moved.
    pub(crate) source: PathBuf,
    /// Number of changes before this one.
    pub(crate) edition: u32,
    /// Modification time that the replica's copy gets.
    pub(crate) modified: SystemTime,
}

/// Failure of a fleet, or of the store that it shares.
#[derive(Debug, Error)]
pub enum FleetError {
    /// A replica failed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The store of shared tags failed.
    #[error(transparent)]
    TagStore(#[from] TagStoreError),
    /// A file of the fleet cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// There are no ports for a foreign program.
    #[error("cannot find free ports for the replicas: {0}")]
    Ports(std::io::Error),
}

/// Running replicas, counted from 0.
#[derive(Debug)]
struct Fleet {
    spec: FleetSpec,
    replicas: Vec<FleetReplica>,
    /// CPU time of processes that were replaced.
    departed: Duration,
    /// Counts of killed processes.
    departed_counts: Counts,
}

impl Fleet {
    /// Starts all replicas and gives each its first content. All start at the same time; on
    /// failure those already started are stopped.
    async fn start(spec: FleetSpec, deployments: &[Deployment]) -> Result<Self, FleetError> {
        let ports = spec.ports()?;
        let mut starting = Vec::new();
        for (index, deployment) in deployments.iter().enumerate() {
            let history = spec.histories[index];
            starting.push(FleetReplica::launch(&spec, index, ports[index], history, deployment)?);
        }
        let mut replicas = Vec::new();
        for (mut replica, deployment) in starting.into_iter().zip(deployments) {
            replica.become_ready(deployment).await?;
            replicas.push(replica);
        }
        Ok(Self { spec, replicas, departed: Duration::ZERO, departed_counts: Counts::default() })
    }

    /// The address of each replica, in order.
    fn addresses(&self) -> Vec<(ReplicaId, SocketAddr)> {
        self.replicas.iter().map(|replica| (replica.id(), replica.address())).collect()
    }

    /// Gives one replica new content; returns when it serves it.
    async fn deploy(&mut self, index: usize, deployment: &Deployment) -> Result<(), FleetError> {
        self.replicas[index].deploy(deployment).await
    }

    /// Makes some steps of a change at one replica; nothing with a foreign program.
    async fn change(
        &mut self,
        index: usize,
        deployment: &Deployment,
        steps: &[ChangeStep],
    ) -> Result<(), FleetError> {
        let replica = &mut self.replicas[index];
        if replica.takes_orders() {
            replica.change(deployment, Some(steps)).await?;
        }
        Ok(())
    }

    /// Ends one replica at once, as `kill -9` does; returns when it is gone.
    async fn kill(&mut self, index: usize) {
        let replica = &mut self.replicas[index];
        // A replica that does not report its counts any more has lost them.
        if replica.takes_orders()
            && let Ok(counts) = replica.counts().await
        {
            add(&mut self.departed_counts, counts);
        }
        replica.kill().await;
    }

    /// Kills one replica and starts it again at the same address with this content; what it
    /// knew of earlier changes is gone.
    async fn restart(&mut self, index: usize, deployment: &Deployment) -> Result<(), FleetError> {
        self.kill(index).await;
        let port = self.replicas[index].address().port();
        let mut replica = FleetReplica::launch(&self.spec, index, port, 0, deployment)?;
        replica.become_ready(deployment).await?;
        self.departed += self.replicas[index].cpu().unwrap_or_default();
        self.replicas[index] = replica;
        Ok(())
    }

    /// Makes all replicas send this `Poll-Interval` from now on; `None` sends none.
    async fn pace(&mut self, interval_ms: Option<i64>) -> Result<(), FleetError> {
        // A replica that starts later sends the same.
        if let ReplicaProgram::Own { poll_interval_ms, .. } = &mut self.spec.program {
            *poll_interval_ms = interval_ms;
        }
        for replica in self.living() {
            replica.pace(interval_ms).await?;
        }
        Ok(())
    }

    /// Makes the next request at each replica that is about to create a tag wait there.
    async fn hold_creations(&mut self) -> Result<(), FleetError> {
        for replica in self.living() {
            replica.hold_creation().await?;
        }
        Ok(())
    }

    /// Lets these requests go on together, once there is one at each replica.
    ///
    /// They go on as well when one of them does not come; that is then the error.
    async fn release_creations(&mut self) -> Result<(), FleetError> {
        let mut all_held = Ok(());
        for replica in self.living() {
            let held = replica.await_held().await;
            all_held = all_held.and(held);
        }
        for replica in self.living() {
            replica.release_creation().await?;
        }
        all_held
    }

    /// Counts of all replicas since each was ready, killed ones included.
    async fn counts(&mut self) -> Result<Counts, FleetError> {
        let mut sum = self.departed_counts;
        for replica in self.living() {
            add(&mut sum, replica.counts().await?);
        }
        Ok(sum)
    }

    /// CPU time that the replicas have spent since each was ready; `None` where the system does
    /// not report it, and for foreign programs.
    fn cpu(&self) -> Option<Duration> {
        let spent: Option<Duration> = self.replicas.iter().map(FleetReplica::cpu).sum();
        spent.map(|spent| spent + self.departed)
    }

    /// Orders every replica to stop and waits until it has.
    async fn stop(&mut self) {
        for replica in &mut self.replicas {
            replica.stop().await;
        }
    }

    fn living(&mut self) -> impl Iterator<Item = &mut FleetReplica> {
        self.replicas.iter_mut().filter(|replica| replica.takes_orders())
    }
}

impl FleetSpec {
    /// A port for each replica; 0 for replicas that choose their own.
    fn ports(&self) -> Result<Vec<u16>, FleetError> {
        let count = self.histories.len();
        match self.program {
            ReplicaProgram::Own { .. } => Ok(vec![0; count]),
            ReplicaProgram::Foreign { .. } => ports::free(count).map_err(FleetError::Ports),
        }
    }
}

fn add(sum: &mut Counts, counts: Counts) {
    sum.requests += counts.requests;
    sum.not_modified += counts.not_modified;
    sum.queries += counts.queries;
    sum.queries_on_not_modified += counts.queries_on_not_modified;
    sum.hits += counts.hits;
    sum.misses.header_missing += counts.misses.header_missing;
    sum.misses.key_not_found += counts.misses.key_not_found;
    sum.misses.resource_changed += counts.misses.resource_changed;
    sum.store_errors += counts.store_errors;
}
