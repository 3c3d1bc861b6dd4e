//! Tags in an `SQLite` file that every replica opens; not that of the application, whose writers
//! hold its lock while they announce themselves here.
//!
//! A look-up waits for no writer and takes some microseconds, so it is made where it is asked for.
//! Whatever writes may have to wait for other processes, at most [`PATIENCE`], and does so on another
//! thread. A file that is moved away or replaced is no longer the store: what this process has open
//! may be nobody else's any more.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use semantics::EntityTag;
use system::FileError;
use tokio::task::spawn_blocking;

use super::breaker::{Asker, Breaker};
use super::{
    Asked, Created, OpenError, PATIENCE, TagStore, TagStoreEntry, Written, stored, written,
};
use crate::connection;
use crate::shared_tags::protocol::{CreationResult, HeldTag};
use crate::shared_tags::slot::TagSlot;

pub(super) const ENTRY: TagStoreEntry = TagStoreEntry {
    name: "sqlite",
    form: "sqlite:PATH",
    summary: "A file that all replicas on one machine open; made if there is none.",
    // Nothing of it is lost but with the file, so a lease is of no use: nothing is forgotten.
    open: |name, _| {
        let path = name.strip_prefix("sqlite:").unwrap_or_default();
        if path.is_empty() {
            return Err(OpenError::Malformed("it names no file".to_owned()));
        }
        Ok(Arc::new(SqliteTags::open(path.as_ref())?))
    },
};

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS tag (
    key TEXT PRIMARY KEY,
    tag TEXT,
    mark TEXT,
    expires_ms INTEGER NOT NULL) WITHOUT ROWID";
const GET: &str = "SELECT tag, mark FROM tag WHERE key = ?1 AND expires_ms > ?2";
const SET: &str = "INSERT OR REPLACE INTO tag (key, tag, mark, expires_ms) VALUES (?1, ?2, ?3, ?4)";

#[derive(Debug)]
struct SqliteTags(Arc<TagFile>);

#[derive(Debug)]
struct TagFile {
    path: PathBuf,
    reading: Mutex<Opened>,
    writing: Mutex<Opened>,
    breaker: Breaker,
}

/// A connection, and device and inode of the file it was made to.
#[derive(Debug)]
struct Opened(Connection, (u64, u64));

/// Reason why the file did not answer.
#[derive(Debug, thiserror::Error)]
enum SqliteProblem {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Gone(#[from] std::io::Error),
    #[error("it holds something that is no entity tag")]
    NoTag,
}

impl SqliteTags {
    fn open(path: &Path) -> Result<Self, FileError> {
        let refused =
            |error: SqliteProblem| FileError::refused("open", path)(std::io::Error::other(error));
        let open = || Opened::at(path).map(Mutex::new).map_err(refused);
        let breaker = Breaker::new(format!("sqlite:{}", path.display()));
        let (reading, writing) = (open()?, open()?);
        Ok(Self(Arc::new(TagFile { path: path.to_owned(), reading, writing, breaker })))
    }

    /// Changes the slot of a key on another thread; `None` if the file does not answer.
    async fn change<T: Send + 'static>(
        &self,
        asker: Asker,
        key: &str,
        lives: Duration,
        change: impl FnOnce(&mut TagSlot<EntityTag, String>) -> T + Send + 'static,
    ) -> Option<T> {
        let (file, key) = (Arc::clone(&self.0), key.to_owned());
        let changed = spawn_blocking(move || {
            file.ask(asker, &file.writing, |connection| update(connection, &key, lives, change))
        });
        changed.await.ok().flatten()
    }
}

impl TagStore for SqliteTags {
    fn get<'a>(&'a self, key: &'a str) -> Asked<'a, HeldTag<EntityTag>> {
        // With the log written ahead a look-up waits for no writer, and costs less than a change of
        // threads.
        let found = self.0.ask(Asker::Reader, &self.0.reading, |connection| slot(connection, key));
        Box::pin(std::future::ready(found.map_or(HeldTag::Down, |slot| slot.get())))
    }

