//! Saved runs, read back. Any file may be offered, so every way of being wrong has its sentence.
//!
//! Reads text, not files; the caller knows the name of the file and says it.

use measure::record::{RunRecord, SCHEMA};

use text::{shorten, visible};

/// Reason why a text is not a run that this version can render, safe to print on a terminal: the reasons
/// quote the file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not JSON; the message names line and column.
    #[error("not JSON: {}", visible(&.0.to_string()))]
    NotJson(serde_json::Error),
    /// JSON, but not an object with a `schema`.
    #[error("no `schema` in it: not a run saved by etag-lab (expected \"{SCHEMA}\")")]
    NoSchema,
    /// A run of another version of the format, or another file of ours.
    #[error("schema is \"{found}\", this version reads \"{SCHEMA}\"")]
    OtherSchema {
        /// As it stands in the file, neutralised for a terminal.
        found: String,
    },
    /// A field is missing or of another type; the message names line and column.
    #[error("not a complete \"{SCHEMA}\" record: {}", visible(&.0.to_string()))]
    Shape(serde_json::Error),
    /// Nothing was measured.
    #[error("the run has no arms")]
    NoArms,
}

/// Reads runs that stand one after the other, each on a line of its own or on several.
pub fn load_all(text: &str) -> Result<Vec<RunRecord>, LoadError> {
    let values =
        serde_json::Deserializer::from_str(text).into_iter::<&serde_json::value::RawValue>();
    values.map(|value| load(value.map_err(LoadError::NotJson)?.get())).collect()
}

/// Reads a run that the `json` format wrote. Fields added by later versions are ignored.
pub fn load(text: &str) -> Result<RunRecord, LoadError> {
    // Shells on Windows begin a redirected file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: serde_json::Value = serde_json::from_str(text).map_err(LoadError::NotJson)?;
    match value.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) => {
            let found = visible(other);
            return Err(LoadError::OtherSchema { found: shorten(&found, 60) });
        }
        None => return Err(LoadError::NoSchema),
    }
    // From the text and not from the value, which has forgotten lines and columns.
    let record: RunRecord = serde_json::from_str(text).map_err(LoadError::Shape)?;
    if record.arms.is_empty() { Err(LoadError::NoArms) } else { Ok(record) }
}
