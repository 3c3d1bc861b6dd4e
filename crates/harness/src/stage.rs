//! The surroundings of one arm: its scenario and folders, and what follows from them for clients,
//! balancer and tier.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use balancer::Settings;
use client::{Capture, Load, Meter};
use model::Editions;
use scenario::{Arm, Scenario};
use truth::ReplicaId;

use crate::editions::{self, Deployment};
use crate::local_shards::LocalShards;

/// Everything that an arm needs to run.
pub(crate) struct Stage<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) arm: &'a Arm,
    pub(crate) editions: &'a Editions,
    /// The `etag-lab` program.
    pub(crate) program: &'a Path,
    /// Folder of the run, with the files of the editions.
    pub(crate) directory: &'a Path,
    pub(crate) meter: &'a Arc<Meter>,
    pub(crate) capture: Option<Capture>,
    /// Processes that make the polls, if it is not this one.
    pub(crate) local_shards: Option<&'a LocalShards>,
}

impl Stage<'_> {
    /// The folder of this arm.
    pub(crate) fn folder(&self) -> PathBuf {
        self.directory.join(&self.arm.name)
    }

    /// An edition of the content as this replica gets it.
    pub(crate) fn deployment(&self, replica: usize, edition: u32) -> Deployment {
        let drift = self.arm.setup.deploy_drift;
        editions::deployment(self.editions, self.directory, edition, replica, drift)
    }

    /// The balancer before these addresses.
    pub(crate) fn balancer(&self, addresses: &[(ReplicaId, SocketAddr)]) -> Settings {
        let replicas = addresses
            .iter()
            .map(|&(id, address)| balancer::Replica { id, authority: address.to_string() });
        let setup = &self.arm.setup;
        let mut settings = Settings::new(replicas.collect(), (setup.policy.make)(setup.seed));
        settings.edge = setup.edge;
        // A verdict on an answer needs to know its replica, also where replicas declare nothing.
        settings.declare_replica = true;
        // Clients give up at the same time; an earlier 504 of the balancer would hide that.
        settings.limits.response_head = setup.timeout;
        settings
    }

    /// The polls of the clients.
    pub(crate) fn load(&self, log_changes: bool) -> Load {
        let writing = self.arm.setup.writing(self.scenario.resource.size_bytes());
        Load { capture: self.capture, writing, ..load(self.arm, log_changes) }
    }
}

/// The polls of the clients of an arm.
pub(crate) fn load(arm: &Arm, log_changes: bool) -> Load {
    let identify_clients = arm.setup.policy.pins == balancer::Pins::Client;
    Load { identify_clients, log_changes, ..arm.setup.load() }
}
