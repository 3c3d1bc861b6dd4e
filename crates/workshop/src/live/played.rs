//! Something that happens to a live fleet, as a scenario can say it, and in words.

use scenario::{ChangeKind, Event, EventKind};

/// Something that a scenario can say.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Played {
    Event(Event),
    Change(ChangeKind),
}

impl Played {
    /// What happened, in words.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Change(_) => "content change".to_owned(),
            Self::Event(event) => of_event(event),
        }
    }
}

fn of_event(event: &Event) -> String {
    let whom =
        event.replica.map_or("all replicas".to_owned(), |number| format!("replica {number}"));
    let count = |noun| text::counted(event.count.map_or(0, |count| count.get().into()), noun);
    match event.kind {
        EventKind::Kill => format!("kill {whom}"),
        EventKind::Restart => format!("restart {whom}"),
        EventKind::SourceDown => "source down".to_owned(),
        EventKind::SourceUp => "source up".to_owned(),
        EventKind::Reconnect => "reconnect all".to_owned(),
        EventKind::Edge => format!("edge {}", event.edge.map_or("", |edge| edge.name)),
        EventKind::StoreDown => "store down".to_owned(),
        EventKind::StoreUp => "store up".to_owned(),
        EventKind::Pace => "another pace".to_owned(),
        EventKind::Resume => "clients resume".to_owned(),
        EventKind::HoldCreation => "hold a creation".to_owned(),
        EventKind::Strategy => of_strategy(event, &whom),
        EventKind::Policy => format!("policy {}", event.policy.map_or("", |policy| policy.name)),
        EventKind::Scale => count("replica"),
        EventKind::Clients => count("client"),
    }
}

fn of_strategy(event: &Event, whom: &str) -> String {
    let name = event.strategy.map_or("", |strategy| strategy.name);
    match event.replica {
        Some(_) => format!("strategy {name} on {whom}"),
        None => format!("strategy {name}"),
    }
}
