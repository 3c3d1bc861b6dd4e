//! The store in which the replicas of an arm keep the tags that they share: started, killed,
//! brought back empty, and left as it was found.
//!
//! A store of `SQLite` dies by losing its file, a private Redis by `kill -9`; both come back empty.
//! An external Redis is never killed. The run's keys in it have a prefix of their own and expire at
//! once when the run is over; only the key by which replicas recognise a restart of that server
//! stays, for a day. The content of a store is up to the replicas.

use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use origin::shared_tags::LEASE;
use origin::shared_tags::protocol::{CreationResult, HeldTag};
use origin::shared_tags::stores;
use scenario::{Sharing, TagStore};
use semantics::EntityTag;
use text::secret::{Secret, masked_url};
use wire::secret_file;

use crate::error::RunError;
use crate::files::WriteError;
use crate::private_server::{PrivateServer, REDIS};

/// Prefix of the keys in a store of our own, which holds no others.
const NAMESPACE: &str = "etag-lab";
/// Lifetime of marks and tags that must not outlive their use.
const AT_ONCE: Duration = Duration::from_millis(1);

/// A store that replicas can use.
#[derive(Debug)]
pub(crate) struct RunningStore {
    backing: Backing,
    /// Prefix of the path in the store's keys.
    pub(crate) namespace: String,
}

#[derive(Debug)]
enum Backing {
    /// A file, which replicas create when they open it.
    File(PathBuf),
    Private(Box<PrivateServer>),
    /// An external server, by its URL, and the one key that is written there.
    External {
        url: String,
        password_file: Option<PathBuf>,
        key: String,
        store: Arc<dyn stores::TagStore>,
    },
}

impl RunningStore {
    /// Starts the server, if it is a private one. `lab` is the `etag-lab` program, `directory` the
    /// folder of the arm, `path` that of the resource.
    pub(crate) async fn start(
        sharing: &Sharing,
        lab: &Path,
        directory: &Path,
        path: &str,
    ) -> Result<Self, RunError> {
        let namespace = NAMESPACE.to_owned();
        let backing = match &sharing.store {
            TagStore::Sqlite => Backing::File(directory.join("tags.sqlite")),
            TagStore::PrivateRedis => {
                let server = PrivateServer::start(&REDIS, lab, &directory.join("redis")).await?;
                begin(&server).await?;
                Backing::Private(Box::new(server))
            }
            TagStore::Redis(url) => {
                return Self::external(url, sharing.password_file.as_deref(), path).await;
            }
        };
        Ok(Self { backing, namespace })
    }

    /// An external server, in which a namespace of its own keeps the run's key apart from others.
    async fn external(
        url: &str,
        password_file: Option<&Path>,
        path: &str,
    ) -> Result<Self, RunError> {
        let store = opened(url, password_file, LEASE)?;
        // Seeded by the operating system: another run has another number.
        let run = RandomState::new().hash_one(());
        let namespace = format!("{NAMESPACE}-{run:016x}");
        let key = format!("{namespace}:{}", path.split('?').next().unwrap_or_default());
        answers(url, store.as_ref(), &key).await?;
        await_creations(store.as_ref(), &key).await;
        let password_file = password_file.map(Path::to_owned);
        let backing = Backing::External { url: url.to_owned(), password_file, key, store };
        Ok(Self { backing, namespace })
    }

    /// File with the password, which replicas read themselves: arguments are for all to see.
    pub(crate) fn password_file(&self) -> Option<&Path> {
        let Backing::External { password_file, .. } = &self.backing else { return None };
        password_file.as_deref()
    }

    /// The store as the command line of a replica names it.
    pub(crate) fn name(&self) -> OsString {
        match &self.backing {
            Backing::File(path) => {
                let mut name = OsString::from("sqlite:");
                name.push(path);
                name
            }
            Backing::Private(server) => format!("redis://{}", server.address()).into(),
            Backing::External { url, .. } => url.into(),
        }
    }

    /// Takes it away from the replicas: a file as if its disk were gone, until a replica that
    /// starts meanwhile creates another, a private server by `kill -9`. An external one stays, as
    /// the scenario warned.
    pub(crate) async fn down(&mut self) -> Result<(), RunError> {
        match &mut self.backing {
            Backing::File(path) => remove(path)?,
            Backing::Private(server) => server.process.kill().await,
            Backing::External { .. } => {}
        }
        Ok(())
    }

    /// Brings it back, empty. A server that starts again gives no new tags for the time of a lease:
    /// it may have lost the mark of a writer. If it is `settled` that there is no writer, it need
    /// not wait.
    pub(crate) async fn up(&mut self, settled: bool) -> Result<(), RunError> {
        match &mut self.backing {
            Backing::File(path) => {
                std::fs::File::create(&path).map_err(WriteError::of(path))?;
            }
            Backing::Private(server) => {
                server.restart().await?;
                if settled {
                    begin(server).await?;
                }
            }
            Backing::External { .. } => {}
        }
        Ok(())
    }

    /// Ends a private server, and removes our key from an external one.
    pub(crate) async fn stop(self) {
        match self.backing {
            Backing::File(_) => {}
            Backing::Private(mut server) => server.process.kill().await,
            // The mark replaces whatever is there and expires at once. If it gets lost, the tag
            // expires by itself.
            Backing::External { key, store, .. } => {
                store.announce(&key, "over", AT_ONCE).await;
            }
        }
    }
}

/// An error if no server answers at this URL; nothing is written there.
pub(crate) async fn reach(url: &str, password_file: Option<&Path>) -> Result<(), RunError> {
    answers(url, opened(url, password_file, LEASE)?.as_ref(), NAMESPACE).await
}

async fn answers(url: &str, store: &dyn stores::TagStore, key: &str) -> Result<(), RunError> {
    match store.get(key).await {
        HeldTag::Down => Err(RunError::SilentStore { store: masked_url(url) }),
        _ => Ok(()),
    }
}

/// Declares to a new server of our own that no writer is under way: its first client may.
async fn begin(server: &PrivateServer) -> Result<(), RunError> {
    let store = opened(&format!("redis://{}", server.address()), None, AT_ONCE)?;
    await_creations(store.as_ref(), "begin").await;
    Ok(())
}

/// Returns when the store gives new tags, at most a lease after its first client came.
async fn await_creations(store: &dyn stores::TagStore, key: &str) {
    let tag = EntityTag::weak("begin").expect("letters are etagc");
    let mut attempts = tokio::time::interval(AT_ONCE);
    while store.create(key, &tag, AT_ONCE).await == CreationResult::Announced {
        attempts.tick().await;
    }
}

fn opened(
    url: &str,
    password_file: Option<&Path>,
    lease: Duration,
) -> Result<Arc<dyn stores::TagStore>, RunError> {
    let refused = |reason: String| RunError::UnknownStore { store: masked_url(url), reason };
    let mut whole = Secret::from(url.to_owned());
    if let Some(file) = password_file {
        let unusable = |problem| refused(format!("`{}`: {problem}", file.display()));
        let password = secret_file::password(file).map_err(unusable)?;
        whole = stores::with_password(url, &password)
            .ok_or_else(|| refused("its URL has a password already".to_owned()))?;
    }
    stores::open(whole.reveal(), Some(lease)).map_err(|error| refused(error.to_string()))
}

/// Removes a file of `SQLite` and its companions, as far as they exist.
fn remove(path: &Path) -> Result<(), RunError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(WriteError::of(Path::new(&file))(error).into());
            }
            _ => {}
        }
    }
    Ok(())
}
