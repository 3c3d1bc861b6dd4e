//! A session as a scenario: which poll each press came before, and the story in words.

use std::time::Duration;

use scenario::{Cadence, Change, Event};

use super::played::Played;
use super::session::{Mark, Session};

/// Polls of each client after the last press.
const TAIL: u32 = 10;
/// Things that the summary names.
const MOST_NAMED: usize = 12;

/// The file that plays the session again.
pub(super) fn file(session: &Session) -> String {
    let interval = match session.first.setup.cadence {
        Cadence::OpenLoop { interval, .. } => interval,
        Cadence::Lockstep | Cadence::Shuffled => Duration::from_secs(1),
    };
    let scenario = &session.scenario;
    let arm = scenario.arms.len() - 1;
    let (mut events, changes, last) = lined_up(&session.marks, interval);
    if session.most_clients > session.first.setup.clients.get() {
        let clients = Some(session.first.setup.clients);
        let mut rest = Event::new(1, scenario::EventKind::Clients);
        rest.count = clients;
        events.insert(0, rest);
    }
    scenario.written_as(&scenario::Session {
        name: format!("{} (live session)", scenario.name),
        summary: story(session),
        arm,
        most_clients: session.most_clients,
        polls: last.max(poll_at(session.now(), interval)) + TAIL,
        interval,
        events,
        changes,
    })
}

/// Number of the poll of each client that comes next at this time, counted from 1.
fn poll_at(at: Duration, interval: Duration) -> u32 {
    (at.as_secs_f64() / interval.as_secs_f64()).floor() as u32 + 1
}

/// Events and changes by the polls before which they happened, and the last of these. Each press comes
/// before a poll of its own, so that their order is kept.
fn lined_up(marks: &[Mark], interval: Duration) -> (Vec<Event>, Vec<Change>, u32) {
    let (mut events, mut changes, mut last) = (Vec::new(), Vec::new(), 1);
    for mark in marks.iter().filter(|mark| !mark.played.is_empty()) {
        last = poll_at(mark.at, interval).max(last + 1);
        for played in &mark.played {
            match played {
                Played::Event(event) => events.push(Event { at_poll: last, ..event.clone() }),
                Played::Change(kind) => changes.push(Change::at_once(last, *kind)),
            }
        }
    }
    (events, changes, last)
}

/// What happened, in one sentence.
fn story(session: &Session) -> String {
    let marks: Vec<_> = session.marks.iter().filter(|mark| !mark.played.is_empty()).collect();
    let named = marks
        .iter()
        .take(MOST_NAMED)
        .map(|mark| format!("{} at {:.0} s", mark.label, mark.at.as_secs_f64()));
    let named = named.collect::<Vec<_>>().join(", then ");
    match marks.len().saturating_sub(MOST_NAMED) {
        _ if marks.is_empty() => "A live session in which nothing was pressed.".to_owned(),
        0 => format!("A live session: {named}."),
        more => format!("A live session: {named}, and {more} more."),
    }
}

#[cfg(test)]
mod tests {
    use scenario::{ChangeKind, EventKind};

    use super::*;

    #[test]
    fn presses_keep_their_order_and_each_has_a_poll_of_its_own() {
        let mark = |ms, played| Mark {
            at: Duration::from_millis(ms),
            key: "",
            label: String::new(),
            played,
        };
        let event = || Played::Event(Event::new(0, EventKind::Reconnect));
        let change = || Played::Change(ChangeKind::Edit);
        let marks = [
            mark(0, vec![change()]),
            mark(10, vec![event(), event()]),
            mark(20, Vec::new()),
            mark(2_600, vec![change()]),
            mark(2_610, vec![change()]),
        ];
        let (events, changes, last) = lined_up(&marks, Duration::from_millis(250));
        let polls: Vec<_> = events.iter().map(|event| event.at_poll).collect();
        let of_changes: Vec<_> = changes.iter().map(|change| change.at_poll).collect();
        assert_eq!((polls, of_changes, last), (vec![3, 3], vec![2, 11, 12], 12));
    }
}
