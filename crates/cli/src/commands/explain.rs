//! `etag-lab explain`: what any word means that this program prints.
//!
//! Findings, strategies, edges and the like explain themselves in their catalogues. The words of
//! tables, records and checks are in one page, `scenarios/GLOSSARY.md`, which is compiled in.

use findings::catalogue;
use findings::kind::FindingKind;
use report::Style;
use text::{alternatives, letters, near};

use crate::args::Common;
use crate::commands::list::LISTS;
use crate::exit::{Ending, Failure};
use crate::output;

const GLOSSARY: &str = include_str!("../../../../scenarios/GLOSSARY.md");

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Code, name or word, such as ETL001, content-hash, nginx, scale-out or `304 rate`; all
    /// findings when left out
    #[arg(value_name = "WORD", num_args = 0..)]
    words: Vec<String>,
}

/// Prints everything that goes by one name, or the list of all findings.
pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let word = arguments.words.join(" ");
    let text = if word.trim().is_empty() {
        catalogue::all()
            .into_iter()
            .flat_map(|kind| [&*kind.code, "  ", &kind.name, "\n"])
            .collect()
    } else {
        explained(&word, common).ok_or_else(|| unknown(&word))?
    };
    output::print(&text).map(|()| Ending::Done)
}

/// Everything about a name; of a path such as `after.bytes.requests`, about the part that is known.
fn explained(word: &str, common: Common) -> Option<String> {
    let inner = || word.split_once('.').and_then(|(_, inner)| explained(inner, common));
    // `bytes if unchanged` heads the column of a row that has a longer label.
    let of_column = || {
        let mut headings = report::headings();
        let (_, number) = headings.find(|(heading, _)| letters(heading) == letters(word))?;
        explained_whole(number, common)
    };
    explained_whole(word, common).or_else(of_column).or_else(inner)
}

fn explained_whole(word: &str, common: Common) -> Option<String> {
    let style = output::style(common.color, false);
    let finding = finding(word).map(|kind| probe::format::explain(kind, style));
    // The glossary says what numbers mean.
    let lists = LISTS.iter().filter(|(list, ..)| *list != "numbers");
    let entries = lists.flat_map(|(list, _, choices)| {
        let found = choices().into_iter().filter(|choice| choice.is_called(word));
        found.map(move |choice| {
            format!("{}\n{}{}", one_of(list), choice.render(common), more(list, choice.name))
        })
    });
    // A finding says more of its name than a line can.
    let is_finding = finding.is_some();
    let glossary = glossary().filter(|entry| !is_finding && entry.is_called(word));
    let glossary = glossary.map(|entry| entry.render(style));
    let cause = cause(word);
    let parts: Vec<_> = finding.into_iter().chain(entries).chain(cause).chain(glossary).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// The finding of this code or name; `ETL1`, `etl001` and `1` are one code.
fn finding(word: &str) -> Option<&'static FindingKind> {
    let word = word.trim();
    let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let is_code = ["", "etl"].contains(&word[..word.len() - digits.len()].to_lowercase().as_str());
    let number = digits.parse::<u16>().ok().filter(|_| is_code);
    let code = number.map(|number| format!("ETL{number:03}"));
    catalogue::find(code.as_deref().unwrap_or(word))
        .or_else(|| catalogue::all().into_iter().find(|kind| letters(&kind.name) == letters(word)))
}

fn one_of(list: &str) -> String {
    match list {
        "strategies" => "Strategy, a way in which replicas make tags:",
        "policies" => "Policy, a way in which the balancer picks a replica:",
        "edges" => "Edge, what the balancer does to responses:",
        "caches" => "Shared cache between clients and balancer:",
        "stores" => "Store of shared tags:",
        "formats" => "Format of results:",
        _ => "Built-in scenario:",
    }
    .to_owned()
}

/// Next thing to do with an entry of a list.
fn more(list: &str, name: &str) -> String {
    match list {
        "strategies" => format!("  try: etag-lab run --before {name}\n"),
        "policies" => format!("  try: etag-lab run --policy {name}\n"),
        "edges" => format!("  try: etag-lab run --edge {name} --accept-encoding gzip\n"),
        "caches" => format!("  try: etag-lab run shared-cache --cache {name}\n"),
        "scenarios" => format!("  run it: etag-lab run {name}; read it: etag-lab show {name}\n"),
        _ => String::new(),
    }
}

/// A cause that findings name in brackets, such as `process`.
fn cause(word: &str) -> Option<String> {
    let has = |kind: &&FindingKind| kind.cause_names.iter().any(|name| name.as_str() == word);
    let kinds: Vec<_> =
        catalogue::all().into_iter().filter(has).map(|kind| kind.name.as_str()).collect();
    let names = alternatives(&kinds);
    (!kinds.is_empty())
        .then(|| format!("Cause that a check names with {names}; see their causes\n"))
}

/// A row of the page: its words and what they mean.
struct Entry {
    words: Vec<&'static str>,
    meaning: &'static str,
}

