//! Settings of a model: how large the fleet is, how its writers behave, what it meets.
//!
//! Holds no behaviour; [`crate::shared_protocol::model`] reads it.

use etag_lab_origin::shared_tags::protocol::TagProtocol;

/// The most clients that a world can have.
pub(crate) const CLIENTS: usize = 3;
/// The most writers that a world can have.
pub(crate) const WRITERS: usize = 3;

/// One fleet and its accidents. Clients poll for ever; each writer changes the resource once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub(crate) protocol: TagProtocol,
    pub(crate) clients: usize,
    pub(crate) writers: usize,
    pub(crate) discipline: Discipline,
    pub(crate) accidents: &'static [Accident],
}

/// Order in which a writer takes the steps that the protocol gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Discipline {
    Kept,
    /// Keeps to them, but rolls back if its announcement was not heard.
    RollsBackUnheard,
    /// Publishes inside the transaction, and then commits.
    PublishesFirst,
    /// Changes the database without telling the store.
    Silent,
    /// Publishes the same tag at each attempt.
    RepeatsItsTag,
}

/// Accident that can happen at any time, and as often as it likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accident {
    TagExpires,
    /// A writer dies before one of its steps; an open transaction is rolled back.
    WriterDies,
    /// The store does not hear a client or a publication, or does what it is asked without the
    /// answer arriving.
    MessageLost,
    /// The store does not hear an announcement although it answers everybody else.
    AnnouncementLost,
    /// A creation whose answer did not arrive is sent again, word for word.
    CreationRepeated,
    /// The store stops, and comes back in this way.
    StoreStops(Return),
    /// The lease of a mark ends before its writer's transaction.
    LeaseTooShort,
    /// Two write transactions are open at once.
    WritersOverlap,
}

/// Content of a store that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Return {
    /// All that it held: it was not reachable for a while.
    Unchanged,
    /// Nothing.
    Empty,
    /// Nothing, and for the length of a lease it treats every path as announced.
    EmptyWithGrace,
    /// Content when it was last written to disk, or a copy of it was last up to date.
    Old,
}

/// Every accident for which the hardened protocol is made.
const ROUGH: &[Accident] = &[
    Accident::TagExpires,
    Accident::WriterDies,
    Accident::MessageLost,
    Accident::StoreStops(Return::EmptyWithGrace),
];

impl World {
    /// Two clients and two writers who meet nothing but each other.
    pub(crate) fn calm(protocol: TagProtocol) -> Self {
        let discipline = Discipline::Kept;
        Self { protocol, clients: 2, writers: 2, discipline, accidents: &[] }
    }

    /// Two clients and two writers who meet every accident for which the hardened protocol is made.
    pub(crate) fn rough(protocol: TagProtocol) -> Self {
        Self::calm(protocol).with(ROUGH)
    }

    /// The same fleet, with these accidents and no others.
    pub(crate) fn with(self, accidents: &'static [Accident]) -> Self {
        Self { accidents, ..self }
    }

    pub(crate) fn meets(&self, accident: Accident) -> bool {
        self.accidents.contains(&accident)
    }

    /// In which ways the store comes back; in none if it never stops.
    pub(crate) fn returns(&self) -> impl Iterator<Item = Return> {
        self.accidents.iter().filter_map(|accident| match accident {
            Accident::StoreStops(how) => Some(*how),
            _ => None,
        })
    }
}
