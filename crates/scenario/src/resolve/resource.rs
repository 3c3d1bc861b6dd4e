//! The resource: generated content or a file, and the fields that go with it.

use std::fs::File;
use std::io::Read as _;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use origin::Coding;

use super::{Given, Resolver};
use crate::diagnostic::{Result, shown};
use crate::file::CodingKey;
use crate::{Content, Resource};

const DEFAULT_SIZE_BYTES: i64 = 8_192;
const LARGEST: i64 = 64 << 20;
const DEFAULT_PATH: &str = "/api/config";
const DEFAULT_CONTENT_TYPE: &str = "application/json";
const DEFAULT_CACHE_CONTROL: &str = "no-cache";

impl Resolver<'_> {
    pub(super) fn resource(&self) -> Result<Resource> {
        let given = self.file.resource.clone().unwrap_or_default();
        if given.size_bytes.is_some() && given.file.is_some() {
            let error = self.error(
                &["resource", "size-bytes"],
                "`file` and `size-bytes` exclude each other",
                "a file has its own size",
            );
            let error = error.related(self.layers.exact(&["resource", "file"]), "the file");
            return Err(Box::new(error.help("keep one of the two")));
        }
        let content = match given.file {
            Some(file) => self.content_of(&file)?,
            None => self.generated(given.size_bytes)?,
        };
        let path = given.path.unwrap_or_else(|| DEFAULT_PATH.to_owned());
        let cache_control = given.cache_control.unwrap_or_else(|| DEFAULT_CACHE_CONTROL.to_owned());
        let content_type = given.content_type.unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned());
        if content_type.is_empty() {
            let path = ["resource", "content-type"];
            let error = self.error(&path, "`content-type` must not be empty", "this is empty");
            return Err(Box::new(error.help("leave it out for application/json")));
        }
        let codings = self.codings(given.codings.unwrap_or_default())?;
        Ok(Resource {
            content,
            codings,
            last_modified: given.last_modified.unwrap_or(true),
            path: self.path(path)?,
            content_type: self.field_value(content_type, "content-type")?,
            cache_control: Some(self.field_value(cache_control, "cache-control")?)
                .filter(|value| !value.is_empty()),
        })
    }

    fn codings(&self, keys: Vec<CodingKey>) -> Result<Vec<Coding>> {
        let mut codings = Vec::new();
        for key in keys {
            let coding = match key {
                CodingKey::Gzip => Coding::Gzip,
                CodingKey::Br => Coding::Br,
                CodingKey::Zstd => Coding::Zstd,
            };
            if codings.contains(&coding) {
                let title = format!("`{}` stands twice in `codings`", coding.as_str());
                let label = "each coding is offered once";
                let error = self.error(&["resource", "codings"], title, label);
                return Err(Box::new(error.help("codings = [\"gzip\", \"br\", \"zstd\"]")));
            }
            codings.push(coding);
        }
        Ok(codings)
    }

    /// Origin-form of a request target (RFC 9112 §3.2.1), in characters that need no escaping.
    fn path(&self, path: String) -> Result<String> {
        let (before, query) = path.split_once('?').unwrap_or((&path, ""));
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~%".contains(&b);
        let in_query = |b: u8| plain(b) || b"?&=:@+,;".contains(&b);
        if before.starts_with('/') && before.bytes().all(plain) && query.bytes().all(in_query) {
            return Ok(path);
        }
        let label = format!("this is {:?}", shown(&path));
        let error = self.error(&["resource", "path"], "`path` must be the path of a URL", label);
        Err(Box::new(error.help("path = \"/api/config\", or with a query: \"/items?page=2\"")))
    }

    fn generated(&self, size_bytes: Option<i64>) -> Result<Content> {
        let given = Given::of(size_bytes, &["resource", "size-bytes"]);
        let size_bytes = self.integer(&given, DEFAULT_SIZE_BYTES, 1..=LARGEST)?;
        let size_bytes = NonZeroU32::new(size_bytes).expect("the range starts at 1");
        Ok(Content::Generated { size_bytes })
    }

    /// Printable ASCII only, so that no value can end its field line (RFC 9110 §5.5).
    fn field_value(&self, value: String, key: &str) -> Result<String> {
        let printable = |b: u8| b.is_ascii_graphic() || b == b' ' || b == b'\t';
        if value.bytes().all(printable) && value.trim() == value {
            return Ok(value);
        }
        let title = format!("`{key}` must be a field value");
        let label = format!("this is {:?}", shown(&value));
        let error = self.error(&["resource", key], title, label);
        Err(Box::new(error.help("printable ASCII, without line breaks or space around it")))
    }

    fn content_of(&self, file: &str) -> Result<Content> {
        let key = ["resource", "file"];
        let base = self.layers.provider(&key).and_then(|(_, layer, _)| layer.base.clone());
        let path = base.unwrap_or_default().join(file);
        let bytes = read(&path).map_err(|problem| {
            let title = format!("cannot serve the file `{}`", shown(file));
            let error = self.error(&key, title, problem);
            let from = if self.layers.is_from_command_line(&key) {
                "a path on the command line starts from the working directory"
            } else {
                "a path in a scenario file starts from that file's directory"
            };
            Box::new(
                error.remark(format!("looked for `{}`", shown(&path.to_string_lossy()))).help(from),
            )
        })?;
        Ok(Content::File { path: PathBuf::from(&path), bytes: bytes.into() })
    }
}

fn read(path: &Path) -> std::result::Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("this is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(LARGEST.unsigned_abs() + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    match bytes.len() as u64 {
        0 => Err("this file is empty".to_owned()),
        length if length > LARGEST.unsigned_abs() => {
            Err("this file is larger than 64 MiB".to_owned())
        }
        _ => Ok(bytes),
    }
}
