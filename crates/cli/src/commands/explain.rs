//! `etag-lab explain`: what a finding says, and for those of `check` how it is found.

mod of_runs;

use findings::catalogue::{FINDINGS, find};

use self::of_runs::OF_RUNS;
use crate::args::Common;
use crate::exit::{Ending, Failure};
use crate::output;

/// What `etag-lab explain` accepts.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Code or name, such as ETL001 or node-local-tag; all of them when left out
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Prints one explanation, or the list of all findings.
pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let style = output::style(common.color, false);
    let text = match &arguments.code {
        None => {
            let of_check = FINDINGS.iter().map(|entry| (entry.code, entry.name));
            let of_runs = OF_RUNS.iter().map(|entry| (entry.code, "(in runs of the lab only)"));
            of_check.chain(of_runs).flat_map(|(code, name)| [code, "  ", name, "\n"]).collect()
        }
        Some(code) => {
            let unknown = || {
                let code = text::excerpt(code);
                let names: Vec<_> = FINDINGS.iter().map(|entry| entry.name).collect();
                Failure::input(
                    format!("there is no finding `{code}`"),
                    format!("one of {}", names.join(", ")),
                )
            };
            match of_runs::find(code) {
                Some(entry) => entry.explain(),
                None => probe::speak::explain(find(code).ok_or_else(unknown)?, style),
            }
        }
    };
    output::print(&text)?;
    Ok(Ending::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `check` explains better what both of them find.
    #[test]
    fn what_runs_find_has_codes_of_its_own_and_scenarios_that_exist() {
        for entry in OF_RUNS {
            assert!(find(entry.code).is_none(), "{} is a finding of check", entry.code);
            let scenario = entry.scenario;
            let known = scenario::find_built_in(scenario).is_some();
            assert!(known || scenario.starts_with("scenarios/"), "{scenario} is no scenario");
        }
    }
}
