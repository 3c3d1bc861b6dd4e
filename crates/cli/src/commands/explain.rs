//! `etag-lab explain`: everything that the catalogue says about a finding.

use findings::catalogue;

use crate::args::Common;
use crate::exit::{Ending, Failure};
use crate::output;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Code or name, such as ETL001 or node-local-tag; all of them when left out
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Prints one explanation, or the list of all findings.
pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let text = match &arguments.code {
        None => catalogue::all()
            .into_iter()
            .flat_map(|kind| [&*kind.code, "  ", &kind.name, "\n"])
            .collect(),
        Some(code) => {
            let kind = catalogue::find(code).ok_or_else(|| unknown(code))?;
            probe::format::explain(kind, output::style(common.color, false))
        }
    };
    output::print(&text).map(|()| Ending::Done)
}

fn unknown(code: &str) -> Failure {
    let names: Vec<_> = catalogue::all().into_iter().map(|kind| kind.name.as_str()).collect();
    Failure::input(
        format!("there is no finding `{}`", scenario::shown(code)),
        format!("one of {}", names.join(", ")),
    )
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
}
