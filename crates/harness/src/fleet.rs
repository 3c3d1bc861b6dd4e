//! A fleet as the tier of an arm: replicas, which may share a database and a store of tags.
//!
//! A fleet never outlives its owner ([`crate::process`]). When things happen is not decided here;
//! that is up to the timeline.

use std::ffi::OsString;
use std::path::PathBuf;

use scenario::Program;

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
    /// Folder for the replicas' copies and logs; must exist.
    directory: PathBuf,
    program: ReplicaProgram,
    /// Changes each replica has seen before the run; its length is the number of replicas.
    histories: Vec<u64>,
}

/// The program that replicas run.
#[derive(Debug)]
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
