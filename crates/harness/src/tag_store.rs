//! The store in which the replicas of an arm keep the tags that they share: started, killed, brought
//! back empty, and left as it was found.
//!
//! What is in a store is the replicas' business.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use origin::shared::LEASE;
use origin::shared::protocol::{Created, Held};
use origin::shared::tags;
use semantics::EntityTag;
use thiserror::Error;

use crate::real::{REDIS, Server};
use crate::run::RunError;
use scenario::TagStore;

/// What stands before the keys in a store of our own, where nobody else's are.
const NAMESPACE: &str = "etag-lab";
/// Soon enough for whoever looks after us.
const AT_ONCE: Duration = Duration::from_millis(1);

/// Why a store of somebody else's cannot be used.
#[derive(Debug, Error)]
pub enum TagStoreError {
    /// It is none that we know.
    #[error("cannot open the store `{store}`: {reason}")]
    Unknown {
        /// Its URL, without a password.
        store: String,
        /// Why.
        reason: String,
    },
    /// Nobody there answers.
    #[error(
        "the store `{store}` does not answer\n  = help: start it, or leave --store out: the tags \
         are then in a file of the run"
    )]
    Silent {
        /// Its URL, without a password.
        store: String,
    },
}

/// A store that replicas can be told of, and what stands before their keys in it.
#[derive(Debug)]
pub(crate) struct RunningStore {
    place: Place,
    namespace: String,
}

#[derive(Debug)]
enum Place {
    /// A file, which replicas make when they open it.
    File(PathBuf),
    /// A server of our own.
    Private(Box<Server>),
    /// A server of somebody else's, by its URL, and the one key that is written there.
    Given { url: String, key: String, store: Arc<dyn tags::TagStore> },
}

impl RunningStore {
    /// Starts what is to be started. `lab` is the `etag-lab` program, `directory` a folder of the
    /// arm, `path` that of the resource.
    pub(crate) async fn start(
        store: &TagStore,
        lab: &Path,
        directory: &Path,
        path: &str,
    ) -> Result<Self, RunError> {
        let namespace = NAMESPACE.to_owned();
        let place = match store {
            TagStore::Sqlite => Place::File(directory.join("tags.sqlite")),
            TagStore::PrivateRedis => {
                let server = Server::start(&REDIS, lab, &directory.join("redis")).await?;
                begin(&server).await?;
                Place::Private(Box::new(server))
            }
            TagStore::Redis(url) => return Ok(Self::given(url, path).await?),
        };
        Ok(Self { place, namespace })
    }

    /// Somebody else's, in which our keys are nobody's but this run's.
    async fn given(url: &str, path: &str) -> Result<Self, TagStoreError> {
        let store = opened(url, LEASE)?;
        // Seeded by the operating system: another run has another number.
        let run = RandomState::new().hash_one(());
        let namespace = format!("{NAMESPACE}-{run:016x}");
        let key = format!("{namespace}:{}", path.split('?').next().unwrap_or_default());
        answers(url, store.as_ref(), &key).await?;
        await_creations(store.as_ref(), &key).await;
        let place = Place::Given { url: url.to_owned(), key, store };
        Ok(Self { place, namespace })
    }

    /// What stands before the path in the store's keys.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// How replicas are told of it.
    pub(crate) fn name(&self) -> OsString {
        match &self.place {
            Place::File(path) => {
                let mut name = OsString::from("sqlite:");
                name.push(path);
                name
            }
            Place::Private(server) => format!("redis://{}", server.address()).into(),
            Place::Given { url, .. } => url.into(),
        }
    }

    /// Takes it away from under the replicas: a file as if its disk were gone, until a replica that
    /// starts meanwhile makes another, a server of our own by `kill -9`. That of somebody else stays,
    /// as the scenario was told.
    pub(crate) async fn down(&mut self) -> Result<(), RunError> {
        match &mut self.place {
            Place::File(path) => remove(path),
            Place::Private(server) => {
                server.kill().await;
                Ok(())
            }
            Place::Given { .. } => Ok(()),
        }
    }

    /// Brings it back, empty. A server that starts again gives no new tags as long as a writer may be
    /// under way whose mark it has lost; where it is `settled` that there is none, it need not wait.
    pub(crate) async fn up(&mut self, settled: bool) -> Result<(), RunError> {
        match &mut self.place {
            Place::File(path) => std::fs::File::create(&path)
                .map(drop)
                .map_err(|error| RunError::Files { path: path.clone(), error }),
            Place::Private(server) => {
                server.restart().await?;
                if settled {
                    begin(server).await?;
                }
                Ok(())
            }
            Place::Given { .. } => Ok(()),
        }
    }

    /// Ends a server of our own, and takes our key out of somebody else's.
    pub(crate) async fn stop(self) {
        match self.place {
            Place::File(_) => {}
            Place::Private(mut server) => server.kill().await,
            // A mark takes the place of whatever is there; one that does not get there any more
            // leaves a tag that dies of itself.
            Place::Given { key, store, .. } => {
                store.announce(&key, "over", AT_ONCE).await;
            }
        }
    }
}

/// An error if nobody at this URL answers; nothing is written there.
pub(crate) async fn reach(url: &str) -> Result<(), TagStoreError> {
    answers(url, opened(url, LEASE)?.as_ref(), NAMESPACE).await
}

async fn answers(url: &str, store: &dyn tags::TagStore, key: &str) -> Result<(), TagStoreError> {
    match store.get(key).await {
        Held::Down => Err(TagStoreError::Silent { store: TagStore::shown_url(url) }),
        _ => Ok(()),
    }
}

/// The first to speak to a server of our own says that no writer is under way.
async fn begin(server: &Server) -> Result<(), TagStoreError> {
    let store = opened(&format!("redis://{}", server.address()), AT_ONCE)?;
    await_creations(store.as_ref(), "begin").await;
    Ok(())
}

/// Returns when the store gives new tags, at most a lease after the first who spoke to it.
async fn await_creations(store: &dyn tags::TagStore, key: &str) {
    let tag = EntityTag::weak("begin").expect("letters are etagc");
    let mut attempts = tokio::time::interval(AT_ONCE);
    while store.create(key, &tag, AT_ONCE).await == Created::Announced {
        attempts.tick().await;
    }
}

fn opened(url: &str, lease: Duration) -> Result<Arc<dyn tags::TagStore>, TagStoreError> {
    tags::open(url, Some(lease)).map_err(|error| TagStoreError::Unknown {
        store: TagStore::shown_url(url),
        reason: error.to_string(),
    })
}

/// Removes a file of `SQLite` and what belongs to it, as far as it is there.
fn remove(path: &Path) -> Result<(), RunError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(RunError::Files { path: file.into(), error });
            }
            _ => {}
        }
    }
    Ok(())
}
