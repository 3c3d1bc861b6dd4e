//! `--from`: the scenario of what a check found, from its JSON.

use std::path::Path;

use findings::catalogue;
use findings::repro::{Scale, case_of};
use scenario::{Flags, Scenario, Source};
use serde::Deserialize;
use system::file;

use crate::args::Common;
use crate::commands::run::refused;
use crate::exit::Failure;

/// As much of the JSON of a check as is modelled.
#[derive(Deserialize)]
struct Checked {
    schema: String,
    estimated_replicas: Replicas,
    content_bytes: Option<u64>,
    findings: Vec<Found>,
}

#[derive(Deserialize)]
struct Replicas {
    low: u32,
}

#[derive(Deserialize)]
struct Found {
    name: String,
    cause: Option<String>,
}

/// The arm beside the one that was found: what the repair is compared with.
const REPAIRED: &str = "\n[[arm]]\nname = \"repaired\"\nstrategy = \"content-hash\"\n";

/// The scenario of the worst finding that the lab's own replicas can show.
pub(super) fn scenario(common: Common, path: &Path, flags: &Flags) -> Result<Scenario, Failure> {
    let shown = text::visible(&path.display().to_string());
    let octets = file::read(path, file::CONTENT).map_err(Failure::environment)?;
    let wrong = |why: String| {
        let title = format!("`{shown}` is not the JSON of a check: {why}");
        Failure::input(title, "etag-lab check URL --format json -o check.json")
    };
    let checked: Checked = serde_json::from_slice(&octets)
        .map_err(|error| wrong(text::visible(&error.to_string())))?;
    if !checked.schema.starts_with("etag-lab.check/") {
        return Err(wrong("it has another schema".to_owned()));
    }
    let of_case = |found: &Found| {
        let case = case_of(&found.name, found.cause.as_deref())?;
        let kind = catalogue::find(&found.name).filter(|_| case.replica.is_empty())?;
        Some((case, kind))
    };
    let Some((case, kind)) = checked.findings.iter().find_map(of_case) else {
        let title = format!("`{shown}` has no finding that can be modelled");
        return Err(Failure::input(title, "`etag-lab check URL --repro case.toml`, and run that"));
    };
    let scale = Scale::of_deployment(checked.estimated_replicas.low.into(), checked.content_bytes);
    let text = case.text(kind, scale) + REPAIRED;
    let source = Source::file(path.display().to_string(), text);
    Scenario::from_source(&source, None, flags).map_err(|error| refused(common, &error))
}
