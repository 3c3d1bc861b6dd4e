//! `etag-lab logs`: names what access logs show of the revalidation behind them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::builder::TypedValueParser;
use logs::input::{InputError, Job, Reading};
use logs::{Field, Format, FormatError, Options, Price, Summary, Wish};
use measure::record::Severity;
use tokio::sync::watch;

use crate::args::{Common, check_output, choice};
use findings::repro::Scale;

use crate::commands::check::{SEVERITIES, repro};
use crate::exit::{Ending, Failure};
use crate::output;
use crate::signals::stop_signal;

const FORMATS: [(&str, &str, Format); 5] = [
    ("text", "For the terminal", Format::Text),
    ("markdown", "To paste into an incident", Format::Markdown),
    ("csv", "The paths, for a spreadsheet", Format::Csv),
    ("json", "The whole result, schema etag-lab.logs/1", Format::Json),
    ("html", "For a browser, with the course of the 304s", Format::Html),
];

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Access logs, also .gz and .zst; - is standard input
    #[arg(value_name = "FILE", required_unless_present = "print_format")]
    files: Vec<PathBuf>,
    /// Go on at the end of the last file, also when it is rotated, until Ctrl-C
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    reading: ReadingFlags,
    #[command(flatten)]
    verdict: Verdict,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Log")]
struct ReadingFlags {
    /// Format of the log: a name, such as combined, or the template of nginx, Apache, Envoy or
    /// varnishncsa itself [default: recognised]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// Key of a field in JSON: status=.response.code
    #[arg(long = "map", value_name = "FIELD=PATH", value_parser = mapped)]
    mapped: Vec<(Field, String)>,
    /// Take queries for a part of the paths, and show them
    #[arg(long)]
    show_query: bool,
    /// Print the configuration for a log with tags of one product, and end
    #[arg(long, value_name = "PRODUCT", value_parser = products(), exclusive = true)]
    print_format: Option<&'static str>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Result")]
struct Verdict {
    /// Format of the result
    #[arg(long, value_parser = choice(FORMATS), default_value = "text")]
    format: Format,
    /// Write the result to a file instead of standard output; with --repro the scenario
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write a scenario whose run shows the worst finding again to the file of -o, and the result to
    /// standard output
    #[arg(long, requires = "output")]
    repro: bool,
    /// Exit with 1 from this severity on
    #[arg(long, value_parser = choice(SEVERITIES), default_value = "bad")]
    fail_on: Severity,
    /// Price of what is sent, such as 0.09/GB, to name what a repair saves
    #[arg(long, value_name = "MONEY/GB", value_parser = price)]
    price: Option<Price>,
}

fn mapped(text: &str) -> Result<(Field, String), String> {
    let (name, path) = text.split_once('=').ok_or("give a field and its key: status=.code")?;
    let field = Field::named(name).ok_or_else(|| {
        let names: Vec<_> = logs::FIELD_NAMES.iter().map(|(name, _)| *name).collect();
        format!("fields are {}", text::listed(&names))
    })?;
    Ok((field, path.to_owned()))
}

/// A price of bytes, such as 0.09/GB.
pub(crate) fn price(text: &str) -> Result<Price, String> {
    let (money, unit) = text.split_once('/').unwrap_or((text, "GB"));
    let money = money.trim_start_matches(['$', '€', '£']).parse::<f64>().ok();
    let money = money.filter(|money| money.is_finite() && *money >= 0.0);
    let gigabytes = [("MB", 0.001), ("GB", 1.0), ("GiB", 1.073_741_824), ("TB", 1_000.0)];
    let gigabytes = gigabytes.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    money
        .zip(gigabytes)
        .map(|(money, (_, size))| Price { per_gigabyte: money / size })
        .ok_or_else(|| "give a price of bytes, such as 0.09/GB".to_owned())
}

fn products() -> impl TypedValueParser<Value = &'static str> {
    choice(logs::snippets::SNIPPETS.iter().map(|one| (one.product, one.summary, one.text)))
}

