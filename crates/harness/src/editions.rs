//! The editions of a resource as files, for replicas to copy.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use model::Editions;

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

/// Writes every edition to a file of its own.
pub(crate) fn write(editions: &Editions, directory: &Path) -> std::io::Result<()> {
    (0..).zip(editions.iter()).try_for_each(|(number, content)| put(directory, number, content))
}

/// Writes one edition to a file of its own.
pub(crate) fn put(directory: &Path, edition: u32, content: &[u8]) -> std::io::Result<()> {
    std::fs::write(source(directory, edition), content)
}

/// An edition, written to `directory` before, for a replica (counted from 0).
pub(crate) fn deployment(
    editions: &Editions,
    directory: &Path,
    edition: u32,
    replica: usize,
    drift: Duration,
) -> Deployment {
    let modified = editions.modified(edition, replica, drift);
    Deployment { source: source(directory, edition), edition, modified }
}

/// The file of one edition.
fn source(directory: &Path, edition: u32) -> PathBuf {
    directory.join(format!("edition-{edition}"))
}
