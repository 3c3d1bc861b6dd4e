//! Makes a description of the layers: enters every key, then applies the rules of several keys.
//!
//! Keys that all arms share and those of each arm go through the same function.

mod arms;
mod events;
mod expectations;
mod fleet;
mod load;
mod patch;
mod plane;
mod schedule;
mod story;
mod writers;

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Result, shown};
use crate::flags::Flags;
use crate::given::Given;
use crate::keys::{self, Key, TABLES, Table};
use crate::layer::{Found, KeyPath, Layer, Layers, shared_path};
use crate::setup::Draft;
use crate::source::{Source, SourceKind};
use crate::{Scenario, Setup};

pub use fleet::default_histories;

/// Layers to resolve, and the notes that resolving leaves.
pub(crate) struct Resolver<'a> {
    /// The scenario file without the command line.
    pub(crate) written: &'a Layers,
    /// The file under the command line.
    pub(crate) layers: &'a Layers,
    pub(crate) notes: Vec<Diagnostic>,
}

pub(crate) fn scenario(file: Layer, flags: &Flags, source: &Arc<Source>) -> Result<Scenario> {
    let written = Layers(vec![file.clone()]);
    let mut layers = Layers([vec![file], flags.layers()?].concat());
    // Flags change the arms before anything is resolved, so that rules see one description only.
    patch::apply(&mut layers, flags)?;
    patch::apply_real(&mut layers)?;
    let mut resolver = Resolver { written: &written, layers: &layers, notes: Vec::new() };
    let shared = resolver.draft(None, &Draft::new())?;
    let mut arms = resolver.arms(&shared)?;
    let (changes, events) = (resolver.changes(&arms)?, resolver.events(&mut arms)?);
    resolver.check_sharing_keys(&arms)?;
    resolver.check_writers(&arms)?;
    resolver.check_open_loop_keys(arms.iter().map(|arm| &arm.setup))?;
    resolver.check_changes_of_the_source(&arms, &changes, &events)?;
    // Expectations come last, because their paths begin with the names of arms.
    let (expectations, set_aside) = resolver.expectations(&arms, flags, source.kind)?;
    let is_changed = resolver.is_summary_outdated();
    let lesson_holds = !resolver.is_subject_changed();
    let notes = resolver.notes;
    let Draft { name, summary, headline, lesson, source: origin, resource, command, setup, .. } =
        shared;
    Ok(Scenario {
        name: name.unwrap_or_else(|| stem(source)),
        summary: summary.unwrap_or_default(),
        headline,
        lesson: lesson.filter(|_| lesson_holds).unwrap_or_default(),
        is_changed,
        source: origin,
        resource,
        shared: setup,
        command,
        changes,
        events,
        arms,
        expectations,
        set_aside,
        layers,
        notes,
    })
}

impl Setup {
    /// The setup that flags alone describe, for clients of a server that runs already.
    pub fn of_flags(flags: &Flags) -> Result<Self> {
        let layers = Layers(flags.layers()?);
        let mut resolver = Resolver { written: &layers, layers: &layers, notes: Vec::new() };
        let setup = resolver.draft(None, &Draft::new())?.setup;
        resolver.check_open_loop_keys(std::iter::once(&setup))?;
        Ok(setup)
    }
}

impl Resolver<'_> {
    /// Draft of one arm, or of what all share; `base` holds what is no arm's.
    fn draft(&mut self, arm: Option<usize>, base: &Draft) -> Result<Draft> {
        let mut draft = base.clone();
        let may_differ = |table: &&Table| table.keys.iter().any(|key| key.in_arm);
        let tables = TABLES.iter().filter(|table| !table.is_list);
        for table in tables.filter(|table| arm.is_none() || may_differ(table)) {
            self.check_rivals(table, arm)?;
            for key in table.keys {
                self.enter(table, key, arm, &mut draft)?;
            }
        }
        draft.setup.histories = self.histories(draft.setup.replicas.get(), arm)?;
        self.finish_load(&mut draft, arm)?;
        if self.has_plane(arm) {
            plane::finish(&mut draft);
        }
        Ok(draft)
    }

    fn enter(
        &self,
        table: &'static Table,
        key: &'static Key,
        arm: Option<usize>,
        draft: &mut Draft,
    ) -> Result<()> {
        let Some(found) = self.layers.find(table, key, arm) else {
            // Defaults enter like values, in the order of the list: a later key may build on them.
            let default = Given::default(key, shared_path(table, key), self.layers);
            return default.map_or(Ok(()), |given| (key.enter)(&given, draft));
        };
        if !key.has_field {
            draft.setup.settings.insert(key.name.to_owned(), found.value.shown());
        }
        let given = Given::new(key, found.path, found.value.clone(), self.layers)?;
        (key.enter)(&given, draft)
    }

    fn check_rivals(&self, table: &'static Table, arm: Option<usize>) -> Result<()> {
        let Some(rivals) = table.rivals else { return Ok(()) };
        let [first, second] = rivals.keys.map(|name| self.found(table.name, name, arm));
        let (Some(first), Some(second)) = (first, second) else { return Ok(()) };
        let [a, b] = rivals.keys;
        // Both are of one layer: else the upper one would hide the other.
        let error = Diagnostic::error(format!("`{a}` and `{b}` exclude each other"))
            .at(self.layers.place(&second.path), rivals.labels[1])
            .related(self.layers.exact(&first.path), rivals.labels[0]);
        Err(Box::new(error.help("keep one of the two")))
    }

    /// The value of a key, for one arm or as all share it.
    pub(crate) fn found(&self, table: &str, key: &str, arm: Option<usize>) -> Option<Found<'_>> {
        let table = keys::table(table)?;
        self.layers.find(table, table.key(key)?, arm)
    }

    fn element(&self, list: &str, index: usize, key: &str) -> Result<Option<Given<'_>>> {
        let known = keys::table(list).and_then(|table| table.key(key)).expect("a key of the list");
        let path = element_path(list, index, key);
        let Some((_, _, entry)) = self.layers.provider(&path) else { return Ok(None) };
        Given::new(known, path, entry.value.clone(), self.layers).map(Some)
    }

    fn text(&self, list: &str, index: usize, key: &str) -> Result<Option<String>> {
        Ok(self.element(list, index, key)?.map(|given| given.text().to_owned()))
    }

    fn path_of(&self, table: &str, key: &str, arm: Option<usize>) -> KeyPath {
        let found = self.found(table, key, arm).map(|found| found.path);
        found.unwrap_or_else(|| vec![table.to_owned(), key.to_owned()])
    }

    pub(crate) fn error_at_key(
        &self,
        table: &str,
        key: &str,
        arm: Option<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        self.error(&self.path_of(table, key, arm), title, label)
    }

    pub(crate) fn error<S: AsRef<str>>(
        &self,
        path: &[S],
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(title).at(self.layers.place(path), label)
    }
}

fn element_path(list: &str, index: usize, key: &str) -> KeyPath {
    vec![list.to_owned(), index.to_string(), key.to_owned()]
}

fn stem(source: &Source) -> String {
    let stem = Path::new(source.name()).file_stem().and_then(|stem| stem.to_str());
    match (source.kind, stem) {
        (SourceKind::File | SourceKind::BuiltIn, Some(stem)) => shown(stem),
        _ => "scenario".to_owned(),
    }
}
