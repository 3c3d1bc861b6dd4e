//! Keeps a run: its record and the logs of foreign replicas, written atomically.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use measure::record::RunRecord;
use thiserror::Error;

/// Why something could not be kept.
#[derive(Debug, Error)]
#[error("cannot write `{}`: {error}", path.display())]
pub struct KeepError {
    path: PathBuf,
    error: std::io::Error,
}

/// Writes `record` to a new file in `directory`, which is made if need be, and the logs beside
/// it; returns the record's path.
///
/// The name is made of start and scenario; an existing file is never replaced.
pub fn keep(
    record: &RunRecord,
    logs: &[(String, PathBuf)],
    directory: &Path,
) -> Result<PathBuf, KeepError> {
    std::fs::create_dir_all(directory)
        .map_err(|error| KeepError { path: directory.to_owned(), error })?;
    let mut text = serde_json::to_string_pretty(record).expect("a record is plain data");
    text.push('\n');
    let stem = stem(record);
    let mut attempt = 1_u32;
    let (path, stem) = loop {
        let stem = if attempt == 1 { stem.clone() } else { format!("{stem}-{attempt}") };
        let path = directory.join(format!("{stem}.json"));
        match write_new(&path, text.as_bytes()) {
            Ok(()) => break (path, stem),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => attempt += 1,
            Err(error) => return Err(KeepError { path, error }),
        }
    };
    for (name, log) in logs {
        let kept = directory.join(format!("{stem}.{name}"));
        std::fs::copy(log, &kept).map_err(|error| KeepError { path: kept, error })?;
    }
    Ok(path)
}

/// Replaces `path` by `content` in one step: readers see the old file or the new one.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), KeepError> {
    let failed = |error| KeepError { path: path.to_owned(), error };
    let file = temporary_beside(path, content).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn write_new(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let file = temporary_beside(path, content)?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

fn temporary_beside(path: &Path, content: &[u8]) -> std::io::Result<tempfile::NamedTempFile> {
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
    file.as_file().sync_all()?;
    Ok(file)
}

/// The error itself: `tempfile` adds the name of a file that nobody asked for.
fn without_path(error: std::io::Error) -> std::io::Error {
    let inner = error.get_ref().and_then(std::error::Error::source);
    let code = inner.and_then(|inner| inner.downcast_ref::<std::io::Error>()?.raw_os_error());
    code.map_or(error, std::io::Error::from_raw_os_error)
}

/// `2026-11-21T03-05-16Z-all-200s`, whatever characters the scenario's name has.
fn stem(record: &RunRecord) -> String {
    let name = record.scenario.name.split(|c: char| !c.is_ascii_alphanumeric());
    let name: Vec<_> = name.filter(|word| !word.is_empty()).collect();
    let name: String = name.join("-").chars().take(60).collect();
    format!("{}-{name}", record.started.replace(':', "-"))
}
