//! The surroundings of one arm: its scenario and folders, and what follows from them for clients,
//! balancer and tier.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use balancer::{Pins, Settings};
use client::{Capture, Load, Meter};
use model::Editions;
use scenario::{Arm, ChangeKind, Scenario};
use truth::ReplicaId;

use crate::disclosure::Disclosure;
use crate::editions::{self, Deployment};
use crate::files::WriteError;
use crate::shard::LocalShards;

/// Everything that an arm needs to run.
pub(crate) struct Stage<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) arm: &'a Arm,
    /// What there is so far: a live arm makes further ones.
    pub(crate) editions: &'a RwLock<Editions>,
    /// Replicas that may join beside those of the arm.
    pub(crate) room: u32,
    /// The `etag-lab` program.
    pub(crate) program: &'a Path,
    /// Folder of the run, with the files of the editions.
    pub(crate) directory: &'a Path,
    pub(crate) meter: &'a Arc<Meter>,
    pub(crate) capture: Option<Capture>,
    /// Processes that make the polls, if it is not this one.
    pub(crate) local_shards: Option<&'a LocalShards>,
    pub(crate) disclosure: Disclosure,
}

impl Stage<'_> {
    /// The folder of this arm.
    pub(crate) fn folder(&self) -> PathBuf {
        self.directory.join(&self.arm.name)
    }

    /// An edition of the content as this replica gets it.
    pub(crate) fn deployment(&self, replica: usize, edition: u32) -> Deployment {
        let drift = self.arm.setup.deploy_drift;
        editions::deployment(&self.editions(), self.directory, edition, replica, drift)
    }

    /// The editions so far.
    pub(crate) fn editions(&self) -> RwLockReadGuard<'_, Editions> {
        self.editions.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a further edition, with its file; returns its number.
    pub(crate) fn add_edition(&self, kind: ChangeKind) -> Result<u32, WriteError> {
        let mut editions = self.editions.write().unwrap_or_else(PoisonError::into_inner);
        let edition = editions.push(self.scenario, kind);
        let written = editions::put(self.directory, edition, editions.content(edition));
        written.map(|()| edition).map_err(WriteError::of(self.directory))
    }

    /// The balancer before these addresses.
    pub(crate) fn balancer(&self, addresses: &[(ReplicaId, SocketAddr)]) -> Settings {
        let replicas = addresses
            .iter()
            .map(|&(id, address)| balancer::Replica { id, authority: address.to_string() });
        let setup = &self.arm.setup;
        let mut settings = Settings::new(replicas.collect(), (setup.policy.make)(setup.seed));
        settings.edge = setup.edge;
        settings.room = self.room;
        // A verdict on an answer needs to know its replica, also where replicas declare nothing.
        settings.declare_replica = self.disclosure.declares();
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
    // Now or later: another policy may take the place of the first.
    let later = arm.setup.events.iter().filter_map(|event| event.policy);
    let mut policies = [arm.setup.policy].into_iter().chain(later);
    let identify_clients = policies.any(|policy| policy.pins == Pins::Client);
    Load { identify_clients, log_changes, ..arm.setup.load() }
}
