//! The loop: plan, ask, remember, at the pace that was asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::plan::{self, Limits};
use crate::transport::{self, Invalid, RequestSettings, ServerRoute, Transport, Via};
use findings::evidence::{Connection, Evidence, ExchangeFailure, Lane, Method, ObservedExchange};
use findings::memory::Memory;
use text::secret::masked_url;
use wire::proxy::HttpProxy;
use wire::url::{FixedAddress, Url};

/// Order for a check: the target, the ways to it, and the limits.
#[derive(Clone, Debug)]
pub struct Job {
    /// The URL.
    pub url: String,
    /// Backends to ask instead of the URL's host.
    pub backends: Vec<String>,
    /// Asks every address of the host.
    pub all_ips: bool,
    /// Fixed addresses of names: `HOST:PORT:ADDRESS`.
    pub resolve: Vec<String>,
    /// Follows redirects before the check.
    pub follow: bool,
    /// Result of an earlier check to compare with: its target, credentials masked, and what it saw.
    pub earlier: Option<(String, Memory)>,
    /// Tries whether a `PUT` with a tag that cannot match is refused.
    pub write: bool,
    /// Requests altogether.
    pub budget: usize,
    /// Requests a second; 0 sets no limit.
    pub rate: f64,
    /// Whole time of the check.
    pub max_time: Duration,
    /// Settings of the transport.
    pub settings: RequestSettings,
}

/// Requests that are one check at most, by default.
pub const BUDGET: usize = 80;
/// Requests a second, by default.
pub const RATE: f64 = 5.0;
/// Bytes of content that one check reads at most.
const MOST_BYTES: u64 = 128 * 1024 * 1024;
/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;

/// Progress of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Requests made.
    pub requests: usize,
    /// Requests that the budget allows.
    pub budget: usize,
    /// 304s.
    pub not_modified: usize,
}

/// Collects evidence until the question is decided, the budget or the time is used up, or `stop`
/// becomes true. What a server does wrong is evidence; only what the user gave can be an error.
pub async fn collect(
    job: &Job,
    progress: &watch::Sender<Progress>,
    stop: &watch::Receiver<bool>,
) -> Result<Evidence, Invalid> {
    let mut pace = Pace::new(job.rate);
    let deadline = Instant::now() + job.max_time;
    let mut collector = Collector::new(job)?;
    if job.follow {
        collector.follow(job, &mut pace).await?;
    }
    collector.remember(job)?;
    collector.find_routes(job).await?;
    collector.note_certificates(job.settings.insecure);
    let budget = job.budget.saturating_sub(collector.followed);
    let limits = Limits { budget, lanes: collector.routes.len() };
    let mut stop = stop.clone();
    let next = |evidence: &Evidence| {
        let write = || plan::write(evidence, limits).filter(|_| job.write);
        plan::next(evidence, limits).or_else(write)
    };
    while let Some(step) = next(&collector.evidence) {
        if let Some(note) = collector.reason_to_stop(deadline) {
            collector.evidence.notes.push(note);
            break;
        }
        tokio::select! {
            () = collector.wait_and_ask(&mut pace, &step) => {}
            _ = stop.wait_for(|stop| *stop) => {
                collector.evidence.notes.push("interrupted before the plan was done".to_owned());
                break;
            }
        }
        progress.send_replace(collector.progress(job.budget));
    }
    collector.evidence.notes.extend(plan::unwritten(&collector.evidence).filter(|_| job.write));
    let more = Limits { budget: usize::MAX, ..limits };
    if collector.evidence.observations.len() >= budget
        && plan::next(&collector.evidence, more).is_some()
    {
        collector
            .evidence
            .notes
            .push(format!("the budget of {budget} requests ended before the plan did (--budget)"));
    }
    Ok(collector.evidence)
}

struct Collector {
    url: Url,
    routes: Vec<ServerRoute>,
    transport: Transport,
    evidence: Evidence,
    started: Instant,
    bytes: u64,
    /// True if contents are to be written back.
    writes: bool,
    /// The last whole content of each way to the target, where contents are to be written back.
    last_read: BTreeMap<usize, Vec<u8>>,
    /// Requests that asked where the URL leads.
    followed: usize,
    /// True if the URL or one that led to it has TLS.
    has_tls: bool,
}

