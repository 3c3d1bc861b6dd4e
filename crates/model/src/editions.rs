//! The editions of a resource: its contents during a run, in order, and their dates.
//!
//! Edition 0 is the first content; each change of the scenario makes the next one. Dates are fixed:
//! edition 0 is of January 2026, each later one is an hour later, and the copy of each further
//! replica is later by `deploy-drift`. The files really have these dates, in every run.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use scenario::{ChangeKind, Content, Scenario};

/// Date of the first edition, since 1970: fixed, so that a run can be repeated.
pub const FIRST_EDITION: Duration = Duration::from_secs(1_767_600_000);
/// Time between the dates of an edition and the next one.
pub const BETWEEN_EDITIONS: Duration = Duration::from_secs(3_600);

/// All contents of a run, by edition.
#[derive(Clone, Debug)]
pub struct Editions(Vec<Edition>);

#[derive(Clone, Debug)]
struct Edition {
    content: Bytes,
    /// True if it is dated in the same second as the one before it.
    same_second: bool,
}

impl Editions {
    /// The content of each edition of this scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let first = Edition { content: content(scenario, 0), same_second: false };
        let mut editions = Self(vec![first]);
        for change in &scenario.changes {
            editions.push(scenario, change.kind);
        }
        editions
    }

    /// Adds the edition that a further change makes; returns its number.
    pub fn push(&mut self, scenario: &Scenario, kind: ChangeKind) -> u32 {
        let edition = self.0.len();
        let next = match kind {
            ChangeKind::Edit | ChangeKind::SameSecond => content(scenario, edition as u32),
            ChangeKind::Revert => self.0[edition.saturating_sub(2)].content.clone(),
        };
        let same_second = kind == ChangeKind::SameSecond;
        self.0.push(Edition { content: next, same_second });
        edition as u32
    }

    /// The content of one edition.
    pub fn content(&self, edition: u32) -> &Bytes {
        &self.0[edition as usize].content
    }

    /// Modification time of a replica's copy (counted from 0) of an edition.
    ///
    /// Editions of the same second halve the rest of it, so that their times differ as long as
    /// milliseconds can show it, and their dates in whole seconds never do.
    pub fn modified(&self, edition: u32, replica: usize, drift: Duration) -> SystemTime {
        let is_first = |edition: &u32| !self.0[*edition as usize].same_second;
        let first = (0..=edition).rev().find(is_first).unwrap_or_default();
        let since = FIRST_EDITION + BETWEEN_EDITIONS * first + drift * replica as u32;
        let later = (first..edition).fold(since, |time, _| {
            time + Duration::from_millis(u64::from(1_000 - time.subsec_millis()) / 2)
        });
        SystemTime::UNIX_EPOCH + later
    }

    /// All contents, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|edition| &*edition.content)
    }
}

fn content(scenario: &Scenario, edition: u32) -> Bytes {
    match &scenario.resource.content {
        Content::Generated { size_bytes } => {
            origin::content::sample(size_bytes.get() as usize, scenario.shared.seed, edition).into()
        }
        // A foreign file is edited in the one way that hardly any format minds: one more line feed.
        Content::File { bytes, .. } => {
            let mut edited = bytes.to_vec();
            edited.extend(std::iter::repeat_n(b'\n', edition as usize));
            edited.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editions(same_second: &[bool]) -> Editions {
        let edition = |&same_second| Edition { content: Bytes::new(), same_second };
        Editions(same_second.iter().map(edition).collect())
    }

    #[test]
    fn editions_of_the_same_second_are_told_apart_by_milliseconds_only() {
        let editions = editions(&[false, true, true, false]);
        let drift = Duration::from_millis(7_900);
        for replica in 0..3 {
            let times: Vec<_> = (0..4)
                .map(|edition| editions.modified(edition, replica, drift))
                .map(|time| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
                .collect();
            let seconds: Vec<_> = times.iter().map(Duration::as_secs).collect();
            assert!(times.is_sorted_by(|one, next| one < next), "{times:?}");
            assert_eq!((seconds[0], seconds[0]), (seconds[1], seconds[2]), "{times:?}");
            assert!(seconds[3] > seconds[2] + 3_000, "{times:?}");
        }
    }
}
