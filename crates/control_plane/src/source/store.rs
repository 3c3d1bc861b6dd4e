//! The store of the routes: a file, read anew for every request, or etcd, asked for every request.
//!
//! Nothing is kept in between: that each client costs the store one read is the point.

use std::path::PathBuf;

use system::{FileError, file};
use thiserror::Error;
use tokio::task::spawn_blocking;

use crate::etcd::{Etcd, EtcdError, KeyValue};
use crate::source::object::RouteList;

/// The routes' place.
#[derive(Debug)]
pub enum RouteStore {
    /// A JSON file: `{"version":"7","routes":[{"id":"…","zone":"…", …}, …]}`.
    /// Of at most [`file::CONTENT`] bytes.
    File(PathBuf),
    /// One key for each route, below a prefix; its value is the route.
    Etcd {
        /// The server.
        etcd: Box<Etcd>,
        /// Prefix of all keys.
        prefix: String,
    },
}

/// Reason why the routes cannot be read.
#[derive(Debug, Error)]
pub enum RouteStoreError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file, or the value of a key, is not what it should be.
    #[error("`{0}` holds no routes: {1}")]
    Malformed(String, serde_json::Error),
    /// etcd does not answer as it should.
    #[error(transparent)]
    Etcd(#[from] EtcdError),
}

impl RouteStore {
    /// All routes as they are now.
    pub async fn read(&mut self) -> Result<RouteList, RouteStoreError> {
        match self {
            Self::File(path) => {
                let path = path.clone();
                // Much to parse keeps nobody else waiting, either.
                let read = spawn_blocking(move || {
                    let malformed =
                        |error| RouteStoreError::Malformed(path.display().to_string(), error);
                    serde_json::from_slice(&file::read(&path, file::CONTENT)?).map_err(malformed)
                });
                read.await.expect("reading a file does not panic")
            }
            Self::Etcd { etcd, prefix } => {
                let pairs = etcd.range(prefix).await?;
                // The newest key's, and not the store's own revision: a change elsewhere in etcd
                // is none here.
                let version = pairs.iter().map(|pair| pair.mod_revision).max();
                let route = |pair: KeyValue| {
                    let place = String::from_utf8_lossy(&pair.key).into_owned();
                    serde_json::from_slice(&pair.value)
                        .map_err(|error| RouteStoreError::Malformed(place, error))
                };
                let routes = pairs.into_iter().map(route).collect::<Result<_, _>>()?;
                Ok(RouteList { version: version.unwrap_or_default().to_string(), routes })
            }
        }
    }
}
