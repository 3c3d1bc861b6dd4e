//! JSON Schema of the scenario file, for editors.

use serde_json::{Map, Value, json};

use crate::keys::{self, Choice, Key, Kind, TABLES, Table};

/// JSON Schema (draft 2020-12) of the scenario file.
///
/// Says `optional` and never `null`, because TOML has no null.
pub fn schema() -> Value {
    let tables = || TABLES.iter().filter(|table| !table.name.is_empty());
    let definitions: Map<_, _> =
        tables().map(|table| (table.name.to_owned(), definition(table))).collect();
    let top = TABLES.iter().filter(|table| table.name.is_empty()).flat_map(|table| table.keys);
    let mut properties: Map<_, _> = top.map(property).collect();
    properties.extend(tables().map(|table| (table.name.to_owned(), reference(table))));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "etag-lab scenario",
        "description":
            "A scenario of etag-lab: a fleet of replicas, a load, and what differs between the arms.",
        "type": "object",
        "properties": properties,
        // Editors then mark a misspelt key, as the reader does.
        "additionalProperties": false,
        "$defs": definitions,
    })
}

fn reference(table: &Table) -> Value {
    let target = format!("#/$defs/{}", table.name);
    if table.is_list {
        json!({ "description": table.doc, "type": "array", "items": { "$ref": target } })
    } else {
        json!({ "description": table.doc, "$ref": target })
    }
}

fn definition(table: &Table) -> Value {
    let mut properties: Map<_, _> = table.keys.iter().map(property).collect();
    if table.name == "arm" {
        let (nested, flat): (Vec<_>, Vec<_>) =
            keys::in_arm().partition(|(table, _)| table.is_nested_in_arm());
        properties.extend(flat.into_iter().map(|(table, key)| {
            let (name, mut schema) = property(key);
            schema["description"] = format!("As in {}, for this arm.", table.header()).into();
            (name, schema)
        }));
        properties
            .extend(nested.into_iter().map(|(table, _)| (table.name.to_owned(), reference(table))));
    }
    json!({
        "description": table.doc,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn property(key: &Key) -> (String, Value) {
    let mut schema = of_kind(key.kind);
    schema["description"] = described(key).into();
    (key.name.to_owned(), schema)
}

pub(crate) fn described(key: &Key) -> String {
    match key.default {
        "" => key.doc.to_owned(),
        default => format!("{} Default: {default}.", key.doc),
    }
}

fn of_kind(kind: Kind) -> Value {
    match kind {
        // A limit of 64 bits is none that anybody has to be told of.
        Kind::Integer(least, i64::MAX) => json!({ "type": "integer", "minimum": least }),
        Kind::Integer(low, most) => json!({ "type": "integer", "minimum": low, "maximum": most }),
        Kind::Natural => json!({ "type": "integer", "minimum": 0 }),
        Kind::Number(least, most) => json!({ "type": "number", "minimum": least, "maximum": most }),
        Kind::Share => json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Text | Kind::Url | Kind::Duration(..) | Kind::Name(_) => json!({ "type": "string" }),
        Kind::Choice(choices) => one_of(choices),
        Kind::Integers(..) | Kind::Texts | Kind::Names(_) => list(kind),
        Kind::Choices(_) => {
            let mut list = list(kind);
            list["uniqueItems"] = true.into();
            list
        }
    }
}

fn list(kind: Kind) -> Value {
    json!({ "type": "array", "items": kind.element().map_or(Value::Null, of_kind) })
}

fn one_of(choices: &[Choice]) -> Value {
    let choice = |(name, doc): &Choice| json!({ "const": name, "description": doc });
    json!({ "oneOf": choices.iter().map(choice).collect::<Vec<_>>() })
}
