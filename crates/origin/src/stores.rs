//! Stores: where replicas read a revision that all of them share.
//!
//! A store is asked once for every request, and blocks while it answers. Strategies know nothing
//! of it; they are handed the revision.

mod sqlite;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::copy::FileError;

/// Content and its revision, as every replica finds them.
pub trait Store: fmt::Debug + Send + Sync {
    /// The revision of the content; `None` while there is none. Never reads the content.
    fn revision(&self) -> Result<Option<u64>, FileError>;

    /// Everything there is about the content, as it stood at one moment.
    fn load(&self) -> Result<Option<Stored>, FileError>;

    /// Stores content under the next revision, both or neither.
    ///
    /// Leaves the store as it is where it holds content already, unless this edition is newer: so
    /// all replicas may be told of one change, and each of them may be the first.
    fn put(&self, new: &Stored) -> Result<(), FileError>;

    /// Stores content under the next revision if the store still holds `known`, which is `None`
    /// for no content at all; otherwise leaves it as it is. Returns whether it was stored.
    ///
    /// Where there is no content, its revision follows that of `new`: the number of a content that
    /// was deleted must not come again for another.
    fn replace(&self, known: Option<u64>, new: &Stored) -> Result<bool, FileError>;
}

/// What a store knows of the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Counted up with every change, by the store; ignored by [`Store::put`], and by
    /// [`Store::replace`] where there is a revision to count on from.
    pub revision: u64,
    /// Number of this state, where somebody numbers them.
    pub edition: Option<u32>,
    /// When it was written, in nanoseconds since 1970-01-01T00:00:00Z.
    pub modified_ns: i64,
    /// The content itself.
    pub content: Bytes,
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nobody knows how to open this.
    #[error("`{0}` names no store: expected `sqlite:PATH`")]
    Unknown(String),
    /// It is known and does not open.
    #[error(transparent)]
    Refused(#[from] FileError),
}

/// Opens the store that a flag names: `sqlite:PATH`, a file that is made if there is none.
pub fn open(name: &str) -> Result<Arc<dyn Store>, StoreError> {
    match name.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => {
            Ok(Arc::new(sqlite::SqliteStore::open(path.as_ref())?))
        }
        _ => Err(StoreError::Unknown(name.to_owned())),
    }
}
