//! The application's database: an `SQLite` file that every replica opens.
//!
//! ```sql
//! UPDATE resource SET content = '…', version = version + 1;  -- what a change by hand looks like
//! UPDATE delivery SET tagged = 0;                            -- responses go without a tag
//! ```
//!
//! One row in each table, because a replica serves one resource. To render it takes three queries:
//! which state there is, its content, how to deliver it. Processes are kept apart by `SQLite`'s own
//! locks: the log is written ahead, so that readers wait for nobody, and a writer for other writers,
//! at most [`WRITERS_PATIENCE`]. What is asked is counted by [`crate::connection`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use system::FileError;

use super::{Database, StoredContent};
use crate::connection;

// A write may wait for other writers, and is off the path of requests.
const WRITERS_PATIENCE: Duration = Duration::from_secs(5);

// A reader waits only while a person repairs the log or locks the file by hand.
const READERS_PATIENCE: Duration = Duration::from_millis(100);

const SCHEMA: &str = include_str!("schema.sql");

const REVISION: &str = "SELECT version FROM resource";
const STATE: &str = "SELECT version, edition, modified_ns FROM resource";
const CONTENT: &str = "SELECT content FROM resource";
const DELIVERY: &str = "SELECT tagged FROM delivery";

const PUT: &str = "INSERT INTO resource (id, version, edition, modified_ns, content)
    VALUES (1, 1, ?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET version = version + 1, edition = excluded.edition,
        modified_ns = excluded.modified_ns, content = excluded.content
    WHERE excluded.edition > ifnull(edition, -1)";
const CREATE: &str = "INSERT OR IGNORE INTO resource (id, version, edition, modified_ns, content)
    VALUES (1, ?4 + 1, ?1, ?2, ?3)";
const REPLACE: &str = "UPDATE resource SET version = version + 1, edition = ?1, modified_ns = ?2,
    content = ?3 WHERE version = ?4";

#[derive(Debug)]
pub(super) struct SqliteDatabase {
    path: PathBuf,
    reading: Mutex<Connection>,
    writing: Mutex<Connection>,
}

impl SqliteDatabase {
    /// Opens the file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let open = || {
            let mut writing = connection::open(path, WRITERS_PATIENCE)?;
            // The lock is taken at once, so that replicas that start together wait for each other.
            let setup = writing.transaction_with_behavior(TransactionBehavior::Immediate)?;
            setup.execute_batch(SCHEMA)?;
            setup.commit()?;
            let mut reading = Connection::open(path)?;
            reading.busy_timeout(READERS_PATIENCE)?;
            connection::count_those_of(&mut reading)?;
            Ok((reading, writing))
        };
        let (reading, writing) = open().map_err(refused("open", path))?;
        let (reading, writing) = (Mutex::new(reading), Mutex::new(writing));
        Ok(Self { path: path.to_owned(), reading, writing })
    }

    /// Writes, unless the statement finds nothing to do.
    fn write(
        &self,
        statement: &str,
        row: &[&dyn rusqlite::ToSql],
        before_commit: &mut dyn FnMut(),
    ) -> Result<bool, FileError> {
        let mut write = || {
            let mut connection = lock(&self.writing);
            let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let is_news = change.execute(statement, row)? > 0;
            if is_news {
                before_commit();
            }
            change.commit()?;
            Ok(is_news)
        };
        write().map_err(refused("write", &self.path))
    }
}

impl Database for SqliteDatabase {
    fn revision(&self) -> Result<Option<u64>, FileError> {
        let connection = lock(&self.reading);
        let found = connection
            .prepare_cached(REVISION)
            .and_then(|mut select| select.query_row([], |row| row.get(0)).optional());
        found.map_err(refused("read", &self.path))
    }

    fn load(&self) -> Result<Option<StoredContent>, FileError> {
        stored(&mut lock(&self.reading)).optional().map_err(refused("read", &self.path))
    }

    fn put(&self, new: &StoredContent, before_commit: &mut dyn FnMut()) -> Result<bool, FileError> {
        self.write(PUT, params![new.edition, new.modified_ns, &new.content[..]], before_commit)
    }

