//! The log of a process: opened for it to write, and read when it has failed.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use text::secret::masked;

/// Lines of a log that an error message quotes.
const LINES: usize = 5;
/// Bytes at the end of a log that are searched for these lines; a log may be long.
const BYTES: u64 = 16 * 1024;

/// Opens a log; the next process at the same place continues it.
pub(super) fn open(log: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(log)
}

/// The end of a log, as an appendix to an error message: the log does not outlive the run.
pub(super) fn last_lines(log: &Path) -> String {
    let end = end_of(log).unwrap_or_default();
    let end = String::from_utf8_lossy(&end);
    let lines: Vec<_> = end.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return ", without output".to_owned();
    }
    let last = &lines[lines.len().saturating_sub(LINES)..];
    // A program may have written anything, also what a terminal would obey.
    // … and a shell quotes the command that it cannot run.
    let last: Vec<_> = last.iter().map(|line| masked(line)).collect();
    format!("; its last lines:\n    {}", text::visible_lines(&last.join("\n    ")))
}

fn end_of(log: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
    let mut end = Vec::new();
    file.take(BYTES).read_to_end(&mut end)?;
    Ok(end)
}
