//! Keys at the top of the file, and those of an `[[arm]]` that are its own; beside them it may hold
//! those that all arms share.

use super::{Catalogue, Kind, Table, field, set};
use crate::diagnostic::{Result, shown};
use crate::expectation;
use crate::given::Given;

static STRATEGY_NAMES: Catalogue = Catalogue {
    what: "strategy",
    list: "strategies",
    unknown: "not a strategy of the lab",
    names: || strategies::names().collect(),
    aliases: Vec::new,
};

static NUMBERS: Catalogue = Catalogue {
    what: "number",
    list: "",
    unknown: "not a number of an arm",
    names: || measure::numbers::all().map(|(name, _)| *name).collect(),
    aliases: || expectation::numbers_of_arms(),
};

pub(super) const STRATEGY: Kind = Kind::Name(&STRATEGY_NAMES);

pub(super) const ARM: Table = Table {
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
        field("command", Kind::Text).doc(
            "Your own program as the replica, as `command` of `[fleet]` is. Not together with \
                 `strategy`.",
        ),
    ],
};

/// Names of numbers in CSV files, by which reports find them.
fn headline(given: &Given<'_>) -> Result<Vec<String>> {
    let known = |name: &str| measure::numbers::all().any(|(known, _)| *known == name);
    let name = |text: &str| {
        let column = Some(text).filter(|text| known(text)).or_else(|| expectation::column(text));
        column.map(str::to_owned).ok_or_else(|| {
            let title = format!("`{}` cannot be a headline", shown(text));
            let error = given.error(title, "no row of a report shows it");
            Box::new(error.help("for example headline = [\"not_modified_ratio\"]"))
        })
    };
    given.texts().map(name).collect()
}

pub(super) const TOP: Table = Table {
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
        field("headline", Kind::Names(&NUMBERS))
            .doc(
                "Numbers that it is about, by the names of the CSV format or as in `[[expect]]`, \
                 the most important first: the headline of a report.",
            )
            .shared(|given, draft| set(&mut draft.headline, headline(given)?)),
        field("lesson", Kind::Text)
            .doc("Lesson to remember, in one sentence: the last line of a report.")
            .shared(|given, draft| set(&mut draft.lesson, Some(given.line()?))),
        field("source", Kind::Text)
            .doc("Source of the case: a product, a report, an RFC.")
            .shared(|given, draft| set(&mut draft.source, Some(given.line()?))),
    ],
};
