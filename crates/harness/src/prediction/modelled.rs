//! The limits of predictions: an arm is predicted if nothing but strategy, policy and cadence
//! decides.

use std::time::Duration;

use balancer::Situation;
use semantics::FreshnessFields;
use strategies::Agreement;

use super::Case;
use super::through_edge::{Current, ThroughEdge};
use scenario::{Cadence, Change, Event, Invalidate, TagProtocol};

impl Case<'_> {
    /// True if nothing but strategy, policy and cadence decides about a poll.
    pub(super) fn is_modelled(&self) -> bool {
        let caching = &self.setup.caching;
        let open_loop = matches!(self.setup.cadence, Cadence::OpenLoop { .. });
        // In real time a response ages by the second hand of another process.
        let ages = open_loop && self.is_ever_fresh();
        // Whether a balancer has noticed yet that a client has hung up is a race.
        let races = caching.interruption.is_some() && heeds_load(self.setup.policy);
        // Which response a resumed download is dated by depends on the ranges of the server.
        let resumed = caching.interruption.is_some() && caching.validate.by_date();
        // A store has one date, that of the replica that got the change first.
        let shared = self.is_stored() && caching.validate.by_date();
        // What an edge compresses comes in chunks, in which clients do not hang up.
        let chunked =
            caching.interruption.is_some() && !self.setup.fields.accept_encoding.is_empty();
        // The replicas then decide how often clients poll.
        let paced = self.setup.obey_poll_interval;
        let known = !ages && !races && !resumed && !shared && !chunked && !paced;
        known && self.is_sharing_modelled()
    }

    /// True if all that replicas share is a tag that changes at once with the content.
    fn is_sharing_modelled(&self) -> bool {
        let sharing = &self.setup.sharing;
        // A replica's copy is not what it serves then.
        let other_copy = sharing.database && self.strategy.reads.file;
        let dies = self.setup.events.iter().any(Event::is_about_store);
        let own_tags = !self.strategy.reads.shared_tag;
        // Of replicas that create the first tag at once, each has its own as published.
        let races =
            sharing.protocol == TagProtocol::AsPublished && self.setup.cadence != Cadence::Lockstep;
        let late = |change: &Change| {
            change.window > 0
                || change.invalidate.unwrap_or(sharing.invalidate) != Invalidate::AfterCommit
        };
        let at_once = sharing.ttl.is_none() && !races && !self.scenario.changes.iter().any(late);
        !other_copy && !dies && (own_tags || at_once)
    }

    /// True if all replicas serve the content of one database.
    pub(super) fn is_stored(&self) -> bool {
        self.strategy.reads.revision || self.setup.sharing.database
    }

    /// True if two processes may agree about a content by chance, as they do about the order of a
    /// map with few members.
    pub(super) fn is_seeded(&self) -> bool {
        self.strategy.agreement == Agreement::SameProcess && self.strategy.reads.content
    }

    /// Bytes of content that all replicas together read in one run.
    pub(super) fn content_bytes(&self) -> usize {
        self.editions.iter().map(<[u8]>::len).sum::<usize>() * self.setup.replicas.get() as usize
    }

    /// True if clients use stored content without a request, behind any edge of the arm.
    fn is_ever_fresh(&self) -> bool {
        let later = self.setup.events.iter().filter_map(|event| event.edge);
        let mut edges = std::iter::once(self.setup.edge).chain(later);
        let current = Current { tag: None, date: None, length: self.editions.content(0).len() };
        edges.any(|edge| {
            let mut through = ThroughEdge::new(self.setup, &self.scenario.resource);
            through.switch(edge);
            let is_fresh =
                |fields: FreshnessFields| fields.fresh_for(None, Duration::ZERO) > Duration::ZERO;
            through.shown(current).iter().any(|shown| is_fresh(shown.freshness))
        })
    }
}

/// True if a policy looks at the exchanges under way.
fn heeds_load(entry: &balancer::PolicyEntry) -> bool {
    let pick = |in_flight: &[u32]| {
        let situation = Situation { in_flight, available: &[true; 2], client: 0, connection: 0 };
        (entry.make)(0).pick(&situation)
    };
    pick(&[1, 0]) != pick(&[0, 1])
}
