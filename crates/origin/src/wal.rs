//! Opening an `SQLite` file whose log is written ahead, so that readers never wait for a writer.
//!
//! Knows no table.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

/// Pause before the journal mode is asked for once more.
const PAUSE: Duration = Duration::from_millis(5);

/// Opens the file, or makes it; a lock of another process is waited for so long. Blocks.
pub(crate) fn open(path: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(patience)?;
    let deadline = Instant::now() + patience;
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            // Of processes that switch at the same time, one may be refused without being waited for.
            Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(PAUSE),
            switched => return switched.map(|()| connection),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
