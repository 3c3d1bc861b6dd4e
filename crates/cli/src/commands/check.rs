//! `etag-lab check`: names what is wrong with the revalidation of a running deployment.

use std::path::PathBuf;
use std::time::Duration;

use findings::Check;
use findings::evidence::Evidence;
use findings::repro::Scale;
use http::header::ACCEPT_ENCODING;
use measure::record::Severity;
use probe::format::{self, Format};
use probe::run::{BUDGET, Job, RATE};
use probe::transport::{ProtocolChoice, RequestSettings};
use tokio::sync::watch as watch_channel;
use wire::url::Url;

use crate::args::{Common, check_output, choice, duration, whole};
use crate::clear_text;
use crate::exit::{Ending, Failure};
use crate::output;
use crate::secrets::FieldFlags;
use crate::signals::stop_signal;
use crate::trust::TrustFlags;

mod earlier;
mod evidence;
pub(crate) mod repro;
mod watch;

const HTTP_VERSIONS: [(&str, &str, ProtocolChoice); 3] = [
    ("auto", "HTTP/2 where TLS negotiates it, else HTTP/1.1", ProtocolChoice::Negotiated),
    ("1.1", "HTTP/1.1", ProtocolChoice::Http1),
    ("2", "HTTP/2; without TLS by prior knowledge", ProtocolChoice::Http2),
];

const FORMATS: [(&str, &str, Format); 4] = [
    ("text", "For the terminal", Format::Text),
    ("markdown", "To paste into an incident", Format::Markdown),
    ("json", "The whole result, schema etag-lab.check/1", Format::Json),
    ("junit", "A test report for CI", Format::Junit),
];

pub(crate) const SEVERITIES: [(&str, &str, Severity); 2] = [
    ("warn", "Anything that wastes or may mislead", Severity::Warn),
    ("bad", "Wrong answers or wasted transfers", Severity::Bad),
];

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The target: a whole URL; with --har or --wire the one to judge [default: the one polled
    /// most often]
    #[arg(value_name = "URL", required_unless_present_any = ["har", "wire"])]
    url: Option<String>,
    /// Judge a capture of a browser instead, without any request; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "wire")]
    har: Option<PathBuf>,
    /// Judge what curl, `http` or wget printed instead, as people paste it, without any request; - is
    /// standard input
    #[arg(long, value_name = "FILE")]
    wire: Option<PathBuf>,
    /// Compare with an earlier result of `check --format json`, such as one from before a deploy
    #[arg(long, value_name = "FILE", conflicts_with_all = ["har", "wire"])]
    since: Option<PathBuf>,
    /// Try also whether updates get lost: send the content that GET returned back by PUT, with an
    /// `If-Match` that cannot match, once for each --backend, else at most twice; a server that
    /// ignores the field writes what it holds already. Nothing else ever writes
    #[arg(long, conflicts_with_all = ["har", "wire", "watch"])]
    write: bool,
    /// Check again and again until it is healthy
    #[arg(long, conflicts_with_all = ["har", "wire"])]
    watch: bool,
    /// Go on for so long, with --watch, whatever is found: through a deploy, say. After the first
    /// check each makes at most 20 requests and compares itself with the ones before
    #[arg(long = "for", value_name = "TIME", value_parser = duration, requires = "watch")]
    whole: Option<Duration>,
    /// Time from one check to the next, with --watch
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s",
          requires = "watch")]
    every: Duration,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    manners: Manners,
    #[command(flatten)]
    verdict: Verdict,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
struct Way {
    /// Ask this server, with the host and certificate of the URL; once for each
    #[arg(long = "backend", value_name = "HOST:PORT")]
    backends: Vec<String>,
    /// Ask every address of the host
    #[arg(long, conflicts_with = "backends")]
    all_ips: bool,
    /// Take this address for a host and port
    #[arg(long, value_name = "HOST:PORT:ADDR", conflicts_with = "backends")]
    resolve: Vec<String>,
    #[command(flatten)]
    fields: FieldFlags,
    /// Version of HTTP
    #[arg(long, value_parser = choice(HTTP_VERSIONS), default_value = "auto")]
    http: ProtocolChoice,
    #[command(flatten)]
    trust: TrustFlags,
    /// Follow redirects before the check
    #[arg(long)]
    follow: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Manners")]
struct Manners {
    /// Requests altogether
    #[arg(long, value_name = "N", default_value_t = BUDGET,
          value_parser = whole::<usize>(1..=10_000))]
    budget: usize,
    /// Requests a second; 0 sets no limit
    #[arg(long, value_name = "N", default_value_t = RATE, value_parser = rate)]
    rate: f64,
    /// Time limit of one request
    #[arg(long, value_parser = duration, value_name = "TIME", default_value = "10s")]
    timeout: Duration,
    /// Time limit of the whole check
    #[arg(long, value_parser = duration, value_name = "TIME", default_value = "120s")]
    max_time: Duration,
    /// Bytes of one content beyond which it is not read
    #[arg(long, value_name = "BYTES", default_value_t = 8 * 1024 * 1024,
          value_parser = whole::<usize>(1..=256 * 1024 * 1024))]
    max_content: usize,
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
    /// standard output. Where no run can show any, nothing is written, and the reason is named
    #[arg(long, requires = "output", conflicts_with = "watch")]
    repro: bool,
    /// Exit with 1 from this severity on
    #[arg(long, value_parser = choice(SEVERITIES), default_value = "bad")]
    fail_on: Severity,
}

