//! etcd v3 through its JSON gateway: transactions, ranges, puts and deletes, and its counters.
//!
//! Logs in where it is told to, and again when its token has expired.
//!
//! One client for the proxy, which polls a folder of routes, for the stand-in for the Kubernetes API,
//! which lists them, and for the harness, which writes them. Knows no watches and no leases.

pub(crate) mod gateway;
mod login;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use text::excerpt;
use thiserror::Error;
use tokio::task::spawn_blocking;
use wire::json::{JsonClient, JsonError, JsonResponse, JsonSettings};
use wire::tls::InvalidTls;
use wire::url::Url;

pub use gateway::KeyValue;
use gateway::{Range, Transaction, base64, end_of};
pub use login::{InvalidPassword, Login};

// As many as etcd allows in one transaction by default.
const MAX_OPERATIONS: usize = 128;

/// A client of one etcd server.
#[derive(Debug)]
pub struct Etcd {
    client: JsonClient,
    login: Option<Login>,
    /// Of the last login.
    token: Option<HeaderValue>,
}

/// Reason why etcd did not do what it was asked to.
#[derive(Debug, Error)]
pub enum EtcdError {
    /// No complete response.
    #[error("{0}: {1}")]
    Exchange(String, JsonError),
    /// The file of the password cannot be used any more.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// A response other than 200.
    #[error("etcd at {0} answered {1}: {2}")]
    Refused(String, StatusCode, String),
    /// A response that no etcd sends.
    #[error("the server at {0} does not answer like etcd: {1}")]
    Malformed(String, String),
}

impl Etcd {
    /// A client of the server that a URL names; with a login where users are to log in.
    pub fn new(url: Url, settings: JsonSettings, login: Option<Login>) -> Result<Self, InvalidTls> {
        Ok(Self { client: JsonClient::new(url, settings)?, login, token: None })
    }

    /// A client of the server at this address; `timeout` is for each request.
    pub fn at(address: SocketAddr, timeout: Duration) -> Self {
        Self { client: JsonClient::at(address, timeout), login: None, token: None }
    }

    /// Host and port of the server.
    pub fn authority(&self) -> &str {
        &self.client.url().authority
    }

    // While it stays the same, the same process has answered.
    pub(crate) fn connections(&self) -> u64 {
        self.client.connections()
    }

    pub(crate) async fn transact(&mut self, transaction: &Value) -> Result<Transaction, EtcdError> {
        self.ask("/v3/kv/txn", transaction).await
    }

    /// Reads all keys that begin with `prefix`.
    pub async fn range(&mut self, prefix: &str) -> Result<Vec<KeyValue>, EtcdError> {
        self.ask("/v3/kv/range", &within(prefix)).await.map(|range: Range| range.kvs)
    }

    /// Writes these pairs, as many at once as one transaction holds; returns the revision after the
    /// last of them.
    pub async fn put(&mut self, pairs: &[(String, Vec<u8>)]) -> Result<i64, EtcdError> {
        let mut revision = 0;
        for pairs in pairs.chunks(MAX_OPERATIONS) {
            let puts =
                pairs.iter().map(|(key, value)| gateway::put(key, value)).collect::<Vec<_>>();
            revision = self.transact(&json!({"success": puts})).await?.header.revision;
        }
        Ok(revision)
    }

    /// Number of requests that [`Self::put`] makes for so many pairs.
    pub fn requests(pairs: usize) -> u64 {
        pairs.div_ceil(MAX_OPERATIONS) as u64
    }

    /// Removes all keys that begin with `prefix`.
    pub async fn clear(&mut self, prefix: &str) -> Result<(), EtcdError> {
        self.ask("/v3/kv/deleterange", &within(prefix)).await.map(|_: Value| ())
    }

    /// etcd's counters of itself, in the format of Prometheus.
    pub async fn metrics(&mut self) -> Result<String, EtcdError> {
        let response = self.client.get("/metrics", HeaderMap::new()).await;
        Ok(String::from_utf8_lossy(&self.content(response)?).into_owned())
    }

    async fn ask<T: DeserializeOwned + Send + 'static>(
        &mut self,
        path: &str,
        question: &Value,
    ) -> Result<T, EtcdError> {
        let content = match self.post(path, question).await {
            // Tokens end: after minutes, with the server, with a change of the users.
            Err(error) if self.login.is_some() && login::is_over(&error) => {
                self.token = None;
                self.post(path, question).await?
            }
            content => content?,
        };
        // A folder may be megabytes, and requests of clients are answered on this thread.
        let parsed = spawn_blocking(move || serde_json::from_slice(&content)).await;
        let parsed = parsed.map_err(|error| self.malformed(&error))?;
        parsed.map_err(|error| self.malformed(&error))
    }

    async fn post(&mut self, path: &str, question: &Value) -> Result<Bytes, EtcdError> {
        let mut fields = HeaderMap::new();
        if let Some(token) = self.token().await? {
            fields.insert(AUTHORIZATION, token);
        }
        let response = self.client.post(path, fields, question.to_string().into_bytes()).await;
        self.content(response)
    }

    /// The token for requests; logs in where there is none yet.
    async fn token(&mut self) -> Result<Option<HeaderValue>, EtcdError> {
        if let (Some(login), None) = (&self.login, &self.token) {
            let question = login.question().await?.into_bytes();
            let response = self.client.post(login::PATH, HeaderMap::new(), question).await;
            let content = self.content(response)?;
            let token = login::token(&content);
            self.token = Some(token.ok_or_else(|| self.malformed(&"its login brings no token"))?);
        }
        Ok(self.token.clone())
    }

    fn content(&self, response: Result<JsonResponse, JsonError>) -> Result<Bytes, EtcdError> {
        let authority = self.authority();
        let JsonResponse { status, content, .. } = response.map_err(|error| {
            // An address that cannot be dialled is in the error already.
            let is_named = error.to_string().contains(authority);
            let at = if is_named { String::new() } else { format!(" at {authority}") };
            EtcdError::Exchange(format!("etcd{at}"), error)
        })?;
        if status == StatusCode::OK {
            return Ok(content);
        }
        let reason = excerpt(gateway::reason(&content).trim());
        Err(EtcdError::Refused(authority.to_owned(), status, reason))
    }

    fn malformed(&self, error: &dyn std::fmt::Display) -> EtcdError {
        EtcdError::Malformed(self.authority().to_owned(), excerpt(&error.to_string()))
    }
}

fn within(prefix: &str) -> Value {
    json!({"key": base64(prefix), "range_end": base64(end_of(prefix))})
}
