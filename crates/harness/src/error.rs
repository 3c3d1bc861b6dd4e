//! Everything that can go wrong in a run.

use std::io;

use control_plane::etcd::EtcdError;
use control_plane::proxy::table::{RouteError, TableError};
use control_plane::source::NotARoute;
use thiserror::Error;

use crate::files::WriteError;
use crate::process::ProcessError;

/// Failure of a run.
///
/// One list for all parts: nobody can do more about any of these than report it, so that a list
/// for each layer would only be unwrapped by the layer above.
#[derive(Debug, Error)]
pub enum RunError {
    /// A child process failed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A file of the run cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The balancer cannot listen.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(io::Error),
    /// There are no ports for programs that do not choose one themselves.
    #[error("cannot find a free port: {0}")]
    Ports(io::Error),
    /// A server product that the run needs is not installed.
    #[error("{name} is not on this machine: no `{program}` on the PATH\n  = help: {installation}")]
    MissingServer {
        /// The product.
        name: &'static str,
        /// The programs that were looked for.
        program: String,
        /// Advice to get one of them, or to do without.
        installation: &'static str,
    },
    /// A URL names no store of tags that we know.
    #[error("cannot open the store `{store}`: {reason}")]
    UnknownStore {
        /// Its URL, without a password.
        store: String,
        /// The reason.
        reason: String,
    },
    /// No store of tags answers at its URL.
    #[error(
        "the store `{store}` does not answer\n  = help: start it, or leave --store out: the tags \
         are then in a file of the run"
    )]
    SilentStore {
        /// Its URL, without a password.
        store: String,
    },
    /// etcd refused a request or did not answer.
    #[error("{0}\n  = help: is that the address of an etcd v3? try `etcdctl endpoint health`")]
    Etcd(EtcdError),
    /// A route of the lab is malformed: a fault of the lab, as the next two are.
    #[error("a route of the lab is malformed: {0}")]
    Route(#[from] RouteError),
    /// The routes of the lab make no table.
    #[error("the routes of the lab make no table: {0}")]
    Table(#[from] TableError),
    /// The routes of the lab make no list.
    #[error("the routes of the lab make no list: {0}")]
    List(#[from] NotARoute),
}

// By hand, because the message holds all of it: as a cause it would be printed once more.
impl From<EtcdError> for RunError {
    fn from(error: EtcdError) -> Self {
        Self::Etcd(error)
    }
}
