//! Says in the user's words why a text is not a scenario: broken TOML, unknown keys, wrong types.
//!
//! The parser's messages are constant texts of `toml` and `serde`; tests notice if they change.

use std::ops::Range;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, shown};
use super::layer::{Entry, KeyPath, LISTS, Layer};
use super::schema;
use super::source::{Place, Source};
use text::{listed, nearest, suggestion};

/// The text is not TOML.
pub(crate) fn syntax(
    error: &toml::de::Error,
    source: &Arc<Source>,
    span: Option<Range<usize>>,
) -> Box<Diagnostic> {
    let place = span.map_or_else(|| Place::whole(source), |span| Place::new(source, span));
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

/// The text is TOML but not a scenario.
pub(crate) fn mismatch(
    error: &toml::de::Error,
    layer: &Layer,
    located: impl Fn(Range<usize>) -> Range<usize>,
) -> Box<Diagnostic> {
    let message = error.message();
    let found = error.span().and_then(|span| at(layer, &span));
    let place = match error.span() {
        Some(span) => layer.place(located(span)),
        None => Place::whole(&layer.source),
    };
    Box::new(match found {
        Some((path, entry)) if message.starts_with("unknown field") => {
            unknown_key(path, entry, message, place)
        }
        Some((path, _)) if message.starts_with("unknown variant") => {
            unknown_choice(path, message, place)
        }
        Some((path, entry)) => wrong_type(path, entry, message, place),
        None => Diagnostic::error("this is not a scenario").at(place, shown(message)),
    })
}

/// The outermost key whose name or value stands exactly here.
fn at<'a>(layer: &'a Layer, span: &Range<usize>) -> Option<(&'a KeyPath, &'a Entry)> {
    layer.entries.iter().find(|(_, entry)| entry.key == *span || entry.value == *span)
}

fn unknown_key(path: &KeyPath, entry: &Entry, message: &str, place: Place) -> Diagnostic {
    let (name, table) = (path.last().map_or("", String::as_str), table_name(path));
    let what = if entry.kind == "table" && path.len() == 1 { "table" } else { "key" };
    let known = expected_names(message);
    let inside = if table.is_empty() { String::new() } else { format!(" in {table}") };
    let diagnostic = Diagnostic::error(format!("unknown {what} `{}`{inside}", shown(name)))
        .at(place, "not part of a scenario");
    if let Some(name) = nearest(name, &known) {
        return diagnostic.help(format!("did you mean `{name}`?"));
    }
    let diagnostic = match elsewhere(name, path) {
        Some(home) => diagnostic.help(format!("`{name}` belongs in {home}")),
        None => diagnostic,
    };
    diagnostic.help(format!("known here: {}", listed(&known)))
}

fn unknown_choice(path: &KeyPath, message: &str, place: Place) -> Diagnostic {
    // A member of a list goes by the name of the list: `codings` has a `coding`.
    let key = match path.as_slice() {
        [.., list, index] if index.parse::<usize>().is_ok() => list.trim_end_matches('s'),
        [.., key] => key,
        [] => "",
    };
    let given = message.split('`').nth(1).unwrap_or_default();
    let known = expected_names(message);
    Diagnostic::error(format!("unknown {} `{}`", shown(key), shown(given)))
        .at(place, format!("one of {}", listed(&known)))
        .help(suggestion(given, &known))
}

fn wrong_type(path: &KeyPath, entry: &Entry, message: &str, place: Place) -> Diagnostic {
    let name = shown(&dotted(path));
    let wanted = message.rsplit("expected ").next().unwrap_or_default();
    let wanted = match wanted {
        "i64" => "an integer",
        "u64" => "an integer of at least 0",
        "f64" => "a number",
        "a string" | "wanted string or table" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        table if table.starts_with("struct ") => "a table",
        _ => "something else",
    };
    let diagnostic = Diagnostic::error(format!("`{name}` must be {wanted}"))
        .at(place, format!("this is {}", article(entry.kind, message)));
    match (wanted, path.first()) {
        ("a list", Some(root)) => diagnostic.help(format!(
            "a list is given as a whole: [[{root}]] in a file, --set '{root}=[{{…}}, {{…}}]' as a flag",
            root = shown(root)
        )),
        ("an integer" | "a number", _) if entry.kind == "string" => {
            diagnostic.help("numbers stand without quotes")
        }
        ("a table", Some(root)) => {
            let root = shown(root);
            diagnostic.help(format!("write {} and its keys below it", header(&root)))
        }
        _ => diagnostic.help(format!("write `{name}` as {wanted}")),
    }
}

fn article(kind: &str, message: &str) -> String {
    match kind {
        "integer" if message.starts_with("invalid value") => "out of range".to_owned(),
        "integer" | "array" => format!("an {kind}"),
        "string" => "a text".to_owned(),
        "float" => "a number with a fraction".to_owned(),
        _ => format!("a {kind}"),
    }
}

/// The names in backticks after the last `expected`, which are our own keys and choices.
fn expected_names(message: &str) -> Vec<&str> {
    let expected = message.rsplit("expected ").next().unwrap_or_default();
    expected.split('`').skip(1).step_by(2).collect()
}

/// The table in which this key would be known.
fn elsewhere(name: &str, path: &KeyPath) -> Option<String> {
    let here = if path.len() > 1 { path[0].as_str() } else { "" };
    let mut tables = schema::tables().into_iter();
    let (home, _) = tables
        .find(|(table, keys)| table != here && table != "arm" && keys.iter().any(|k| k == name))?;
    Some(if home.is_empty() { "the top of the file".to_owned() } else { header(&home) })
}

/// `[load]`, `[[arm]]`, or nothing at the top level.
fn table_name(path: &KeyPath) -> String {
    if path.len() > 1 { header(&shown(&path[0])) } else { String::new() }
}

fn header(table: &str) -> String {
    if LISTS.contains(&table) { format!("[[{table}]]") } else { format!("[{table}]") }
}

/// Without the indexes of list elements, which nobody writes.
fn dotted(path: &KeyPath) -> String {
    let is_name = |name: &&String| !name.bytes().all(|b| b.is_ascii_digit());
    path.iter().filter(is_name).map(String::as_str).collect::<Vec<_>>().join(".")
}
