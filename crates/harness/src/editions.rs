//! The editions of a resource: its contents during a run, in order, and their dates.
//!
//! Edition 0 is the first content; each change of the scenario makes the next one. Dates are fixed:
//! edition 0 is of January 2026, each later one is an hour later, and the copy of each further
//! replica is later by `deploy-drift`. The files really have these dates, in every run.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use scenario::{ChangeKind, Content, Scenario};

/// Date of the first edition, since 1970: fixed, so that a run can be repeated.
pub(crate) const FIRST_EDITION: Duration = Duration::from_secs(1_767_600_000);
/// Time between the dates of an edition and the next one.
pub(crate) const BETWEEN_EDITIONS: Duration = Duration::from_secs(3_600);

/// An edition as one replica gets it.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// File with the content; copied, not moved.
    pub(crate) source: PathBuf,
    /// Number of changes before this one.
    pub(crate) edition: u32,
    /// Modification time of the replica's copy.
    pub(crate) modified: SystemTime,
}

/// All contents of a run, by edition.
#[derive(Clone, Debug)]
pub(crate) struct Editions(Vec<Edition>);

#[derive(Clone, Debug)]
struct Edition {
    content: Arc<[u8]>,
    /// True if it is dated in the same second as the one before it.
    same_second: bool,
}

impl Editions {
    /// The content of each edition of this scenario.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let mut editions = vec![Edition { content: content(scenario, 0), same_second: false }];
        for change in &scenario.changes {
            let edition = editions.len();
            let next = match change.kind {
                ChangeKind::Edit | ChangeKind::SameSecond => content(scenario, edition as u32),
                ChangeKind::Revert => Arc::clone(&editions[edition.saturating_sub(2)].content),
            };
            let same_second = change.kind == ChangeKind::SameSecond;
            editions.push(Edition { content: next, same_second });
        }
        Self(editions)
    }

    /// The content of one edition.
    pub(crate) fn content(&self, edition: u32) -> &Arc<[u8]> {
        &self.0[edition as usize].content
    }

    /// Modification time of a replica's copy (counted from 0) of an edition.
    ///
    /// Editions of the same second halve the rest of it, so that their times differ as long as
    /// milliseconds can show it, and their dates in whole seconds never do.
    pub(crate) fn modified(&self, edition: u32, replica: usize, drift: Duration) -> SystemTime {
        let is_first = |edition: &u32| !self.0[*edition as usize].same_second;
        let first = (0..=edition).rev().find(is_first).unwrap_or_default();
        let since = FIRST_EDITION + BETWEEN_EDITIONS * first + drift * replica as u32;
        let later = (first..edition).fold(since, |time, _| {
            time + Duration::from_millis(u64::from(1_000 - time.subsec_millis()) / 2)
        });
        SystemTime::UNIX_EPOCH + later
    }

    /// All contents, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|edition| &*edition.content)
    }

    /// Writes every edition to a file of its own, for the replicas to copy.
    pub(crate) fn write_to(&self, directory: &Path) -> std::io::Result<()> {
        for (number, edition) in (0..).zip(&self.0) {
            std::fs::write(source(directory, number), &edition.content)?;
        }
        Ok(())
    }

    /// An edition, written to `directory` before, for a replica (counted from 0).
    pub(crate) fn deployment(
        &self,
        directory: &Path,
        edition: u32,
        replica: usize,
        drift: Duration,
    ) -> Deployment {
        let modified = self.modified(edition, replica, drift);
        Deployment { source: source(directory, edition), edition, modified }
    }
}

/// The file of one edition.
fn source(directory: &Path, edition: u32) -> PathBuf {
    directory.join(format!("edition-{edition}"))
}

fn content(scenario: &Scenario, edition: u32) -> Arc<[u8]> {
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
        let edition = |&same_second| Edition { content: Arc::from([]), same_second };
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
