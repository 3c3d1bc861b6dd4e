//! Requests and responses as etcd's JSON gateway spells them: bytes in base64, 64-bit numbers as
//! strings, and zeros left out. Sends nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) header: Header,
    #[serde(default)]
    pub(crate) succeeded: bool,
    #[serde(default)]
    pub(crate) responses: Vec<OperationResult>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Header {
    #[serde(deserialize_with = "number")]
    pub(crate) cluster_id: u64,
    #[serde(deserialize_with = "number")]
    pub(crate) revision: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OperationResult {
    // Absent for operations that read nothing, which are not looked at.
    pub(crate) response_range: Option<Range>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Range {
    pub(crate) kvs: Vec<KeyValue>,
    pub(crate) more: bool,
    // Whether they were read or only counted.
    #[serde(deserialize_with = "number")]
    pub(crate) count: i64,
}

/// A key with its value.
#[derive(Clone, Debug, Deserialize)]
pub struct KeyValue {
    /// The key.
    #[serde(deserialize_with = "bytes")]
    pub key: Vec<u8>,
    /// Its value.
    #[serde(default, deserialize_with = "bytes")]
    pub value: Vec<u8>,
    /// Revision of the store when it was written last.
    #[serde(default, deserialize_with = "number")]
    pub mod_revision: i64,
}

/// Transaction that reads the whole folder, and the key beside it, if there is to be one.
pub(crate) fn everything(folder: &str, key: Option<&str>) -> Value {
    json!({ "success": both(range(folder), key) })
}

/// The same if a key of the folder was modified after `revision`, else only the number of keys in
/// it. An absent key counts as modified at revision 0.
pub(crate) fn if_unmodified(folder: &str, key: Option<&str>, revision: i64) -> Value {
    let mut count = range(folder);
    count["request_range"]["count_only"] = json!(true);
    let unmodified = json!({
        "key": base64(folder),
        "range_end": base64(end_of(folder)),
        "target": "MOD",
        "result": "LESS",
        "mod_revision": (revision + 1).to_string(),
    });
    json!({
        "compare": [unmodified],
        "success": both(count, key),
        "failure": both(range(folder), key),
    })
}

/// Transaction that writes `value` unless the key was modified after `revision`, and reads what is
/// there then.
pub(crate) fn replace(key: &str, revision: i64, value: &str) -> Value {
    json!({
        "compare": [{
            "key": base64(key),
            "target": "MOD",
            "result": "EQUAL",
            "mod_revision": revision.to_string(),
        }],
        "success": [put(key, value), get(key)],
        "failure": [get(key)],
    })
}

pub(super) fn put(key: &str, value: impl AsRef<[u8]>) -> Value {
    json!({"request_put": {"key": base64(key), "value": base64(value)}})
}

/// The reason in the content of a refusal, or all of it.
pub(super) fn reason(content: &[u8]) -> String {
    let text = || String::from_utf8_lossy(content).into_owned();
    let members = serde_json::from_slice::<serde_json::Map<String, Value>>(content);
    let said = members.ok().and_then(|members| {
        let said = members.get("message").or_else(|| members.get("error"))?;
        said.as_str().map(str::to_owned)
    });
    said.unwrap_or_else(text)
}

fn both(first: Value, key: Option<&str>) -> Vec<Value> {
    [first].into_iter().chain(key.map(get)).collect()
}

fn range(folder: &str) -> Value {
    json!({"request_range": {"key": base64(folder), "range_end": base64(end_of(folder))}})
}

fn get(key: &str) -> Value {
    json!({"request_range": {"key": base64(key)}})
}

/// The first key after all those that begin with `prefix`.
pub(super) fn end_of(prefix: &str) -> Vec<u8> {
    let mut end = prefix.as_bytes().to_vec();
    // The last octet that can grow does; those that cannot are left out.
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    // etcd takes this as the end of all keys.
    vec![0]
}

pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(serde::de::Error::custom)
}

fn number<'de, D: Deserializer<'de>, N: std::str::FromStr>(deserializer: D) -> Result<N, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| serde::de::Error::custom("a number is expected"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_zero_is_left_out_and_numbers_are_strings() -> serde_json::Result<()> {
        let answer = r#"{"header":{"cluster_id":"14841639068965178418","revision":"2"},
            "succeeded":true,"responses":[{"response_range":{"header":{"revision":"2"},
            "kvs":[{"key":"L3IvYQ==","mod_revision":"2","value":"e30="}],"count":"1"}},
            {"response_range":{}}, {"response_put":{}}]}"#;
        let answer: Transaction = serde_json::from_str(answer)?;
        assert_eq!(
            (answer.header.cluster_id, answer.header.revision),
            (14_841_639_068_965_178_418, 2)
        );
        let folder = answer.responses[0].response_range.as_ref().expect("it is there");
        assert_eq!((folder.count, folder.kvs[0].key.as_slice()), (1, &b"/r/a"[..]));
        assert_eq!(answer.responses[1].response_range.as_ref().map(|range| range.count), Some(0));
        Ok(())
    }

    #[test]
    fn a_range_ends_behind_the_last_key_of_its_prefix() {
        assert_eq!(end_of("/routes/"), b"/routes0");
        assert!("/routes/\u{10ffff}".as_bytes() < end_of("/routes/").as_slice());
        assert_eq!(end_of(""), [0]);
    }
}