    fn replace(
        &self,
        known: Option<u64>,
        new: &StoredContent,
        before_commit: &mut dyn FnMut(),
    ) -> Result<bool, FileError> {
        let content = &new.content[..];
        let (statement, before) = known.map_or((CREATE, new.revision), |known| (REPLACE, known));
        self.write(statement, params![new.edition, new.modified_ns, content, before], before_commit)
    }
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads all that a rendering needs, in one transaction: of one moment.
fn stored(connection: &mut Connection) -> rusqlite::Result<StoredContent> {
    let moment = connection.transaction()?;
    let (revision, edition, modified_ns) = moment
        .prepare_cached(STATE)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    // Written by hand, it may be text.
    let content = moment
        .prepare_cached(CONTENT)?
        .query_row([], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec().into()))?;
    let tagged = moment.prepare_cached(DELIVERY)?.query_row([], |row| row.get(0)).optional()?;
    moment.commit()?;
    Ok(StoredContent { revision, edition, modified_ns, content, tagged: tagged.unwrap_or(true) })
}

fn refused(action: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> FileError {
    let refused = FileError::refused(action, path);
    move |error| refused(io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn state(content: &'static str, edition: Option<u32>) -> StoredContent {
        StoredContent {
            revision: 0,
            edition,
            modified_ns: 7,
            content: content.into(),
            tagged: true,
        }
    }

    /// Content that two replicas find after both were told of these states, the second one later.
    fn check(told: &[StoredContent], expected: Option<&StoredContent>) -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("store.sqlite");
        let replicas = [SqliteDatabase::open(&path)?, SqliteDatabase::open(&path)?];
        for new in told {
            for replica in &replicas {
                replica.put(new, &mut || {})?;
            }
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
        check(std::slice::from_ref(&old), Some(&StoredContent { revision: 1, ..old.clone() }))?;
        let both = StoredContent { revision: 2, ..new.clone() };
        check(&[old.clone(), new.clone()], Some(&both))?;
        // A replica that was left behind does not bring the old content back.
        check(&[old.clone(), new, old], Some(&both))
    }

    #[test]
    fn content_without_an_edition_never_replaces_what_is_there() -> Tested {
        let one = state("one", None);
        check(&[one.clone(), state("two", None)], Some(&StoredContent { revision: 1, ..one }))?;
        let numbered = state("two", Some(0));
        check(
            &[state("one", None), numbered.clone()],
            Some(&StoredContent { revision: 2, ..numbered }),
        )
    }

    #[test]
    fn of_two_that_replace_one_revision_one_comes_too_late() -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("store.sqlite");
        let [one, two] = [SqliteDatabase::open(&path)?, SqliteDatabase::open(&path)?];
        assert!(
            !one.replace(Some(1), &state("x", None), &mut || {})?,
            "there is nothing to replace"
        );
        assert!(one.replace(None, &state("first", None), &mut || {})?);
        assert!(!two.replace(None, &state("also first", None), &mut || {})?);
        assert!(two.replace(Some(1), &state("second", None), &mut || {})?);
        assert!(!one.replace(Some(1), &state("also second", None), &mut || {})?);
        assert_eq!(one.load()?, Some(StoredContent { revision: 2, ..state("second", None) }));
        Ok(())
    }

    #[test]
    fn a_change_by_hand_is_found() -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("store.sqlite");
        let store = SqliteDatabase::open(&path)?;
        store.put(&state("old", Some(3)), &mut || {})?;
        let update = "UPDATE resource SET content = 'by hand', version = version + 1";
        Connection::open(&path)?.execute(update, [])?;
        let expected = StoredContent { revision: 2, ..state("by hand", Some(3)) };
        assert_eq!(store.load()?, Some(expected));
        Ok(())
    }

    #[test]
    fn what_is_no_database_is_refused_by_name() -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("notes.txt");
        std::fs::write(&path, "these are notes and no database at all".repeat(40))?;
        let error = SqliteDatabase::open(&path).expect_err("it is a text").to_string();
        assert!(error.contains("notes.txt") && error.contains("not a database"), "{error}");
        Ok(())
    }
}
