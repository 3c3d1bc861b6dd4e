//! The sum of what can go wrong in a run; each part is defined beside the code that raises it.

use thiserror::Error;

use crate::control_plane::ControlPlaneError;
use crate::files::WriteError;
use crate::fleet::FleetError;
use crate::private_server::PrivateServerError;
use crate::tag_store::TagStoreError;

/// Failure of a run.
#[derive(Debug, Error)]
pub enum RunError {
    /// A fleet failed.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// A control plane failed.
    #[error(transparent)]
    ControlPlane(#[from] ControlPlaneError),
    /// A private server that the run needs is missing.
    #[error(transparent)]
    PrivateServer(#[from] PrivateServerError),
    /// An external store of tags cannot be used.
    #[error(transparent)]
    TagStore(#[from] TagStoreError),
    /// A file of the run cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The balancer cannot listen.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(std::io::Error),
}
