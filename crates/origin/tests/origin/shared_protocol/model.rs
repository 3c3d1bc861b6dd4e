//! One state of a fleet, and what can happen next.
//!
//! The store is the reference [`TagSlot`], the readers and writers follow the very [`TagProtocol`] that
//! replicas run. A step is what one party does between two messages; every order of steps is tried
//! by [`crate::shared_protocol::explore`]. Versions of the content are numbered by commit, tags by a number that
//! nobody holds any more.
//!
//! [`TagProtocol`]: etag_lab_origin::shared_tags::protocol::TagProtocol

use etag_lab_origin::shared_tags::protocol::{Creation, WriteStep};
use etag_lab_origin::shared_tags::slot::TagSlot;

use crate::shared_protocol::world::{CLIENTS, Return, WRITERS, World};

mod client;
mod key;
mod store;
mod writer;

pub(crate) use writer::next_step;

pub(crate) type Tag = u8;
pub(crate) type Version = u8;

/// Writer that put a mark into the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mark {
    TagWriter(u8),
    /// A store that has lost its memory, for as long as it cannot know who had announced himself.
    Grace,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) slot: TagSlot<Tag, Mark>,
    /// Content that the store would come back with if it lost its latest writes.
    pub(crate) saved: Option<TagSlot<Tag, Mark>>,
    pub(crate) store_is_up: bool,
    pub(crate) committed: Version,
    pub(crate) clients: [Client; CLIENTS],
    pub(crate) writers: [TagWriter; WRITERS],
    /// Number of tags made so far; counted only where a trace is told, so that a tag that nobody
    /// holds any more makes no new state.
    pub(crate) made: Option<Tag>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Client {
    pub(crate) stored: Option<Stored>,
    pub(crate) request: Request,
    /// Nothing has happened since this request began that excuses a needless transfer.
    pub(crate) is_calm: bool,
}

/// The response that a client has stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stored {
    pub(crate) tag: Option<Tag>,
    pub(crate) version: Version,
    /// Nothing has happened since it was asked for that excuses a needless transfer.
    pub(crate) is_calm: bool,
}

/// Progress of a client's request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Request {
    #[default]
    None,
    Creating(Creation<Tag>),
    Rendering(Option<Tag>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct TagWriter {
    pub(crate) progress: Progress,
    pub(crate) transaction: Transaction,
    /// The tag of its first attempt, if it is one of those who repeat it.
    pub(crate) attempted: Option<Tag>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Transaction {
    #[default]
    None,
    Open {
        /// A mark of this writer, or the store's grace, lasts at least until the transaction ends.
        is_covered: bool,
    },
    Committed(Version),
    RolledBack,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Progress {
    #[default]
    Waiting,
    Begun(WriteStep),
    Crashed,
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// A client's request goes one step on; a client without one begins to poll.
    Client(usize, Reach),
    /// A writer goes one step on.
    TagWriter(usize, Reach),
    Crash(usize),
    TagExpires,
    LeaseEnds,
    StoreStops,
    StoreReturns(Return),
    StoreSaves,
}

/// Fate of a message to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Answered,
    /// Done, but the answer is lost.
    Done,
    /// Neither done nor answered.
    Lost,
}

/// State or step that the protocol must rule out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    /// A 304 for content that is stale although its change is complete.
    FalseValidation,
    /// A 304 for content that is stale since a commit whose writer has not finished.
    EarlyValidation,
    /// No change is under way, and a client's stale content goes by the store's current tag.
    Pinned,
    /// A 200 with content that the client had, without anything that excuses it.
    NeedlessTransfer,
    /// Neither 200 nor 304.
    Failure,
    /// The mark of a writer that has finished.
    MarkLeft,
}

impl State {
    /// Nobody has asked for anything yet.
    pub(crate) fn first() -> Self {
        Self {
            slot: TagSlot::Missing,
            saved: None,
            store_is_up: true,
            committed: 0,
            clients: [Client::default(); CLIENTS],
            writers: [TagWriter::default(); WRITERS],
            made: None,
        }
    }

    /// Calls `visit` with everything that can happen next.
    pub(crate) fn actions(&self, world: &World, visit: &mut impl FnMut(Action)) {
        for number in 0..world.clients {
            self.client_actions(number, world, visit);
        }
        for number in 0..world.writers {
            self.writer_actions(number, world, visit);
        }
        self.store_actions(world, visit);
    }

    /// The state after `action`, and the fault that the step itself is.
    pub(crate) fn after(&self, action: Action, world: &World) -> (Self, Option<Fault>) {
        let mut next = *self;
        let fault = match action {
            Action::Client(number, reach) => next.client_step(number, reach, world),
            Action::TagWriter(number, reach) => {
                next.writer_step(number, reach, world);
                None
            }
            Action::Crash(number) => {
                next.writers[number].crash();
                None
            }
            _ => {
                next.store_step(action, world);
                None
            }
        };
        if !matches!(action, Action::Client(_, Reach::Answered)) {
            next.excuse_transfers();
        }
        (next, fault)
    }

    /// The fault that this state is, whoever moves next.
    pub(crate) fn fault(&self) -> Option<Fault> {
        match self.slot {
            TagSlot::Tag(tag) if self.store_is_up && !self.is_being_written() => {
                self.clients.iter().find_map(|client| {
                    let stored = client.stored.filter(|stored| stored.version < self.committed)?;
                    (stored.tag == Some(tag)).then_some(Fault::Pinned)
                })
            }
            TagSlot::Announced(Mark::TagWriter(number)) => {
                let writer = self.writers[usize::from(number)];
                (writer.progress == Progress::Begun(WriteStep::Done)).then_some(Fault::MarkLeft)
            }
            _ => None,
        }
    }

    /// True if a change has begun and goes on.
    fn is_being_written(&self) -> bool {
        self.writers.iter().any(|writer| writer.is_under_way())
    }

    /// A writer's step, an expiry and an accident each may cost every client one transfer.
    fn excuse_transfers(&mut self) {
        for client in &mut self.clients {
            client.is_calm = false;
            if let Some(stored) = &mut client.stored {
                stored.is_calm = false;
            }
        }
    }

    /// A tag that nobody holds.
    fn new_tag(&mut self) -> Tag {
        if let Some(made) = &mut self.made {
            *made += 1;
            return *made - 1;
        }
        (0..=Tag::MAX).find(|tag| !self.is_held(*tag)).expect("there are more tags than parties")
    }

    fn is_held(&self, tag: Tag) -> bool {
        self.slot == TagSlot::Tag(tag)
            || self.saved == Some(TagSlot::Tag(tag))
            || self.writers.iter().any(|writer| writer.attempted == Some(tag))
            || self.clients.iter().any(|client| client.holds(tag))
    }
}
