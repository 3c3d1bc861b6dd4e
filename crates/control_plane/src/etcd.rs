//! etcd v3 through its JSON gateway: transactions, ranges, puts and deletes, and its counters.
//!
//! One client for the proxy, which polls a folder of routes, for the stand-in for the Kubernetes API,
//! which lists them, and for the harness, which writes them. Knows no watches and no leases.

pub(crate) mod gateway;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
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

// As many as etcd allows in one transaction by default.
const MAX_OPERATIONS: usize = 128;

/// A client of one etcd server.
#[derive(Debug)]
pub struct Etcd(JsonClient);

/// Reason why etcd did not do what it was asked to.
#[derive(Debug, Error)]
pub enum EtcdError {
    /// No complete response.
    #[error("{0}: {1}")]
    Exchange(String, JsonError),
    /// A response other than 200.
    #[error("etcd at {0} answered {1}: {2}")]
    Refused(String, StatusCode, String),
    /// A response that no etcd sends.
    #[error("the server at {0} does not answer like etcd: {1}")]
    Malformed(String, String),
}

impl Etcd {
    /// A client of the server that a URL names.
    pub fn new(url: Url, settings: JsonSettings) -> Result<Self, InvalidTls> {
        JsonClient::new(url, settings).map(Self)
    }

    /// A client of the server at this address; `timeout` is for each request.
    pub fn at(address: SocketAddr, timeout: Duration) -> Self {
        Self(JsonClient::at(address, timeout))
    }

    /// Host and port of the server.
    pub fn authority(&self) -> &str {
        &self.0.url().authority
    }

    // While it stays the same, the same process has answered.
    pub(crate) fn connections(&self) -> u64 {
        self.0.connections()
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
        let response = self.0.get("/metrics", HeaderMap::new()).await;
        Ok(String::from_utf8_lossy(&self.content(response)?).into_owned())
    }

    async fn ask<T: DeserializeOwned + Send + 'static>(
        &mut self,
        path: &str,
        question: &Value,
    ) -> Result<T, EtcdError> {
        let response = self.0.post(path, question.to_string().into_bytes()).await;
        let content = self.content(response)?;
        // A folder may be megabytes, and requests of clients are answered on this thread.
        let parsed = spawn_blocking(move || serde_json::from_slice(&content)).await;
        let parsed = parsed.map_err(|error| self.malformed(&error))?;
        parsed.map_err(|error| self.malformed(&error))
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
        let reason = excerpt(String::from_utf8_lossy(&content).trim());
        Err(EtcdError::Refused(authority.to_owned(), status, reason))
    }

    fn malformed(&self, error: &dyn std::fmt::Display) -> EtcdError {
        EtcdError::Malformed(self.authority().to_owned(), excerpt(&error.to_string()))
    }
}

fn within(prefix: &str) -> Value {
    json!({"key": base64(prefix), "range_end": base64(end_of(prefix))})
}
