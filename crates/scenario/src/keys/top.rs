//! Keys at the top of the file: what the scenario is called and about.

use super::{Kind, Table, field, set};

pub(super) const TABLE: Table = Table {
    name: "",
    is_list: false,
    doc: "What the scenario is called and shows.",
    rivals: None,
    keys: &[
        field("name", Kind::Text)
            .doc("Name of the scenario. Without it: the name of the file.")
            .shared(|given, draft| set(&mut draft.name, Some(given.line()?))),
        field("summary", Kind::Text)
            .doc("Summary of what it shows, in one sentence.")
            .shared(|given, draft| set(&mut draft.summary, Some(given.line()?))),
        field("source", Kind::Text)
            .doc("Source of the case: a product, a report, an RFC.")
            .shared(|given, draft| set(&mut draft.source, Some(given.line()?))),
    ],
};
