//! Keys at the top of the file: what the scenario is called and about.

use super::{FIELD, Key, Table, set};

pub(super) const TABLE: Table = Table {
    name: "",
    is_list: false,
    doc: "What the scenario is called and shows.",
    rivals: None,
    keys: &[
        Key {
            name: "name",
            doc: "Name of the scenario. Without it: the name of the file.",
            enter: |given, draft| set(&mut draft.name, Some(given.line()?)),
            ..FIELD
        },
        Key {
            name: "summary",
            doc: "Summary of what it shows, in one sentence.",
            enter: |given, draft| set(&mut draft.summary, Some(given.line()?)),
            ..FIELD
        },
        Key {
            name: "source",
            doc: "Source of the case: a product, a report, an RFC.",
            enter: |given, draft| set(&mut draft.source, Some(given.line()?)),
            ..FIELD
        },
    ],
};