    fn create<'a>(&'a self, key: &'a str, candidate: &'a EntityTag, ttl: Duration) -> Created<'a> {
        let candidate = candidate.clone();
        let created = self.change(Asker::Reader, key, ttl, |slot| slot.create(candidate));
        Box::pin(async { created.await.unwrap_or(CreationResult::Down) })
    }

    fn announce<'a>(&'a self, key: &'a str, mark: &'a str, lease: Duration) -> Written<'a> {
        let mark = mark.to_owned();
        let announced = self.change(Asker::TagWriter, key, lease, |slot| slot.announce(mark));
        Box::pin(async { written(announced.await) })
    }

    fn publish<'a>(
        &'a self,
        key: &'a str,
        mark: &'a str,
        tag: &'a EntityTag,
        ttl: Duration,
    ) -> Written<'a> {
        let (mark, tag) = (mark.to_owned(), tag.clone());
        let published =
            self.change(Asker::TagWriter, key, ttl, move |slot| slot.publish(&mark, tag));
        Box::pin(async { written(published.await) })
    }
}

impl TagFile {
    /// `None` if the file does not answer, or has not answered just now.
    fn ask<T>(
        &self,
        asker: Asker,
        opened: &Mutex<Opened>,
        question: impl FnOnce(&mut Connection) -> Result<T, SqliteProblem>,
    ) -> Option<T> {
        if !self.breaker.allows(asker, Instant::now()) {
            return None;
        }
        let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = opened.still_at(&self.path).and_then(|()| question(&mut opened.0));
        match &answer {
            Ok(_) => self.breaker.succeeded(),
            Err(problem) => self.breaker.failed(Instant::now(), problem),
        }
        answer.ok()
    }
}

impl Opened {
    /// Opens the file, or makes it.
    fn at(path: &Path) -> Result<Self, SqliteProblem> {
        let connection = connection::open(path, PATIENCE)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(connection, identity(path)?))
    }

    /// Opens the file that has taken the place of the one that was open.
    fn still_at(&mut self, path: &Path) -> Result<(), SqliteProblem> {
        if identity(path)? != self.1 {
            *self = Self::at(path)?;
        }
        Ok(())
    }
}

fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

fn slot(connection: &Connection, key: &str) -> Result<TagSlot<EntityTag, String>, SqliteProblem> {
    let mut get = connection.prepare_cached(GET)?;
    let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found = get.query_row(params![key, now_ms()], columns).optional()?;
    let found: Option<(Option<String>, Option<String>)> = found;
    Ok(match found {
        None | Some((None, None)) => TagSlot::Missing,
        Some((None, Some(mark))) => TagSlot::Announced(mark),
        Some((Some(tag), _)) => TagSlot::Tag(stored(tag.as_bytes()).ok_or(SqliteProblem::NoTag)?),
    })
}

fn update<T>(
    connection: &mut Connection,
    key: &str,
    lives: Duration,
    change: impl FnOnce(&mut TagSlot<EntityTag, String>) -> T,
) -> Result<T, SqliteProblem> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = slot(&transaction, key)?;
    let mut after = before.clone();
    let answer = change(&mut after);
    if after != before {
        let (tag, mark) = match &after {
            TagSlot::Missing => (None, None),
            TagSlot::Announced(mark) => (None, Some(mark)),
            TagSlot::Tag(tag) => (Some(String::from_utf8_lossy(tag.opaque())), None),
        };
        let expires_ms = now_ms().saturating_add_unsigned(lives.as_millis() as u64);
        transaction.prepare_cached(SET)?.execute(params![key, tag, mark, expires_ms])?;
    }
    transaction.commit()?;
    Ok(answer)
}

fn now_ms() -> i64 {
    // The one clock that all processes on a machine share.
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64
}
