//! The eye of the room: sees each poll on the thread that makes it, and keeps it short.

use std::sync::{Arc, Weak};

use client::Witness;
use measure::{Exchange, WireExchange};

use super::room::Room;

pub(super) struct RoomWitness(Weak<Room>);

impl RoomWitness {
    pub(super) fn of(room: &Arc<Room>) -> Self {
        Self(Arc::downgrade(room))
    }
}

impl Witness for RoomWitness {
    fn judged(&self, exchange: &Exchange<'_>) {
        if let Some(room) = self.0.upgrade() {
            room.session().judged(exchange);
        }
    }

    fn on_the_wire(&self, exchange: WireExchange) {
        if let Some(room) = self.0.upgrade() {
            room.session().on_the_wire(exchange);
        }
    }
}
