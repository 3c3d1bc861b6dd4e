//! Steps of a writer, one message at a time, in the order that the protocol gives it.
//!
//! Three ways not to keep to that order are modelled as well: they are mistakes that applications
//! make. A transaction is opened in one step with its first message, since nobody can tell the two
//! apart.

use etag_lab_origin::shared_tags::protocol::{WriteResult, WriteStep};

use super::{Action, Mark, Progress, Reach, State, Tag, TagWriter, Transaction};
use crate::shared_protocol::world::{Accident, Discipline, World};

impl TagWriter {
    /// Has begun, and has neither finished nor died.
    pub(super) fn is_under_way(self) -> bool {
        matches!(self.progress, Progress::Begun(step) if step != WriteStep::Done)
    }

    pub(super) fn is_in_transaction(self) -> bool {
        matches!(self.transaction, Transaction::Open { .. })
    }

    pub(super) fn crash(&mut self) {
        self.progress = Progress::Crashed;
        self.attempted = None;
        if self.is_in_transaction() {
            self.transaction = Transaction::RolledBack;
        }
    }
}

impl State {
    pub(super) fn writer_actions(
        &self,
        number: usize,
        world: &World,
        visit: &mut impl FnMut(Action),
    ) {
        let writer = self.writers[number];
        let Some(step) = next_step(writer, world) else { return };
        let is_locked_out = writer.progress == Progress::Waiting
            && !world.meets(Accident::WritersOverlap)
            && self.writers.iter().any(|writer| writer.is_in_transaction());
        if is_locked_out {
            return;
        }
        for reach in self.reaches(step, world) {
            visit(Action::TagWriter(number, reach));
        }
        if world.meets(Accident::WriterDies) && writer.progress != Progress::Waiting {
            visit(Action::Crash(number));
        }
    }

    /// Possible fates of the message that `step` sends, if it sends one.
    fn reaches(&self, step: WriteStep, world: &World) -> impl Iterator<Item = Reach> {
        let asks_the_store = step != WriteStep::Commit;
        let messages_are_lost = world.meets(Accident::MessageLost);
        let is_lost = match step {
            WriteStep::Announce => world.meets(Accident::AnnouncementLost),
            _ => messages_are_lost,
        };
        [
            (Reach::Answered, !asks_the_store || self.store_is_up),
            (Reach::Done, asks_the_store && self.store_is_up && messages_are_lost),
            (Reach::Lost, asks_the_store && (!self.store_is_up || is_lost)),
        ]
        .into_iter()
        .filter_map(|(reach, is_possible)| is_possible.then_some(reach))
    }

    pub(super) fn writer_step(&mut self, number: usize, reach: Reach, world: &World) {
        let step = next_step(self.writers[number], world).expect("only those who go on step");
        if self.writers[number].transaction == Transaction::None {
            self.writers[number].transaction = Transaction::Open { is_covered: false };
        }
        let next = match step {
            WriteStep::Announce => self.announce(number, reach, world),
            WriteStep::Commit => self.commit(number, world),
            WriteStep::Publish => self.publish(number, reach, world),
            WriteStep::Done => WriteStep::Done,
        };
        self.writers[number].progress = Progress::Begun(next);
        if next == WriteStep::Done {
            self.writers[number].attempted = None;
        }
    }

    fn announce(&mut self, number: usize, reach: Reach, world: &World) -> WriteStep {
        if reach != Reach::Lost {
            self.slot.announce(mark(number));
            self.writers[number].transaction = Transaction::Open { is_covered: true };
        }
        let written = heard(reach);
        if written == WriteResult::Down && world.discipline == Discipline::RollsBackUnheard {
            self.writers[number].transaction = Transaction::RolledBack;
            return WriteStep::committed();
        }
        WriteStep::announced(written)
    }

    fn commit(&mut self, number: usize, world: &World) -> WriteStep {
        self.committed += 1;
        self.writers[number].transaction = Transaction::Committed(self.committed);
        match world.discipline {
            Discipline::PublishesFirst | Discipline::Silent => WriteStep::Done,
            Discipline::Kept | Discipline::RollsBackUnheard | Discipline::RepeatsItsTag => {
                WriteStep::committed()
            }
        }
    }

    fn publish(&mut self, number: usize, reach: Reach, world: &World) -> WriteStep {
        let tag = self.tag_to_publish(number, world);
        if reach != Reach::Lost {
            self.slot.publish(&mark(number), tag);
        }
        match world.discipline {
            Discipline::PublishesFirst => WriteStep::Commit,
            _ => world.protocol.published(heard(reach)),
        }
    }

    fn tag_to_publish(&mut self, number: usize, world: &World) -> Tag {
        let tag = self.writers[number].attempted.unwrap_or_else(|| self.new_tag());
        if world.discipline == Discipline::RepeatsItsTag {
            self.writers[number].attempted = Some(tag);
        }
        tag
    }
}

/// The step of a writer that has not come to its end.
pub(crate) fn next_step(writer: TagWriter, world: &World) -> Option<WriteStep> {
    match writer.progress {
        Progress::Waiting => Some(match world.discipline {
            Discipline::PublishesFirst => WriteStep::Publish,
            Discipline::Silent => WriteStep::Commit,
            Discipline::Kept | Discipline::RollsBackUnheard | Discipline::RepeatsItsTag => {
                world.protocol.first_write()
            }
        }),
        Progress::Begun(WriteStep::Done) | Progress::Crashed => None,
        Progress::Begun(step) => Some(step),
    }
}

fn mark(number: usize) -> Mark {
    Mark::TagWriter(u8::try_from(number).expect("a world has a handful of writers"))
}

fn heard(reach: Reach) -> WriteResult {
    match reach {
        Reach::Answered => WriteResult::Done,
        Reach::Done | Reach::Lost => WriteResult::Down,
    }
}
