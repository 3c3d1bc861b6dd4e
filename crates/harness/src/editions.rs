//! The contents that a resource goes through during a run, in order.
//!
//! Edition 0 is there from the start; each change of the scenario makes the next one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::scenario::{ChangeKind, Content, Scenario};

/// When the first replica got its first copy: a fixed moment, so that a run can be repeated.
const DEPLOYED: Duration = Duration::from_secs(1_767_600_000);
/// How much later than its predecessor an edition was written.
const BETWEEN_EDITIONS: Duration = Duration::from_secs(3_600);

/// All contents of a run, by edition.
#[derive(Clone, Debug)]
pub(crate) struct Editions(Vec<Arc<[u8]>>);

impl Editions {
    /// The content of each edition of this scenario.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let mut contents = vec![content(scenario, 0)];
        for change in &scenario.changes {
            let edition = contents.len() as u32;
            let next = match change.kind {
                ChangeKind::Edit => content(scenario, edition),
                ChangeKind::Revert => Arc::clone(&contents[contents.len().saturating_sub(2)]),
            };
            contents.push(next);
        }
        Self(contents)
    }

    /// The content of one edition.
    pub(crate) fn content(&self, edition: u32) -> &Arc<[u8]> {
        &self.0[edition as usize]
    }

    /// All contents, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Writes every edition to a file of its own, for the replicas to copy.
    pub(crate) fn write_to(&self, directory: &Path) -> std::io::Result<()> {
        for (edition, content) in (0..).zip(&self.0) {
            std::fs::write(source(directory, edition), content)?;
        }
        Ok(())
    }
}

/// The file of one edition.
pub(crate) fn source(directory: &Path, edition: u32) -> PathBuf {
    directory.join(format!("edition-{edition}"))
}

/// Modification time of a replica's copy (counted from 0) of an edition.
pub(crate) fn modified(edition: u32, replica: usize, drift: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH + DEPLOYED + BETWEEN_EDITIONS * edition + drift * replica as u32
}

fn content(scenario: &Scenario, edition: u32) -> Arc<[u8]> {
    match &scenario.resource.content {
        Content::Generated { size_bytes } => {
            origin::content::sample(size_bytes.get() as usize, scenario.seed, edition).into()
        }
        // A foreign file is edited in the one way that no format minds much: a line feed more.
        Content::File { bytes, .. } => {
            let mut edited = bytes.to_vec();
            edited.extend(std::iter::repeat_n(b'\n', edition as usize));
            edited.into()
        }
    }
}
