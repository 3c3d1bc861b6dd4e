//! The running source and proxies of one arm, and the account of them.
//!
//! Intervals have been divided by `time-factor`, those of clients and proxies alike. Rates are
//! recorded both as measured and undivided; delays as measured only, because the time that a
//! request takes does not shrink with the intervals.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use client::PollOutcome;
use measure::record::{ControlPlaneRecord, ProxyModeRecord};
use scenario::{Cadence, ControlPlane, Mode};
use truth::ReplicaId;

use super::account::{SourceAccount, counter};
use super::freshness::Spread;
use super::proxy::{JITTER, ProxySpec, RunningProxy};
use super::routes::RouteEditions;
use super::source::RunningSource;
use crate::error::RunError;
use crate::stage::Stage;
use crate::tier::{Reroute, Tier, TierAccount};
use model::SourceStep;

/// A proxy's count of the routes that differ from what clients get today.
const DIFFERENCES: &str = "coalescer_diff_routes{";

/// A running control plane.
pub(crate) struct ControlPlaneTier<'a> {
    plane: &'a ControlPlane,
    cadence: Cadence,
    source: RunningSource,
    proxies: Vec<RunningProxy>,
    editions: RouteEditions<'a>,
    /// Moment of each change.
    changed: Vec<Instant>,
    /// Moment at which the polls began, and the work of source and proxies until then.
    began: Instant,
    source_before: SourceAccount,
    proxies_before: Option<Duration>,
    proxy_kills: u64,
    source_kills: u64,
}

impl<'a> ControlPlaneTier<'a> {
    /// Starts the source, and the proxies as soon as it has routes; returns when each has a table.
    pub(crate) async fn start(
        stage: &Stage<'a>,
        plane: &'a ControlPlane,
    ) -> Result<Self, RunError> {
        let folder = stage.folder();
        let mut editions = RouteEditions::of(plane, &stage.scenario.changes, stage.arm.setup.seed);
        let first = editions.routes(0);
        let (source, snapshot) =
            RunningSource::start(plane, stage.program, &folder, &first).await?;
        editions.push(&snapshot)?;
        let mut proxies = Vec::new();
        for number in 1..=plane.proxies {
            let spec = ProxySpec {
                program: stage.program.to_owned(),
                log: folder.join(format!("proxy-{number}.log")),
                upstream: source.upstream(editions.visible_zone().as_deref()),
                interval: plane.source_interval,
                beside: (plane.mode == Mode::Pre).then(|| source.direct_url()).flatten(),
            };
            proxies.push(RunningProxy::start(ReplicaId(number), spec).await?);
        }
        // All start first, and then all are waited for.
        for proxy in &proxies {
            proxy.has_table().await?;
        }
        Ok(Self {
            plane,
            cadence: stage.arm.setup.cadence,
            source,
            proxies,
            editions,
            changed: Vec::new(),
            began: Instant::now(),
            source_before: SourceAccount::default(),
            proxies_before: None,
            proxy_kills: 0,
            source_kills: 0,
        })
    }

    fn proxies_cpu(&self) -> Option<Duration> {
        self.proxies.iter().map(|proxy| proxy.process.cpu()).sum()
    }

    async fn change(&mut self, edition: u32) -> Result<(), RunError> {
        self.editions.extend_to(edition);
        let (routes, before) = (self.editions.routes(edition), self.editions.routes(edition - 1));
        // Before the change is made: nobody can have it earlier.
        self.changed.push(Instant::now());
        let snapshot = self.source.edit(edition, &routes, &before).await?;
        self.editions.push(&snapshot)
    }

    /// The count of the first proxy, which compares the present tables.
    async fn differences(&self) -> Option<u64> {
        let proxy = self.proxies.first().filter(|_| self.plane.mode == Mode::Pre)?;
        let metrics = proxy.metrics_after_polls(2).await;
        counter(&metrics, DIFFERENCES).map(|count| count as u64)
    }

    /// The longest delay of a change: at most one interval of the proxy, where there is one, and
    /// one of the client.
    fn bound(&self) -> Option<u64> {
        let Cadence::OpenLoop { interval, jitter } = self.cadence else { return None };
        // Clients that waited for a dead server waited for more than intervals.
        if self.proxy_kills + self.source_kills > 0 {
            return None;
        }
        let plane = self.plane;
        let proxy = if plane.is_direct() { 0.0 } else { plane.source_interval.as_secs_f64() };
        // Two polls of one client are apart an interval, the one early and the other late.
        let bound = proxy * (1.0 + JITTER) + interval.as_secs_f64() * (1.0 + 2.0 * jitter);
        Some((1e6 * bound) as u64)
    }