pub(crate) async fn run(common: Common, arguments: Arguments) -> Result<Ending, Failure> {
    check_output(arguments.verdict.output.as_deref())?;
    if let Some(evidence) = evidence::captured(&arguments)? {
        return conclude(common, &arguments.verdict, &Check::of(&evidence));
    }
    let job = job(&arguments)?;
    let stop = stop_signal()?;
    let (check, evidence) = judged(&arguments, &job, &stop).await?;
    // Of a watch the last round alone may have got no answer.
    let unreachable = probe::run::unreachable(&evidence).filter(|_| check.validators.is_empty());
    // The error says all there is to say; programs get their report all the same.
    if let (Some(failure), Format::Text) = (unreachable, arguments.verdict.format)
        && !*stop.borrow()
    {
        return Err(evidence::unreachable(&evidence.target, &arguments.way.backends, failure));
    }
    let ending = conclude(common, &arguments.verdict, &check)?;
    if *stop.borrow() {
        return Ok(Ending::Interrupted);
    }
    match unreachable {
        Some(failure) => {
            Err(evidence::unreachable(&evidence.target, &arguments.way.backends, failure))
        }
        None => Ok(ending),
    }
}

/// The verdict, and the evidence of the last round.
async fn judged(
    arguments: &Arguments,
    job: &Job,
    stop: &watch_channel::Receiver<bool>,
) -> Result<(Check, Evidence), Failure> {
    let every = arguments.every;
    let evidence = match (arguments.watch, arguments.whole) {
        (true, Some(whole)) => return watch::for_a_time(job, (every, whole), stop).await,
        (true, None) => watch::until_healthy(job, every, stop).await?,
        (false, _) => evidence::collect(job, stop).await?,
    };
    Ok((Check::of(&evidence), evidence))
}

fn conclude(common: Common, verdict: &Verdict, check: &Check) -> Result<Ending, Failure> {
    let path = verdict.output.as_deref().filter(|_| !verdict.repro);
    let style = output::style(common.color, path.is_some());
    output::deliver(&format::render(check, verdict.format, style, verdict.fail_on), path)?;
    if let (true, Some(path)) = (verdict.repro, &verdict.output) {
        let findings: Vec<_> = check.findings.iter().collect();
        repro::write(&findings, Scale::of(check), path)?;
    }
    Ok(if check.worst() <= verdict.fail_on {
        Ending::Failed
    } else if check.is_inconclusive() {
        Ending::Inconclusive
    } else {
        Ending::Done
    })
}

fn job(arguments: &Arguments) -> Result<Job, Failure> {
    let Arguments { url, way, manners, .. } = arguments;
    let (url, fields) = (url.clone().unwrap_or_default(), way.fields.read(&[ACCEPT_ENCODING])?);
    if let Ok(url) = Url::parse(&url) {
        clear_text::warn_of_fields(&fields, &url, clear_text::USE_HTTPS);
    }
    Ok(Job {
        url,
        backends: way.backends.clone(),
        all_ips: way.all_ips,
        resolve: way.resolve.clone(),
        follow: way.follow,
        earlier: arguments.since.as_deref().map(earlier::read).transpose()?,
        write: arguments.write,
        budget: manners.budget,
        rate: manners.rate,
        max_time: manners.max_time,
        settings: RequestSettings {
            fields,
            protocol: way.http,
            ca_file: way.trust.cacert.clone(),
            insecure: way.trust.insecure,
            timeout: manners.timeout,
            max_content: manners.max_content,
        },
    })
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.0..=10_000.0).contains(rate));
    rate.ok_or_else(|| "give a number of requests a second, 0 (no limit) to 10,000".to_owned())
}
