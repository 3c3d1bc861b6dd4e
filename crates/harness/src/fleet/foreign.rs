//! A replica that is somebody else's program, under the guard that ends it.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};

use crate::guarded::{Guarded, NotAccepting};
use crate::ports;

use super::{Deployment, FleetError, FleetSpec, ReplicaKind, Seat, last_lines};

#[derive(Debug)]
pub(super) struct ForeignReplica {
    seat: Seat,
    program: Guarded,
    address: SocketAddr,
}

impl ForeignReplica {
    pub(super) fn launch(
        spec: &FleetSpec,
        seat: Seat,
        command: &str,
        port: u16,
        deployment: &Deployment,
    ) -> Result<Self, FleetError> {
        let log = seat.prepare()?;
        put_copy(&seat, deployment)?;
        let variables = [
            ("PORT", port.to_string().into()),
            ("REPLICA", seat.replica.0.to_string().into()),
            ("REPLICAS", spec.histories.len().to_string().into()),
            ("RESOURCE", OsString::from(&seat.copy)),
        ];
        let program =
            Guarded::start(&spec.program, command, None, variables, log).map_err(|error| {
                FleetError::Start {
                    replica: seat.replica,
                    program: spec.program.display().to_string(),
                    error,
                }
            })?;
        Ok(Self { seat, program, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ready when its port accepts; an end before that is reported at once.
    pub(super) async fn ready(&mut self) -> Result<(), FleetError> {
        let replica = self.seat.replica;
        let output = || last_lines(&self.seat.log);
        self.program.accepts(self.address).await.map_err(|problem| match problem {
            NotAccepting::Ended(status) => FleetError::Ended { replica, status, output: output() },
            NotAccepting::Silent => FleetError::NotReady {
                replica,
                what: format!("nothing accepts on PORT={}", self.address.port()),
                output: output(),
            },
        })
    }

    /// Replaces the copy that the program may or may not read.
    pub(super) fn deploy(&mut self, deployment: &Deployment) -> Result<(), FleetError> {
        put_copy(&self.seat, deployment)
    }

    pub(super) async fn kill(&mut self) {
        self.program.kill().await;
    }
}

/// A new file renamed into place, as deploys do, with the modification time of the deployment.
fn put_copy(seat: &Seat, deployment: &Deployment) -> Result<(), FleetError> {
    let fresh = seat.copy.with_extension("new");
    let put = || {
        std::fs::copy(&deployment.source, &fresh)?;
        std::fs::File::options().write(true).open(&fresh)?.set_modified(deployment.modified)?;
        std::fs::rename(&fresh, &seat.copy)
    };
    put().map_err(|error| FleetError::Prepare { path: seat.copy.clone(), error })
}

/// Ports that nobody uses at the moment; 0 for replicas that choose their own.
pub(super) fn free_ports(spec: &FleetSpec) -> Result<Vec<u16>, FleetError> {
    let count = spec.histories.len();
    if matches!(spec.kind, ReplicaKind::Own { .. }) {
        return Ok(vec![0; count]);
    }
    ports::free(count).map_err(|error| FleetError::Prepare { path: "127.0.0.1:0".into(), error })
}