impl Collector {
    fn new(job: &Job) -> Result<Self, Invalid> {
        let url = transport::url(&job.url)?;
        let transport = Transport::new(url.clone(), job.settings.clone())?;
        let named = job.url.split('#').next().unwrap_or_default().to_owned();
        let evidence =
            Evidence { target: named, given: given(job), at: now(), ..Evidence::default() };
        Ok(Self {
            has_tls: url.is_tls,
            url,
            routes: Vec::new(),
            transport,
            evidence,
            started: Instant::now(),
            bytes: 0,
            writes: job.write,
            last_read: BTreeMap::new(),
            followed: 0,
        })
    }

    /// Asks where the URL leads, and checks that instead.
    async fn follow(&mut self, job: &Job, pace: &mut Pace) -> Result<(), Invalid> {
        let mut settings = job.settings.clone();
        for _ in 0..MOST_REDIRECTS {
            self.find_routes(job).await?;
            let Some(route) = self.routes.first() else { return Ok(()) };
            let asked = plan::plain("identity");
            pace.wait().await;
            self.followed += 1;
            let (outcome, _) =
                self.transport.exchange((0, route), Connection::Fresh, (&asked, None)).await;
            let Ok(answer) = outcome else { return Ok(()) };
            let location = answer.fields.text("location");
            let Some(location) = location.filter(|_| (300..400).contains(&answer.status)) else {
                return Ok(());
            };
            let next = match self.url.join(&location) {
                Ok(next) => next,
                Err(error) => {
                    let error = Invalid::Url(text::excerpt(&masked_url(&location)), error);
                    self.evidence.notes.push(format!("the redirect is not followed: {error}"));
                    return Ok(());
                }
            };
            self.evidence
                .notes
                .push(format!("followed a redirect to {}", masked_url(&next.to_string())));
            // Fields that the user gave, such as credentials, go to the host they were given for and
            // to no other.
            if next.authority != self.url.authority || next.is_tls != self.url.is_tls {
                settings.fields.clear();
            }
            self.transport = Transport::new(next.clone(), settings.clone())?;
            self.evidence.target = next.to_string();
            self.has_tls |= next.is_tls;
            self.url = next;
        }
        Ok(())
    }

    /// Takes the earlier check over, if it was one of the same URL.
    fn remember(&mut self, job: &Job) -> Result<(), Invalid> {
        let Some((target, memory)) = &job.earlier else { return Ok(()) };
        let own = masked_url(&self.evidence.target);
        if !is_same(target, &own) {
            return Err(Invalid::EarlierTarget(text::excerpt(target), text::excerpt(&own)));
        }
        self.evidence.earlier = Some(memory.clone());
        Ok(())
    }

    async fn find_routes(&mut self, job: &Job) -> Result<(), Invalid> {
        self.routes = routes(job, &self.url).await?;
        let lane =
            |route: &ServerRoute| Lane { name: route.name.clone(), is_backend: route.is_backend };
        self.evidence.lanes = self.routes.iter().map(lane).collect();
        Ok(())
    }

    /// A result that rests on no certificate says so: whoever reads it saw no flag.
    fn note_certificates(&mut self, insecure: bool) {
        self.evidence.certificate_verified = self.has_tls.then_some(!insecure);
        if self.has_tls && insecure {
            let note = "no certificate was verified (--insecure): any server may have answered";
            self.evidence.notes.push(note.to_owned());
        }
    }

    async fn wait_and_ask(&mut self, pace: &mut Pace, step: &plan::Step) {
        pace.wait().await;
        let at = self.started.elapsed();
        let &plan::Step { lane, connection, ref asked } = step;
        let to = (lane, &self.routes[lane]);
        // What is written is what was read last, so that nothing is lost where it is written.
        let sent = match asked.method {
            Method::Put => {
                let read = self.last_read.get(&lane).cloned();
                Some(read.expect("the plan reads before it writes"))
            }
            Method::Get | Method::Head => None,
        };
        let (outcome, content) = self.transport.exchange(to, connection, (asked, sent)).await;
        if let Ok(answer) = &outcome {
            self.bytes += answer.content.coded_bytes;
            if let (Some(content), Some(digests)) = (content, answer.content.decoded)
                && answer.status == 200
            {
                self.evidence.keep_sample(digests.sha256, &content);
                if self.writes && asked.is_whole_get() {
                    self.last_read.insert(lane, content);
                }
            }
        }
        let asked = asked.clone();
        self.evidence.observations.push(ObservedExchange { at, lane, connection, asked, outcome });
    }

