//! Keeps a run: its record and the logs of foreign replicas.

use std::path::{Path, PathBuf};

use measure::record::RunRecord;

use crate::files::{WriteError, write_new};

/// Writes `record` to a new file in `directory`, which is made if need be, and the logs beside
/// it; returns the record's path.
///
/// The name is made of start and scenario; an existing file is never replaced.
pub fn keep(
    record: &RunRecord,
    logs: &[(String, PathBuf)],
    directory: &Path,
) -> Result<PathBuf, WriteError> {
    std::fs::create_dir_all(directory).map_err(WriteError::of(directory))?;
    let mut text = serde_json::to_string_pretty(record).expect("a record is plain data");
    text.push('\n');
    // Two runs may start in the same second.
    let stem = stem(record);
    let mut attempt = 1_u32;
    let (path, stem) = loop {
        let stem = if attempt == 1 { stem.clone() } else { format!("{stem}-{attempt}") };
        let path = directory.join(format!("{stem}.json"));
        match write_new(&path, text.as_bytes()) {
            Ok(()) => break (path, stem),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => attempt += 1,
            Err(error) => return Err(WriteError::of(&path)(error)),
        }
    };
    for (name, log) in logs {
        let kept = directory.join(format!("{stem}.{name}"));
        std::fs::copy(log, &kept).map_err(WriteError::of(&kept))?;
    }
    Ok(path)
}

/// `2026-11-21T03-05-16Z-all-200s`, whatever characters the scenario's name has.
fn stem(record: &RunRecord) -> String {
    let name = record.scenario.name.split(|c: char| !c.is_ascii_alphanumeric());
    let name: Vec<_> = name.filter(|word| !word.is_empty()).collect();
    let name: String = name.join("-").chars().take(60).collect();
    format!("{}-{name}", record.started.replace(':', "-"))
}
