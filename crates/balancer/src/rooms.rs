//! Buffers of exchanges: lent to a connection from the first byte of a request to the end of its
//! response, so that a connection at rest owns none.
//!
//! A few are kept for the next ones; what a crowd needed beyond that goes back to the allocator.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::wire::Buffer;

/// Room for the requests of one client; grows where a head needs more.
pub(crate) const REQUEST_BYTES: usize = 4 * 1024;
/// Room for a response; a small one with its content takes one read and one write.
pub(crate) const RESPONSE_BYTES: usize = 16 * 1024;
/// Room for a head that is to be sent.
const HEAD_BYTES: usize = 1024;

/// Most that are kept: 3 MB, enough for as many exchanges at once as one thread is quick at.
const MOST_KEPT: usize = 128;

/// The buffers of one exchange.
pub(crate) struct Rooms {
    /// Received from the client.
    pub(crate) requests: Buffer,
    /// Received from a replica.
    pub(crate) responses: Buffer,
    /// To be sent to a replica, kept until its answer came.
    pub(crate) forwarded: Vec<u8>,
    /// To be sent to the client.
    pub(crate) reply: Vec<u8>,
}

impl Rooms {
    /// Buffers without room, of a connection at rest.
    pub(crate) const fn none() -> Self {
        Self {
            requests: Buffer::none(),
            responses: Buffer::none(),
            forwarded: Vec::new(),
            reply: Vec::new(),
        }
    }

    fn new() -> Self {
        Self {
            requests: Buffer::new(REQUEST_BYTES),
            responses: Buffer::new(RESPONSE_BYTES),
            forwarded: Vec::with_capacity(HEAD_BYTES),
            reply: Vec::with_capacity(HEAD_BYTES),
        }
    }

    /// True if no large message has passed: what has grown is not kept for small ones.
    fn is_of_usual_size(&self) -> bool {
        let is_usual = |bytes: &Vec<u8>| bytes.capacity() <= RESPONSE_BYTES;
        self.requests.capacity() == REQUEST_BYTES
            && self.responses.capacity() == RESPONSE_BYTES
            && is_usual(&self.forwarded)
            && is_usual(&self.reply)
    }
}

/// Buffers that nobody uses.
#[derive(Default)]
pub(crate) struct SpareRooms(Mutex<Vec<Rooms>>);

impl SpareRooms {
    pub(crate) fn lend(&self) -> Rooms {
        let spare = self.spare().pop();
        spare.unwrap_or_else(Rooms::new)
    }

    /// Takes buffers back; nobody needs any more what is in them.
    pub(crate) fn give_back(&self, mut rooms: Rooms) {
        rooms.requests.clear();
        if rooms.is_of_usual_size() {
            let mut spare = self.spare();
            if spare.len() < MOST_KEPT {
                spare.push(rooms);
            }
        }
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Rooms>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_number_of_usual_size_is_kept() {
        let spare = SpareRooms::default();
        let lent: Vec<_> = (0..2 * MOST_KEPT).map(|_| spare.lend()).collect();
        assert!(lent.iter().all(Rooms::is_of_usual_size));
        for rooms in lent {
            spare.give_back(rooms);
        }
        assert_eq!(spare.spare().len(), MOST_KEPT);
        let mut grown = spare.lend();
        grown.reply.reserve(1_000_000);
        spare.give_back(grown);
        spare.give_back(Rooms::none());
        assert_eq!(spare.spare().len(), MOST_KEPT - 1);
    }
}
