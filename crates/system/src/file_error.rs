//! The error of everything that reads or writes a file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Reason why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused to `read`, `write` … the file.
    #[error("cannot {action} {path}: {reason}", action = .0, path = .1.display(), reason = self.reason())]
    Refused(&'static str, PathBuf, io::Error),
    /// Another process wrote to the file while it was read; reading again will help.
    #[error("cannot read {path}: {reason}", path = .0.display(), reason = self.reason())]
    ChangedMeanwhile(PathBuf),
    /// There is something else: reading it might not end, and writing to it might do anything.
    #[error("cannot use {path}: {reason}", path = .0.display(), reason = self.reason())]
    NotRegular(PathBuf, &'static str),
    /// The file is longer than its reader takes.
    #[error("cannot read {path}: {reason}", path = .0.display(), reason = self.reason())]
    TooLarge(PathBuf, u64),
}

impl FileError {
    /// Makes an error of the operating system one about this file.
    pub fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Refused(action, path, cause)
    }

    /// The reason alone, for messages that name the file themselves.
    pub fn reason(&self) -> String {
        match self {
            Self::Refused(_, _, cause) => cause.to_string(),
            Self::ChangedMeanwhile(_) => "it changed while it was read".to_owned(),
            Self::NotRegular(_, kind) => format!("it is a {kind}, not a regular file"),
            Self::TooLarge(_, limit) => format!("it is larger than {}", Bytes(*limit)),
        }
    }
}

/// A limit in the largest unit that it is a whole number of.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes >= 1 << 20 && bytes % (1 << 20) == 0 => write!(f, "{} MiB", bytes >> 20),
            bytes if bytes >= 1 << 10 && bytes % (1 << 10) == 0 => write!(f, "{} KiB", bytes >> 10),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}
