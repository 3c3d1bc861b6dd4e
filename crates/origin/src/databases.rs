//! Stores of the content: the database that all replicas read, and the revision in it.
//!
//! A store is asked once or several times for every request, and blocks while it answers: never for
//! a writer, only for the disk. Strategies know nothing of it; they are handed the revision.
//! Where tags themselves are shared, that is another kind of store: [`crate::shared_tags::stores`].

mod sqlite;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use system::FileError;

/// Content and its revision, as every replica finds them.
pub trait Database: fmt::Debug + Send + Sync {
    /// The revision of the content; `None` while there is none. Never reads the content.
    fn revision(&self) -> Result<Option<u64>, FileError>;

    /// Everything there is about the content, as it stood at one moment.
    fn load(&self) -> Result<Option<StoredContent>, FileError>;

    /// Stores content under the next revision, both or neither. Returns whether it was stored.
    ///
    /// Leaves the store as it is where it holds content already, unless this edition is newer: so
    /// all replicas may be told of one change, and each of them may be the first.
    ///
    /// `before_commit` is called once it is certain that this will be stored and before anybody can
    /// see it, while no other writer can come between.
    fn put(&self, new: &StoredContent, before_commit: &mut dyn FnMut()) -> Result<bool, FileError>;

    /// Stores content under the next revision if the store still holds `known`, which is `None`
    /// for no content at all; otherwise leaves it as it is. Returns whether it was stored.
    ///
    /// Where there is no content, its revision follows that of `new`: the number of a content that
    /// was deleted must not come again for another. `before_commit` is called as by [`Self::put`].
    fn replace(
        &self,
        known: Option<u64>,
        new: &StoredContent,
        before_commit: &mut dyn FnMut(),
    ) -> Result<bool, FileError>;
}

/// Content as a database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredContent {
    /// Counted up with every change, by the store; ignored by [`Database::put`], and by
    /// [`Database::replace`] where there is a revision to count on from.
    pub revision: u64,
    /// Number of this state, where somebody numbers them.
    pub edition: Option<u32>,
    /// Time of writing, in nanoseconds since 1970-01-01T00:00:00Z.
    pub modified_ns: i64,
    /// The content itself.
    pub content: Bytes,
    /// Responses with it may carry an entity tag; never written by [`Database::put`] and
    /// [`Database::replace`].
    pub tagged: bool,
}

/// Reason why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Nobody knows how to open this.
    #[error("`{0}` names no store: expected `sqlite:PATH`")]
    Unknown(String),
    /// It is known and does not open.
    #[error(transparent)]
    Refused(#[from] FileError),
}

/// Opens the store that a flag names: `sqlite:PATH`, a file that is made if there is none.
pub fn open(name: &str) -> Result<Arc<dyn Database>, DatabaseError> {
    match name.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => {
            Ok(Arc::new(sqlite::SqliteDatabase::open(path.as_ref())?))
        }
        _ => Err(DatabaseError::Unknown(name.to_owned())),
    }
}
