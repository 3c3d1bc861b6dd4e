//! The source of the routes, asked at one cadence by one client: this process.
//!
//! Each kind of source asks as cheaply as it can whether there is anything new, and says so; what it
//! brings is all of the routes or an error, never a part of them. Holds no table and decides nothing
//! about one: [`crate::proxy::poller`] does.

mod etcd;
mod files;
mod http;
mod kubernetes;
mod locator;

use ::http::HeaderMap;
use semantics::{EntityTag, HttpDate};
use text::excerpt;
use tokio::time::{Instant, timeout_at};
use wire::json::{JsonClient, JsonError, JsonResponse, JsonSettings};
use wire::tls::InvalidTls;
use wire::url::Url;

use crate::etcd::{EtcdError, Login};
use crate::proxy::table::Routes;
use etcd::Folder;
use files::Files;
use http::Http;
use kubernetes::Kubernetes;
pub use locator::Locator;

/// Settings of an upstream.
#[derive(Clone, Debug, Default)]
pub struct UpstreamSettings {
    /// Fields, credentials and limits of requests over HTTP; files keep to the limit on bytes.
    pub requests: JsonSettings,
    /// User of etcd.
    pub login: Option<Login>,
    /// Instances agree on a date by writing one key into etcd. Otherwise nothing is written, and
    /// nothing outside of the folder is read.
    pub agrees_on_date: bool,
}

/// Reason why an upstream cannot be polled at all.
#[derive(Debug, thiserror::Error)]
pub enum InvalidUpstream {
    /// No form that is known.
    #[error("`{0}` names no upstream")]
    Unknown(String),
    /// A URL without its slashes; and with them.
    #[error("`{0}` is no URL: did you mean `{1}`?")]
    Slashes(String, String),
    /// A URL that cannot be asked.
    #[error("`{0}` cannot be asked: {1}")]
    Url(String, String),
    /// TLS cannot be set up.
    #[error("no TLS for `{0}`: {1}")]
    Tls(String, InvalidTls),
}

/// Reason why a poll brought nothing; the last table is kept.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Nobody answers, or the connection broke.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// No whole answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// An answer other than 200 and 304. Redirects are not followed.
    #[error("it answered {0}")]
    Status(u16),
    /// The same, with the reason that it gives.
    #[error("it answered {0}: {1}")]
    Refused(u16, String),
    /// An answer that is none, is cut, or holds no routes.
    #[error("malformed: {0}")]
    Malformed(String),
    /// More than [`JsonSettings::max_bytes`].
    #[error("more than {0} bytes")]
    Oversize(usize),
}

impl From<JsonError> for UpstreamError {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Unreachable(why) => Self::Unreachable(excerpt(&why)),
            JsonError::Malformed(why) => Self::Malformed(excerpt(&why)),
            JsonError::Oversize(bytes) => Self::Oversize(bytes),
            JsonError::TimedOut(_) => Self::TimedOut,
        }
    }
}

impl From<EtcdError> for UpstreamError {
    fn from(error: EtcdError) -> Self {
        match error {
            EtcdError::Exchange(_, error) => error.into(),
            EtcdError::Password(error) => Self::Unreachable(excerpt(&error.to_string())),
            EtcdError::Refused(_, status, why) => Self::Refused(status.as_u16(), why),
            EtcdError::Malformed(_, why) => Self::Malformed(format!("etcd: {why}")),
        }
    }
}

/// Result of a poll.
#[derive(Debug)]
pub enum Fetched {
    /// Nothing that differs from what [`Upstream::keep`] was last called for.
    Unchanged,
    /// All routes.
    Routes(Routes),
}

/// Modification date of the routes held, as their source has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modified {
    /// The same on every instance that holds the same.
    pub date: HttpDate,
    /// Every change moves it, so that it can answer a condition by date. One that does not
    /// is for information.
    pub moves: bool,
}

/// A source of routes.
#[derive(Debug)]
pub struct Upstream(UpstreamKind);

#[derive(Debug)]
enum UpstreamKind {
    Files(Files),
    Http(Http),
    Kubernetes(Kubernetes),
    Etcd(Folder),
}

impl Upstream {
    /// Prepares to ask; asks nothing yet.
    pub fn open(locator: &Locator, settings: &UpstreamSettings) -> Result<Self, InvalidUpstream> {
        Ok(Self(match locator {
            Locator::Path(path) => {
                UpstreamKind::Files(Files::new(path.clone(), settings.requests.max_bytes))
            }
            Locator::Http(url) => UpstreamKind::Http(Http::new(client(url, settings)?)),
            Locator::Kubernetes(url) => {
                UpstreamKind::Kubernetes(Kubernetes::new(client(url, settings)?))
            }
            Locator::Etcd(url, prefix) => UpstreamKind::Etcd(Folder::new(url, prefix, settings)?),
        }))
    }

    /// Asks once, and waits for the source until then; nobody waits for a regular file. Reading what
    /// came takes as long as it takes: it goes on when it is given up, beside that of the next poll.
    pub async fn fetch(&mut self, deadline: Instant) -> Result<Fetched, UpstreamError> {
        match &mut self.0 {
            UpstreamKind::Files(files) => files.fetch().await,
            UpstreamKind::Http(http) => http.fetch(deadline).await,
            UpstreamKind::Kubernetes(kubernetes) => kubernetes.fetch(deadline).await,
            UpstreamKind::Etcd(etcd) => etcd.fetch(deadline).await,
        }
    }

    /// Holds what the last fetch brought: from now on only a difference from it is news.
    ///
    /// Apart from fetching, because routes that make no table must not be taken for held.
    pub fn keep(&mut self) {
        match &mut self.0 {
            UpstreamKind::Files(files) => files.keep(),
            UpstreamKind::Http(http) => http.keep(),
            UpstreamKind::Kubernetes(kubernetes) => kubernetes.keep(),
            UpstreamKind::Etcd(etcd) => etcd.keep(),
        }
    }

    /// Modification date of the table with this tag, made of the routes held; `None` where nobody
    /// knows.
    pub async fn modified(&mut self, tag: &EntityTag) -> Option<Modified> {
        match &mut self.0 {
            UpstreamKind::Files(files) => files.modified(),
            UpstreamKind::Http(http) => http.modified(),
            UpstreamKind::Kubernetes(kubernetes) => kubernetes.modified(),
            UpstreamKind::Etcd(etcd) => etcd.modified(tag).await,
        }
    }
}

fn client(url: &Url, settings: &UpstreamSettings) -> Result<JsonClient, InvalidUpstream> {
    let client = JsonClient::new(url.clone(), settings.requests.clone());
    client.map_err(|error| InvalidUpstream::Tls(excerpt(&url.authority), error))
}

async fn get(
    client: &mut JsonClient,
    fields: HeaderMap,
    deadline: Instant,
) -> Result<JsonResponse, UpstreamError> {
    let path = client.url().path.clone();
    in_time(deadline, client.get(&path, fields)).await
}

/// Waits for a source until then.
async fn in_time<T, E: Into<UpstreamError>>(
    deadline: Instant,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, UpstreamError> {
    let answer = timeout_at(deadline, answer).await;
    answer.map_err(|_elapsed| UpstreamError::TimedOut)?.map_err(Into::into)
}

/// Does work that takes long or waits for a disk beside the thread that answers.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UpstreamError> + Send + 'static,
) -> Result<T, UpstreamError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(UpstreamError::Malformed(format!("reading ended: {error}"))))
}
