//! Orders about what the replicas of a fleet share: the steps of a change, the pace of polling,
//! held requests, and what was counted.
//!
//! Programs of the user's know none of this and are passed over, as are replicas that are dead.

use origin::Counts;
use origin::replica::ChangeStep;

use super::{Deployment, Fleet, FleetError, Process, own::OwnReplica};

impl Fleet {
    /// One replica (counted from 0) tells the store that a change is about to come, and commits it at
    /// once if it `commits`.
    pub(crate) async fn announce(
        &mut self,
        index: usize,
        deployment: &Deployment,
        commits: bool,
    ) -> Result<(), FleetError> {
        let steps = [ChangeStep::Announce, ChangeStep::Commit];
        self.write(index, deployment, if commits { &steps } else { &steps[..1] }).await
    }

    /// One replica (counted from 0) makes the tag another one.
    pub(crate) async fn publish(
        &mut self,
        index: usize,
        deployment: &Deployment,
    ) -> Result<(), FleetError> {
        self.write(index, deployment, &[ChangeStep::Publish]).await
    }

    async fn write(
        &mut self,
        index: usize,
        deployment: &Deployment,
        steps: &[ChangeStep],
    ) -> Result<(), FleetError> {
        match &mut self.replicas[index] {
            Process::Own(replica) => replica.change(deployment, Some(steps)).await,
            Process::Foreign(_) => Ok(()),
        }
    }

    /// All replicas say this in `Poll-Interval` from now on; `None` says nothing.
    pub(crate) async fn pace(&mut self, poll_interval_ms: Option<i64>) -> Result<(), FleetError> {
        // A replica that starts later says the same.
        self.spec.shared.poll_interval_ms = poll_interval_ms;
        for replica in self.living() {
            replica.pace(poll_interval_ms).await?;
        }
        Ok(())
    }

    /// The next request at each replica that is about to create a tag waits there.
    pub(crate) async fn hold_creations(&mut self) -> Result<(), FleetError> {
        for replica in self.living() {
            replica.hold_creation().await?;
        }
        Ok(())
    }

    /// Lets these requests go on together, once there is one at each replica.
    ///
    /// They go on as well when one of them does not come; that is then the error.
    pub(crate) async fn release_creations(&mut self) -> Result<(), FleetError> {
        let mut all_held = Ok(());
        for replica in self.living() {
            let held = replica.await_held().await;
            all_held = all_held.and(held);
        }
        for replica in self.living() {
            replica.release_creation().await?;
        }
        all_held
    }

    /// What all replicas have counted since each was ready, those included that were killed.
    pub(crate) async fn counts(&mut self) -> Result<Counts, FleetError> {
        let mut sum = self.departed_counts;
        for replica in self.living() {
            add(&mut sum, replica.counts().await?);
        }
        Ok(sum)
    }

    /// What a replica counted that is about to be killed; a replica that does not say has nothing
    /// to say any more.
    pub(super) async fn remember_counts(&mut self, index: usize) {
        let is_counted = self.spec.shared.database.is_some() || self.spec.shared.tags.is_some();
        if let Process::Own(replica) = &mut self.replicas[index]
            && is_counted
            && replica.is_alive()
            && let Ok(counts) = replica.counts().await
        {
            add(&mut self.departed_counts, counts);
        }
    }

    fn living(&mut self) -> impl Iterator<Item = &mut OwnReplica> {
        let own = |process| match process {
            &mut Process::Own(ref mut replica) => Some(replica).filter(|own| own.is_alive()),
            Process::Foreign(_) => None,
        };
        self.replicas.iter_mut().filter_map(own)
    }
}

fn add(sum: &mut Counts, counts: Counts) {
    sum.requests += counts.requests;
    sum.not_modified += counts.not_modified;
    sum.queries += counts.queries;
    sum.queries_on_not_modified += counts.queries_on_not_modified;
    sum.hits += counts.hits;
    sum.misses.header_missing += counts.misses.header_missing;
    sum.misses.key_not_found += counts.misses.key_not_found;
    sum.misses.resource_changed += counts.misses.resource_changed;
    sum.store_errors += counts.store_errors;
}
