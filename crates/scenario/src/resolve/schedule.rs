//! Content changes, and the polls before which they and events happen.
//!
//! If the command line changes how often each client polls, changes and events written in the
//! file keep their share of the run: `at-poll = 26` of 50 becomes 6 of 10. Those given on the
//! command line mean what they say.

use super::load::full_rounds;
use super::{Resolver, element_path};
use crate::diagnostic::{Diagnostic, Result};
use crate::layer::KeyPath;
use crate::{Arm, Change, ChangeKind, Invalidate};

impl Resolver<'_> {
    /// Changes in the order in which they happen.
    pub(super) fn changes(&mut self, arms: &[Arm]) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for index in 0..self.layers.length("change") {
            let at_poll = self.at_poll("change", index, arms)?;
            changes.push((index, self.change(index, at_poll)?));
        }
        changes.sort_by_key(|(_, change)| change.at_poll);
        // Sorted first: the file may list them in any order.
        if let Some((index, Change { kind: ChangeKind::Revert, .. })) = changes.first() {
            let path = element_path("change", *index, "kind");
            let error = self.error(&path, "the first change cannot be a revert", "back to what?");
            return Err(Box::new(error.help("put an edit before it, or kind = \"edit\"")));
        }
        for pair in changes.windows(2) {
            self.check_order(pair[0], pair[1], arms)?;
        }
        Ok(changes.into_iter().map(|(_, change)| change).collect())
    }

    fn change(&self, index: usize, at_poll: u32) -> Result<Change> {
        let given = |key: &str| self.element("change", index, key);
        let lag = given("lag")?;
        let is_rolling = given("rollout")?.is_some_and(|rollout| rollout.text() == "rolling");
        if let (false, Some(lag)) = (is_rolling, &lag) {
            let title = "`lag` has no meaning when a change reaches all replicas at once";
            let error = lag.error(title, "polls between one replica and the next");
            return Err(Box::new(error.help("rollout = \"rolling\"")));
        }
        let kind = given("kind")?.map(|kind| ChangeKind::of(&kind));
        let invalidate = given("invalidate")?;
        let window = given("window")?;
        Ok(Change {
            at_poll,
            kind: kind.unwrap_or(ChangeKind::Edit),
            lag: lag.map_or(u32::from(is_rolling), |lag| lag.number()),
            invalidate: invalidate.map(|given| Invalidate::of(&given)),
            window: window.map_or(0, |window| window.number()),
        })
    }

    // Clients that hold the content of one change while another arrives could not be told apart, so
    // a change has reached every replica of every arm before the next one begins.
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
        let path = |index: usize| element_path("change", index, "at-poll");
        let error = self.error(&path(index), title, "clients could not tell the two apart");
        let error = error.related(self.layers.exact(&path(earlier_index)), "the change before it");
        let shrunk = self.is_rescaled("change");
        let help = if shrunk { "more polls, or --no-changes" } else { "move them apart" };
        Err(Box::new(error.help(help)))
    }

    /// A poll that every client of every arm makes, and not the first.
    pub(super) fn at_poll(&mut self, list: &str, index: usize, arms: &[Arm]) -> Result<u32> {
        let path = element_path(list, index, "at-poll");
        let given = self.element(list, index, "at-poll")?;
        let Some(written) = given.and_then(|given| i64::try_from(given.integer()).ok()) else {
            let title = format!("this {list} needs `at-poll`");
            let error = self.error(&path[..2], title, "before which poll of each client?");
            return Err(Box::new(error.help("at-poll = 26")));
        };
        // A shorter run would else end before the change that the scenario is about.
        let at_poll = if self.is_rescaled(list) { self.rescaled(written) } else { written };
        // A change that only some clients live to see would make the arms incomparable.
        let shortest = arms.iter().min_by_key(|arm| arm.setup.full_rounds());
        let polls = shortest.map_or(0, |arm| arm.setup.full_rounds());
        let Some(poll @ 2..) = u32::try_from(at_poll).ok().filter(|&poll| u64::from(poll) <= polls)
        else {
            let arm = shortest.map_or("", |arm| arm.name.as_str());
            return Err(self.never_happens(&path, written, arm, polls));
        };
        self.note_rescaled(&path, written, poll);
        Ok(poll)
    }

    fn never_happens(&self, path: &KeyPath, poll: i64, arm: &str, polls: u64) -> Box<Diagnostic> {
        let title = format!("no {} can come before poll {poll}", path[0]);
        let label = match polls {
            0 => format!("some clients of the arm `{arm}` never poll"),
            1 => format!("some clients of the arm `{arm}` poll once"),
            _ => format!("polls 2 to {polls} can be named in the arm `{arm}`"),
        };
        let error = self.error(path, title, label);
        let error = error
            .remark("the first poll of a client stores a response, and has nothing to revalidate");
        Box::new(match path[0].as_str() {
            _ if polls >= 2 => error.help(format!("at-poll = 2 to {polls}, or more `polls`")),
            "change" => error.help("at least 2 polls of each client, or --no-changes"),
            _ => error.help("more polls"),
        })
    }

    /// True if the command line changed how often clients poll, but not this list.
    fn is_rescaled(&self, list: &str) -> bool {
        !self.layers.is_from_command_line(&[list])
            && full_rounds(self.written) != full_rounds(self.layers)
    }

    /// The poll with as large a share of the run before it as `at_poll` has in the file.
    fn rescaled(&self, at_poll: i64) -> i64 {
        let (old, new) = (full_rounds(self.written).max(1), full_rounds(self.layers));
        // What the file has wrong stays wrong, and is reported as it stands there.
        if !(2..=old).contains(&at_poll) {
            return at_poll;
        }
        let share = i128::from(at_poll - 1) * i128::from(new) / i128::from(old);
        i64::try_from(share).map_or(at_poll, |before| (before + 1).max(2))
    }

    fn note_rescaled(&mut self, path: &KeyPath, written: i64, poll: u32) {
        if i64::from(poll) != written {
            let what = &path[0];
            let title = format!(
                "the {what} at poll {written} comes at poll {poll} in a run of this length"
            );
            self.notes.push(Diagnostic::note(title));
        }
    }
}
