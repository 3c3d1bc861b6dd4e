//! `etag-lab model`: the record of a run in virtual time, without running it.

use std::time::SystemTime;

use crate::args::{Common, Presentation, check_output};
use crate::commands::finish::{Keeping, finish};
use crate::commands::run::{command_line, load};
use crate::exit::{Ending, Failure};
use crate::flags::ScenarioFlags;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Equals `etag-lab run` in lock-step in all that is no time; in other cadences it is one draw, with the
range of the others. Refuses by name what only a run can show.")]
pub(crate) struct Arguments {
    /// A scenario file, or the name of a built-in scenario
    scenario: Option<String>,
    #[command(flatten)]
    flags: ScenarioFlags,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    presentation: Presentation,
}

pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    check_output(arguments.presentation.output.as_deref())?;
    arguments.keeping.check()?;
    let scenario = load(common, arguments.scenario.as_deref(), &arguments.flags)?;
    let circumstances = harness::circumstances(command_line());
    let record = model::of_scenario(&scenario, circumstances, SystemTime::now());
    let record = record.map_err(|(arm, what)| {
        let place = format!("arm `{arm}` cannot be modelled: {what}");
        Failure::input(place, "`etag-lab run` runs it; or leave out what is named")
    })?;
    let (keeping, presentation) = (&arguments.keeping, &arguments.presentation);
    finish(common, &record, &scenario.judged_arms(), &[], keeping, presentation)
}
