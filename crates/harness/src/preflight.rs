//! Asks before the first arm whether the servers that a scenario needs are there, so that the answer
//! is one error and not half a run with its expectations failed.
//!
//! Starts nothing. What goes away during a run is the arm's to tell; whether an etcd of somebody
//! else's answers is found out by the first arm, which uses it.

use crate::real::{self, ETCD, REDIS};
use crate::run::RunError;
use crate::tag_store;
use scenario::{Replica, RouteSource, Scenario, TagStore, shares_tags};

/// An error if a private server is not installed, or a store of somebody else's does not answer.
pub(crate) async fn check(scenario: &Scenario) -> Result<(), RunError> {
    for arm in &scenario.arms {
        if let Replica::ControlPlane(plane) = &arm.replica
            && matches!(plane.source, RouteSource::PrivateEtcd)
        {
            real::find(&ETCD)?;
        }
        if shares_tags(arm) {
            match &arm.setup.sharing.store {
                TagStore::Sqlite => {}
                TagStore::PrivateRedis => {
                    real::find(&REDIS)?;
                }
                TagStore::Redis(url) => tag_store::reach(url).await?,
            }
        }
    }
    Ok(())
}
