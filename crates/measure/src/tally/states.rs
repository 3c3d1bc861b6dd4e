//! Contents that replicas declared for each edition: several where each makes its own.

use std::collections::{BTreeMap, BTreeSet};

use truth::{Content, ContentId};

use super::Tally;
use crate::record::EditionRecord;

/// Editions, and contents of one edition, remembered at most; replicas without end of new contents
/// must not make a long run grow.
const MOST_STATES: usize = 256;

/// The declared contents.
#[derive(Clone, Debug, Default)]
pub(super) struct States {
    by_edition: BTreeMap<(u32, u32), BTreeSet<ContentId>>,
    latest: Option<(u32, Content)>,
}

impl Tally {
    /// Notes the content that a replica sent, or declared, of a resource, numbered from 0.
    pub fn record_state(&mut self, resource: u32, declared: Content) {
        if declared.edition.is_none() {
            return self.record_unnumbered(resource, declared.id);
        }
        let States { by_edition, latest } = &mut self.states;
        // Most responses repeat the previous declaration, and then the maps are not searched.
        let is_news = *latest != Some((resource, declared));
        let Some(edition) = declared.edition.filter(|_| is_news) else { return };
        *latest = Some((resource, declared));
        let edition = (resource, edition);
        if by_edition.len() < MOST_STATES || by_edition.contains_key(&edition) {
            // The bound is far above what any verdict needs: two contents are a finding already.
            let contents = by_edition.entry(edition).or_default();
            if contents.len() < MOST_STATES {
                contents.insert(declared.id);
            }
        }
    }

    /// The most contents that one and the same edition was seen to have; 0 when replicas number no
    /// editions, and more than 1 where they make content of their own.
    pub fn contents_for_same_edition(&self) -> usize {
        self.states.by_edition.values().map(BTreeSet::len).max().unwrap_or(0)
    }

    /// The editions with their contents, as they stand in the record of a shard.
    pub fn edition_records(&self) -> Vec<EditionRecord> {
        let record = |(&(resource, edition), contents): (&(u32, u32), &BTreeSet<ContentId>)| {
            let contents = contents.iter().map(ToString::to_string).collect();
            EditionRecord { resource, edition, contents }
        };
        self.states.by_edition.iter().map(record).collect()
    }

    /// Adds contents of an edition. Of too many the least are kept, in whatever order they come.
    pub(crate) fn add_edition(
        &mut self,
        resource: u32,
        edition: u32,
        contents: impl IntoIterator<Item = ContentId>,
    ) {
        let editions = &mut self.states.by_edition;
        let known = editions.entry((resource, edition)).or_default();
        known.extend(contents);
        while known.len() > MOST_STATES {
            known.pop_last();
        }
        while editions.len() > MOST_STATES {
            editions.pop_last();
        }
    }

    pub(crate) fn merge_editions(&mut self, other: &Self) {
        for (&(resource, edition), contents) in &other.states.by_edition {
            self.add_edition(resource, edition, contents.iter().copied());
        }
    }

    /// The contents of the edition that has the most; of several, the earliest.
    pub fn contents_of_most_varied_edition(&self) -> impl Iterator<Item = ContentId> {
        let most = self.contents_for_same_edition();
        let edition = self.states.by_edition.values().find(|contents| contents.len() == most);
        edition.into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_of_one_edition_are_told_apart_from_changes() {
        let state = |bytes: &str, edition| Content { id: ContentId::of(bytes.as_bytes()), edition };
        let mut states = Tally::default();
        assert_eq!(states.contents_for_same_edition(), 0);
        for declared in [state("a", Some(0)), state("b", Some(1)), state("x", None)] {
            states.record_state(0, declared);
        }
        states.record_state(1, state("b of another resource", Some(1)));
        assert_eq!(states.contents_for_same_edition(), 1);
        for bytes in ["b for r1", "b for r2", "b for r1"] {
            states.record_state(0, state(bytes, Some(1)));
        }
        assert_eq!(states.contents_for_same_edition(), 3);
        let most: Vec<_> = states.contents_of_most_varied_edition().collect();
        assert!(most.len() == 3 && most.contains(&ContentId::of(b"b for r2")));
    }

    #[test]
    fn endless_new_contents_do_not_grow_the_tally() {
        let mut states = Tally::default();
        for n in 0..1_000_u32 {
            let id = ContentId::of(&n.to_le_bytes());
            states.record_state(0, Content { id, edition: Some(n) });
            states.record_state(0, Content { id, edition: Some(7) });
        }
        assert_eq!(states.contents_for_same_edition(), MOST_STATES);
    }
}
