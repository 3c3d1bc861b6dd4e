//! Keys of an `[[arm]]` that are its own; beside them it may hold those that all arms share.

use super::{Catalogue, Kind, Table, field};

static STRATEGY_NAMES: Catalogue = Catalogue {
    what: "strategy",
    unknown: "not a strategy of the lab",
    names: || strategies::names().collect(),
    aliases: Vec::new,
};

/// The kind of a strategy's name.
pub(super) const STRATEGY: Kind = Kind::Name(&STRATEGY_NAMES);

pub(super) const TABLE: Table = Table {
    name: "arm",
    is_list: true,
    doc: "One arm of the comparison; at least one. What it does not say, it shares with the others.",
    rivals: None,
    keys: &[
        field("name", Kind::Text).doc("Name of the arm: letters, digits, `-` and `_`."),
        field("strategy", STRATEGY).doc(
            "Way in which entity tags are made (`etag-lab list strategies`). Not together \
                 with `command`.",
        ),
        field("command", Kind::Text)
            .doc("Your own program as the replica. Not together with `strategy`."),
    ],
};
