//! The replicas of a fleet together: processes that are started, given content, killed, restarted
//! and stopped.

use std::net::SocketAddr;

use origin::ReplicaCounts;
use origin::control::{HoldingPoint, ReplicaOrder, ReplicaReport};

use scenario::default_histories;

use super::replica::FleetReplica;
use super::{FleetSpec, ReplicaProgram};
use crate::editions::Deployment;
use crate::error::RunError;
use crate::ports;

/// Running replicas, counted from 0.
#[derive(Debug)]
pub(super) struct Fleet {
    spec: FleetSpec,
    pub(super) replicas: Vec<FleetReplica>,
    /// Replicas that nobody is led to any more.
    retired: Vec<FleetReplica>,
    /// Counts of killed processes.
    departed_counts: ReplicaCounts,
}

impl Fleet {
    /// Starts all replicas and gives each its first content. All start at the same time; on
    /// failure those already started are stopped.
    pub(super) async fn start(
        spec: FleetSpec,
        deployments: &[Deployment],
    ) -> Result<Self, RunError> {
        let count = spec.histories.len();
        let ports = match spec.program {
            ReplicaProgram::Own { .. } => vec![0; count],
            ReplicaProgram::Foreign(_) => ports::free(count).map_err(RunError::Ports)?,
        };
        let launch = |(index, deployment)| {
            FleetReplica::launch(&spec, index, ports[index], spec.histories[index], deployment)
        };
        let launched = deployments.iter().enumerate().map(launch);
        let mut replicas = launched.collect::<Result<Vec<_>, _>>()?;
        for (replica, deployment) in replicas.iter_mut().zip(deployments) {
            replica.become_ready(deployment).await?;
        }
        let departed_counts = ReplicaCounts::default();
        Ok(Self { spec, replicas, retired: Vec::new(), departed_counts })
    }

    /// Makes this the program of one replica, or of all and of those that join later.
    pub(super) fn set_program(&mut self, replica: Option<usize>, program: ReplicaProgram) {
        if let Some(index) = replica {
            self.spec.exceptions.insert(index, program);
        } else {
            self.spec.exceptions.clear();
            self.spec.program = program;
        }
    }

    /// Puts a replica with its present program in the place of one that runs, at an address of its own;
    /// returns that. It has seen what the first one there had seen. The old one answers until [`Self::retire`].
    pub(super) async fn replace(
        &mut self,
        index: usize,
        deployment: &Deployment,
    ) -> Result<SocketAddr, RunError> {
        let history = self.spec.histories[index];
        let mut replica = FleetReplica::launch(&self.spec, index, 0, history, deployment)?;
        replica.become_ready(deployment).await?;
        replica.process.succeed(&self.replicas[index].process);
        let address = replica.process.address();
        self.retired.push(std::mem::replace(&mut self.replicas[index], replica));
        Ok(address)
    }

    /// Adds a replica with a history of its own; returns its address.
    pub(super) async fn join(&mut self, deployment: &Deployment) -> Result<SocketAddr, RunError> {
        let index = self.replicas.len();
        let histories = default_histories(index as u32 + 1);
        let history = histories.last().copied().unwrap_or_default();
        self.spec.histories.resize(index, 0);
        self.spec.histories.push(history);
        let port = match self.spec.program(index) {
            ReplicaProgram::Own { .. } => 0,
            ReplicaProgram::Foreign(_) => ports::free(1).map_err(RunError::Ports)?[0],
        };
        let mut replica = FleetReplica::launch(&self.spec, index, port, history, deployment)?;
        replica.become_ready(deployment).await?;
        let address = replica.process.address();
        self.replicas.push(replica);
        Ok(address)
    }

    /// Lets the last replicas leave, until so many are left.
    pub(super) fn leave(&mut self, replicas: usize) {
        self.retired.extend(self.replicas.drain(replicas..));
        self.spec.exceptions.retain(|index, _| *index < replicas);
    }

