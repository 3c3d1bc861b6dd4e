//! The error of everything here that reads or writes a file.

use std::io;
use std::path::{Path, PathBuf};

/// Reason why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("cannot {action} {}: {cause}", path.display())]
    Refused {
        /// Operation that was tried: `read`, `write` …
        action: &'static str,
        /// Its file.
        path: PathBuf,
        /// Answer of the operating system.
        cause: io::Error,
    },
    /// Another process wrote to the file while it was read; reading again will help.
    #[error("{} changed while it was read", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
}

impl FileError {
    pub(crate) fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Refused { action, path, cause }
    }
}
