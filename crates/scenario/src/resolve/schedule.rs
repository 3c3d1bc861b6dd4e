//! Content changes and replica events: when they happen, and whether they can.
//!
//! When the command line changes how often each client polls, changes and events written in the
//! file keep their share of the run: `at-poll = 26` of 50 becomes 6 of 10. Those given on the
//! command line mean what they say.

use std::num::NonZeroU32;

use super::setup::full_rounds;
use super::{Given, Resolver};
use crate::diagnostic::{Diagnostic, Result};
use crate::file::{ChangeFile, ChangeKindKey, EventFile, EventKindKey, RolloutKey};
use crate::{Arm, Change, ChangeKind, Event, EventKind};

impl Resolver<'_> {
    /// Changes in the order in which they happen.
    pub(super) fn changes(&mut self, arms: &[Arm]) -> Result<Vec<Change>> {
        let files = self.file.change.clone().unwrap_or_default();
        let mut changes = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let at_poll = self.at_poll("change", index, file.at_poll, arms)?;
            changes.push((index, self.change(index, file, at_poll)?));
        }
        changes.sort_by_key(|(_, change)| change.at_poll);
        if let Some((index, Change { kind: ChangeKind::Revert, .. })) = changes.first() {
            let path = ["change", &index.to_string(), "kind"];
            let error = self.error(&path, "the first change cannot be a revert", "back to what?");
            return Err(Box::new(error.help("put an edit before it, or kind = \"edit\"")));
        }
        for pair in changes.windows(2) {
            self.check_order(pair[0], pair[1], arms)?;
        }
        Ok(changes.into_iter().map(|(_, change)| change).collect())
    }

    fn change(&self, index: usize, file: &ChangeFile, at_poll: u32) -> Result<Change> {
        let lag = Given::of(file.lag, &["change", &index.to_string(), "lag"]);
        let rolling = file.rollout == Some(RolloutKey::Rolling);
        if !rolling && lag.value.is_some() {
            let title = "`lag` has no meaning when a change reaches all replicas at once";
            let error = self.error(&lag.path, title, "polls between one replica and the next");
            return Err(Box::new(error.help("rollout = \"rolling\"")));
        }
        let kind = match file.kind.unwrap_or(ChangeKindKey::Edit) {
            ChangeKindKey::Edit => ChangeKind::Edit,
            ChangeKindKey::Revert => ChangeKind::Revert,
            ChangeKindKey::SameSecond => ChangeKind::SameSecond,
        };
        let lag = if rolling { self.integer(&lag, 1, 1..=1_000_000)? } else { 0 };
        let window = Given::of(file.window, &["change", &index.to_string(), "window"]);
        let window = self.integer(&window, 0, 0..=1_000_000)?;
        Ok(Change { at_poll, kind, lag, invalidate: file.invalidate.map(Into::into), window })
    }

    /// No change may begin before the one before it has reached every replica of every arm.
    fn check_order(
        &self,
        (earlier_index, earlier): (usize, Change),
        (index, later): (usize, Change),
        arms: &[Arm],
    ) -> Result<()> {
        let steps = arms.iter().map(|arm| u64::from(arm.setup.replicas.get()) - 1).max();
        let rollout = u64::from(earlier.lag) * steps.unwrap_or_default();
        let done = u64::from(earlier.at_poll) + rollout + u64::from(earlier.window);
        if u64::from(later.at_poll) > done {
            return Ok(());
        }
        let title = if earlier.at_poll == later.at_poll {
            format!("two changes before poll {}", later.at_poll)
        } else {
            format!("the change before is still being rolled out until poll {done}")
        };
        let path = |index: usize| ["change".to_owned(), index.to_string(), "at-poll".to_owned()];
        let error = self.error(&path(index), title, "clients could not tell the two apart");
        let error = error.related(self.layers.exact(&path(earlier_index)), "the change before it");
        let shrunk = self.is_rescaled("change");
        let help = if shrunk { "more polls, or --no-changes" } else { "move them apart" };
        Err(Box::new(error.help(help)))
    }

    /// Events in the order in which they happen.
    pub(super) fn events(&mut self, arms: &[Arm]) -> Result<Vec<Event>> {
        let files = self.file.event.clone().unwrap_or_default();
        let mut events = Vec::new();
        for (index, file) in files.iter().enumerate() {
            if let Some(event) = self.event(index, file, arms)? {
                events.push(event);
            }
        }
        events.sort_by_key(|event| event.at_poll);
        Ok(events)
    }

    /// `None` where it is no replica that something happens to.
    fn event(&mut self, index: usize, file: &EventFile, arms: &[Arm]) -> Result<Option<Event>> {
        self.check_event_keys(index, file)?;
        let kind = match file.kind {
            Some(EventKindKey::Kill) => EventKind::Kill,
            Some(EventKindKey::Restart) => EventKind::Restart,
            Some(EventKindKey::Reconnect) => EventKind::Reconnect,
            Some(EventKindKey::SourceDown) => EventKind::SourceDown,
            Some(EventKindKey::SourceUp) => EventKind::SourceUp,
            Some(
                EventKindKey::Edge
                | EventKindKey::StoreDown
                | EventKindKey::StoreUp
                | EventKindKey::Pace
                | EventKindKey::Resume
                | EventKindKey::HoldCreation,
            ) => return Ok(None),
            None => return Err(self.no_event_kind(index)),
        };
        let at_poll = self.at_poll("event", index, file.at_poll, arms)?;
        if matches!(kind, EventKind::SourceDown | EventKind::SourceUp) {
            self.check_source_event(index, file, arms)?;
        }
        if let (EventKind::Reconnect, Some(_)) = (kind, file.replica) {
            let path = ["event", &index.to_string(), "replica"];
            let error = self.error(&path, "`replica` has no meaning when clients reconnect", "");
            return Err(Box::new(error.help("leave it out: all clients drop their connections")));
        }
        let replica = match file.replica {
            Some(replica) => Some(self.event_replica(index, replica, arms)?),
            None => None,
        };
        Ok(Some(Event { at_poll, kind, replica }))
    }

    fn no_event_kind(&self, index: usize) -> Box<Diagnostic> {
        let path = ["event", &index.to_string()];
        let error = self.error(&path, "an event needs a `kind`", "what happens?");
        Box::new(error.help(
            "kind = \"kill\", \"restart\", \"reconnect\", \"edge\", \"store-down\", \"store-up\", \
             \"pace\", \"resume\", \"hold-creation\", \"source-down\" or \"source-up\"",
        ))
    }

    fn event_replica(&self, index: usize, replica: i64, arms: &[Arm]) -> Result<NonZeroU32> {
        let smallest = arms.iter().min_by_key(|arm| arm.setup.replicas);
        let fleet = smallest.map_or(0, |arm| arm.setup.replicas.get());
        let found = u32::try_from(replica).ok().filter(|&n| n <= fleet).and_then(NonZeroU32::new);
        found.ok_or_else(|| {
            let path = ["event", &index.to_string(), "replica"];
            let title = format!("there is no replica {replica}");
            let arm = smallest.map_or("", |arm| arm.name.as_str());
            let label = format!("the arm `{arm}` has {fleet}, counted from 1");
            let error = self.error(&path, title, label);
            let error = error.related(self.layers.exact(&["fleet", "replicas"]), "the fleet");
            Box::new(error.help(format!("replica = 1 to {fleet}, or leave it out for all")))
        })
    }

    /// A poll that every client of every arm makes, and not the first.
    pub(super) fn at_poll(
        &mut self,
        list: &str,
        index: usize,
        given: Option<i64>,
        arms: &[Arm],
    ) -> Result<u32> {
        let path = [list.to_owned(), index.to_string(), "at-poll".to_owned()];
        let Some(written) = given else {
            let title = format!("this {list} needs `at-poll`");
            let error = self.error(&path[..2], title, "before which poll of each client?");
            return Err(Box::new(error.help("at-poll = 26")));
        };
        let at_poll = if self.is_rescaled(list) { self.rescaled(written) } else { written };
        let shortest = arms.iter().min_by_key(|arm| arm.setup.full_rounds());
        let polls = shortest.map_or(0, |arm| arm.setup.full_rounds());
        if let Ok(poll @ 2..) = u32::try_from(at_poll)
            && u64::from(poll) <= polls
        {
            self.note_rescaled(&path, written, poll);
            return Ok(poll);
        }
        let arm = shortest.map_or("", |arm| arm.name.as_str());
        Err(self.never_happens(&path, written, arm, polls))
    }

    fn never_happens(
        &self,
        path: &[String; 3],
        written: i64,
        arm: &str,
        polls: u64,
    ) -> Box<Diagnostic> {
        let title = format!("no {} can come before poll {written}", path[0]);
        let label = match polls {
            0 => format!("some clients of the arm `{arm}` never poll"),
            1 => format!("some clients of the arm `{arm}` poll once"),
            _ => format!("polls 2 to {polls} can be named in the arm `{arm}`"),
        };
        let error = self.error(path, title, label);
        let error = error.remark("before its first poll a client holds nothing to revalidate");
        Box::new(match path[0].as_str() {
            _ if polls >= 2 => error.help(format!("at-poll = 2 to {polls}, or more `polls`")),
            "change" => error.help("more polls, or --no-changes"),
            _ => error.help("more polls"),
        })
    }

    /// Whether the command line changed how often clients poll, but not this list.
    fn is_rescaled(&self, list: &str) -> bool {
        !self.layers.is_from_command_line(&[list])
            && full_rounds(self.written) != full_rounds(self.file)
    }

    /// The poll with as large a share of the run before it as `at_poll` has in the file.
    fn rescaled(&self, at_poll: i64) -> i64 {
        let (old, new) = (full_rounds(self.written).max(1), full_rounds(self.file));
        // What the file has wrong stays wrong, and is reported as it stands there.
        if !(2..=old).contains(&at_poll) {
            return at_poll;
        }
        let share = i128::from(at_poll - 1) * i128::from(new) / i128::from(old);
        i64::try_from(share).map_or(at_poll, |before| (before + 1).max(2))
    }

    fn note_rescaled(&mut self, path: &[String; 3], written: i64, poll: u32) {
        if i64::from(poll) != written {
            let label = format!("comes before poll {poll} in a run of this length");
            let title = format!("this {} keeps its share of the run", path[0]);
            self.notes.push(Diagnostic::note(title).at(self.place(path), label));
        }
    }
}
