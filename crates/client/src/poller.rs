//! What one logical client remembers between polls: a value of a few dozen bytes.
//!
//! Not a task and not a connection, so that a million of them are possible.

use std::rc::Rc;

use measure::ContentCoding;
use truth::Content;

/// One client's stored response, reduced to what revalidation needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Poller {
    /// The field value to send back as If-None-Match; never interpreted (RFC 9110 §8.8.3).
    pub(crate) entity_tag: Option<Rc<[u8]>>,
    /// What is stored; committed only after complete content.
    pub(crate) held: Option<Content>,
    /// In which form what is stored came.
    pub(crate) coding: ContentCoding,
    /// Changes that had reached every replica when this client last polled.
    pub(crate) changes_seen: u32,
}

/// Lets clients that hold the same tag share one copy of it.
///
/// Remembers only the latest few: a server with a new tag per response must not make it grow.
#[derive(Debug, Default)]
pub(crate) struct RecentTags {
    tags: [Option<Rc<[u8]>>; 16],
    next: usize,
}

impl RecentTags {
    /// A shared copy of this tag.
    pub(crate) fn share(&mut self, tag: &[u8]) -> Rc<[u8]> {
        if let Some(known) = self.tags.iter().flatten().find(|known| known.as_ref() == tag) {
            return Rc::clone(known);
        }
        let fresh: Rc<[u8]> = tag.into();
        self.tags[self.next] = Some(Rc::clone(&fresh));
        self.next = (self.next + 1) % self.tags.len();
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poller_at_rest_is_within_its_budget() {
        assert!(size_of::<Poller>() <= 64, "{}", size_of::<Poller>());
    }

    #[test]
    fn equal_tags_are_shared_and_endless_new_ones_are_forgotten() {
        let mut recent = RecentTags::default();
        let first = recent.share(b"\"1\"");
        assert!(Rc::ptr_eq(&first, &recent.share(b"\"1\"")));
        for n in 0..1_000 {
            recent.share(format!("\"{n}x\"").as_bytes());
        }
        assert_eq!(Rc::strong_count(&first), 1);
    }
}
