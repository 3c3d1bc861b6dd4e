//! Runs one arm whose clients poll a control plane: starts the source and its proxies, polls, lets
//! happen what the timeline says, and accounts for it.
//!
//! What was asked of the source, the source counts itself; how late a change reached whom follows
//! from what the clients took and when.

mod editions;
mod freshness;
mod process;
mod prometheus;
mod proxy;
mod routes;
mod source;

use std::path::Path;
use std::time::{Duration, Instant};

use client::{Outcome, Reached, Target};
use measure::record::ControlPlaneRecord;
use thiserror::Error;
use truth::ReplicaId;

use self::editions::Editions;
use self::freshness::Spread;
use self::prometheus::counter;
use self::proxy::{JITTER, Proxy, Spec};
use self::source::{Account, Source};
use crate::arm::{Ran, Stage};
use crate::gateway::Gateway;
use crate::run::RunError;
use crate::scenario::{Arm, Cadence, ControlPlane, Mode};
use crate::timeline::{Step, Timeline};

pub use self::editions::EditionError;
pub use self::process::ProcessError;
pub use self::source::SourceError;

/// A proxy's count of the routes that it would serve otherwise than clients get them.
const DIFFERENCES: &str = "coalescer_diff_routes{";

/// Why a control plane does not do what it was asked.
#[derive(Debug, Error)]
pub enum ControlPlaneError {
    /// The source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A proxy.
    #[error(transparent)]
    Proxy(#[from] ProcessError),
    /// The routes make no table.
    #[error(transparent)]
    Edition(#[from] EditionError),
}

/// Makes all polls of `arm` against `plane`, or as many as come before `stop`.
pub(crate) async fn run(
    stage: &Stage<'_>,
    arm: &Arm,
    plane: &ControlPlane,
    timeline: &Timeline,
    directory: &Path,
    stop: impl Future<Output = ()>,
) -> Result<Ran, RunError> {
    let mut stop = std::pin::pin!(stop);
    let tier = tokio::select! {
        biased;
        () = &mut stop => return Ok(Ran::nothing()),
        tier = Tier::start(stage, plane, directory) => tier.map_err(RunError::from)?,
    };
    let settings = stage.balancer_settings(arm, &tier.addresses());
    let gateway = Gateway::start(settings).map_err(RunError::Listen)?;
    let target = Target::new(gateway.address(), &tier.editions.paths()[0])
        .and_paths(&tier.editions.paths()[1..])
        .and_then(|target| target.accepting(&arm.setup.accept_encoding))
        .expect("paths are the lab's own, and a scenario holds valid codings only");
    let mut load = stage.load(arm);
    load.log_takes = true;
    let before = Costs::of(&tier);
    let mut script = Script { tier, timeline, gateway: &gateway, reached: Reached::default() };
    script.tier.source_before = script.tier.source.account().await.map_err(failed)?;
    script.tier.began = Instant::now();
    let reach = async |round| script.reach(round).await;
    let outcome = client::poll(&target, &load, &timeline.rounds(), reach, stage.meter, stop).await;
    let mut tier = script.tier;
    let accounted = tier.account(arm, plane, &outcome).await;
    let spent = Costs::of(&tier);
    drop(gateway);
    tier.stop().await;
    // What was polled is worth keeping, even if the source cannot say any more what it was asked.
    let failure = outcome.failure.map(RunError::from);
    let (control_plane, source) = match accounted {
        Ok((record, source)) => (Some(record), source),
        Err(error) if failure.is_none() => return Err(error.into()),
        Err(_) => (None, Account::default()),
    };
    let origin_cpu = if plane.is_direct() { source.cpu } else { spent.since(before) };
    let Outcome { tally, transcript, takes, complete, .. } = outcome;
    let outcome = Outcome { tally, transcript, takes, complete, failure };
    Ok(Ran { outcome, origin_cpu, control_plane })
}

fn failed(error: SourceError) -> RunError {
    RunError::from(ControlPlaneError::from(error))
}

/// CPU time of all proxies.
#[derive(Clone, Copy)]
struct Costs(Option<Duration>);

impl Costs {
    fn of(tier: &Tier) -> Self {
        Self(tier.proxies.iter().map(Proxy::cpu).sum())
    }

    fn since(self, before: Self) -> Option<Duration> {
        self.0.zip(before.0).map(|(now, before)| now.saturating_sub(before))
    }
}

/// The running source and proxies of one arm.
struct Tier {
    source: Source,
    proxies: Vec<Proxy>,
    is_direct: bool,
    editions: Editions,
    /// When each change was made.
    changed: Vec<Instant>,
    /// When the polls began, and what the source had been asked by then.
    began: Instant,
    source_before: Account,
    proxy_kills: u64,
    source_kills: u64,
}

impl Tier {
    async fn start(
        stage: &Stage<'_>,
        plane: &ControlPlane,
        directory: &Path,
    ) -> Result<Self, ControlPlaneError> {
        let mut editions = Editions::of(plane, &stage.scenario.changes, stage.scenario.seed);
        let first = editions.routes(0);
        let (source, snapshot) = Source::start(plane, stage.program, directory, &first).await?;
        editions.push(&snapshot)?;
        let mut proxies = Vec::new();
        for number in 1..=plane.proxies {
            let spec = Spec {
                program: stage.program.to_owned(),
                log: directory.join(format!("proxy-{number}.log")),
                upstream: source.upstream(editions.visible_zone()),
                interval: plane.source_interval,
                beside: (plane.mode == Mode::Pre).then(|| source.direct_url()).flatten(),
            };
            proxies.push(Proxy::start(ReplicaId(number), spec).await?);
        }
        for proxy in &proxies {
            proxy.has_table().await?;
        }
        Ok(Self {
            source,
            proxies,
            is_direct: plane.is_direct(),
            editions,
            changed: Vec::new(),
            began: Instant::now(),
            source_before: Account::default(),
            proxy_kills: 0,
            source_kills: 0,
        })
    }

    /// Where clients are sent.
    fn addresses(&self) -> Vec<(ReplicaId, std::net::SocketAddr)> {
        if self.is_direct {
            return self
                .source
                .address()
                .map(|address| (ReplicaId(1), address))
                .into_iter()
                .collect();
        }
        self.proxies.iter().map(|proxy| (proxy.id(), proxy.address())).collect()
    }

    async fn change(&mut self, edition: u32) -> Result<(), ControlPlaneError> {
        let (routes, before) = (self.editions.routes(edition), self.editions.routes(edition - 1));
        // Before the change is made: nobody can have it earlier.
        self.changed.push(Instant::now());
        let snapshot = self.source.edit(edition, &routes, &before).await?;
        Ok(self.editions.push(&snapshot)?)
    }

    async fn kill_proxy(&mut self, index: usize) {
        if let Some(proxy) = self.proxies.get_mut(index) {
            self.proxy_kills += u64::from(proxy.kill().await);
        }
    }

    async fn restart_proxy(&mut self, index: usize) -> Result<(), ControlPlaneError> {
        self.kill_proxy(index).await;
        let Some(proxy) = self.proxies.get_mut(index) else { return Ok(()) };
        proxy.restart().await?;
        // Without a source there is no table to wait for.
        if !self.source.is_down() {
            proxy.has_table().await?;
        }
        Ok(())
    }

    async fn kill_source(&mut self) -> Result<(), ControlPlaneError> {
        self.source_kills += u64::from(!self.source.is_down());
        Ok(self.source.kill().await?)
    }

    async fn account<E>(
        &mut self,
        arm: &Arm,
        plane: &ControlPlane,
        outcome: &Outcome<E>,
    ) -> Result<(ControlPlaneRecord, Account), ControlPlaneError> {
        let account = self.source.account().await?.since(self.source_before);
        let moments: Vec<_> =
            self.changed.iter().map(|changed| changed.duration_since(self.began)).collect();
        let Spread { freshness, up_to_date, unknown } =
            self.editions.contents().spread(&outcome.takes, &moments);
        let elapsed = outcome.tally.elapsed.as_secs_f64();
        let rate = |count: u64| if elapsed > 0.0 { count as f64 / elapsed } else { 0.0 };
        let source_rate = account.requests.map(rate);
        let client_rate = rate(outcome.tally.verdicts.total());
        let interval = match arm.setup.cadence {
            Cadence::OpenLoop { interval, .. } => Some(interval),
            Cadence::Lockstep | Cadence::Shuffled => None,
        };
        let record = ControlPlaneRecord {
            source: plane.source.shown(),
            mode: plane.mode.name().to_owned(),
            proxies: plane.proxies,
            granularity: plane.granularity.name().to_owned(),
            routes: plane.routes,
            time_factor: plane.time_factor,
            source_interval_ms: millis(plane.source_interval),
            client_interval_ms: interval.map(millis),
            source_requests: account.requests,
            source_requests_per_s: source_rate,
            source_requests_per_s_uncompressed: source_rate.map(|rate| rate / plane.time_factor),
            source_cpu_s: account.cpu.map(|cpu| cpu.as_secs_f64()),
            source_content_bytes: account.content_bytes,
            client_requests_per_s: client_rate,
            client_requests_per_s_uncompressed: client_rate / plane.time_factor,
            freshness_us: freshness,
            freshness_bound_us: bound(plane, arm.setup.cadence),
            clients_up_to_date: up_to_date,
            unknown_tables: unknown,
            proxy_kills: self.proxy_kills,
            source_kills: self.source_kills,
            differences: self.differences(plane).await,
        };
        Ok((record, account))
    }

    /// What the first proxy finds when it compares, once it has compared what is there now.
    async fn differences(&self, plane: &ControlPlane) -> Option<u64> {
        let proxy = self.proxies.first().filter(|_| plane.mode == Mode::Pre)?;
        counter(&proxy.metrics().await, DIFFERENCES).map(|count| count as u64)
    }

    async fn stop(self) {
        for proxy in self.proxies {
            proxy.stop().await;
        }
        self.source.stop().await;
    }
}

/// Between a change and its arrival lie at most one interval of the proxy, where there is one, and
/// one of the client.
fn bound(plane: &ControlPlane, cadence: Cadence) -> Option<u64> {
    let Cadence::OpenLoop { interval, jitter } = cadence else { return None };
    let proxy = if plane.is_direct() { 0.0 } else { plane.source_interval.as_secs_f64() };
    // Two polls of one client are apart an interval, the one early and the other late.
    let bound = proxy * (1.0 + JITTER) + interval.as_secs_f64() * (1.0 + 2.0 * jitter);
    Some((1e6 * bound) as u64)
}

/// To the microsecond, as it is passed on.
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

/// Carries out the timeline on a running control plane.
struct Script<'a> {
    tier: Tier,
    timeline: &'a Timeline,
    gateway: &'a Gateway,
    reached: Reached,
}

impl Script<'_> {
    async fn reach(&mut self, round: u32) -> Result<Reached, ControlPlaneError> {
        for &step in self.timeline.steps(round) {
            match step {
                // There is one source: it has the change when the first replica would have it.
                Step::Deploy { replica: 0, edition, .. } => self.tier.change(edition).await?,
                Step::Deploy { .. } => {}
                Step::Kill(proxy) => self.tier.kill_proxy(proxy).await,
                Step::Restart(proxy) => {
                    self.tier.restart_proxy(proxy).await?;
                    if !self.tier.is_direct {
                        self.gateway.readmit(proxy);
                    }
                }
                Step::SourceDown => self.tier.kill_source().await?,
                Step::SourceUp => {
                    self.tier.source.restart().await?;
                    if self.tier.is_direct {
                        self.gateway.readmit(0);
                    }
                }
                Step::Reconnect => self.reached.reconnects += 1,
                Step::Edge(edge) => self.gateway.set_edge(edge),
            }
        }
        Ok(self.reached)
    }
}
