//! `etag-lab show`: the file of a built-in scenario, as shipped, or a template to start from.

use scenario::{BUILT_IN, TEMPLATE};
use text::{alternatives, first_of, near};

use crate::exit::{Ending, Failure};
use crate::output;

/// Name by which the template is shown.
pub(crate) const TEMPLATE_NAME: &str = "template";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Name of a built-in scenario, or `template`: a commented file to start from
    #[arg(value_name = "SCENARIO", required_unless_present = "template")]
    scenario: Option<String>,
    /// The template, as `show template`
    #[arg(long, conflicts_with = "scenario")]
    template: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Ending, Failure> {
    let name = arguments.scenario.as_deref().unwrap_or(TEMPLATE_NAME);
    output::print(text_of(name)?).map(|()| Ending::Done)
}

fn text_of(name: &str) -> Result<&'static str, Failure> {
    if name == TEMPLATE_NAME {
        return Ok(TEMPLATE);
    }
    if let Some(built_in) = scenario::find_built_in(name) {
        return Ok(built_in.text);
    }
    let names: Vec<_> = BUILT_IN.iter().map(|built_in| built_in.name).collect();
    let help = match near(name.trim_end_matches(".toml"), &names).as_slice() {
        [] => format!("known: {}", first_of(&names)),
        near => format!("did you mean {}?", alternatives(near)),
    };
    let title = format!("there is no built-in scenario `{}`", text::excerpt(name));
    Err(Failure::input(title, help).with_help("all of them: etag-lab list scenarios"))
}
