//! Layers of values with the place of each: the scenario file, every `--set`, the flags.
//!
//! An upper layer wins key by key; a list of tables it replaces as a whole. What an arm says wins
//! over what all arms share.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::keys::{self, Key, Table};
use crate::source::{Place, Source};

/// A key as its names from the outside in; list elements by their index.
pub(crate) type KeyPath = Vec<String>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Integer(i128),
    Float(f64),
    Text(String),
    Bool(bool),
    Datetime,
    List(Vec<Value>),
    Table,
}

impl Value {
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Bool(value) => value.to_string(),
            Self::List(list) => list.iter().map(Self::shown).collect::<Vec<_>>().join(", "),
            Self::Datetime | Self::Table => String::new(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Range<usize>,
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

/// Values of one text, and where they stand in it.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) source: Arc<Source>,
    /// Start of relative paths; the working directory when `None`.
    pub(crate) base: Option<PathBuf>,
    pub(crate) entries: BTreeMap<KeyPath, Entry>,
}

impl Layer {
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        Place::new(&self.source, span)
    }
}

/// A value that was found, and whence.
#[derive(Clone, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) path: KeyPath,
    pub(crate) value: &'a Value,
    /// True if an arm sets it for itself, and the number of the layer; the higher rank counts.
    pub(crate) rank: (bool, usize),
}

/// Layers from the lowest to the uppermost.
#[derive(Clone, Debug)]
pub(crate) struct Layers(pub(crate) Vec<Layer>);

pub(crate) fn path<const N: usize>(names: [&str; N]) -> KeyPath {
    names.map(str::to_owned).to_vec()
}

impl Layers {
    /// The layer that gave the value which counts, its number, and the entry.
    pub(crate) fn provider<S: AsRef<str>>(&self, path: &[S]) -> Option<(usize, &Layer, &Entry)> {
        let path: KeyPath = path.iter().map(|name| name.as_ref().to_owned()).collect();
        for (rank, layer) in self.0.iter().enumerate().rev() {
            if let Some(entry) = layer.entries.get(&path) {
                return Some((rank, layer, entry));
            }
            // A list is replaced as a whole, so that elements of a lower layer do not shine through.
            if is_in_list(&path) && layer.entries.contains_key(&path[..1]) {
                return None;
            }
        }
        None
    }

