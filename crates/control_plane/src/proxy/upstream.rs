//! The source of the routes, asked at one cadence by one client: this process.
//!
//! Each kind of source asks as cheaply as it can whether there is anything new, and says so; what it
//! brings is all of the routes or an error, never a part of them. Holds no table and decides nothing
//! about one: [`crate::proxy::poller`] does.

mod blocking;
mod client;
mod etcd;
mod files;
mod http;
mod kubernetes;
mod locator;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "upstream/no_tls.rs"]
mod tls;

use std::path::PathBuf;

use ::http::{HeaderName, HeaderValue};
use semantics::{EntityTag, HttpDate};

use crate::proxy::table::Route;
pub use client::field;
use etcd::Etcd;
use files::Files;
use http::Http;
use kubernetes::Kubernetes;
pub use locator::{Address, Locator};

/// How to ask.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Further fields of every request over HTTP.
    pub fields: Vec<(HeaderName, HeaderValue)>,
    /// A file whose first line is sent as `Authorization: Bearer …`; read again for each request,
    /// because such tokens are replaced while they are in use.
    pub token_file: Option<PathBuf>,
    /// A file with certificates to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Bytes of content beyond which nothing is read.
    pub max_bytes: usize,
    /// Whether instances may agree on a date by writing one key into etcd.
    pub may_write: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            fields: Vec::new(),
            token_file: None,
            ca_file: None,
            max_bytes: 64 * 1024 * 1024,
            may_write: true,
        }
    }
}

/// Why an upstream cannot be asked at all; messages name it.
#[derive(Debug, thiserror::Error)]
pub enum InvalidUpstream {
    /// No form that is known.
    #[error("`{0}` names no upstream")]
    Unknown(String),
    /// A URL that cannot be asked.
    #[error("`{0}` cannot be asked: {1}")]
    Url(String, &'static str),
    /// A field of the request.
    #[error("`{0}` is no field of a request that may be set")]
    Field(String),
    /// A file with certificates.
    #[error("no certificates in `{0}`: {1}")]
    Certificates(String, String),
    /// TLS cannot be set up.
    #[error("no TLS for `{0}`: {1}")]
    Tls(String, String),
}

/// Why a poll brought nothing; the last table is kept.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Nobody answers, or the connection broke.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// An answer other than 200 and 304. Redirects are not followed.
    #[error("it answered {0}")]
    Status(u16),
    /// An answer that is none, is cut, or holds no routes.
    #[error("malformed: {0}")]
    Malformed(String),
    /// More than [`Settings::max_bytes`].
    #[error("more than {0} bytes")]
    Oversize(usize),
}

/// What a poll brought.
#[derive(Debug)]
pub enum Fetched {
    /// Nothing that differs from what [`Upstream::keep`] was last called for.
    Unchanged,
    /// All routes.
    Routes(Vec<Route>),
}

/// When what is held was last modified, as its source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modified {
    /// The same on every instance that holds the same.
    pub date: HttpDate,
    /// Whether every change moves it, so that it can answer a condition by date. One that does not
    /// is for information.
    pub moves: bool,
}

/// A source of routes.
#[derive(Debug)]
pub struct Upstream(Kind);

#[derive(Debug)]
enum Kind {
    Files(Files),
    Http(Http),
    Kubernetes(Kubernetes),
    Etcd(Etcd),
}

impl Upstream {
    /// Prepares to ask; asks nothing yet.
    pub fn open(locator: &Locator, settings: &Settings) -> Result<Self, InvalidUpstream> {
        Ok(Self(match locator {
            Locator::Path(path) => Kind::Files(Files::new(path.clone(), settings.max_bytes)),
            Locator::Http(address) => Kind::Http(Http::new(address, settings)?),
            Locator::Kubernetes(address) => Kind::Kubernetes(Kubernetes::new(address, settings)?),
            Locator::Etcd(address, prefix) => Kind::Etcd(Etcd::new(address, prefix, settings)?),
        }))
    }

    /// Asks once. Has no patience of its own: whoever asks drops the future when it takes too long,
    /// and may ask again.
    pub async fn fetch(&mut self) -> Result<Fetched, UpstreamError> {
        match &mut self.0 {
            Kind::Files(files) => files.fetch().await,
            Kind::Http(http) => http.fetch().await,
            Kind::Kubernetes(kubernetes) => kubernetes.fetch().await,
            Kind::Etcd(etcd) => etcd.fetch().await,
        }
    }

    /// What the last fetch brought is held from now on: only what differs from it is news.
    ///
    /// Apart from fetching, because routes that make no table must not be taken for held.
    pub fn keep(&mut self) {
        match &mut self.0 {
            Kind::Files(files) => files.keep(),
            Kind::Http(http) => http.keep(),
            Kind::Kubernetes(kubernetes) => kubernetes.keep(),
            Kind::Etcd(etcd) => etcd.keep(),
        }
    }

    /// When the table with this tag, made of what is held, was last modified; `None` where nobody
    /// knows.
    pub async fn modified(&mut self, tag: &EntityTag) -> Option<Modified> {
        match &mut self.0 {
            Kind::Files(files) => files.modified(),
            Kind::Http(http) => http.modified(),
            Kind::Kubernetes(kubernetes) => kubernetes.modified(),
            Kind::Etcd(etcd) => etcd.modified(tag).await,
        }
    }
}
