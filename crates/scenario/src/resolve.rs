//! Checks a merged scenario file and fills in what it leaves out.
//!
//! Decides what keys mean together; a value's own shape was checked when it was parsed.

mod arms;
mod caching;
mod control_plane;
mod edges;
mod events;
mod expectations;
mod given;
mod patch;
mod real;
mod resource;
mod schedule;
mod setup;
mod sharing;

use std::path::Path;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Result, shown};
use super::file::ScenarioFile;
use super::layer::Layers;
use super::load::Merged;
use super::overrides::Overrides;
use super::source::{Place, Source, SourceKind};
use super::{Names, Scenario};
pub use given::parse_duration;

use given::Given;

const DEFAULT_SEED: u64 = 42;
const DEFAULT_TIMEOUT: &str = "5s";

/// Longest name, summary or source, in characters.
const LONGEST_LINE: usize = 500;

/// What resolving needs to know, and what it has to tell.
struct Resolver<'a> {
    /// The scenario file without the command line.
    written: &'a ScenarioFile,
    /// The whole.
    file: &'a ScenarioFile,
    layers: &'a Layers,
    names: &'a Names<'a>,
    notes: Vec<Diagnostic>,
}

/// The scenario that this file describes.
pub(crate) fn scenario(
    mut merged: Merged,
    overrides: &Overrides,
    names: &Names<'_>,
    source: &Arc<Source>,
) -> Result<Scenario> {
    patch::apply(&mut merged, overrides)?;
    real::apply(&mut merged, overrides)?;
    let Merged { written, file, layers } = merged;
    let mut resolver =
        Resolver { written: &written, file: &file, layers: &layers, names, notes: Vec::new() };
    let load = file.load.clone().unwrap_or_default();
    let timeout = Given::of(load.timeout, &["load", "timeout"]);
    let shared = resolver.shared()?;
    let mut arms = resolver.arms()?;
    let edge_switches = resolver.edge_switches(&arms)?;
    edges::distribute(&edge_switches, &mut arms);
    let sharing_events = resolver.sharing_events(&arms)?;
    sharing::distribute(&sharing_events, &mut arms);
    resolver.check_sharing_keys(&arms)?;
    resolver.check_open_loop_keys(&arms)?;
    let (changes, events) = (resolver.changes(&arms)?, resolver.events(&arms)?);
    resolver.check_changes_of_the_source(&arms, &changes, &events)?;
    let mut scenario = Scenario {
        name: resolver.line(file.name.as_ref(), "name")?.unwrap_or_else(|| stem(source)),
        summary: resolver.line(file.summary.as_ref(), "summary")?.unwrap_or_default(),
        source: resolver.line(file.source.as_ref(), "source")?,
        resource: resolver.resource()?,
        command: resolver.command(&Given::of(resolver.fleet().command, &["fleet", "command"]))?,
        seed: load.seed.unwrap_or(DEFAULT_SEED),
        timeout: resolver.duration(&timeout, DEFAULT_TIMEOUT, setup::TIMEOUTS)?,
        changes,
        events,
        edge_switches,
        sharing_events,
        expectations: resolver.expectations(&arms, overrides, source.kind())?,
        shared,
        arms,
        notes: resolver.notes,
        layers: Layers::default(),
    };
    scenario.layers = layers;
    Ok(scenario)
}

impl Resolver<'_> {
    /// An error at this key.
    fn error<S: AsRef<str>>(
        &self,
        path: &[S],
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(title).at(self.place(path), label)
    }

    fn place<S: AsRef<str>>(&self, path: &[S]) -> Option<Place> {
        self.layers.place(path)
    }

    /// A text that reports print: one line without control characters.
    fn line(&self, text: Option<&String>, key: &str) -> Result<Option<String>> {
        let Some(text) = text else { return Ok(None) };
        let label = if text.contains(char::is_control) {
            "this has line breaks or control characters"
        } else if text.chars().count() > LONGEST_LINE {
            "this is longer than 500 characters"
        } else if key == "name" && text.trim().is_empty() {
            "this is empty"
        } else {
            return Ok(Some(text.clone()));
        };
        let title = format!("`{key}` must be one printable line");
        Err(Box::new(self.error(&[key], title, label).help("put longer texts into comments")))
    }
}

/// The name of a scenario that has none.
fn stem(source: &Source) -> String {
    let stem = Path::new(source.name()).file_stem().and_then(|stem| stem.to_str());
    match (source.kind(), stem) {
        (SourceKind::File | SourceKind::BuiltIn, Some(stem)) => shown(stem),
        _ => "scenario".to_owned(),
    }
}
