//! The resource: generated content or a file, and the fields that go with it.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use origin::Coding;
use system::file;

use crate::diagnostic::{Result, shown};
use crate::given::Given;

pub(crate) const LARGEST: u64 = file::CONTENT;

const CODINGS: [Coding; 3] = [Coding::Gzip, Coding::Br, Coding::Zstd];

/// The one resource that every replica serves.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Origin of the content.
    pub content: Content,
    /// Path that the clients poll, with its query if it has one.
    pub path: String,
    /// Field value of `Content-Type`.
    pub content_type: String,
    /// Field value of `Cache-Control`; `None` sends none.
    pub cache_control: Option<String>,
    /// Content codings that the lab's replicas offer, the preferred one first.
    pub codings: Vec<Coding>,
    /// True if they send `Last-Modified`, and heed dates in conditions.
    pub last_modified: bool,
}

/// Origin of the content.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Made by the lab.
    Generated {
        /// Exactly this long, at most 64 MiB.
        size_bytes: NonZeroU32,
    },
    /// Read when the scenario was, so that a later edit cannot mix two contents in one run.
    File {
        /// As it was found.
        path: PathBuf,
        /// 1 byte to 64 MiB.
        bytes: Arc<[u8]>,
    },
}

impl Resource {
    /// Size of the content.
    pub fn size_bytes(&self) -> u64 {
        match &self.content {
            Content::Generated { size_bytes } => size_bytes.get().into(),
            Content::File { bytes, .. } => bytes.len() as u64,
        }
    }
}

pub(crate) fn codings(given: &Given<'_>) -> Result<Vec<Coding>> {
    let mut codings = Vec::new();
    for text in given.texts() {
        let known = CODINGS.iter().find(|coding| coding.as_str() == text);
        let coding = *known.expect("the choices of `codings` are those of the origin");
        if codings.contains(&coding) {
            let title = format!("`{text}` is twice in `codings`");
            let error = given.error(title, "each coding is offered once");
            return Err(Box::new(error.help("codings = [\"gzip\", \"br\", \"zstd\"]")));
        }
        codings.push(coding);
    }
    Ok(codings)
}

/// Origin-form of a request target (RFC 9112 §3.2.1), in characters that need no escaping.
pub(crate) fn path(given: &Given<'_>) -> Result<String> {
    let path = given.text();
    let (before, query) = path.split_once('?').unwrap_or((path, ""));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~%".contains(&b);
    let in_query = |b: u8| plain(b) || b"?&=:@+,;".contains(&b);
    if before.starts_with('/') && before.bytes().all(plain) && query.bytes().all(in_query) {
        return Ok(path.to_owned());
    }
    let label = format!("this is {:?}", shown(path));
    let error = given.error("`path` must be the path of a URL", label);
    Err(Box::new(error.help("path = \"/api/config\", or with a query: \"/items?page=2\"")))
}

pub(crate) fn content_type(given: &Given<'_>) -> Result<String> {
    if given.text().is_empty() {
        let error = given.error("`content-type` must not be empty", "this is empty");
        return Err(Box::new(error.help("leave it out for application/json")));
    }
    field_value(given)
}

// Only printable ASCII is let through, so that no value can end its field line (RFC 9110 §5.5).
pub(crate) fn field_value(given: &Given<'_>) -> Result<String> {
    let value = given.text();
    let printable = |b: u8| b.is_ascii_graphic() || b == b' ' || b == b'\t';
    if value.bytes().all(printable) && value.trim() == value {
        return Ok(value.to_owned());
    }
    let title = format!("`{}` must be a field value", given.key.name);
    let error = given.error(title, format!("this is {:?}", shown(value)));
    Err(Box::new(error.help("printable ASCII, without line breaks or space around it")))
}

// A scenario may be run from anywhere and names what is beside it; a flag is typed where the user
// is.
pub(crate) fn content(given: &Given<'_>) -> Result<Content> {
    let (file, layers) = (given.text(), given.layers);
    let path = given.folder().join(file);
    let bytes = read(&path).map_err(|problem| {
        let error = given.error(format!("cannot serve the file `{}`", shown(file)), problem);
        let from = if layers.is_from_command_line(&given.path) {
            "a path on the command line starts from the working directory"
        } else {
            "a path in a scenario file starts from that file's directory"
        };
        Box::new(
            error.remark(format!("looked for `{}`", shown(&path.to_string_lossy()))).help(from),
        )
    })?;
    Ok(Content::File { path, bytes: bytes.into() })
}

fn read(path: &Path) -> std::result::Result<Vec<u8>, String> {
    match file::read(path, LARGEST) {
        Ok(content) if content.is_empty() => Err("this file is empty".to_owned()),
        Ok(content) => Ok(content),
        Err(error) => Err(error.reason()),
    }
}
