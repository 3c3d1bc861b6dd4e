//! Steps of a client and of the replica that answers it, one message at a time.
//!
//! The answer reaches the client in the step that decides it: whatever would happen to it on the
//! way concerns nobody else.

use etag_lab_origin::shared_tags::protocol::{CreationResult, HeldTag, ReadStep};

use super::{Action, Client, Fault, Reach, Request, State, Stored, Tag, Transaction, Version};
use crate::shared_protocol::world::{Accident, World};

impl Client {
    pub(super) fn holds(self, tag: Tag) -> bool {
        self.tags().contains(&Some(tag))
    }

    /// The tag that it has stored, and the tag that its request may end with.
    pub(super) fn tags(self) -> [Option<Tag>; 2] {
        let given = match self.request {
            Request::None => None,
            Request::Creating(creation) => Some(creation.candidate),
            Request::Rendering(given) => given,
        };
        [self.stored.and_then(|stored| stored.tag), given]
    }
}

impl State {
    pub(super) fn client_actions(
        &self,
        number: usize,
        world: &World,
        visit: &mut impl FnMut(Action),
    ) {
        let request = self.clients[number].request;
        let messages_are_lost = world.meets(Accident::MessageLost);
        let asks_the_store = !matches!(request, Request::Rendering(_));
        if !asks_the_store || self.store_is_up {
            visit(Action::Client(number, Reach::Answered));
        }
        if asks_the_store && (!self.store_is_up || messages_are_lost) {
            visit(Action::Client(number, Reach::Lost));
        }
        if matches!(request, Request::Creating(_)) && self.store_is_up && messages_are_lost {
            visit(Action::Client(number, Reach::Done));
        }
    }

    pub(super) fn client_step(
        &mut self,
        number: usize,
        reach: Reach,
        world: &World,
    ) -> Option<Fault> {
        match self.clients[number].request {
            Request::None => self.look_up(number, reach, world),
            Request::Creating(creation) => {
                let created = match reach {
                    Reach::Answered => self.slot.create(creation.candidate),
                    Reach::Done => {
                        self.slot.create(creation.candidate);
                        CreationResult::Down
                    }
                    Reach::Lost => CreationResult::Down,
                };
                if created == CreationResult::Down && world.meets(Accident::CreationRepeated) {
                    return None;
                }
                self.go_on(number, creation.answered(created))
            }
            Request::Rendering(tag) => self.answer(number, tag),
        }
    }

    fn look_up(&mut self, number: usize, reach: Reach, world: &World) -> Option<Fault> {
        let held = if reach == Reach::Answered { self.slot.get() } else { HeldTag::Down };
        self.clients[number].is_calm = !self.is_being_written() && held != HeldTag::Announced;
        let sent = self.clients[number].stored.and_then(|stored| stored.tag);
        let matches = sent.map(|sent| move |tag: &Tag| *tag == sent);
        let read = world.protocol.looked_up(held, matches, true, || self.new_tag());
        self.go_on(number, read)
    }

    fn go_on(&mut self, number: usize, read: ReadStep<Tag>) -> Option<Fault> {
        let client = &mut self.clients[number];
        client.request = match read {
            ReadStep::Create(creation) => Request::Creating(creation),
            ReadStep::Render(rendering) => Request::Rendering(rendering.tag),
            ReadStep::NotModified(_) | ReadStep::Unauthorized | ReadStep::Fail => Request::None,
        };
        match read {
            ReadStep::NotModified(_) => self.validate(number),
            ReadStep::Unauthorized | ReadStep::Fail => Some(Fault::Failure),
            ReadStep::Create(_) | ReadStep::Render(_) => None,
        }
    }

    /// Meaning of a 304: the strictest reading is that its content is the committed one now.
    fn validate(&self, number: usize) -> Option<Fault> {
        let stored = self.clients[number].stored.expect("a 304 follows a condition");
        if self.is_superseded(stored.version) {
            Some(Fault::FalseValidation)
        } else {
            (stored.version < self.committed).then_some(Fault::EarlyValidation)
        }
    }

    /// True if a change after `version` is complete, or has been given up by its writer.
    pub(super) fn is_superseded(&self, version: Version) -> bool {
        let unfinished = |version| {
            let wrote = Transaction::Committed(version);
            self.writers.iter().any(|writer| writer.transaction == wrote && writer.is_under_way())
        };
        (version + 1..=self.committed).any(|version| !unfinished(version))
    }

    fn answer(&mut self, number: usize, tag: Option<Tag>) -> Option<Fault> {
        let client = &mut self.clients[number];
        let had = client.stored;
        client.stored = Some(Stored { tag, version: self.committed, is_calm: client.is_calm });
        client.request = Request::None;
        let is_needless = had.is_some_and(|had| had.is_calm && had.version == self.committed);
        is_needless.then_some(Fault::NeedlessTransfer)
    }
}