pub(crate) async fn run(common: Common, arguments: Arguments) -> Result<Ending, Failure> {
    if let Some(text) = arguments.reading.print_format {
        return output::print(text).map(|()| Ending::Done);
    }
    let Arguments { files, follow, reading, verdict } = arguments;
    check_output(verdict.output.as_deref())?;
    let wish = Wish { format: reading.log_format, mapped: reading.mapped };
    let job = Job { files, wish, shows_query: reading.show_query, follow, threads: 0 };
    let stop = stop_signal()?;
    let reading = read(job, stop.clone()).await?;
    let is_stopped = *stop.borrow();
    let ending = conclude(common, &verdict, reading)?;
    Ok(if is_stopped { Ending::Interrupted } else { ending })
}

/// Reads on a thread that may block, until the end or an order to stop.
async fn read(job: Job, mut stop: watch::Receiver<bool>) -> Result<Reading, Failure> {
    let is_stopped = Arc::new(AtomicBool::new(false));
    let told = is_stopped.clone();
    let waiting = tokio::spawn(async move {
        // The sender lives as long as the program.
        let _ = stop.wait_for(|stop| *stop).await;
        told.store(true, Ordering::Relaxed);
    });
    let reading = tokio::task::spawn_blocking(move || {
        let mut told = BTreeSet::new();
        logs::input::read(&job, &is_stopped, &mut |reading| tell_new(reading, &mut told))
    });
    let reading = reading.await.map_err(Failure::environment)?;
    waiting.abort();
    reading.map_err(|error| unread(&error))
}

/// Names each finding of a log that is followed once, when it appears.
fn tell_new(reading: &Reading, told: &mut BTreeSet<String>) {
    let summary = Summary::of(&reading.account, &reading.layouts, reading.lines.clone());
    for one in summary.findings.iter().filter(|one| !one.finding.is_conclusion()) {
        let kind = &one.finding.kind;
        let line = format!("{} {}: {}", kind.code, kind.name, one.paths.join(", "));
        if told.insert(line.clone()) {
            output::note(&text::visible(&line));
        }
    }
}

fn conclude(common: Common, verdict: &Verdict, reading: Reading) -> Result<Ending, Failure> {
    let Reading { account, layouts, lines, notes } = reading;
    for note in &notes {
        output::note(&text::visible(&format!("note: {note}")));
    }
    let mostly_unparsed = lines.are_mostly_unparsed();
    let summary = Summary::of(&account, &layouts, lines);
    if mostly_unparsed {
        let shape = summary.lines.first_unparsed.as_ref().map_or("", |(_, shape)| shape.as_str());
        let error = anyhow::anyhow!(
            "{} of {} are not of the format `{}`: {shape}",
            text::count(summary.lines.unparsed),
            text::counted(summary.lines.read, "line"),
            summary.format,
        );
        return Err(Failure::Environment(error).with_help(NAME_IT));
    }
    let path = verdict.output.as_deref().filter(|_| !verdict.repro);
    let style = output::style(common.color, path.is_some());
    let options = Options { price: verdict.price };
    output::deliver(&logs::render(&summary, verdict.format, style, options), path)?;
    if let (true, Some(path)) = (verdict.repro, &verdict.output) {
        let findings: Vec<_> = summary.findings.iter().map(|one| &one.finding).collect();
        let scale = Scale::of_deployment(summary.total.upstreams as u64, summary.size_of_worst());
        repro::write(&findings, scale, path)?;
    }
    Ok(if summary.worst() <= verdict.fail_on {
        Ending::Failed
    } else if summary.is_inconclusive() {
        Ending::Inconclusive
    } else {
        Ending::Done
    })
}

const NAME_IT: &str = "name the format, or give its template: --log-format '$remote_addr - …'";

fn unread(error: &InputError) -> Failure {
    let help = match error {
        InputError::Unreadable(..) => "give a file that can be read, or - for standard input",
        InputError::Format(_, FormatError::Unknown(_)) => {
            let names: Vec<_> = logs::FORMATS.iter().map(|entry| entry.name).collect();
            let help = format!("formats are {}", text::listed(&names));
            return Failure::input(text::visible(&error.to_string()), help);
        }
        InputError::Format(_, FormatError::Unrecognised) => NAME_IT,
    };
    Failure::Environment(anyhow::anyhow!(text::visible(&error.to_string()))).with_help(help)
}