fn glossary() -> impl Iterator<Item = Entry> {
    let rows = GLOSSARY.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = rows.filter_map(|row| row.split_once(" | "));
    cells.filter(|(words, _)| !words.starts_with("---") && *words != "word").map(
        |(words, meaning)| Entry {
            words: words.split("; ").map(|word| word.trim_matches('`')).collect(),
            meaning,
        },
    )
}

impl Entry {
    fn is_called(&self, word: &str) -> bool {
        let wanted = letters(word);
        // `needless` is all of `needless 200` that anybody types.
        let is_first = |known: &str| {
            known.split([' ', '-', '_']).next().map(letters).as_deref() == Some(wanted.as_str())
        };
        !wanted.is_empty()
            && self.words.iter().any(|known| {
                let plural = letters(known) == format!("{wanted}s")
                    || format!("{}s", letters(known)) == wanted;
                // `304 rate` is short for `304 rate (conditional)`.
                let short = known.split(" (").next().map(letters);
                letters(known) == wanted
                    || short.as_deref() == Some(wanted.as_str())
                    || plural
                    || (wanted.len() > 3 && is_first(known))
            })
    }

    fn is_part_of(&self, name: &str) -> bool {
        self.words.iter().any(|word| word.len() > 4 && letters(name).starts_with(&letters(word)))
    }

    fn render(&self, style: Style) -> String {
        let lines = text::wrap(&self.meaning.replace('*', ""), style.width.saturating_sub(2));
        let findings = catalogue::all().into_iter().map(|kind| kind.name.as_str());
        let findings: Vec<_> = findings.filter(|name| self.is_part_of(name)).collect();
        let see = match findings.as_slice() {
            [] => String::new(),
            names => format!("  see: etag-lab explain {}\n", names.join(", ")),
        };
        format!("{}\n  {}\n{see}", self.words.join(" · "), lines.join("\n  "))
    }
}

/// Every name that can be explained.
pub(crate) fn names() -> Vec<&'static str> {
    let findings = catalogue::all().into_iter().flat_map(|kind| [kind.code.as_str(), &kind.name]);
    let lists = LISTS.iter().filter(|(list, ..)| *list != "numbers");
    let entries = lists.flat_map(|(_, _, choices)| choices()).map(|choice| choice.name);
    let causes =
        catalogue::all().into_iter().flat_map(|kind| kind.cause_names.iter().map(String::as_str));
    let words = glossary().flat_map(|entry| entry.words);
    findings.chain(entries).chain(causes).chain(words).collect()
}

/// The name that a word is likely to mean, if there is one.
pub(crate) fn likely(word: &str) -> Option<String> {
    if let Some(kind) = finding(word) {
        return Some(kind.code.clone());
    }
    text::nearest(word, &names()).map(str::to_owned)
}

fn unknown(word: &str) -> Failure {
    let names = names();
    let near = near(word, &names);
    let title = format!("nothing here is called `{}`", scenario::shown(word));
    let all =
        "all findings: etag-lab explain; strategies, edges, scenarios and more: etag-lab list";
    if near.is_empty() {
        return Failure::input(title, all);
    }
    Failure::input(title, format!("did you mean {}?", alternatives(&near))).with_help(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_that_show_a_finding_exist() {
        for kind in catalogue::all() {
            let scenario = &kind.scenario;
            let known = scenario::find_built_in(scenario).is_some();
            assert!(
                known || scenario.is_empty() || scenario.starts_with("scenarios/"),
                "{scenario} is no scenario"
            );
        }
    }

    /// Every word that a table, a record, a check or a list prints.
    #[test]
    fn everything_that_is_printed_is_explained() {
        let common = Common { color: output::Color::Never };
        let rows = report::rows().flat_map(|(label, number)| [label, number]);
        let verdicts = measure::Verdict::ALL.map(measure::Verdict::name);
        let is_name = |key: &&str| key.parse::<usize>().is_err();
        let numbers: Vec<_> = scenario::expectation::numbers()
            .iter()
            .map(|path| path.split('.').filter(is_name).collect::<Vec<_>>().join("."))
            .collect();
        let columns = measure::numbers::all().map(|(name, _)| *name);
        let headings = report::headings().map(|(heading, _)| heading);
        let more = ["304", "PARTIAL", "weak"];
        let all = rows.chain(verdicts).chain(columns).chain(names()).chain(more);
        let all = all.map(str::to_owned).chain(numbers).chain(headings);
        let missing: std::collections::BTreeSet<_> =
            all.filter(|word| explained(word, common).is_none()).collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn codes_are_found_however_they_are_typed() {
        for word in ["ETL001", "etl001", "ETL1", "1", "node-local-tag", "NodeLocalTag"] {
            assert_eq!(finding(word).map(|kind| kind.code.as_str()), Some("ETL001"), "{word}");
        }
        assert!(finding("x1").is_none() && finding("ETL").is_none());
    }
}
