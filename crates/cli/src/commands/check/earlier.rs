//! `--since`: the file with the result of an earlier check.

use std::path::Path;

use findings::memory::Memory;
use probe::earlier::{self, InvalidEarlier};

use crate::exit::Failure;

/// Most bytes of a result: one with the longest tags has some 200 KiB.
const LARGEST: u64 = 16 << 20;

const HOW: &str = "write one before the deploy: etag-lab check URL --format json -o before.json";

/// Reads the result: its target, and what it saw there.
pub(super) fn read(path: &Path) -> Result<(String, Memory), Failure> {
    let json = system::file::read(path, LARGEST).map_err(|error| {
        let error = anyhow::anyhow!(text::visible(&error.to_string()));
        Failure::Environment(error).with_help(HOW)
    })?;
    earlier::read(&json).map_err(|error| {
        let path = text::visible(&path.display().to_string());
        let help = match error {
            InvalidEarlier::Empty => "check the URL again when it answers with a tag or a date",
            _ => HOW,
        };
        let error = text::visible(&error.to_string());
        Failure::input(format!("cannot compare with `{path}`: {error}"), help)
    })
}
