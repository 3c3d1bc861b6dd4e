//! Files that others read while the lab writes them: replaced in one step, never seen half written.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::NamedTempFile;
use thiserror::Error;

/// A file or folder that cannot be written.
#[derive(Debug, Error)]
#[error("cannot write `{}`: {error}", path.display())]
pub struct WriteError {
    path: PathBuf,
    error: io::Error,
}

impl WriteError {
    /// Makes the error about this path out of its cause.
    pub(crate) fn of(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self { path: path.to_owned(), error }
    }
}

/// Replaces `path` by a file with this content.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let failed = WriteError::of(path);
    let file = temporary_beside(path, content).map_err(&failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes a file where there is none yet.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let file = temporary_beside(path, content)?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

/// Replaces `path` by a file that `write` makes, dated `modified`, as a deploy does.
pub(crate) fn deploy(
    path: &Path,
    modified: SystemTime,
    write: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), WriteError> {
    let fresh = path.with_extension("new");
    let put = || {
        write(&fresh)?;
        std::fs::File::options().write(true).open(&fresh)?.set_modified(modified)?;
        std::fs::rename(&fresh, path)
    };
    put().map_err(WriteError::of(path))
}

fn temporary_beside(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        // A result is to be read by others, as any file that a program writes.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory).map_err(without_path)?;
    file.write_all(content)?;
    // A rename may reach the disk before the content does.
    file.as_file().sync_all()?;
    Ok(file)
}

/// The error itself: `tempfile` adds the name of a file that nobody asked for.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(std::error::Error::source);
    let code = inner.and_then(|inner| inner.downcast_ref::<io::Error>()?.raw_os_error());
    code.map_or(error, io::Error::from_raw_os_error)
}
