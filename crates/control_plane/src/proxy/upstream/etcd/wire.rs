//! Transactions as etcd's JSON gateway spells them: bytes in base64, 64-bit numbers as strings, and
//! what is zero left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// The answer to a transaction.
#[derive(Debug, Deserialize)]
pub(super) struct Transaction {
    pub(super) header: Header,
    #[serde(default)]
    pub(super) succeeded: bool,
    #[serde(default)]
    pub(super) responses: Vec<Response>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Header {
    #[serde(default, deserialize_with = "number")]
    pub(super) cluster_id: u64,
    #[serde(default, deserialize_with = "number")]
    pub(super) revision: i64,
}

/// The answer to one operation of it; operations that read nothing are not looked at.
#[derive(Debug, Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub(super) response_range: Option<Range>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Range {
    #[serde(default)]
    pub(super) kvs: Vec<KeyValue>,
    #[serde(default)]
    pub(super) more: bool,
    #[serde(default, deserialize_with = "number")]
    pub(super) count: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct KeyValue {
    #[serde(deserialize_with = "bytes")]
    pub(super) key: Vec<u8>,
    #[serde(default, deserialize_with = "bytes")]
    pub(super) value: Vec<u8>,
    #[serde(default, deserialize_with = "number")]
    pub(super) mod_revision: i64,
}

/// Reads the whole folder, and one key beside it.
pub(super) fn everything(folder: &str, key: &str) -> Value {
    json!({ "success": [range(folder), get(key)] })
}

/// The same if a key of the folder was modified after `revision`, else only the number of keys in
/// it. An absent key counts as modified at revision 0.
pub(super) fn if_unmodified(folder: &str, key: &str, revision: i64) -> Value {
    let mut count = range(folder);
    count["request_range"]["count_only"] = json!(true);
    let unmodified = json!({
        "key": base64(folder),
        "range_end": base64(after(folder)),
        "target": "MOD",
        "result": "LESS",
        "mod_revision": (revision + 1).to_string(),
    });
    json!({
        "compare": [unmodified],
        "success": [count, get(key)],
        "failure": [range(folder), get(key)],
    })
}

/// Writes `value` unless the key was modified after `revision`, and reads what is there then.
pub(super) fn replace(key: &str, revision: i64, value: &str) -> Value {
    json!({
        "compare": [{
            "key": base64(key),
            "target": "MOD",
            "result": "EQUAL",
            "mod_revision": revision.to_string(),
        }],
        "success": [{"request_put": {"key": base64(key), "value": base64(value)}}, get(key)],
        "failure": [get(key)],
    })
}

fn range(folder: &str) -> Value {
    json!({"request_range": {"key": base64(folder), "range_end": base64(after(folder))}})
}

fn get(key: &str) -> Value {
    json!({"request_range": {"key": base64(key)}})
}

/// The first key after all those that begin with `folder`, which ends with a slash.
fn after(folder: &str) -> Vec<u8> {
    let mut end = folder.as_bytes().to_vec();
    let last = end.last_mut().expect("a folder ends with a slash");
    *last += 1;
    end
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
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
    fn a_folder_ends_before_the_first_key_that_is_not_in_it() {
        assert_eq!(after("/routes/"), b"/routes0");
        assert!("/routes/\u{10ffff}".as_bytes() < after("/routes/").as_slice());
    }
}
