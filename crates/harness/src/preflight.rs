//! Checks before the first arm that the servers of a scenario exist, so that a missing one is one
//! error and not half a run with failed expectations.
//!
//! Starts nothing. A server that goes away during a run is reported by its arm. An external etcd is
//! not asked either: the first arm that uses it finds out.

use scenario::{Arm, Replica, RouteSource, Scenario, TagStore, shares_tags};

use crate::error::RunError;
use crate::private_server::{ETCD, REDIS, find};
use crate::tag_store;

/// An error if a private server is not installed, or an external store does not answer.
pub(crate) async fn check(scenario: &Scenario) -> Result<(), RunError> {
    for arm in &scenario.arms {
        if let Replica::ControlPlane(plane) = &arm.replica
            && matches!(plane.source, RouteSource::PrivateEtcd)
        {
            find(&ETCD)?;
        }
        if shares_tags(arm) {
            find_store(arm).await?;
        }
    }
    Ok(())
}

async fn find_store(arm: &Arm) -> Result<(), RunError> {
    let sharing = &arm.setup.sharing;
    match &sharing.store {
        TagStore::Sqlite => {}
        TagStore::PrivateRedis => drop(find(&REDIS)?),
        TagStore::Redis(url) => tag_store::reach(url, sharing.password_file.as_deref()).await?,
    }
    Ok(())
}
