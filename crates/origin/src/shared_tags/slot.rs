//! The store's atomic operations for one path: the reference for every store.
//!
//! Pure, and without time: that a tag expires some minutes after it was written (a look-up does
//! not prolong it) and a mark at the end of its lease is the store's own business; both are then
//! [`TagSlot::Missing`]. A store that runs in this process (`SQLite`, in a transaction) can call
//! this very code; one that is sent commands must do the same: in Redis `GET`, `SET NX GET PX`,
//! `SET PX`, and a script to publish.
//!
//! A store that has started again must neither bring back old tags nor give new ones under a
//! writer whose mark it has forgotten: its paths go by names that no earlier start has used, and
//! for the length of a lease a slot is what [`TagSlot::in_grace`] makes of it.

use super::protocol::{CreationResult, HeldTag};

/// Entry of a store for one path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TagSlot<T, M> {
    /// Nothing.
    #[default]
    Missing,
    /// The mark of the last writer that announced itself.
    Announced(M),
    /// The current tag.
    Tag(T),
}

impl<T: Clone, M: PartialEq> TagSlot<T, M> {
    /// The slot of a store that may have forgotten the mark of a writer: where nothing is, that
    /// writer could be about to commit, so `unknown`, the mark of nobody, is taken to be there.
    #[must_use]
    pub fn in_grace(self, unknown: M) -> Self {
        match self {
            Self::Missing => Self::Announced(unknown),
            known => known,
        }
    }

    /// Result of a look-up.
    pub fn get(&self) -> HeldTag<T> {
        match self {
            Self::Missing => HeldTag::Missing,
            Self::Announced(_) => HeldTag::Announced,
            Self::Tag(tag) => HeldTag::Tag(tag.clone()),
        }
    }

    /// Puts a tag where nothing is.
    pub fn create(&mut self, candidate: T) -> CreationResult<T> {
        match self {
            Self::Missing => {
                *self = Self::Tag(candidate);
                CreationResult::Won
            }
            Self::Announced(_) => CreationResult::Announced,
            Self::Tag(winner) => CreationResult::Lost(winner.clone()),
        }
    }

    /// Puts a writer's mark in the place of whatever is there.
    ///
    /// Another writer's mark as well: the database lets one write at a time, so the other one has
    /// committed, and this one will publish for both.
    pub fn announce(&mut self, mark: M) {
        *self = Self::Announced(mark);
    }

    /// Puts a tag in the place of whatever is there, except for the mark of *another* writer.
    ///
    /// That writer may be between its announcement and its commit, where a tag would be given
    /// with content that is about to be stale.
    pub fn publish(&mut self, mark: &M, tag: T) {
        if !matches!(self, Self::Announced(other) if other != mark) {
            *self = Self::Tag(tag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tag `"t"`, the mark of writer 1, and nothing.
    const STATES: [TagSlot<&str, u8>; 3] =
        [TagSlot::Missing, TagSlot::Announced(1), TagSlot::Tag("t")];

    #[test]
    fn a_tag_is_created_only_where_nothing_is() {
        let outcomes = STATES.map(|mut slot| (slot.create("new"), slot));
        assert_eq!(
            outcomes,
            [
                (CreationResult::Won, TagSlot::Tag("new")),
                (CreationResult::Announced, TagSlot::Announced(1)),
                (CreationResult::Lost("t"), TagSlot::Tag("t")),
            ]
        );
    }

    #[test]
    fn the_last_mark_takes_the_place_of_everything() {
        for mut slot in STATES {
            slot.announce(2);
            assert_eq!(slot.get(), HeldTag::Announced);
            assert_eq!(slot, TagSlot::Announced(2));
        }
    }

    #[test]
    fn in_its_grace_a_store_creates_and_publishes_nothing_where_nothing_is() {
        let in_grace = STATES.map(|slot| slot.in_grace(9));
        assert_eq!(in_grace, [TagSlot::Announced(9), TagSlot::Announced(1), TagSlot::Tag("t")]);
        let [mut forgotten, ..] = in_grace;
        assert_eq!(forgotten.create("new"), CreationResult::Announced);
        forgotten.publish(&1, "new");
        assert_eq!(forgotten.get(), HeldTag::Announced);
    }

    #[test]
    fn a_published_tag_takes_the_place_of_everything_but_another_writers_mark() {
        let published_by = |mark| {
            STATES.map(|mut slot| {
                slot.publish(&mark, "new");
                slot.get()
            })
        };
        assert_eq!(published_by(1), [HeldTag::Tag("new"); 3]);
        assert_eq!(published_by(2), [HeldTag::Tag("new"), HeldTag::Announced, HeldTag::Tag("new")]);
    }
}
