//! Result of an earlier check, read again to compare a later one with it.
//!
//! Reads `etag-lab.check/1` and nothing else; what it does not hold is an error, because to compare
//! with nothing would look like a result. Opens no file.

use findings::evidence::Fingerprint;
use findings::memory::{Memory, Remembered};
use serde::Deserialize;

use crate::format::{SCHEMA, ValidatorRecord};

/// Earlier result that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEarlier {
    /// No JSON, or not whole.
    #[error("it is no JSON: {0}")]
    NotJson(String),
    /// JSON of something else.
    #[error("it is no result of a check")]
    NotCheck,
    /// A result of another version, or of another command.
    #[error("it is of the form {0}, and this program reads {SCHEMA}")]
    OtherForm(String),
    /// A result of a version that kept no contents.
    #[error("it was written by a version that does not keep the hashes of contents")]
    TooOld,
    /// A result that holds nothing to compare with.
    #[error("it holds no tag and no date: that check saw none")]
    Empty,
}

#[derive(Deserialize)]
struct Form {
    schema: Option<String>,
}

#[derive(Deserialize)]
struct EarlierRecord {
    target: String,
    #[serde(default)]
    checked_at: String,
    #[serde(default)]
    request_fields: Vec<String>,
    validators: Option<Vec<ValidatorRecord>>,
}

/// Reads a result of `etag-lab check --format json`: its target, credentials masked, and what it
/// saw there.
pub fn read(json: &[u8]) -> Result<(String, Memory), InvalidEarlier> {
    let not_json = |error: serde_json::Error| InvalidEarlier::NotJson(error.to_string());
    let value: serde_json::Value = serde_json::from_slice(json).map_err(not_json)?;
    let form = Form::deserialize(&value).map_err(|_| InvalidEarlier::NotCheck)?;
    match form.schema {
        None => return Err(InvalidEarlier::NotCheck),
        Some(other) if other != SCHEMA => {
            return Err(InvalidEarlier::OtherForm(text::excerpt(&other)));
        }
        Some(_) => {}
    }
    let record = EarlierRecord::deserialize(value).map_err(|_| InvalidEarlier::NotCheck)?;
    let last: Vec<_> =
        record.validators.ok_or(InvalidEarlier::TooOld)?.into_iter().map(remembered).collect();
    if last.is_empty() {
        return Err(InvalidEarlier::Empty);
    }
    let at = if record.checked_at.is_empty() {
        "the earlier check".to_owned()
    } else {
        record.checked_at
    };
    Ok((record.target, Memory { at, given: record.request_fields, last, older: Vec::new() }))
}

fn remembered(record: ValidatorRecord) -> Remembered {
    Remembered {
        tag: record.tag.map(String::into_bytes),
        coding: record.coding,
        last_modified: record.last_modified.map(String::into_bytes),
        content: record.sha256.as_deref().and_then(fingerprint),
    }
}

fn fingerprint(hex: &str) -> Option<Fingerprint> {
    let digit = |at: usize| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(digit).collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: &InvalidEarlier) {
        assert_eq!(read(json.as_bytes()).as_ref(), Err(expected), "{json}");
    }

    #[test]
    fn what_is_no_result_of_this_version_is_refused_by_name() {
        check("[1]", &InvalidEarlier::NotCheck);
        check("{}", &InvalidEarlier::NotCheck);
        let run = r#"{"schema":"etag-lab.run/1"}"#;
        check(run, &InvalidEarlier::OtherForm("etag-lab.run/1".to_owned()));
        let later = r#"{"schema":"etag-lab.check/2","target":"http://a/"}"#;
        check(later, &InvalidEarlier::OtherForm("etag-lab.check/2".to_owned()));
        check(r#"{"schema":"etag-lab.check/1","target":"http://a/"}"#, &InvalidEarlier::TooOld);
        let empty = r#"{"schema":"etag-lab.check/1","target":"http://a/","validators":[]}"#;
        check(empty, &InvalidEarlier::Empty);
        assert!(matches!(read(b"<html>"), Err(InvalidEarlier::NotJson(_))));
    }

    #[test]
    fn tags_dates_and_hashes_are_read() {
        let hash = "ab".repeat(32);
        let json = format!(
            r#"{{"schema":"etag-lab.check/1","target":"http://a/","checked_at":"2026-01-01T00:00:00Z",
            "request_fields":["cookie"],"validators":[{{"tag":"\"x\"","coding":"identity",
            "last_modified":null,"sha256":"{hash}"}}]}}"#
        );
        let (target, memory) = read(json.as_bytes()).expect("it is a result");
        assert_eq!((target.as_str(), memory.at.as_str()), ("http://a/", "2026-01-01T00:00:00Z"));
        assert_eq!(memory.given, ["cookie"]);
        let one = &memory.last[0];
        assert_eq!((one.tag.as_deref(), one.content), (Some(&b"\"x\""[..]), Some([0xab; 32])));
    }
}