    /// The value of a key for one arm, or as all arms share it; its rival of a higher rank hides it.
    pub(crate) fn find(&self, table: &Table, key: &Key, arm: Option<usize>) -> Option<Found<'_>> {
        let found = self.find_alone(table, key, arm)?;
        // `--total-polls` lies over the `polls` of a file, and the reverse.
        let rival = rival_of(table, key).and_then(|rival| self.find_alone(table, rival, arm));
        rival.is_none_or(|rival| rival.rank <= found.rank).then_some(found)
    }

    fn find_alone(&self, table: &Table, key: &Key, arm: Option<usize>) -> Option<Found<'_>> {
        // An arm's own value counts whatever the layer of the shared one: flags that should win have
        // removed it before.
        let own = arm.filter(|_| key.in_arm).map(|arm| path_in_arm(table, key, arm));
        let shared = shared_path(table, key);
        let paths = own.map(|path| (true, path)).into_iter().chain([(false, shared)]);
        paths.into_iter().find_map(|(is_own, path)| {
            let (rank, _, entry) = self.provider(&path)?;
            Some(Found { path, value: &entry.value, rank: (is_own, rank) })
        })
    }

    pub(crate) fn length(&self, list: &str) -> usize {
        match self.provider(&[list]) {
            Some((_, _, Entry { value: Value::List(elements), .. })) => elements.len(),
            _ => 0,
        }
    }

    /// Place of exactly this key's value; `None` when it has its default.
    pub(crate) fn exact<S: AsRef<str>>(&self, path: &[S]) -> Option<Place> {
        self.provider(path).map(|(_, layer, entry)| layer.place(entry.span.clone()))
    }

    /// Place of this key's value, else of the nearest table around it, else the lowest layer.
    pub(crate) fn place<S: AsRef<str>>(&self, path: &[S]) -> Option<Place> {
        let around = || (1..path.len()).rev().find_map(|length| self.table(&path[..length]));
        let lowest = || self.0.first().map(|layer| Place::whole(&layer.source));
        self.exact(path).or_else(around).or_else(lowest)
    }

    // A flag that sets one of its keys is not the table, so only the lowest layer has its place.
    fn table<S: AsRef<str>>(&self, path: &[S]) -> Option<Place> {
        let path: KeyPath = path.iter().map(|name| name.as_ref().to_owned()).collect();
        if is_in_list(&path) {
            return self.exact(&path);
        }
        let lowest = self.0.first()?;
        lowest.entries.get(&path).map(|entry| lowest.place(entry.key.clone()))
    }

    pub(crate) fn rank<S: AsRef<str>>(&self, path: &[S]) -> Option<usize> {
        self.provider(path).map(|(rank, ..)| rank)
    }

    pub(crate) fn is_from_command_line<S: AsRef<str>>(&self, path: &[S]) -> bool {
        self.provider(path).is_some_and(|(_, layer, _)| layer.source.is_command_line())
    }

    /// True if a file has this table, for all arms or for one of them.
    pub(crate) fn is_in_a_file(&self, table: &str) -> bool {
        let files = self.0.iter().filter(|layer| !layer.source.is_command_line());
        let mut paths = files.flat_map(|layer| layer.entries.keys());
        paths.any(|path| match path.as_slice() {
            [first] => first == table,
            [list, _, key] => list == "arm" && key == table,
            _ => false,
        })
    }

    /// True if any layer has a value at this path or below it.
    pub(crate) fn mentions<S: AsRef<str>>(&self, path: &[S]) -> bool {
        let path: KeyPath = path.iter().map(|name| name.as_ref().to_owned()).collect();
        let is_below = |other: &KeyPath| other.starts_with(&path) && self.provider(other).is_some();
        self.0.iter().any(|layer| layer.entries.keys().any(is_below))
    }

    /// Every value that counts, by its path; tables are none, but for those named in `kept`.
    pub(crate) fn effective(&self, kept: &[&str]) -> BTreeMap<KeyPath, &Value> {
        let paths = self.0.iter().flat_map(|layer| layer.entries.keys());
        let values = paths.filter_map(|path| {
            let (_, _, entry) = self.provider(path)?;
            let counts = entry.value != Value::Table || kept.contains(&path.last()?.as_str());
            counts.then(|| (path.clone(), &entry.value))
        });
        values.collect()
    }

    pub(crate) fn remove(&mut self, path: &KeyPath) {
        for layer in &mut self.0 {
            layer.entries.remove(path);
        }
    }

    /// Puts a value into the uppermost layer, at the place of the entry at `like`.
    pub(crate) fn put(&mut self, path: KeyPath, value: Value, like: &KeyPath) {
        let entry = self.provider(like).map(|(_, _, entry)| Entry { value, ..entry.clone() });
        if let (Some(layer), Some(entry)) = (self.0.last_mut(), entry) {
            layer.entries.insert(path, entry);
        }
    }

    /// Renumbers the arms after some were dropped; `kept` are the indexes that stay.
    pub(crate) fn keep_arms(&mut self, kept: &[usize]) {
        for layer in &mut self.0 {
            let entries = std::mem::take(&mut layer.entries);
            let renumbered = entries.into_iter().filter_map(|(mut path, mut entry)| {
                if path.first().is_some_and(|root| root == "arm") {
                    if let Some(index) = path.get(1) {
                        let index: usize = index.parse().ok()?;
                        path[1] = kept.iter().position(|&kept| kept == index)?.to_string();
                    } else if let Value::List(arms) = &mut entry.value {
                        // Only the number of elements counts: their values are entries of their
                        // own.
                        arms.truncate(kept.len());
                    }
                }
                Some((path, entry))
            });
            layer.entries = renumbered.collect();
        }
    }
}

pub(crate) fn shared_path(table: &Table, key: &Key) -> KeyPath {
    let names = [table.name, key.name].into_iter().filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

pub(crate) fn path_in_arm(table: &Table, key: &Key, arm: usize) -> KeyPath {
    let arm = arm.to_string();
    if table.is_nested_in_arm() {
        path(["arm", &arm, table.name, key.name])
    } else {
        path(["arm", &arm, key.name])
    }
}

pub(crate) fn rival_of(table: &Table, key: &Key) -> Option<&'static Key> {
    let rivals = table.rivals?.keys;
    let rival =
        rivals.into_iter().find(|rival| *rival != key.name && rivals.contains(&key.name))?;
    keys::table(table.name)?.key(rival)
}

fn is_in_list(path: &KeyPath) -> bool {
    path.first().and_then(|root| keys::table(root)).is_some_and(|table| table.is_list)
}