    fn reason_to_stop(&self, deadline: Instant) -> Option<String> {
        if Instant::now() >= deadline {
            return Some("the time for the check was used up (--max-time)".to_owned());
        }
        if self.bytes > MOST_BYTES {
            let enough = "128 MiB of content were read, which is enough to ask of a server";
            return Some(enough.to_owned());
        }
        // Whoever asks for time gets it: a check must not harm what it looks at.
        let last = self.evidence.observations.last()?.outcome.as_ref().ok()?;
        let slow_down =
            [429, 503].contains(&last.status) && last.fields.get("retry-after").is_some();
        slow_down.then(|| format!("the server answered {} with Retry-After", last.status))
    }

    fn progress(&self, budget: usize) -> Progress {
        let answers =
            self.evidence.observations.iter().filter_map(|seen| seen.outcome.as_ref().ok());
        let not_modified = answers.filter(|answer| answer.status == 304).count();
        Progress { requests: self.evidence.observations.len(), budget, not_modified }
    }
}

/// Reports whether two URLs are one, however they are written.
fn is_same(one: &str, other: &str) -> bool {
    let plain =
        |text: &str| Url::parse(text).map_or_else(|_| text.to_owned(), |url| url.to_string());
    one == other || plain(one) == plain(other)
}

/// Names of the fields that the user gave, each once and in order.
fn given(job: &Job) -> Vec<String> {
    let names = job.settings.fields.iter().map(|(name, _)| name.as_str().to_owned());
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The present moment, RFC 3339 in UTC, to the second.
fn now() -> String {
    jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string()
}

/// Reason why nothing was ever answered; `None` if anything was.
pub fn unreachable(evidence: &Evidence) -> Option<&ExchangeFailure> {
    let outcomes = evidence.observations.iter().map(|seen| &seen.outcome);
    let first = outcomes.clone().find_map(|outcome| outcome.as_ref().err());
    first.filter(|_| outcomes.into_iter().all(Result::is_err))
}

async fn routes(job: &Job, url: &Url) -> Result<Vec<ServerRoute>, Invalid> {
    if !job.backends.is_empty() {
        return job.backends.iter().map(|text| ServerRoute::to_backend(text)).collect();
    }
    let mut fixed = Vec::new();
    for text in &job.resolve {
        let one = FixedAddress::parse(text)
            .ok_or_else(|| Invalid::Resolve(text::excerpt(&masked_url(text))))?;
        fixed.extend(one.address_for(url));
    }
    if !fixed.is_empty() {
        let wanted = if job.all_ips { fixed.len() } else { 1 };
        return Ok(fixed.into_iter().take(wanted).map(ServerRoute::to_address).collect());
    }
    if job.all_ips
        && let Ok(mut addresses) = wire::dial::resolve(&url.host, url.port).await
    {
        addresses.sort();
        addresses.dedup();
        return Ok(addresses.into_iter().map(ServerRoute::to_address).collect());
    }
    let proxy = HttpProxy::for_url(url, |name| std::env::var(name).ok());
    let via = match proxy.map_err(Invalid::Proxy)? {
        Some(proxy) => Via::Proxy(proxy),
        None => Via::Name(url.host.clone(), url.port),
    };
    let name = url.authority.clone();
    Ok(vec![ServerRoute { name, via, is_backend: false }])
}

/// Keeps requests apart in time.
struct Pace {
    pause: Duration,
    next: Instant,
}

impl Pace {
    fn new(rate: f64) -> Self {
        let pause = if rate > 0.0 { Duration::from_secs_f64(1.0 / rate) } else { Duration::ZERO };
        Self { pause, next: Instant::now() }
    }

    async fn wait(&mut self) {
        tokio::time::sleep_until(self.next.into()).await;
        self.next = Instant::now() + self.pause;
    }
}