    async fn record(
        &mut self,
        account: SourceAccount,
        outcome: &PollOutcome<RunError>,
    ) -> ControlPlaneRecord {
        let plane = self.plane;
        let moments: Vec<_> =
            self.changed.iter().map(|changed| changed.duration_since(self.began)).collect();
        let Spread { freshness, up_to_date, unknown } =
            self.editions.contents.spread(&outcome.changes, &moments);
        let elapsed = outcome.tally.elapsed.as_secs_f64();
        let rate = |count: u64| if elapsed > 0.0 { count as f64 / elapsed } else { 0.0 };
        let source_rate = account.requests.map(rate);
        let client_rate = rate(outcome.tally.verdicts.total());
        let interval = match self.cadence {
            Cadence::OpenLoop { interval, .. } => Some(interval),
            Cadence::Lockstep | Cadence::Shuffled => None,
        };
        ControlPlaneRecord {
            source: plane.source.shown(),
            mode: match plane.mode {
                Mode::Off => ProxyModeRecord::Off,
                Mode::Pre => ProxyModeRecord::Pre,
                Mode::Exec => ProxyModeRecord::Exec,
            },
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
            freshness_bound_us: self.bound(),
            clients_up_to_date: up_to_date,
            unknown_tables: unknown,
            proxy_kills: self.proxy_kills,
            source_kills: self.source_kills,
            differences: self.differences().await,
        }
    }
}

impl Tier for ControlPlaneTier<'_> {
    type Step = SourceStep;

    // They show when each client got each change.
    const LOGS_CHANGES: bool = true;

    async fn addresses(&self) -> Vec<(ReplicaId, SocketAddr)> {
        if self.plane.is_direct() {
            let address = self.source.address();
            return address.map(|address| (ReplicaId(1), address)).into_iter().collect();
        }
        self.proxies.iter().map(|proxy| (proxy.id, proxy.process.address())).collect()
    }

    fn paths(&self) -> Vec<String> {
        self.editions.paths()
    }

    async fn begin(&mut self) -> Result<(), RunError> {
        self.source_before = self.source.account().await?;
        self.proxies_before = self.proxies_cpu();
        self.began = Instant::now();
        Ok(())
    }

    /// Nothing where there is no proxy of this index.
    async fn kill(&mut self, index: usize) -> Result<(), RunError> {
        if let Some(proxy) = self.proxies.get_mut(index) {
            self.proxy_kills += u64::from(proxy.process.is_alive());
            proxy.process.kill().await;
        }
        Ok(())
    }

    /// Returns when the proxy has a table.
    async fn restart(&mut self, index: usize) -> Result<Vec<Reroute>, RunError> {
        self.kill(index).await?;
        if let Some(proxy) = self.proxies.get_mut(index) {
            proxy.restart().await?;
            // Without a source there is no table to wait for.
            if !self.source.is_down {
                proxy.has_table().await?;
            }
        }
        let is_proxy = !self.plane.is_direct();
        Ok(is_proxy.then_some(Reroute::Back(index)).into_iter().collect())
    }

    async fn apply(&mut self, step: SourceStep) -> Result<Vec<Reroute>, RunError> {
        match step {
            SourceStep::Change(edition) => self.change(edition).await?,
            SourceStep::Down => {
                self.source_kills += u64::from(!self.source.is_down);
                self.source.kill().await?;
            }
            SourceStep::Up => {
                self.source.restart().await?;
                let is_polled = self.plane.is_direct();
                return Ok(is_polled.then_some(Reroute::Back(0)).into_iter().collect());
            }
        }
        Ok(Vec::new())
    }

    async fn requests_behind(&mut self) -> Result<Option<u64>, RunError> {
        Ok(self.source.account().await?.requests)
    }

    async fn account(&mut self, outcome: &PollOutcome<RunError>) -> Result<TierAccount, RunError> {
        let account = self.source.account().await?.since(self.source_before);
        let proxies = self.proxies_cpu().zip(self.proxies_before);
        let proxies_cpu = proxies.map(|(now, before)| now.saturating_sub(before));
        let origin_cpu = if self.plane.is_direct() { account.cpu } else { proxies_cpu };
        let control_plane = Some(self.record(account, outcome).await);
        Ok(TierAccount { origin_cpu, control_plane, ..TierAccount::default() })
    }

    /// In an external etcd nothing stays behind.
    async fn stop(self) {
        for mut proxy in self.proxies {
            proxy.process.close().await;
        }
        self.source.stop().await;
    }
}

/// Milliseconds, to the microsecond that a proxy's command line has as well.
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}
