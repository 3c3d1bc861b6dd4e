//! etcd v3 through its JSON gateway: ranges, puts and deletes below a prefix, and its counters.
//!
//! Keys are text here. No watches, no leases, no authentication.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::source::http_client::{HttpClient, HttpError};

/// As many operations as one transaction holds by default.
const MOST_OPERATIONS: usize = 128;

/// One etcd server.
#[derive(Debug)]
pub struct Etcd(HttpClient);

/// Why etcd did not do what it was asked.
#[derive(Debug, Error)]
pub enum EtcdError {
    /// It cannot be reached, or its answer broke off.
    #[error("etcd: {0}")]
    Http(#[from] HttpError),
    /// It refused.
    #[error("etcd at {0} answered {1}: {2}")]
    Refused(SocketAddr, StatusCode, String),
    /// The answer is not etcd's.
    #[error("etcd at {0} answered what is no answer of etcd: {1}")]
    Malformed(SocketAddr, String),
}

/// The pairs below a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Revision of the whole store.
    pub revision: u64,
    /// In the order of the keys.
    pub pairs: Vec<Pair>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// Its value.
    pub value: Vec<u8>,
    /// Revision of the store when it was written last.
    pub mod_revision: u64,
}

#[derive(Deserialize)]
struct Header {
    revision: String,
}

#[derive(Deserialize)]
struct Answer {
    header: Header,
    #[serde(default)]
    kvs: Vec<RawPair>,
}

#[derive(Deserialize)]
struct RawPair {
    key: String,
    #[serde(default)]
    value: String,
    mod_revision: String,
}

impl Etcd {
    /// A server; `timeout` is for each request.
    pub fn new(address: SocketAddr, timeout: Duration) -> Self {
        Self(HttpClient::new(address, timeout))
    }

    /// The server.
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Everything below `prefix`.
    pub async fn range(&mut self, prefix: &str) -> Result<Range, EtcdError> {
        let answer = self.ask("/v3/kv/range", &within(prefix)).await?;
        let revision = self.number(&answer.header.revision)?;
        let pair = |raw: RawPair| {
            let key = self.decoded(&raw.key)?;
            Ok(Pair {
                key: String::from_utf8_lossy(&key).into_owned(),
                value: self.decoded(&raw.value)?,
                mod_revision: self.number(&raw.mod_revision)?,
            })
        };
        let pairs = answer.kvs.into_iter().map(pair).collect::<Result<_, EtcdError>>()?;
        Ok(Range { revision, pairs })
    }

    /// Writes these pairs, as many at once as one transaction holds; returns the revision after
    /// the last of them.
    pub async fn put(&mut self, pairs: &[(String, Vec<u8>)]) -> Result<u64, EtcdError> {
        let mut revision = 0;
        for pairs in pairs.chunks(MOST_OPERATIONS) {
            let put = |(key, value): &(String, Vec<u8>)| {
                let (key, value) = (BASE64.encode(key), BASE64.encode(value));
                json!({"requestPut": {"key": key, "value": value}})
            };
            let operations: Vec<_> = pairs.iter().map(put).collect();
            let answer = self.ask("/v3/kv/txn", &json!({"success": operations})).await?;
            revision = self.number(&answer.header.revision)?;
        }
        Ok(revision)
    }

    /// As many requests as [`Self::put`] makes for so many pairs.
    pub fn requests(pairs: usize) -> u64 {
        pairs.div_ceil(MOST_OPERATIONS) as u64
    }

    /// Removes everything below `prefix`.
    pub async fn clear(&mut self, prefix: &str) -> Result<(), EtcdError> {
        self.ask("/v3/kv/deleterange", &within(prefix)).await.map(|_| ())
    }

    /// What etcd says of itself, in the format of Prometheus.
    pub async fn metrics(&mut self) -> Result<String, EtcdError> {
        let (status, content) = self.0.get("/metrics").await?;
        let text = String::from_utf8_lossy(&content).into_owned();
        if status.is_success() { Ok(text) } else { Err(self.refused(status, &text)) }
    }

    async fn ask(&mut self, path: &str, question: &Value) -> Result<Answer, EtcdError> {
        let (status, content) = self.0.post(path, question.to_string().into_bytes()).await?;
        if !status.is_success() {
            return Err(self.refused(status, &String::from_utf8_lossy(&content)));
        }
        serde_json::from_slice(&content).map_err(|error| self.malformed(&error))
    }

    fn refused(&self, status: StatusCode, text: &str) -> EtcdError {
        let text = text.trim().chars().take(200).collect();
        EtcdError::Refused(self.address(), status, text)
    }

    fn malformed(&self, error: &dyn std::fmt::Display) -> EtcdError {
        EtcdError::Malformed(self.address(), error.to_string())
    }

    fn decoded(&self, text: &str) -> Result<Vec<u8>, EtcdError> {
        BASE64.decode(text).map_err(|error| self.malformed(&error))
    }

    fn number(&self, text: &str) -> Result<u64, EtcdError> {
        text.parse().map_err(|error| self.malformed(&error))
    }
}

/// The range of all keys that begin with `prefix`.
fn within(prefix: &str) -> Value {
    json!({"key": BASE64.encode(prefix), "range_end": BASE64.encode(end_of(prefix.as_bytes()))})
}

/// The first key behind all that begin with `prefix`: its last octet that can grow has grown.
fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    // etcd's way of saying: to the end of all keys.
    vec![0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_behind_the_last_key_of_its_prefix() {
        assert_eq!(end_of(b"/routes/"), b"/routes0");
        assert_eq!(end_of(b"a\xff"), b"b");
        assert_eq!(end_of(b"\xff\xff"), [0]);
        assert_eq!(end_of(b""), [0]);
    }
}
