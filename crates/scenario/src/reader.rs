//! Reads TOML into a layer: every key known, every value of the right type, each with its place.
//!
//! Knows nothing of ranges: a value that an upper layer replaces may be out of range.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Result, shown};
use crate::keys::{self, Choice, Key, Kind, TABLES, Table};
use crate::layer::{Entry, KeyPath, Layer, Value};
use crate::source::{Place, Source};
use text::{NUMBER_FORMS, letters, listed, nearest, suggestion};

enum Meaning {
    Value(&'static Key),
    Table(&'static Table),
}

/// Reads TOML that stands in a source from this byte on.
pub(crate) fn read(
    source: &Arc<Source>,
    toml: &str,
    base: Option<PathBuf>,
    start: usize,
) -> Result<Layer> {
    let table = DeTable::parse(toml).map_err(|error| syntax(&error, source, start))?;
    let layer = Layer { source: Arc::clone(source), base, entries: BTreeMap::new() };
    let mut reader = Reader { layer, start, path: KeyPath::new() };
    reader.table(table.get_ref(), keys::table("").expect("the top is a table"))?;
    Ok(reader.layer)
}

fn syntax(error: &toml::de::Error, source: &Arc<Source>, start: usize) -> Box<Diagnostic> {
    let place = match error.span() {
        Some(span) => Place::new(source, start + span.start..start + span.end),
        None => Place::whole(source),
    };
    let message = error.message();
    let help = match message {
        "duplicate key" => "write each key and each [table] once; [[change]] and [[arm]] repeat",
        _ if message.starts_with("string values must be quoted") => {
            "texts are in double quotes, numbers are not: policy = \"random\", clients = 10"
        }
        _ => "a line reads KEY = VALUE, [TABLE] or [[LIST]]; a comment starts with #",
    };
    Box::new(Diagnostic::error("this is not valid TOML").at(place, shown(message)).help(help))
}

struct Reader {
    layer: Layer,
    start: usize,
    path: KeyPath,
}

impl Reader {
    fn table(&mut self, table: &DeTable<'_>, home: &'static Table) -> Result<()> {
        for (key, value) in table {
            self.path.push(key.get_ref().to_string());
            let (key, span) = (self.located(key.span()), self.located(value.span()));
            self.entry(key, span, value.get_ref(), home)?;
            self.path.pop();
        }
        Ok(())
    }

    fn entry(
        &mut self,
        key: Range<usize>,
        span: Range<usize>,
        value: &DeValue<'_>,
        home: &'static Table,
    ) -> Result<()> {
        let name = self.path.last().map_or("", String::as_str);
        let known = known_in(home).into_iter().find(|(known, _)| *known == name);
        let Some((_, meaning)) = known else {
            return Err(self.unknown(&key, value.is_table(), home));
        };
        let entry = Entry { key, span, value: plain(value) };
        match (meaning, value) {
            (Meaning::Value(key), value) => self.check(key, value, &entry.span)?,
            (Meaning::Table(table), DeValue::Table(inner)) if !table.is_list => {
                self.table(inner, table)?;
            }
            (Meaning::Table(table), DeValue::Array(elements)) if table.is_list => {
                for (index, element) in elements.iter().enumerate() {
                    self.path.push(index.to_string());
                    let span = self.located(element.span());
                    let DeValue::Table(inner) = element.get_ref() else {
                        return Err(self.wrong_table(table, element.get_ref(), &span));
                    };
                    self.table(inner, table)?;
                    let value = Value::Table;
                    // Each element has an entry, so that a message about a missing key can point at
                    // it.
                    let entry = Entry { key: span.clone(), span, value };
                    self.layer.entries.insert(self.path.clone(), entry);
                    self.path.pop();
                }
            }
            (Meaning::Table(table), value) => {
                return Err(self.wrong_table(table, value, &entry.span));
            }
        }
        self.layer.entries.insert(self.path.clone(), entry);
        Ok(())
    }

    fn check(&mut self, key: &Key, value: &DeValue<'_>, span: &Range<usize>) -> Result<()> {
        let place = self.layer.place(span.clone());
        check_type(key.kind, &self.path, &plain(value), &place)?;
        let (DeValue::Array(elements), Some(kind)) = (value, key.kind.element()) else {
            return Ok(());
        };
        for (index, element) in elements.iter().enumerate() {
            self.path.push(index.to_string());
            let place = self.layer.place(self.located(element.span()));
            check_type(kind, &self.path, &plain(element.get_ref()), &place)?;
            self.path.pop();
        }
        Ok(())
    }

    fn located(&self, span: Range<usize>) -> Range<usize> {
        self.start + span.start..self.start + span.end
    }

    fn unknown(&self, key: &Range<usize>, is_table: bool, home: &'static Table) -> Box<Diagnostic> {
        let name = self.path.last().map_or("", String::as_str);
        let what = if is_table && self.path.len() == 1 { "table" } else { "key" };
        let header = keys::table(if self.path.len() > 1 { &self.path[0] } else { "" })
            .map_or_else(String::new, Table::header);
        let inside = if header.is_empty() { header } else { format!(" in {header}") };
        let error = Diagnostic::error(format!("unknown {what} `{}`{inside}", shown(name)))
            .at(self.layer.place(key.clone()), "not part of a scenario");
        let known: Vec<_> = known_in(home).into_iter().map(|(name, _)| name).collect();
        // A slip of the pen is likelier than a key in the wrong table.
        if let Some(name) = nearest(name, &known) {
            return Box::new(error.help(format!("did you mean `{name}`?")));
        }
        let mut elsewhere = TABLES.iter().filter(|table| table.key(name).is_some());
        let error = match elsewhere.next() {
            Some(Table { name: "", .. }) => {
                error.help(format!("`{name}` belongs in the top of the file"))
            }
            Some(table) if self.layer.source.is_command_line() && !table.is_list => {
                let (header, table) = (table.header(), table.name);
                error.help(format!("`{name}` belongs in {header}: --set {table}.{name}=…"))
            }
            Some(table) => error.help(format!("`{name}` belongs in {}", table.header())),
            None => error,
        };
        Box::new(error.help(format!("known here: {}", listed(&known))))
    }

    fn wrong_table(
        &self,
        table: &Table,
        value: &DeValue<'_>,
        span: &Range<usize>,
    ) -> Box<Diagnostic> {
        let is_list = table.is_list && self.path.len() == 1;
        let wanted = if is_list { "a list" } else { "a table" };
        let error = wrong_type(&self.path, wanted, &plain(value), &self.layer.place(span.clone()));
        let name = table.name;
        Box::new(if is_list {
            error.help(format!(
                "a list is given as a whole: [[{name}]] in a file, --set '{name}=[{{…}}, {{…}}]' as \
                 a flag"
            ))
        } else {
            error.help(format!("write {} and its keys below it", table.header()))
        })
    }
}

/// Every name that has a meaning in this table: an arm has those of what it may set for itself.
fn known_in(home: &'static Table) -> Vec<(&'static str, Meaning)> {
    let value = |key: &'static Key| (key.name, Meaning::Value(key));
    let tables = |is_here: fn(&Table) -> bool| {
        let here = TABLES.iter().filter(move |table| is_here(table));
        here.map(|table| (table.name, Meaning::Table(table)))
    };
    let own = home.keys.iter().map(value);
    match home.name {
        "" => own.chain(tables(|table| !table.name.is_empty())).collect(),
        "arm" => {
            let shared = keys::in_arm().filter(|(table, _)| !table.is_nested_in_arm());
            let shared = shared.map(|(_, key)| value(key));
            own.chain(shared).chain(tables(Table::is_nested_in_arm)).collect()
        }
        _ => own.collect(),
    }
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            let digits = i128::from_str_radix(number.as_str(), number.radix());
            // Beyond 128 bits it is out of every range, and that is what the error says.
            Value::Integer(digits.unwrap_or(i128::MAX))
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(_) => Value::Datetime,
        DeValue::Array(list) => Value::List(list.iter().map(|e| plain(e.get_ref())).collect()),
        DeValue::Table(_) => Value::Table,
    }
}

/// Refuses a value of another type than that of its key, and a choice that there is not.
pub(crate) fn check_type(kind: Kind, path: &KeyPath, value: &Value, place: &Place) -> Result<()> {
    if let (Kind::Choice(choices), Value::Text(text)) = (kind, value) {
        return check_choice(choices, path, text, place);
    }
    let is_integer = matches!(value, Value::Integer(_));
    let (wanted, is_right) = match kind {
        Kind::Integer(..) => ("an integer", is_integer),
        Kind::Natural => (
            "an integer of at least 0",
            matches!(value, Value::Integer(number) if u64::try_from(*number).is_ok()),
        ),
        Kind::Number(..) | Kind::Share => {
            ("a number", is_integer || matches!(value, Value::Float(_)))
        }
        Kind::Bool => ("true or false", matches!(value, Value::Bool(_))),
        Kind::Text | Kind::Url | Kind::Duration(..) | Kind::Name(_) | Kind::Choice(_) => {
            ("a text in quotes", matches!(value, Value::Text(_)))
        }
        Kind::Integers(..) | Kind::Texts | Kind::Choices(_) | Kind::Names(_) => {
            ("a list", matches!(value, Value::List(_)))
        }
    };
    if is_right {
        return Ok(());
    }
    let error = wrong_type(path, wanted, value, place);
    let is_whole = matches!(kind, Kind::Integer(..) | Kind::Natural);
    let is_number = is_whole || matches!(kind, Kind::Number(..) | Kind::Share);
    let is_text = is_number && matches!(value, Value::Text(_));
    Err(Box::new(if is_text && place.source().is_command_line() {
        error.help(if is_whole {
            format!("write a whole number, such as {NUMBER_FORMS}")
        } else {
            "write a number, such as 0.1 or 10%".to_owned()
        })
    } else if is_text {
        error.help("numbers have no quotes")
    } else {
        error.help(format!("write `{}` as {wanted}", shown(&dotted(path))))
    }))
}

fn check_choice(choices: &[Choice], path: &KeyPath, given: &str, place: &Place) -> Result<()> {
    let known: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    // Both words for one thing: reports print `lock-step`.
    if known.iter().any(|name| letters(name) == letters(given)) {
        return Ok(());
    }
    // A member of a list goes by the name of the list: `codings` has a `coding`.
    let key = match path.as_slice() {
        [.., list, index] if index.parse::<usize>().is_ok() => list.trim_end_matches('s'),
        [.., key] => key,
        [] => "",
    };
    let error = Diagnostic::error(format!("unknown {key} `{}`", shown(given)))
        .at(place.clone(), format!("one of {}", listed(&known)));
    Err(Box::new(error.help(suggestion(given, &known))))
}

fn wrong_type(path: &KeyPath, wanted: &str, value: &Value, place: &Place) -> Diagnostic {
    let found = match value {
        Value::Integer(_) if wanted.ends_with("at least 0") => "out of range",
        Value::Integer(_) => "an integer",
        Value::Float(_) => "a number with a fraction",
        Value::Text(_) => "a text",
        Value::Bool(_) => "a boolean",
        Value::Datetime => "a datetime",
        Value::List(_) => "an array",
        Value::Table => "a table",
    };
    Diagnostic::error(format!("`{}` must be {wanted}", shown(&dotted(path))))
        .at(place.clone(), format!("this is {found}"))
}

// Indexes of list elements are left out, because nobody writes them.
fn dotted(path: &KeyPath) -> String {
    let is_name = |name: &&String| !name.bytes().all(|b| b.is_ascii_digit());
    path.iter().filter(is_name).map(String::as_str).collect::<Vec<_>>().join(".")
}
