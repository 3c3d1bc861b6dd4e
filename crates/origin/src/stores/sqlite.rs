//! A version column beside the content, in an `SQLite` file that every replica opens.
//!
//! ```sql
//! UPDATE resource SET content = '…', version = version + 1;  -- what a change by hand looks like
//! ```
//!
//! One row, because a replica serves one resource. Processes are kept apart by `SQLite`'s own
//! locks; a writer may have to wait for readers, at most [`PATIENCE`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::{Store, Stored};
use crate::copy::FileError;

/// How long to wait for another process's lock.
const PATIENCE: Duration = Duration::from_secs(5);

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS resource (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    edition INTEGER,
    modified_ns INTEGER NOT NULL,
    content BLOB NOT NULL)";
const REVISION: &str = "SELECT version FROM resource";
const ALL: &str = "SELECT version, edition, modified_ns, content FROM resource";
const PUT: &str = "INSERT INTO resource (id, version, edition, modified_ns, content)
    VALUES (1, 1, ?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET version = version + 1, edition = excluded.edition,
        modified_ns = excluded.modified_ns, content = excluded.content
    WHERE excluded.edition > ifnull(edition, -1)";

const CREATE: &str = "INSERT OR IGNORE INTO resource (id, version, edition, modified_ns, content)
    VALUES (1, ?4 + 1, ?1, ?2, ?3)";
const REPLACE: &str = "UPDATE resource SET version = version + 1, edition = ?1, modified_ns = ?2,
    content = ?3 WHERE version = ?4";

/// An open file.
#[derive(Debug)]
pub(super) struct SqliteStore {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl SqliteStore {
    /// Opens the file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let open = || {
            let mut connection = Connection::open(path)?;
            connection.busy_timeout(PATIENCE)?;
            // The lock is taken at once, so that replicas that start together wait for each other.
            let setup = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            setup.execute_batch(SCHEMA)?;
            setup.commit()?;
            Ok(connection)
        };
        let connection = open().map_err(refused("open", path))?;
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for SqliteStore {
    fn revision(&self) -> Result<Option<u64>, FileError> {
        let connection = self.connection();
        let found = connection
            .prepare_cached(REVISION)
            .and_then(|mut select| select.query_row([], |row| row.get(0)).optional());
        found.map_err(refused("read", &self.path))
    }

    fn load(&self) -> Result<Option<Stored>, FileError> {
        let found = self.connection().query_row(ALL, [], stored).optional();
        found.map_err(refused("read", &self.path))
    }

    fn put(&self, new: &Stored) -> Result<(), FileError> {
        let row = params![new.edition, new.modified_ns, &new.content[..]];
        let written = self.connection().execute(PUT, row);
        written.map(drop).map_err(refused("write", &self.path))
    }

    fn replace(&self, known: Option<u64>, new: &Stored) -> Result<bool, FileError> {
        let connection = self.connection();
        let content = &new.content[..];
        let (statement, before) = known.map_or((CREATE, new.revision), |known| (REPLACE, known));
        let row = params![new.edition, new.modified_ns, content, before];
        let written = connection.execute(statement, row);
        written.map(|rows| rows > 0).map_err(refused("write", &self.path))
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        revision: row.get(0)?,
        edition: row.get(1)?,
        modified_ns: row.get(2)?,
        // Written by hand, it may be text.
        content: row.get_ref(3)?.as_bytes()?.to_vec().into(),
    })
}

fn refused(action: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> FileError {
    let refused = FileError::refused(action, path);
    move |error| refused(io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn state(content: &'static str, edition: Option<u32>) -> Stored {
        Stored { revision: 0, edition, modified_ns: 7, content: content.into() }
    }

    /// What two replicas find after both were told of these states, the second one later.
    fn check(told: &[Stored], expected: Option<&Stored>) -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("store.sqlite");
        let replicas = [SqliteStore::open(&path)?, SqliteStore::open(&path)?];
        for new in told {
            replicas.iter().try_for_each(|replica| replica.put(new))?;
        }
        for replica in &replicas {
            assert_eq!(replica.load()?.as_ref(), expected);
            assert_eq!(replica.revision()?, expected.map(|stored| stored.revision));
        }
        Ok(())
    }

    #[test]
    fn one_change_that_all_replicas_are_told_of_is_one_revision() -> Tested {
        let (old, new) = (state("old", Some(0)), state("new", Some(1)));
        check(&[], None)?;
        check(std::slice::from_ref(&old), Some(&Stored { revision: 1, ..old.clone() }))?;
        let both = Stored { revision: 2, ..new.clone() };
        check(&[old.clone(), new.clone()], Some(&both))?;
        // A replica that was left behind does not bring the old content back.
        check(&[old.clone(), new, old], Some(&both))
    }

    #[test]
    fn content_without_an_edition_never_replaces_what_is_there() -> Tested {
        let one = state("one", None);
        check(&[one.clone(), state("two", None)], Some(&Stored { revision: 1, ..one }))?;
        let numbered = state("two", Some(0));
        check(&[state("one", None), numbered.clone()], Some(&Stored { revision: 2, ..numbered }))
    }

    #[test]
    fn of_two_that_replace_one_revision_one_comes_too_late() -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("store.sqlite");
        let [one, two] = [SqliteStore::open(&path)?, SqliteStore::open(&path)?];
        assert!(!one.replace(Some(1), &state("x", None))?, "there is nothing to replace");
        assert!(one.replace(None, &state("first", None))?);
        assert!(!two.replace(None, &state("also first", None))?);
        assert!(two.replace(Some(1), &state("second", None))?);
        assert!(!one.replace(Some(1), &state("also second", None))?);
        assert_eq!(one.load()?, Some(Stored { revision: 2, ..state("second", None) }));
        Ok(())
    }

    #[test]
    fn a_change_by_hand_is_found() -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("store.sqlite");
        let store = SqliteStore::open(&path)?;
        store.put(&state("old", Some(3)))?;
        let update = "UPDATE resource SET content = 'by hand', version = version + 1";
        Connection::open(&path)?.execute(update, [])?;
        let expected = Stored { revision: 2, ..state("by hand", Some(3)) };
        assert_eq!(store.load()?, Some(expected));
        Ok(())
    }

    #[test]
    fn what_is_no_database_is_refused_by_name() -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("notes.txt");
        std::fs::write(&path, "these are notes and no database at all".repeat(40))?;
        let error = SqliteStore::open(&path).expect_err("it is a text").to_string();
        assert!(error.contains("notes.txt") && error.contains("not a database"), "{error}");
        Ok(())
    }
}
