//! `etag-lab list`: what there is to choose from, straight from the catalogues.

use clap::ValueEnum;
use report::catalogue::FORMATS;

use crate::args::Common;
use crate::exit::{Ending, Failure};
use crate::output;

/// Arguments of `etag-lab list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Kind of entries to list [default: all]
    #[arg(value_enum)]
    what: Option<What>,
}

/// Longest name in the catalogues, and a gap.
const NAME_WIDTH: usize = 26;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Ways to make entity tags
    Strategies,
    /// Ways to pick a replica
    Policies,
    /// Changes that the balancer makes to responses
    Edges,
    /// Stores for shared entity tags
    Stores,
    /// Forms of results
    Formats,
    /// Built-in scenarios
    Scenarios,
}

/// One thing that can be chosen.
struct Choice {
    name: &'static str,
    summary: String,
    details: Vec<String>,
}

/// Prints the lists.
pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let mut text = String::new();
    for &what in What::value_variants() {
        if arguments.what.is_some_and(|wanted| wanted != what) {
            continue;
        }
        if arguments.what.is_none() {
            let title = what.to_possible_value().expect("no variant is skipped");
            let gap = if text.is_empty() { "" } else { "\n" };
            text.extend([gap, &title.get_name().to_uppercase(), "\n"]);
        }
        for choice in choices(what) {
            text.push_str(&choice.render(common));
        }
    }
    output::print(&text)?;
    Ok(Ending::Done)
}

fn choices(what: What) -> Vec<Choice> {
    match what {
        What::Strategies => strategies::STRATEGIES.iter().map(strategy).collect(),
        What::Policies => balancer::catalogue::POLICIES
            .iter()
            .map(|entry| Choice::plain(entry.name, entry.summary))
            .collect(),
        What::Edges => balancer::catalogue::EDGES.iter().map(edge).collect(),
        What::Stores => origin::shared_tags::stores::STORES.iter().map(store).collect(),
        What::Formats => {
            FORMATS.iter().map(|entry| Choice::plain(entry.name, entry.summary)).collect()
        }
        What::Scenarios => scenario::BUILT_IN
            .iter()
            .map(|scenario| Choice::plain(scenario.name, &scenario.summary()))
            .collect(),
    }
}

fn edge(entry: &balancer::EdgeEntry) -> Choice {
    let mut details = vec![entry.effect.to_owned()];
    if !entry.products.is_empty() {
        details.push(format!("as by default in: {}", entry.products.join(", ")));
    }
    Choice { name: entry.name, summary: entry.summary.to_owned(), details }
}

fn store(entry: &origin::shared_tags::stores::TagStoreEntry) -> Choice {
    let details = vec![format!("--store {}", entry.form)];
    Choice { name: entry.name, summary: entry.summary.to_owned(), details }
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
    Choice { name: entry.name, summary: entry.summary.to_owned(), details }
}

impl Choice {
    fn plain(name: &'static str, summary: &str) -> Self {
        Self { name, summary: summary.to_owned(), details: Vec::new() }
    }

    fn render(&self, common: Common) -> String {
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
