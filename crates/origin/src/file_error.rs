//! The error of everything here that reads or writes a file.

use std::io;
use std::path::{Path, PathBuf};

/// Reason why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused to `read`, `write` … the file.
    #[error("cannot {action} {path}: {cause}", action = .0, path = .1.display(), cause = .2)]
    Refused(&'static str, PathBuf, io::Error),
    /// Another process wrote to the file while it was read; reading again will help.
    #[error("{} changed while it was read", .0.display())]
    ChangedMeanwhile(PathBuf),
}

impl FileError {
    pub(crate) fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Refused(action, path, cause)
    }
}