    /// Stops those that were replaced, or have left.
    pub(super) async fn retire(&mut self) {
        for mut replica in std::mem::take(&mut self.retired) {
            if replica.takes_orders()
                && let Ok(counts) = replica.counts().await
            {
                add(&mut self.departed_counts, counts);
            }
            replica.process.close().await;
        }
    }

    /// Ends one replica at once, as `kill -9` does; returns when it is gone.
    pub(super) async fn kill(&mut self, index: usize) {
        let replica = &mut self.replicas[index];
        // A killed process takes its counts with it.
        if replica.takes_orders()
            && let Ok(counts) = replica.counts().await
        {
            add(&mut self.departed_counts, counts);
        }
        replica.process.kill().await;
    }

    /// Kills one replica and starts it again at the same address with this content; what it
    /// knew of earlier changes is gone.
    pub(super) async fn restart(
        &mut self,
        index: usize,
        deployment: &Deployment,
    ) -> Result<(), RunError> {
        self.kill(index).await;
        let port = self.replicas[index].process.address().port();
        let mut replica = FleetReplica::launch(&self.spec, index, port, 0, deployment)?;
        replica.become_ready(deployment).await?;
        replica.process.succeed(&self.replicas[index].process);
        self.replicas[index] = replica;
        Ok(())
    }

    /// Makes all replicas send this `Poll-Interval` from now on; `None` sends none.
    pub(super) async fn pace(&mut self, interval_ms: Option<i64>) -> Result<(), RunError> {
        // A replica that starts later sends the same.
        let exceptions = self.spec.exceptions.values_mut();
        for program in exceptions.chain([&mut self.spec.program]) {
            if let ReplicaProgram::Own { poll_interval_ms, .. } = program {
                *poll_interval_ms = interval_ms;
            }
        }
        let order = ReplicaOrder::Pace { poll_interval_ms: interval_ms };
        self.order(&order, "change its Poll-Interval", &ReplicaReport::Paced {}).await
    }

    /// Makes the next request at each replica that is about to create a tag wait there.
    pub(super) async fn hold_creations(&mut self) -> Result<(), RunError> {
        let order = ReplicaOrder::Hold { at: HoldingPoint::Create };
        self.order(&order, "hold a creation", &ReplicaReport::Holding {}).await
    }

    /// Lets these requests go on together, once there is one at each replica.
    ///
    /// They go on as well when one of them does not come; that is then the error.
    pub(super) async fn release_creations(&mut self) -> Result<(), RunError> {
        const AWAITED: &str = "get a request that creates a tag";
        let mut all_held = Ok(());
        for replica in self.living() {
            let order = ReplicaOrder::AwaitHeld {};
            let held = replica.order(&order, AWAITED, &ReplicaReport::Held {}).await;
            all_held = all_held.and(held);
        }
        let order = ReplicaOrder::Release {};
        self.order(&order, "release a held creation", &ReplicaReport::Released {}).await?;
        all_held
    }

    /// Gives all living replicas an order, one after the other.
    async fn order(
        &mut self,
        order: &ReplicaOrder,
        task: &str,
        expected: &ReplicaReport,
    ) -> Result<(), RunError> {
        for replica in self.living() {
            replica.order(order, task, expected).await?;
        }
        Ok(())
    }

    /// Counts of all replicas since each was ready, killed ones included.
    pub(super) async fn counts(&mut self) -> Result<ReplicaCounts, RunError> {
        let mut sum = self.departed_counts;
        for replica in self.living() {
            add(&mut sum, replica.counts().await?);
        }
        Ok(sum)
    }

    fn living(&mut self) -> impl Iterator<Item = &mut FleetReplica> {
        self.replicas.iter_mut().filter(|replica| replica.takes_orders())
    }
}

fn add(sum: &mut ReplicaCounts, counts: ReplicaCounts) {
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
