//! Connections to `SQLite` files, of content as of tags: opened so that readers never wait for a
//! writer, and with the queries counted that the application sends.
//!
//! `SQLite` itself tells of every statement that it begins to run, on the thread that runs it: so
//! what is asked for one answer is what was counted on its thread meanwhile. An answer is made on one
//! thread without waiting, so that no query is attributed by guess. Knows no table.

use std::cell::Cell;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, ErrorCode};

/// Pause before the journal mode is asked for once more.
const PAUSE: Duration = Duration::from_millis(5);

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

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

/// Counts what is asked through this connection from now on.
pub(crate) fn count_those_of(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count))
}

/// Notes queries to a database that is no `SQLite`.
pub(crate) fn note(queries: u64) {
    ASKED.set(ASKED.get() + queries);
}

/// Does something without waiting, and tells how many queries that took.
pub(crate) fn counted<T>(answer: impl FnOnce() -> T) -> (T, u64) {
    let before = ASKED.get();
    let answer = answer();
    (answer, ASKED.get() - before)
}

#[expect(clippy::needless_pass_by_value, reason = "SQLite's callback is called so")]
fn count(event: TraceEvent<'_>) {
    // Begin and end of a transaction are no queries.
    if let TraceEvent::Stmt(_, sql) = event
        && !["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| sql.starts_with(word))
    {
        ASKED.set(ASKED.get() + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_count_for_whom_they_are_asked_and_transactions_do_not() -> rusqlite::Result<()> {
        let mut connection = Connection::open_in_memory()?;
        count_those_of(&mut connection)?;
        let one = |connection: &Connection| connection.query_row("SELECT 1", [], |row| row.get(0));
        let (answer, queries) = counted(|| -> rusqlite::Result<u32> {
            let transaction = connection.transaction()?;
            let sum = one(&transaction)? + one(&transaction)?;
            transaction.commit()?;
            Ok(sum)
        });
        assert_eq!((answer?, queries), (2, 2));
        let (_, queries): (rusqlite::Result<u32>, u64) = counted(|| one(&connection));
        assert_eq!(queries, 1);
        assert_eq!(counted(|| ()).1, 0);
        Ok(())
    }
}
