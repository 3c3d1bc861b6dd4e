//! A fleet as the tier of an arm: replicas, which may share a database and a store of tags.
//!
//! A fleet never outlives its owner ([`crate::process`]). When things happen is not decided here;
//! that is up to the timeline.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use scenario::Program;

use crate::disclosure::Disclosure;

mod arguments;
mod replica;
mod replicas;
mod tier;

pub(crate) use tier::FleetTier;

/// Settings that all replicas of a fleet share.
#[derive(Debug)]
struct FleetSpec {
    /// The `etag-lab` program, which is its own replica and its own guard.
    lab: PathBuf,
    disclosure: Disclosure,
    /// Folder for the replicas' copies and logs; must exist.
    directory: PathBuf,
    /// Program of replicas that join.
    program: ReplicaProgram,
    /// Programs of replicas that differ from the others, by index.
    exceptions: BTreeMap<usize, ReplicaProgram>,
    /// Changes each replica has seen before the run; its length is the number of replicas.
    histories: Vec<u64>,
}

impl FleetSpec {
    /// The program of one replica.
    fn program(&self, index: usize) -> &ReplicaProgram {
        self.exceptions.get(&index).unwrap_or(&self.program)
    }
}

/// The program that replicas run.
#[derive(Clone, Debug)]
enum ReplicaProgram {
    /// `etag-lab replica` with the arguments that all replicas share.
    Own {
        arguments: Vec<OsString>,
        /// `Poll-Interval` of the responses, in milliseconds; `None` sends none.
        poll_interval_ms: Option<i64>,
        shares_tags: bool,
    },
    /// A command line for the shell; it gets `PORT`, `REPLICA`, `REPLICAS` and `RESOURCE`.
    Foreign(Program),
}
