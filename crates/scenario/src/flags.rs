//! Flags and `--set` as layers over a scenario file.
//!
//! A flag goes into its layer as a value with its place on the command line, so that flags and
//! files are checked by the same code and errors point at what was typed.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Result};
use crate::keys::{self, Flag, Key, Kind, Table};
use crate::layer::{Entry, KeyPath, Layer, Value, path, shared_path};
use crate::reader::{check_type, read};
use crate::source::{Place, Source};
use text::secret::masked;
use text::shell;

/// Root of the entries of flags that stand for no single key.
pub(crate) const SPECIAL: &str = "--";

/// Flags about a scenario, unchecked, in the order in which they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags(Vec<(String, String)>);

/// The flags joined as they were typed, and what each of them sets.
#[derive(Default)]
struct Typed {
    text: String,
    entries: BTreeMap<KeyPath, (Option<&'static Key>, Entry)>,
}

impl Flags {
    /// Adds a flag, by its name without the dashes; the value of a switch is empty.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a flag out, and returns the value that counts.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let value = self.value(name).map(str::to_owned);
        self.0.retain(|(flag, _)| flag != name);
        value
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(flag, _)| flag == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(flag, _)| flag == name).map(|(_, value)| value.as_str())
    }

    /// From the lowest to the uppermost: each `--set` in turn, then the other flags.
    pub(crate) fn layers(&self) -> Result<Vec<Layer>> {
        // A flag of its own is more specific than `--set`, wherever it was typed.
        let mut layers = self.all("set").map(set_layer).collect::<Result<Vec<_>>>()?;
        let mut typed = Typed::default();
        let others = self.0.iter().filter(|(name, _)| name != "set" && name != "fail-if");
        others.for_each(|(name, value)| typed.add(name, value));
        layers.push(typed.layer()?);
        Ok(layers)
    }
}

impl Typed {
    fn add(&mut self, name: &str, value: &str) {
        let Some((table, key, flag)) = keys::flagged().find(|(_, _, flag)| flag.name == name)
        else {
            let span = self.show(name, &masked(value));
            let (path, value) = match name {
                "no-changes" => (path(["change"]), Value::List(Vec::new())),
                _ => (path([SPECIAL, name]), Value::Text(value.to_owned())),
            };
            self.entries.insert(path, (None, Entry { key: span.clone(), span, value }));
            return;
        };
        self.add_key(table, key, flag, value);
    }

    fn add_key(&mut self, table: &Table, key: &'static Key, flag: Flag, value: &str) {
        let span = self.show(flag.name, &masked(value));
        let value = match key.kind {
            // A switch is true by being there; `--set` can make it false.
            Kind::Bool => Value::Bool(true),
            Kind::Texts => Value::List(vec![Value::Text(value.to_owned())]),
            kind => kind.parse(value),
        };
        let path = shared_path(table, key);
        match (self.entries.get_mut(&path), value) {
            (Some((_, Entry { value: Value::List(list), span: old, .. })), Value::List(more)) => {
                // A repeated flag is one list, and an error about it points at all of its values.
                list.extend(more);
                old.end = span.end;
            }
            (_, value) => {
                self.entries.insert(path, (Some(key), Entry { key: span.clone(), span, value }));
            }
        }
    }

    /// Adds a flag to the text; returns the place of its value, or its own where it has none.
    fn show(&mut self, flag: &str, value: &str) -> Range<usize> {
        let gap = if self.text.is_empty() { "" } else { " " };
        self.text.extend([gap, "--", flag]);
        let is_switch = keys::is_switch(flag);
        if is_switch {
            return self.text.len() - flag.len() - 2..self.text.len();
        }
        self.text.push(' ');
        let start = self.text.len();
        self.text.push_str(&shell::word(value));
        start..self.text.len()
    }

    fn layer(self) -> Result<Layer> {
        let source = Source::command_line(&self.text);
        let mut layer = Layer { source, base: None, entries: BTreeMap::new() };
        for (path, (key, entry)) in self.entries {
            if let Some(key) = key {
                check_type(key.kind, &path, &entry.value, &layer.place(entry.span.clone()))?;
            }
            layer.entries.insert(path, entry);
        }
        Ok(layer)
    }
}

fn set_layer(set: &str) -> Result<Layer> {
    const FLAG: &str = "--set ";
    let source = Source::command_line(&format!("{FLAG}{set}"));
    let set = &source.text()[FLAG.len()..];
    let Some((key, value)) = set.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
        let error = Diagnostic::error("`--set` takes KEY=VALUE");
        let place = Place::new(&source, FLAG.len()..source.text().len());
        let help = "for example --set load.clients=20, or --set balancer.policy=random";
        return Err(Box::new(error.at(place, "no key with a value").help(help)));
    };
    if toml::de::DeValue::parse(value.trim()).is_ok() {
        return read(&source, set, None, FLAG.len());
    }
    let kind = kind_of(key.trim());
    if let Some(Value::Integer(number)) = kind.map(|kind| kind.parse(value.trim())) {
        return read(&source, &format!("{key}={number}"), None, FLAG.len());
    }
    // Quotes around a text may be left out; it ends where the argument ends. They change no place
    // but the end of the text, and places are cut to what was typed.
    let text = toml::Value::String(value.trim().to_owned());
    let gap = &value[..value.len() - value.trim_start().len()];
    read(&source, &format!("{key}={gap}{text}"), None, FLAG.len())
}

/// Kind of the key that is written `TABLE.KEY`.
fn kind_of(key: &str) -> Option<Kind> {
    let (table, key) = key.rsplit_once('.').unwrap_or(("", key));
    Some(keys::table(table)?.key(key)?.kind)
}
