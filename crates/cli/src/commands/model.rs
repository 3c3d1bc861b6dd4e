//! `etag-lab model`: the record of a run in virtual time, without running it.

mod bill;
mod found;
mod sizes;

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use logs::Price;
use measure::record::RunRecord;
use model::Method;
use scenario::Scenario;
use text::{count, counted};

use crate::args::{Common, Presentation, check_output, duration};
use crate::commands::finish::{Keeping, finish};
use crate::commands::logs::price;
use crate::commands::run::{command_line, noted, refused};
use crate::exit::{Ending, Failure};
use crate::flags::ScenarioFlags;
use crate::output;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Equals `etag-lab run` in lock-step in all that is no time; in other cadences it is one draw, with the
range of the others. Refuses by name what only a run can show. --clients has no limit (1e9), and
--replicas takes a range (1..1000), of which a table shows the sizes between.")]
pub(crate) struct Arguments {
    /// A scenario file, or the name of a built-in scenario
    #[arg(conflicts_with = "from")]
    scenario: Option<String>,
    /// Model what a check found: its JSON has replicas, size and fault
    #[arg(long, value_name = "FILE", help_heading = "Model")]
    from: Option<PathBuf>,
    /// Print the bill at a price such as 0.09/GB, of clients that poll every --interval, or every 30s
    #[arg(long, value_name = "PRICE", value_parser = price, help_heading = "Model")]
    price: Option<Price>,
    /// Model each client for itself, also where some cannot differ
    #[arg(long, help_heading = "Model")]
    each_client: bool,
    #[command(flatten)]
    flags: ScenarioFlags,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    presentation: Presentation,
}

/// Time between two polls of a client, where a bill is asked for and nothing else says it.
const INTERVAL: Duration = Duration::from_secs(30);

pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    check_output(arguments.presentation.output.as_deref())?;
    arguments.keeping.check()?;
    let mut flags = arguments.flags.0.clone();
    // The bill's interval is that of real clients: the polls of a model need none.
    let interval = if arguments.price.is_some() { flags.take("interval") } else { None };
    let interval = interval.map(|text| duration(&text)).transpose();
    let interval = interval.map_err(|error| Failure::input(error, "--interval 30s"))?;
    let sizes = sizes::taken(&mut flags)?;
    let scenario = match &arguments.from {
        Some(path) => found::scenario(common, path, &flags)?,
        None => Scenario::load(arguments.scenario.as_deref(), &flags)
            .map_err(|error| refused(common, &error))?,
    };
    let scenario = sizes.apply(scenario);
    noted(common, &scenario);
    let start = Instant::now();
    let (record, methods) = modelled(&scenario, arguments.each_client)?;
    let took = start.elapsed();
    let (keeping, presentation) = (&arguments.keeping, &arguments.presentation);
    let ending = finish(common, &record, &scenario.judged_arms(), &[], keeping, presentation)?;
    note_methods(&record, &methods, took);
    if let Some(price) = arguments.price {
        let bill = bill::of(&record, interval.unwrap_or(INTERVAL), price);
        let is_text = presentation.format.name == "text";
        match output::file(presentation.output.as_deref()) {
            None if is_text => output::print(&format!("\n{bill}"))?,
            _ => output::note(bill.trim_end()),
        }
    }
    Ok(ending)
}

fn modelled(scenario: &Scenario, each: bool) -> Result<(RunRecord, Vec<Method>), Failure> {
    let circumstances = harness::circumstances(command_line());
    let modelled = model::of_scenario(scenario, circumstances, SystemTime::now(), each);
    modelled.map_err(|(arm, what)| {
        let place = format!("arm `{arm}` cannot be modelled: {what}");
        Failure::input(place, "`etag-lab run` runs it; or leave out what is named")
    })
}

/// Says what was modelled poll by poll and what was not; a speed is that of polls alone.
fn note_methods(record: &RunRecord, methods: &[Method], took: Duration) {
    let arms = || record.arms.iter().zip(methods);
    let polls = |method: fn(&Method) -> bool| {
        arms().filter(|(_, known)| method(known)).map(|(arm, _)| arm.polls).sum::<u64>()
    };
    let each = polls(|method| *method == Method::Each);
    if each > 0 && arms().all(|(_, method)| *method == Method::Each) {
        let speed = each as f64 / took.as_secs_f64();
        let (each, speed) = (counted(each, "poll"), count(speed as u64));
        output::note(&format!("modelled {each} one by one, with predictions: {speed} a second"));
    } else if each > 0 {
        output::note(&format!("modelled {} one by one", counted(each, "poll")));
    }
    let most = arms().filter_map(|(arm, method)| match method {
        Method::Crowds { size } => Some((u64::from(arm.setup.clients), *size as u64)),
        Method::Each | Method::Lots => None,
    });
    if let Some((all, shown)) = most.max() {
        let polls = polls(|method| matches!(method, Method::Crowds { .. }));
        let (polls, all, shown) = (count(polls), counted(all, "client"), count(shown));
        output::note(&format!(
            "counted {polls} polls without modelling each: of {all}, {shown} stand for all, from \
             which the others cannot differ (see --each-client)"
        ));
    }
    let lots = polls(|method| *method == Method::Lots);
    if lots > 0 {
        let lots = count(lots);
        output::note(&format!(
            "drew the counts of {lots} polls without modelling each: clients differ by the \
             balancer's lots alone"
        ));
    }
}
