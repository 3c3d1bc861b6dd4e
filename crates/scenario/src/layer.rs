//! One text parsed, with the place of every key; and the stack of such layers.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize as _;
use toml::de::{DeArray, DeTable, DeValue};

use super::diagnostic::Result;
use super::explain;
use super::file::ScenarioFile;
use super::source::{Place, Source};

/// A key as its names from the outside in; list elements by their index.
pub(crate) type KeyPath = Vec<String>;

/// Keys whose value is a list of tables; an upper layer replaces such a list as a whole.
pub(crate) const LISTS: [&str; 4] = ["change", "event", "arm", "expect"];

/// What stands at a key.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
    /// TOML's name for the type of the value.
    pub(crate) kind: &'static str,
}

/// One text and where its keys are.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) source: Arc<Source>,
    /// Where relative paths start; the working directory when `None`.
    pub(crate) base: Option<PathBuf>,
    pub(crate) entries: BTreeMap<KeyPath, Entry>,
}

impl Layer {
    /// Parses a whole source.
    pub(crate) fn parse(
        source: &Arc<Source>,
        base: Option<PathBuf>,
    ) -> Result<(ScenarioFile, Self)> {
        Self::parse_as(source, base, source.text(), |span| span)
    }

    /// Parses `text`, which stands for the source; `located` translates its offsets.
    pub(crate) fn parse_as(
        source: &Arc<Source>,
        base: Option<PathBuf>,
        text: &str,
        located: impl Fn(Range<usize>) -> Range<usize>,
    ) -> Result<(ScenarioFile, Self)> {
        let mut layer = Self { source: Arc::clone(source), base, entries: BTreeMap::new() };
        let table = DeTable::parse(text)
            .map_err(|error| explain::syntax(&error, source, error.span().map(&located)))?;
        walk_table(table.get_ref(), &mut Vec::new(), &mut layer.entries);
        let file = ScenarioFile::deserialize(toml::de::Deserializer::from(table))
            .map_err(|error| explain::mismatch(&error, &layer, &located))?;
        for entry in layer.entries.values_mut() {
            entry.key = located(entry.key.clone());
            entry.value = located(entry.value.clone());
        }
        Ok((file, layer))
    }

    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        Place::new(&self.source, span)
    }
}

fn walk_table(table: &DeTable<'_>, path: &mut KeyPath, entries: &mut BTreeMap<KeyPath, Entry>) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        enter(value.get_ref(), key.span(), value.span(), path, entries);
        path.pop();
    }
}

fn walk_array(array: &DeArray<'_>, path: &mut KeyPath, entries: &mut BTreeMap<KeyPath, Entry>) {
    for (index, value) in array.iter().enumerate() {
        path.push(index.to_string());
        enter(value.get_ref(), value.span(), value.span(), path, entries);
        path.pop();
    }
}

fn enter(
    value: &DeValue<'_>,
    key_span: Range<usize>,
    value_span: Range<usize>,
    path: &mut KeyPath,
    entries: &mut BTreeMap<KeyPath, Entry>,
) {
    let entry = Entry { key: key_span, value: value_span, kind: value.type_str() };
    entries.insert(path.clone(), entry);
    match value {
        DeValue::Table(table) => walk_table(table, path, entries),
        DeValue::Array(array) => walk_array(array, path, entries),
        _ => {}
    }
}

/// Layers from the lowest to the uppermost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers(Vec<Layer>);

impl Layers {
    pub(crate) fn push(&mut self, layer: Layer) {
        self.0.push(layer);
    }

    /// The layer that gave the value which counts, its rank, and where it stands.
    pub(crate) fn provider<S: AsRef<str>>(&self, path: &[S]) -> Option<(usize, &Layer, &Entry)> {
        let path: KeyPath = path.iter().map(|name| name.as_ref().to_owned()).collect();
        for (rank, layer) in self.0.iter().enumerate().rev() {
            if let Some(entry) = layer.entries.get(&path) {
                return Some((rank, layer, entry));
            }
            let is_list = path.first().is_some_and(|root| LISTS.contains(&root.as_str()));
            if is_list && layer.entries.contains_key(&path[..1]) {
                return None;
            }
        }
        None
    }

    /// Where exactly this key got its value; `None` when it has its default.
    pub(crate) fn exact<S: AsRef<str>>(&self, path: &[S]) -> Option<Place> {
        self.provider(path).map(|(_, layer, entry)| layer.place(entry.value.clone()))
    }

    /// Where this key got its value, else the nearest table around it, else the lowest layer.
    pub(crate) fn place<S: AsRef<str>>(&self, path: &[S]) -> Option<Place> {
        let around = || (1..path.len()).rev().find_map(|length| self.table(&path[..length]));
        let lowest = || self.0.first().map(|layer| Place::whole(&layer.source));
        self.exact(path).or_else(around).or_else(lowest)
    }

    /// Where this table was written. A flag that sets one of its keys is not the table.
    fn table<S: AsRef<str>>(&self, path: &[S]) -> Option<Place> {
        if path.first().is_some_and(|root| LISTS.contains(&root.as_ref())) {
            return self.exact(path);
        }
        let path: KeyPath = path.iter().map(|name| name.as_ref().to_owned()).collect();
        let lowest = self.0.first()?;
        lowest.entries.get(&path).map(|entry| lowest.place(entry.key.clone()))
    }

    /// The layer that gave the value; higher wins. `None` when the key has its default.
    pub(crate) fn rank<S: AsRef<str>>(&self, path: &[S]) -> Option<usize> {
        self.provider(path).map(|(rank, ..)| rank)
    }

    pub(crate) fn is_from_command_line<S: AsRef<str>>(&self, path: &[S]) -> bool {
        self.provider(path).is_some_and(|(_, layer, _)| layer.source.is_command_line())
    }

    /// Whether a file has this table, for all arms or for one of them.
    pub(crate) fn is_in_a_file(&self, table: &str) -> bool {
        let files = self.0.iter().filter(|layer| !layer.source.is_command_line());
        let mut paths = files.flat_map(|layer| layer.entries.keys());
        paths.any(|path| match path.as_slice() {
            [first] => first == table,
            [list, _, key] => list == "arm" && key == table,
            _ => false,
        })
    }

    /// Renumbers the places of arms after some were dropped; `kept` are the indexes that stay.
    pub(crate) fn keep_arms(&mut self, kept: &[usize]) {
        for layer in &mut self.0 {
            let entries = std::mem::take(&mut layer.entries);
            let renumbered = entries.into_iter().filter_map(|(mut path, entry)| {
                if path.len() > 1 && path[0] == "arm" {
                    let index: usize = path[1].parse().ok()?;
                    path[1] = kept.iter().position(|&kept| kept == index)?.to_string();
                }
                Some((path, entry))
            });
            layer.entries = renumbered.collect();
        }
    }

    /// The flags' layer, where there is one.
    pub(crate) fn top_mut(&mut self) -> Option<&mut Layer> {
        self.0.last_mut()
    }
}
