//! A JSON object as a program holds it: members in hash maps, whose order is the process's own.
//!
//! Objects within objects and lists are hash maps, too. Names and values are kept as they are
//! written; of blank space between them only the length of the whole is. Makes no tags.

use std::collections::hash_map::IntoIter;
use std::collections::{BTreeMap, HashMap};

use serde_json::value::RawValue;

use crate::seeded::Seeded;

/// Levels of objects and lists that are taken apart; what lies deeper is kept as it is written.
const MOST_LEVELS: usize = 64;

/// A name and its value as written.
pub(crate) type Member<'a> = (String, &'a RawValue);

/// The order in which the members of one map are written down.
pub(crate) type Order = for<'a> fn(IntoIter<String, &'a RawValue>) -> Vec<Member<'a>>;

/// The content written down anew, each map in this order, behind its length; `None` unless it is a
/// JSON object.
pub(crate) fn rewritten(content: &[u8], seed: u64, order: Order) -> Option<Vec<u8>> {
    let whole: &RawValue = serde_json::from_slice(content).ok()?;
    whole.get().starts_with('{').then(|| {
        // Contents of two lengths are never the same representation, not even where they differ in
        // blank space only.
        let mut text = format!("{} ", content.len());
        text.reserve(content.len());
        Writer { seed, order, text: &mut text }.value(whole, 0);
        text.into_bytes()
    })
}

struct Writer<'t> {
    seed: u64,
    order: Order,
    text: &'t mut String,
}

impl Writer<'_> {
    fn value(&mut self, value: &RawValue, level: usize) {
        match value.get().as_bytes().first() {
            Some(b'{') if level < MOST_LEVELS => self.object(value, level),
            Some(b'[') if level < MOST_LEVELS => self.list(value, level),
            _ => self.text.push_str(value.get()),
        }
    }

    fn object(&mut self, value: &RawValue, level: usize) {
        // The order of a hash map depends on that of the insertions, too. Of members with one name
        // the last counts, as for most programs.
        let members: BTreeMap<String, &RawValue> =
            serde_json::from_str(value.get()).expect("a raw value is valid JSON");
        let mut map = HashMap::with_hasher(Seeded(self.seed));
        map.extend(members);
        self.text.push('{');
        for (name, value) in (self.order)(map.into_iter()) {
            self.text.push_str(&serde_json::Value::String(name).to_string());
            self.text.push(':');
            self.value(value, level + 1);
            self.text.push(',');
        }
        self.text.push('}');
    }

    fn list(&mut self, value: &RawValue, level: usize) {
        let elements: Vec<&RawValue> =
            serde_json::from_str(value.get()).expect("a raw value is valid JSON");
        self.text.push('[');
        for element in elements {
            self.value(element, level + 1);
            self.text.push(',');
        }
        self.text.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AS_IT_COMES: Order = |members| members.collect();
    const SORTED: Order = |members| {
        let mut members: Vec<_> = members.collect();
        members.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        members
    };

    fn check(content: &str, expected: Option<&str>) {
        let rewritten = rewritten(content.as_bytes(), 7, SORTED);
        assert_eq!(rewritten.as_deref().map(String::from_utf8_lossy).as_deref(), expected);
    }

    #[test]
    fn maps_are_ordered_at_every_level_and_lists_keep_theirs() {
        check(
            r#" {"b": [ {"d":1.50, "c": "\u0041"}, null ], "a": {}} "#,
            Some(r#"53 {"a":{},"b":[{"c":"\u0041","d":1.50,},null,],}"#),
        );
        check(r#"{"a":1,"a":2}"#, Some(r#"13 {"a":2,}"#));
    }

    #[test]
    fn what_is_no_object_has_no_order() {
        for content in ["", "[1]", "41", "{", "{} {}", "plain text"] {
            check(content, None);
        }
        assert_eq!(rewritten(b"{\"\xff\":1}", 7, SORTED), None);
    }

    #[test]
    fn the_order_of_a_map_is_that_of_its_seed() {
        let names = (0..40).map(|n| format!("\"{n}\":{n}")).collect::<Vec<_>>().join(",");
        let content = format!("{{\"all\":{{{names}}}}}");
        let order = |seed| rewritten(content.as_bytes(), seed, AS_IT_COMES);
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
    }

    #[test]
    fn endless_nesting_is_kept_as_it_is_written() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let rewritten = rewritten(deep.as_bytes(), 7, SORTED);
        assert!(rewritten.is_some_and(|text| text.len() > 20_000));
    }
}
