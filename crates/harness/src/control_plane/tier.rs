//! The running source and proxies of one arm: what can happen to them, and the account of it.
//!
//! Decides nothing about when things happen; that is the script's part.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use client::PollOutcome;
use measure::record::ControlPlaneRecord;
use truth::ReplicaId;

use super::ControlPlaneError;
use super::editions::Editions;
use super::freshness::Spread;
use super::prometheus::counter;
use super::proxy::{JITTER, Proxy, Spec};
use super::source::{Account, Source};
use crate::arm::Stage;
use scenario::{Arm, Cadence, ControlPlane, Mode};

/// A proxy's count of the routes that it would serve otherwise than clients get them.
const DIFFERENCES: &str = "coalescer_diff_routes{";

/// The running source and proxies of one arm.
pub(super) struct Tier {
    source: Source,
    proxies: Vec<Proxy>,
    is_direct: bool,
    editions: Editions,
    /// When each change was made.
    changed: Vec<Instant>,
    /// When the polls began, and what source and proxies had done by then.
    began: Instant,
    source_before: Account,
    proxies_before: Option<Duration>,
    proxy_kills: u64,
    source_kills: u64,
}

impl Tier {
    /// Starts the source, and the proxies as soon as it has routes; returns when each has a table.
    pub(super) async fn start(
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
            proxies_before: None,
            proxy_kills: 0,
            source_kills: 0,
        })
    }

    /// Where clients are sent.
    pub(super) fn addresses(&self) -> Vec<(ReplicaId, SocketAddr)> {
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

    /// The polls begin now: what was done before is on nobody's account.
    pub(super) async fn begin(&mut self) -> Result<(), ControlPlaneError> {
        self.source_before = self.source.account().await?;
        self.proxies_before = self.proxies_total();
        self.began = Instant::now();
        Ok(())
    }

    /// CPU time that the proxies have spent since the polls began.
    pub(super) fn proxies_cpu(&self) -> Option<Duration> {
        let (now, before) = (self.proxies_total()?, self.proxies_before?);
        Some(now.saturating_sub(before))
    }

    fn proxies_total(&self) -> Option<Duration> {
        self.proxies.iter().map(Proxy::cpu).sum()
    }

    /// Whether clients poll the source itself.
    pub(super) fn is_direct(&self) -> bool {
        self.is_direct
    }

    /// What clients poll, each one of these in turn; at least one.
    pub(super) fn paths(&self) -> &[String] {
        self.editions.paths()
    }

    /// Makes this edition the source's.
    pub(super) async fn change(&mut self, edition: u32) -> Result<(), ControlPlaneError> {
        let (routes, before) = (self.editions.routes(edition), self.editions.routes(edition - 1));
        // Before the change is made: nobody can have it earlier.
        self.changed.push(Instant::now());
        let snapshot = self.source.edit(edition, &routes, &before).await?;
        Ok(self.editions.push(&snapshot)?)
    }

    /// `kill -9` for one proxy, counted from 0; nothing where there is none of this number.
    pub(super) async fn kill_proxy(&mut self, index: usize) {
        if let Some(proxy) = self.proxies.get_mut(index) {
            self.proxy_kills += u64::from(proxy.kill().await);
        }
    }

    /// Kills one proxy if it runs, and starts it again; returns when it has a table.
    pub(super) async fn restart_proxy(&mut self, index: usize) -> Result<(), ControlPlaneError> {
        self.kill_proxy(index).await;
        let Some(proxy) = self.proxies.get_mut(index) else { return Ok(()) };
        proxy.restart().await?;
        // Without a source there is no table to wait for.
        if !self.source.is_down() {
            proxy.has_table().await?;
        }
        Ok(())
    }

    /// `kill -9` for the source.
    pub(super) async fn kill_source(&mut self) -> Result<(), ControlPlaneError> {
        self.source_kills += u64::from(!self.source.is_down());
        Ok(self.source.kill().await?)
    }

    /// Starts the source again.
    pub(super) async fn restart_source(&mut self) -> Result<(), ControlPlaneError> {
        Ok(self.source.restart().await?)
    }

    /// What was done since the polls began, and what became of the changes.
    pub(super) async fn account<E>(
        &mut self,
        arm: &Arm,
        plane: &ControlPlane,
        outcome: &PollOutcome<E>,
    ) -> Result<(ControlPlaneRecord, Account), ControlPlaneError> {
        let account = self.source.account().await?.since(self.source_before);
        let moments: Vec<_> =
            self.changed.iter().map(|changed| changed.duration_since(self.began)).collect();
        let Spread { freshness, up_to_date, unknown } =
            self.editions.contents().spread(&outcome.changes, &moments);
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
            // Whoever waited for something that was down waited for more than intervals.
            freshness_bound_us: bound(plane, arm.setup.cadence)
                .filter(|_| self.proxy_kills + self.source_kills == 0),
            clients_up_to_date: up_to_date,
            unknown_tables: unknown,
            proxy_kills: self.proxy_kills,
            source_kills: self.source_kills,
            differences: self.differences(plane).await,
        };
        Ok((record, account))
    }

    /// What the first proxy finds when it compares what is there now.
    async fn differences(&self, plane: &ControlPlane) -> Option<u64> {
        let proxy = self.proxies.first().filter(|_| plane.mode == Mode::Pre)?;
        let metrics = proxy.metrics_after_polls(2).await;
        counter(&metrics, DIFFERENCES).map(|count| count as u64)
    }

    /// Stops everything; in an etcd of somebody else nothing stays behind.
    pub(super) async fn stop(self) {
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
