//! Contents that replicas hold without saying so: what a program of the user's was given, once it has
//! sent it.
//!
//! A 304 shows no content. Where its replica has sent what it was given last, that is the content which
//! the 304 confirms; where it has sent something else, or nothing yet, nobody knows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use truth::{Content, ContentId, ReplicaId};

/// Contents that replicas were given, and whether they have sent them.
#[derive(Debug, Default)]
pub struct Holdings(Mutex<BTreeMap<ReplicaId, Given>>);

#[derive(Clone, Copy, Debug)]
struct Given {
    content: ContentId,
    is_sent: bool,
}

impl Holdings {
    /// Notes that a replica was given a content, which it has not sent yet.
    pub fn give(&self, replica: ReplicaId, content: ContentId) {
        self.all().insert(replica, Given { content, is_sent: false });
    }

    /// Notes that a replica sent a content, whole.
    pub fn sent(&self, replica: ReplicaId, content: ContentId) {
        if let Some(given) = self.all().get_mut(&replica) {
            given.is_sent = given.content == content;
        }
    }

    /// Content that a replica holds; `None` where it has not sent what it was given last.
    pub fn held(&self, replica: ReplicaId) -> Option<Content> {
        let given = self.all().get(&replica).copied().filter(|given| given.is_sent)?;
        // Contents are compared by their octets: a program numbers no editions.
        Some(Content { id: given.content, edition: None })
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<ReplicaId, Given>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_holds_what_it_was_given_once_it_has_sent_that() {
        let (holdings, replica) = (Holdings::default(), ReplicaId(1));
        let [one, two] = ["one", "two"].map(|text| ContentId::of(text.as_bytes()));
        let held = || holdings.held(replica).map(|content| content.id);
        holdings.sent(replica, one);
        assert_eq!(held(), None, "it was given nothing");
        holdings.give(replica, one);
        assert_eq!(held(), None);
        holdings.sent(replica, one);
        assert_eq!(held(), Some(one));
        holdings.sent(replica, two);
        assert_eq!(held(), None, "it serves something of its own");
        holdings.give(replica, two);
        assert_eq!(held(), None, "it may not have read it yet");
        assert_eq!(holdings.held(ReplicaId(2)), None);
    }
}
