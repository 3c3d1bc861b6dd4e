//! `etag-lab list`: what there is to choose from, straight from the catalogues.

use balancer::catalogue::{EDGES, POLICIES};
use cache::catalogue::CACHES;
use origin::shared_tags::stores::{STORES, TagStoreEntry};
use report::catalogue::FORMATS;
use strategies::STRATEGIES;

use crate::args::{Common, choice};
use crate::exit::{Ending, Failure};
use crate::output;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Kind of entries to list [default: all]
    #[arg(value_parser = choice(LISTS.map(|(name, help, _)| (name, help, name))))]
    what: Option<&'static str>,
}

/// Longest name in the catalogues, and a gap.
const NAME_WIDTH: usize = 31;

pub(crate) type Choices = fn() -> Vec<Choice>;

/// Name, help and entries of each list.
pub(crate) const LISTS: [(&str, &str, Choices); 8] = [
    ("strategies", "Ways to make entity tags", || STRATEGIES.iter().map(strategy).collect()),
    ("policies", "Ways to pick a replica", || {
        POLICIES.iter().map(|entry| Choice::plain(entry.name, entry.summary)).collect()
    }),
    ("edges", "Changes that the balancer makes to responses", || EDGES.iter().map(edge).collect()),
    ("caches", "Shared caches before the balancer", || CACHES.iter().map(cache).collect()),
    ("stores", "Stores for shared entity tags", || STORES.iter().map(store).collect()),
    ("formats", "Forms of results", || {
        FORMATS.iter().map(|entry| Choice::plain(entry.name, entry.summary)).collect()
    }),
    ("scenarios", "Built-in scenarios", || {
        let scenarios = scenario::BUILT_IN.iter();
        scenarios.map(|scenario| Choice::plain(scenario.name, &scenario.summary())).collect()
    }),
    ("numbers", "Numbers of a run, for --fail-if and [[expect]]", || {
        let paths = scenario::expectation::numbers().into_iter();
        paths.map(|path| Choice::plain(path.leak(), "")).collect()
    }),
];

pub(crate) struct Choice {
    pub(crate) name: &'static str,
    summary: String,
    details: Vec<String>,
    /// Other names for it.
    aliases: &'static [&'static str],
}

pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let mut text = String::new();
    for (name, _, choices) in LISTS {
        // Two hundred numbers would bury the rest.
        if arguments.what.map_or(name == "numbers", |wanted| wanted != name) {
            continue;
        }
        if arguments.what.is_none() {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.extend([gap, &name.to_uppercase(), "\n"]);
        }
        text.extend(choices().iter().map(|choice| choice.render(common)));
    }
    output::print(&text).map(|()| Ending::Done)
}

fn edge(entry: &balancer::EdgeEntry) -> Choice {
    let mut details = vec![entry.effect.to_owned()];
    if !entry.products.is_empty() {
        details.push(format!("as by default in: {}", entry.products.join(", ")));
    }
    Choice { name: entry.name, summary: entry.summary.to_owned(), details, aliases: entry.products }
}

fn cache(entry: &cache::CacheEntry) -> Choice {
    let mut details = vec![entry.effect.to_owned()];
    if !entry.products.is_empty() {
        details.push(format!("as in: {}", entry.products.join(", ")));
    }
    Choice { name: entry.name, summary: entry.summary.to_owned(), details, aliases: entry.products }
}

fn store(entry: &TagStoreEntry) -> Choice {
    let details = vec![format!("--store {}", entry.form)];
    Choice { name: entry.name, summary: entry.summary.to_owned(), details, aliases: &[] }
}

fn strategy(entry: &strategies::Entry) -> Choice {
    let when = match entry.computed {
        strategies::Computed::OnChange => "",
        strategies::Computed::PerRequest => " for every request",
    };
    let details = vec![
        format!(
            "reads {}{when}; agrees {}; tells apart {}",
            entry.reads.in_words(),
            entry.agreement.in_words(),
            entry.tells_apart.in_words()
        ),
        format!("seen in: {}", entry.seen_in),
    ];
    Choice { name: entry.name, summary: entry.summary.to_owned(), details, aliases: &[] }
}

impl Choice {
    fn plain(name: &'static str, summary: &str) -> Self {
        Self { name, summary: summary.to_owned(), details: Vec::new(), aliases: &[] }
    }

    /// True of its name, however it is written, and of its aliases.
    pub(crate) fn is_called(&self, word: &str) -> bool {
        let own = text::letters(word) == text::letters(self.name);
        own && !word.trim().is_empty() || self.aliases.contains(&word)
    }

    pub(crate) fn render(&self, common: Common) -> String {
        let style = output::style(common.color, false);
        let bold = if style.color { anstyle::Style::new().bold() } else { anstyle::Style::new() };
        let mut lines = Vec::new();
        for paragraph in std::iter::once(&self.summary).chain(&self.details) {
            lines.extend(text::wrap(paragraph, style.width.saturating_sub(2 + NAME_WIDTH)));
        }
        let numbered = lines.iter().enumerate().map(|(index, line)| {
            let name = if index == 0 { self.name } else { "" };
            format!("  {bold}{name:<NAME_WIDTH$}{bold:#}{line}\n")
        });
        numbered.collect()
    }
}
