//! Contents of one resource, one after the other.

use std::collections::BTreeMap;

use truth::ContentId;

use super::MOST;
use crate::record::VerdictsRecord;
use crate::verdict::Verdict;

/// Contents, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    pub(super) responses: u64,
    latest: Option<ContentId>,
    pub(super) seen: BTreeMap<ContentId, Seen>,
    /// Responses with a content that was not known.
    pub(super) new: u64,
    /// Polls of the arm until something came back for the first time, and for the last.
    returned: Option<(u64, u64)>,
    /// Returns after as many responses with other contents as there are clients.
    pub(super) late_returns: u64,
}

/// One content, at times counted in polls of the arm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    first: u64,
    last: u64,
    /// Responses that brought it back after another.
    returns: u64,
    /// Responses of the course until another came after it.
    left: u64,
}

impl Course {
    /// Notes the content of a response, the last of these polls.
    pub(super) fn note(&mut self, content: ContentId, polls: &VerdictsRecord) {
        self.responses += 1;
        // Most contents are that of the response before.
        let before = self.latest.replace(content);
        if before == Some(content) {
            return;
        }
        if let Some(seen) = before.and_then(|before| self.seen.get_mut(&before)) {
            seen.left = self.responses - 1;
        }
        let poll = polls.total();
        if let Some(seen) = self.seen.get_mut(&content) {
            let others = self.responses - 1 - seen.left;
            self.late_returns += u64::from(others >= polls.of(Verdict::FirstFetch).max(1));
            (seen.last, seen.returns) = (poll, seen.returns + 1);
            self.returned = Some((self.returned.map_or(poll, |(first, _)| first), poll));
            return;
        }
        self.new += 1;
        if self.seen.len() < MOST {
            self.seen.insert(content, Seen { first: poll, last: poll, returns: 0, left: 0 });
        }
    }

    pub(super) fn returns(&self) -> u64 {
        self.seen.values().map(|seen| seen.returns).sum()
    }

    /// Contents that took turns from the first of so many polls to the last; 0 where they belong to
    /// moments.
    pub(super) fn in_turn(&self, polls: u64) -> usize {
        let Some((first, last)) = self.returned else { return 0 };
        // A rollout begins after the first polls or is over before the last ones. Before anything
        // can come back, each replica has to be met.
        let met = self.seen.len() as u64 + 1;
        let throughout = first <= polls / 3 + met && last >= polls - polls / 3;
        // Several polls in flight exchange neighbours, which are gone soon. A content that changes
        // on all replicas at once takes turns with others of its time.
        let long = |seen: &&Seen| seen.returns > 0 && 4 * (seen.last - seen.first) >= polls;
        let long = self.seen.values().filter(long).count();
        let returns = self.returns();
        let often = returns >= 4 && returns >= 2 * self.new && 3 * returns >= self.responses;
        if throughout && long > 1 && often { self.seen.len() } else { 0 }
    }
}
