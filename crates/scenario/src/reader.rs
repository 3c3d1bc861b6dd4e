//! Reads TOML into a layer: every key known, every value of the right type, each with its place.
//!
//! Knows nothing of ranges: a value that an upper layer replaces may be out of range.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Result, shown};
use crate::keys::{self, Key, Kind, TABLES, Table};
use crate::layer::{Entry, KeyPath, Layer, Value};
use crate::source::{Place, Source};
use text::{listed, nearest, suggestion};

/// The table in which keys are read.
#[derive(Clone, Copy)]
enum Home {
    /// The top of the file.
    Top,
    /// A table of the list of keys.
    Table(&'static Table),
    /// An arm: its own keys, and those that it may set for itself.
    Arm,
}

/// Meaning of a name in its home.
enum Meaning {
    Value(&'static Key),
    Table(&'static Table),
}

/// Reads a whole source.
pub(crate) fn read(source: &Arc<Source>, base: Option<PathBuf>) -> Result<Layer> {
    read_part(source, base, 0)
}

/// Reads the text of a source from this byte on.
pub(crate) fn read_part(
    source: &Arc<Source>,
    base: Option<PathBuf>,
    start: usize,
) -> Result<Layer> {
    let table =
        DeTable::parse(&source.text()[start..]).map_err(|error| syntax(&error, source, start))?;
    let layer = Layer { source: Arc::clone(source), base, entries: BTreeMap::new() };
    let mut reader = Reader { layer, start, path: KeyPath::new() };
    reader.table(table.get_ref(), Home::Top)?;
    Ok(reader.layer)
}

/// The text is not TOML.
pub(crate) fn syntax(
    error: &toml::de::Error,
    source: &Arc<Source>,
    start: usize,
) -> Box<Diagnostic> {
    let place = match error.span() {
        Some(span) => Place::new(source, start + span.start..start + span.end),
        None => Place::whole(source),
    };
    let message = error.message();
    let help = match message {
        "duplicate key" => "write each key and each [table] once; [[change]] and [[arm]] repeat",
        _ if message.starts_with("string values must be quoted") => {
            "texts stand in double quotes, numbers do not: policy = \"random\", clients = 10"
        }
        _ => "a line reads KEY = VALUE, [TABLE] or [[LIST]]; a comment starts with #",
    };
    Box::new(Diagnostic::error("this is not valid TOML").at(place, shown(message)).help(help))
}

struct Reader {
    layer: Layer,
    /// Offset of the text in its source.
    start: usize,
    path: KeyPath,
}

impl Reader {
    fn table(&mut self, table: &DeTable<'_>, home: Home) -> Result<()> {
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
        home: Home,
    ) -> Result<()> {
        let name = self.path.last().map_or("", String::as_str);
        let Some(meaning) = home.meaning(name) else {
            return Err(self.unknown(&key, value.is_table(), home));
        };
        let entry = Entry { key, span, value: plain(value) };
        match (meaning, value) {
            (Meaning::Value(key), value) => self.check(key, value, &entry.span)?,
            (Meaning::Table(table), DeValue::Table(inner)) if !table.is_list => {
                self.table(inner, Home::Table(table))?;
            }
            (Meaning::Table(table), DeValue::Array(elements)) if table.is_list => {
                for (index, element) in elements.iter().enumerate() {
                    self.path.push(index.to_string());
                    let span = self.located(element.span());
                    let DeValue::Table(inner) = element.get_ref() else {
                        return Err(self.wrong_table(table, element.get_ref(), &span));
                    };
                    self.table(inner, Home::of(table))?;
                    let value = Value::Table;
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

    fn unknown(&self, key: &Range<usize>, is_table: bool, home: Home) -> Box<Diagnostic> {
        let name = self.path.last().map_or("", String::as_str);
        let what = if is_table && self.path.len() == 1 { "table" } else { "key" };
        let header = keys::table(if self.path.len() > 1 { &self.path[0] } else { "" })
            .map_or_else(String::new, Table::header);
        let inside = if header.is_empty() { header } else { format!(" in {header}") };
        let error = Diagnostic::error(format!("unknown {what} `{}`{inside}", shown(name)))
            .at(self.layer.place(key.clone()), "not part of a scenario");
        let known = home.names();
        if let Some(name) = nearest(name, &known) {
            return Box::new(error.help(format!("did you mean `{name}`?")));
        }
        let mut elsewhere = TABLES.iter().filter(|table| table.key(name).is_some());
        let error = match elsewhere.next() {
            Some(Table { name: "", .. }) => {
                error.help(format!("`{name}` belongs in the top of the file"))
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

impl Home {
    fn of(table: &'static Table) -> Self {
        if table.name == "arm" { Self::Arm } else { Self::Table(table) }
    }

    fn meaning(self, name: &str) -> Option<Meaning> {
        let key = |table: &'static Table| table.key(name).map(Meaning::Value);
        let table = || keys::table(name).filter(|_| !name.is_empty()).map(Meaning::Table);
        match self {
            Self::Top => keys::table("").and_then(key).or_else(table),
            Self::Table(table) => key(table),
            Self::Arm => {
                let shared = TABLES.iter().filter(|table| !table.is_nested_in_arm());
                let shared = shared.filter_map(|table| table.key(name)).find(|key| key.in_arm);
                let nested = || keys::table(name).filter(|table| table.is_nested_in_arm());
                keys::table("arm")
                    .and_then(key)
                    .or_else(|| shared.map(Meaning::Value))
                    .or_else(|| nested().map(Meaning::Table))
            }
        }
    }

    fn names(self) -> Vec<&'static str> {
        let of = |table: &'static Table| table.keys.iter().map(|key| key.name);
        match self {
            Self::Top => {
                let tables = TABLES.iter().map(|table| table.name).filter(|name| !name.is_empty());
                keys::table("").into_iter().flat_map(of).chain(tables).collect()
            }
            Self::Table(table) => of(table).collect(),
            Self::Arm => {
                let flat = keys::in_arm().filter(|(table, _)| !table.is_nested_in_arm());
                let nested = TABLES.iter().filter(|table| table.is_nested_in_arm());
                let own = keys::table("arm").into_iter().flat_map(of);
                let shared = flat.map(|(_, key)| key.name);
                own.chain(shared).chain(nested.map(|table| table.name)).collect()
            }
        }
    }
}

/// The value without its places.
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
    let is_right = match (kind, value) {
        (Kind::Integer(..), Value::Integer(_))
        | (Kind::Number(..) | Kind::Share, Value::Integer(_) | Value::Float(_))
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Text | Kind::Url | Kind::Duration(..) | Kind::Name(_), Value::Text(_))
        | (Kind::Integers(..) | Kind::Texts | Kind::Choices(_), Value::List(_)) => true,
        (Kind::Natural, Value::Integer(number)) => u64::try_from(*number).is_ok(),
        (Kind::Choice(choices), Value::Text(text)) => {
            return check_choice(choices, path, text, place);
        }
        _ => false,
    };
    if is_right {
        return Ok(());
    }
    let wanted = match kind {
        Kind::Integer(..) => "an integer",
        Kind::Natural => "an integer of at least 0",
        Kind::Number(..) | Kind::Share => "a number",
        Kind::Bool => "true or false",
        Kind::Text | Kind::Url | Kind::Duration(..) | Kind::Name(_) | Kind::Choice(_) => {
            "a text in quotes"
        }
        Kind::Integers(..) | Kind::Texts | Kind::Choices(_) => "a list",
    };
    let error = wrong_type(path, wanted, value, place);
    let is_number = matches!(kind, Kind::Integer(..) | Kind::Number(..) | Kind::Share);
    Err(Box::new(if is_number && matches!(value, Value::Text(_)) {
        error.help("numbers stand without quotes")
    } else {
        error.help(format!("write `{}` as {wanted}", shown(&dotted(path))))
    }))
}

fn check_choice(
    choices: &[keys::Choice],
    path: &KeyPath,
    given: &str,
    place: &Place,
) -> Result<()> {
    let known: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    if known.contains(&given) {
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

/// Without the indexes of list elements, which nobody writes.
fn dotted(path: &KeyPath) -> String {
    let is_name = |name: &&String| !name.bytes().all(|b| b.is_ascii_digit());
    path.iter().filter(is_name).map(String::as_str).collect::<Vec<_>>().join(".")
}

/// Reads one text without quotes, under the key of these names.
pub(crate) fn read_text(
    source: &Arc<Source>,
    names: &[&str],
    text: &str,
    place: impl Fn(&str) -> Range<usize>,
) -> Result<Layer> {
    let layer = Layer { source: Arc::clone(source), base: None, entries: BTreeMap::new() };
    // The tables around the text are read one by one, so that an unknown one is found at its name.
    let mut reader = Reader { layer, start: 0, path: KeyPath::new() };
    let mut home = Home::Top;
    for (index, name) in names.iter().enumerate() {
        reader.path.push((*name).to_owned());
        let is_last = index + 1 == names.len();
        let inner = DeValue::Table(DeTable::default());
        let value = if is_last { DeValue::String(text.into()) } else { inner };
        let (key, span) = (place(name), if is_last { place(text) } else { place(name) });
        reader.entry(key, span, &value, home)?;
        home = keys::table(name).map_or(home, Home::Table);
    }
    Ok(reader.layer)
}
