//! Events in the store that nobody asked for: time passes, and it stops and comes back.

use etag_lab_origin::shared_tags::slot::TagSlot;

use super::{Action, Mark, State, Transaction};
use crate::shared_protocol::world::{Accident, Return, World};

impl State {
    pub(super) fn store_actions(&self, world: &World, visit: &mut impl FnMut(Action)) {
        match self.slot {
            TagSlot::Tag(_) if world.meets(Accident::TagExpires) => visit(Action::TagExpires),
            TagSlot::Announced(_) if self.lease_can_end(world) => visit(Action::LeaseEnds),
            _ => {}
        }
        if !self.store_is_up {
            world
                .returns()
                .filter(|how| *how != Return::Old || self.saved.is_some())
                .for_each(|how| visit(Action::StoreReturns(how)));
        } else if world.returns().next().is_some() {
            visit(Action::StoreStops);
            // Once is enough: whatever a later copy could show, some later start of this one shows.
            if world.meets(Accident::StoreStops(Return::Old)) && self.saved.is_none() {
                visit(Action::StoreSaves);
            }
        }
    }

    fn lease_can_end(&self, world: &World) -> bool {
        let covered = Transaction::Open { is_covered: true };
        world.meets(Accident::LeaseTooShort)
            || !self.writers.iter().any(|writer| writer.transaction == covered)
    }

    pub(super) fn store_step(&mut self, action: Action, world: &World) {
        match action {
            Action::TagExpires | Action::LeaseEnds => self.slot = TagSlot::Missing,
            Action::StoreStops => self.stop(world),
            Action::StoreSaves => self.saved = Some(self.slot),
            Action::StoreReturns(how) => self.come_back(how),
            Action::Client(..) | Action::TagWriter(..) | Action::Crash(_) => {
                unreachable!("not the store's own doing")
            }
        }
    }

    fn stop(&mut self, world: &World) {
        self.store_is_up = false;
        if !world.meets(Accident::StoreStops(Return::Unchanged)) {
            self.slot = TagSlot::Missing;
        }
    }

    fn come_back(&mut self, how: Return) {
        self.store_is_up = true;
        match how {
            Return::Unchanged => {}
            Return::Empty => self.slot = TagSlot::Missing,
            Return::Old => self.slot = self.saved.expect("offered only if something was saved"),
            Return::EmptyWithGrace => {
                self.slot = TagSlot::Missing.in_grace(Mark::Grace);
                self.cover_open_transactions();
            }
        }
    }

    /// The grace of a store is as long as a lease, and they were announced before it began.
    fn cover_open_transactions(&mut self) {
        for writer in &mut self.writers {
            if let Transaction::Open { is_covered } = &mut writer.transaction {
                *is_covered = true;
            }
        }
    }
}
