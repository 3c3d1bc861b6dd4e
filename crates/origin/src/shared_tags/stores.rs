//! Stores of tags that all replicas read and write, and the catalogue of them.
//!
//! To add one, write its file and put its module and its entry here; the contract tests take it
//! from there. A store does what a [`super::slot::TagSlot`] does, and forgets: a tag at the end of its
//! time to live, a mark at the end of its lease. It decides nothing: the protocol does.
//!
//! What it must not do is to come back with old tags, and to create new ones as long as a writer may
//! be under way whose mark it has lost; the model of the protocol shows what happens then.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use semantics::EntityTag;
use system::FileError;
use text::secret::Secret;

use super::protocol::{CreationResult, HeldTag, WriteResult};

mod breaker;
#[cfg(feature = "redis")]
mod redis;
mod sqlite;

pub use breaker::PAUSE;

/// Longest wait of a request for the answer to one question. A read asks twice at most.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// Answer of a store, due at the latest after the time that its documentation states.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Answer of a store to a candidate.
pub type Created<'a> = Asked<'a, CreationResult<EntityTag>>;

/// Answer of a store to a writer.
pub type Written<'a> = Asked<'a, WriteResult>;

/// One tag, or one writer's mark, for each key. Failures are an answer, `Down`, told in the log
/// when they begin and when they end.
pub trait TagStore: fmt::Debug + Send + Sync {
    /// Looks a path up. Reading does not prolong a life.
    fn get<'a>(&'a self, key: &'a str) -> Asked<'a, HeldTag<EntityTag>>;

    /// Puts a tag where nothing is, to live for `ttl`.
    fn create<'a>(&'a self, key: &'a str, candidate: &'a EntityTag, ttl: Duration) -> Created<'a>;

    /// Puts a writer's mark in the place of whatever is there, to be forgotten after `lease`.
    fn announce<'a>(&'a self, key: &'a str, mark: &'a str, lease: Duration) -> Written<'a>;

    /// Puts a tag in the place of whatever is there, except for the mark of another writer.
    fn publish<'a>(
        &'a self,
        key: &'a str,
        mark: &'a str,
        tag: &'a EntityTag,
        ttl: Duration,
    ) -> Written<'a>;

    /// A tag that was never given before, for a request to create; `None` leaves it to chance.
    fn candidate(&self) -> Option<EntityTag> {
        None
    }
}

/// A kind of store as users meet it.
#[derive(Debug)]
pub struct TagStoreEntry {
    /// Beginning of its URLs, up to the colon; unique.
    pub name: &'static str,
    /// Form of its URLs.
    pub form: &'static str,
    /// Description in one sentence.
    pub summary: &'static str,
    open: fn(&str, Option<Duration>) -> Opened,
}

type Opened = Result<Arc<dyn TagStore>, OpenError>;

/// All kinds of stores, the embedded one first.
pub static STORES: &[TagStoreEntry] = &[
    sqlite::ENTRY,
    #[cfg(feature = "redis")]
    redis::ENTRY,
];

/// Reason why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nobody knows how to open this.
    #[error("it begins with no kind of store")]
    Unknown,
    /// The kind is known, and a feature of the build that is switched off.
    #[error("this program was built without the feature `redis`")]
    LeftOut,
    /// The kind is known, and the rest is not in its form.
    #[error("{0}")]
    Malformed(String),
    /// The name is right, and the file does not open.
    #[error(transparent)]
    Refused(#[from] FileError),
}

/// Opens the store that a flag names, in one of the forms of [`STORES`].
///
/// `lease` is how long a mark may stand, where writers announce themselves: for so long a store that
/// has lost its memory creates nothing. A file has to open; a server need not answer yet.
pub fn open(name: &str, lease: Option<Duration>) -> Opened {
    let kind = name.split_once(':').map(|(kind, _)| kind);
    if !cfg!(feature = "redis") && kind == Some("redis") {
        return Err(OpenError::LeftOut);
    }
    let entry = STORES.iter().find(|entry| Some(entry.name) == kind).ok_or(OpenError::Unknown)?;
    (entry.open)(name, lease)
}

/// The name of a Redis store with its password; `None` for what is no URL of one, or has one already.
pub fn with_password(name: &str, password: &Secret) -> Option<Secret> {
    let rest = name.strip_prefix("redis://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (user, host) = rest[..end].rsplit_once('@').unwrap_or(("", &rest[..end]));
    if user.contains(':') || host.is_empty() {
        return None;
    }
    // Whatever it is made of, so it ends no part of the URL.
    let mut encoded = String::new();
    password.reveal().bytes().for_each(|byte| encoded.extend(["%", &format!("{byte:02X}")]));
    Some(format!("redis://{user}:{encoded}@{host}{}", &rest[end..]).into())
}

/// A tag as stores keep it, without quotes; `None` for what cannot be one.
fn stored(opaque: &[u8]) -> Option<EntityTag> {
    // Always weak, because it is read before the content is rendered and may go with two contents
    // for a moment.
    EntityTag::weak(opaque).ok()
}

fn written(answer: Option<()>) -> WriteResult {
    answer.map_or(WriteResult::Down, |()| WriteResult::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_enters_a_url_that_has_none() {
        let with = |name| with_password(name, &"p@/".to_owned().into());
        let with = |name| with(name).map(|url| url.reveal().to_owned());
        assert_eq!(with("redis://h:1/2").as_deref(), Some("redis://:%70%40%2F@h:1/2"));
        assert_eq!(with("redis://u@h").as_deref(), Some("redis://u:%70%40%2F@h"));
        for name in ["redis://:x@h", "redis://", "redis:h", "sqlite:h"] {
            assert_eq!(with(name), None, "{name}");
        }
    }
}
