//! Evidence from a file: a browser's capture or a log of curl. Makes no request.

use std::path::Path;

use anyhow::Context as _;
use findings::evidence::Evidence;
use probe::import::{self, ImportError};

use super::Arguments;
use crate::exit::Failure;

/// The evidence in the file that was named, if one was.
pub(super) fn evidence(arguments: &Arguments) -> Result<Option<Evidence>, Failure> {
    let url = arguments.url.as_deref();
    let imported = match (&arguments.har, &arguments.wire) {
        (Some(path), _) => (path, import::har(&read(path)?, url)),
        (None, Some(path)) => (path, import::wire(&read(path)?, url)),
        (None, None) => return Ok(None),
    };
    let (path, result) = imported;
    result.map(Some).map_err(|error| {
        let help = match &error {
            ImportError::NotHar(_) => "save one in the browser's network panel: Save all as HAR",
            ImportError::NotWire => "write one with `curl -v URL > capture.txt 2>&1`, polled twice",
            ImportError::Unanswered => "curl says in it why: is the server running?",
            ImportError::NothingThere(_) => "leave the URL out to judge the one polled most often",
        };
        let path = text::visible(&path.display().to_string());
        let error = text::visible(&error.to_string());
        Failure::input(format!("cannot judge `{path}`: {error}"), help)
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .with_context(|| format!("cannot read `{}`", path.display()))
        .map_err(|error| Failure::Environment(error).with_help("give a file that exists"))
}
