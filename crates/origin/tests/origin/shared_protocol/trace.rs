//! The steps to a fault in words.
//!
//! Each tag is named by the order in which it was made, `t0` first, and each version of the
//! content by its commit, `v0` being there from the start.

use etag_lab_origin::shared_tags::protocol::WriteStep;
use etag_lab_origin::shared_tags::slot::TagSlot;

use crate::shared_protocol::model::{Action, Mark, Reach, Request, State, Tag, next_step};
use crate::shared_protocol::world::{Return, World};

/// One line for each action.
pub(crate) fn told(actions: &[Action], world: &World) -> String {
    let mut state = State { made: Some(0), ..State::first() };
    let mut lines = Vec::new();
    for action in actions {
        let (after, _) = state.after(*action, world);
        lines.push(line(&state, *action, &after, world));
        state = after;
    }
    lines.join("\n")
}

fn line(before: &State, action: Action, after: &State, world: &World) -> String {
    match action {
        Action::Client(number, reach) => {
            format!("client {} {}", number + 1, client(before, number, reach, after))
        }
        Action::TagWriter(number, reach) => {
            format!("writer {} {}", number + 1, writer(before, number, reach, after, world))
        }
        Action::Crash(number) => format!("writer {} dies", number + 1),
        Action::TagExpires => format!("{} expires", held(before)),
        Action::LeaseEnds => format!("the lease of {} ends", held(before)),
        Action::StoreStops => "the store stops".to_owned(),
        Action::StoreSaves => format!("the store saves {}", held(before)),
        Action::StoreReturns(how) => format!("the store comes back {}", returned(how, after)),
    }
}

fn returned(how: Return, after: &State) -> String {
    match how {
        Return::Unchanged => format!("with {}", held(after)),
        Return::Empty => "empty".to_owned(),
        Return::EmptyWithGrace => "empty, in its grace".to_owned(),
        Return::Old => format!("with {}, which is old", held(after)),
    }
}

fn client(before: &State, number: usize, reach: Reach, after: &State) -> String {
    let client = before.clients[number];
    match client.request {
        Request::None => {
            let sent = client.stored.and_then(|stored| stored.tag);
            let polls = format!("polls with {}", tag(sent));
            match (reach, after.clients[number].request) {
                (Reach::Answered, Request::None) => format!("{polls}: 304"),
                (Reach::Answered, _) => format!("{polls}; the store holds {}", held(before)),
                (_, Request::None) => format!("{polls}; the store does not answer: 500"),
                (..) => format!("{polls}; the store does not answer"),
            }
        }
        Request::Creating(creation) => {
            format!("creates {}{}", tag(Some(creation.candidate)), created(before, reach))
        }
        Request::Rendering(given) => format!("gets v{} with {}", before.committed, tag(given)),
    }
}

fn created(before: &State, reach: Reach) -> String {
    match (reach, before.slot) {
        (Reach::Answered, TagSlot::Missing) => String::new(),
        (Reach::Answered, _) => format!("; the store holds {}", held(before)),
        (Reach::Done, _) => ", and the answer is lost".to_owned(),
        (Reach::Lost, _) => ", and nobody hears it".to_owned(),
    }
}

fn writer(before: &State, number: usize, reach: Reach, after: &State, world: &World) -> String {
    let does = match next_step(before.writers[number], world) {
        Some(WriteStep::Announce) => "announces itself".to_owned(),
        Some(WriteStep::Commit) => format!("commits v{}", after.committed),
        Some(WriteStep::Publish) => {
            let repeated = before.writers[number].attempted;
            format!("publishes {}", tag(repeated.or(after.made.map(|made| made - 1))))
        }
        Some(WriteStep::Done) | None => unreachable!("a writer at its end does nothing"),
    };
    let heard = match reach {
        Reach::Answered => "",
        Reach::Done => ", and the answer is lost",
        Reach::Lost => ", and nobody hears it",
    };
    format!("{does}{heard}")
}

fn held(state: &State) -> String {
    match state.slot {
        TagSlot::Missing => "nothing".to_owned(),
        TagSlot::Announced(Mark::Grace) => "the mark of its grace".to_owned(),
        TagSlot::Announced(Mark::TagWriter(number)) => format!("the mark of writer {}", number + 1),
        TagSlot::Tag(current) => tag(Some(current)),
    }
}

fn tag(tag: Option<Tag>) -> String {
    tag.map_or_else(|| "no tag".to_owned(), |tag| format!("t{tag}"))
}
