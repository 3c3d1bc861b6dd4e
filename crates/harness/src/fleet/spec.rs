//! The settings of a fleet, and its failures.

use std::ffi::OsString;
use std::path::PathBuf;

use thiserror::Error;

use crate::files::WriteError;
use crate::ports;
use crate::process::ProcessError;
use crate::tag_store::TagStoreError;

/// Settings that all replicas of a fleet share.
#[derive(Clone, Debug)]
pub(super) struct FleetSpec {
    /// The `etag-lab` program, which is its own replica and its own guard.
    pub(super) lab: PathBuf,
    /// Folder for the replicas' copies and logs; must exist.
    pub(super) directory: PathBuf,
    pub(super) program: ReplicaProgram,
    /// Changes each replica has seen before the run; its length is the number of replicas.
    pub(super) histories: Vec<u64>,
}

/// The program that replicas run.
#[derive(Clone, Debug)]
pub(super) enum ReplicaProgram {
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

impl FleetSpec {
    /// A port for each replica; 0 for replicas that choose their own.
    pub(super) fn ports(&self) -> Result<Vec<u16>, FleetError> {
        let count = self.histories.len();
        match self.program {
            ReplicaProgram::Own { .. } => Ok(vec![0; count]),
            ReplicaProgram::Foreign { .. } => ports::free(count).map_err(FleetError::Ports),
        }
    }
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
