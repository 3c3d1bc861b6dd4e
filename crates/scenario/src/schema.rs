//! JSON Schema of the scenario file, for editors, and the list of its keys, for messages.

use serde_json::Value;

use super::file::ScenarioFile;

/// JSON Schema (draft 2020-12) of the scenario file.
///
/// Says `optional` and never `null`, because TOML has no null.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(ScenarioFile).to_value();
    without_null(&mut schema);
    schema
}

/// Every table with its keys; the name of the top level is empty.
pub(crate) fn tables() -> Vec<(String, Vec<String>)> {
    let schema = schema();
    let top = keys(&schema);
    let tables = top.iter().filter_map(|name| {
        let definition = table(&schema, &schema["properties"][name])?;
        Some((name.clone(), keys(definition)))
    });
    let tables: Vec<_> = tables.collect();
    std::iter::once((String::new(), top)).chain(tables).collect()
}

fn table<'a>(schema: &'a Value, property: &Value) -> Option<&'a Value> {
    let reference = property.get("$ref").or_else(|| property["items"].get("$ref"))?.as_str()?;
    schema.pointer(reference.strip_prefix('#')?)
}

fn keys(definition: &Value) -> Vec<String> {
    let properties = definition["properties"].as_object();
    properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect()
}

/// An optional key is one that may be left out, and that is said by leaving it out of `required`.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    object.extend(only);
                }
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(values) => values.iter_mut().for_each(without_null),
        _ => {}
    }
}
