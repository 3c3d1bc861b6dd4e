//! One poll of the upstream after the other, each with a patience of its own, and what becomes of
//! what they bring.
//!
//! Whatever goes wrong, the last good table is kept, counted by its reason, and logged when the
//! reason changes. Answers no request.

use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use semantics::{EntityTag, HttpDate};
use tokio::time::{Instant, sleep_until, timeout};

use crate::diff::Diff;
use crate::proxy::{Mode, Proxy};
use crate::snapshot::{Dated, Resources, Snapshot};
use crate::table::{Table, TableError};
use crate::upstream::{Fetched, Modified, Upstream, UpstreamError};

/// What became of one poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Another table is held.
    Changed,
    /// The table that is held is that of the upstream.
    Unchanged,
    /// Nobody answered, or with an error.
    Error,
    /// Nothing came in time.
    Timeout,
    /// No routes at all, where that is taken for an accident.
    Empty,
    /// What came is no table.
    Malformed,
    /// What came is larger than is read.
    Oversize,
}

impl Outcome {
    pub(crate) const ALL: [Self; 7] = [
        Self::Changed,
        Self::Unchanged,
        Self::Error,
        Self::Timeout,
        Self::Empty,
        Self::Malformed,
        Self::Oversize,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Empty => "empty",
            Self::Malformed => "malformed",
            Self::Oversize => "oversize",
        }
    }
}

/// When to ask, and what to believe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cadence {
    /// From the start of one poll to the start of the next.
    pub interval: Duration,
    /// Share of the interval by which it varies either way, `0.0..=1.0`, so that instances that
    /// were started together do not ask together.
    pub jitter: f64,
    /// How long one poll may take, connection included.
    pub timeout: Duration,
    /// Whether a table without routes is meant, and not taken for an accident.
    pub allow_empty: bool,
    /// Whether dates are told to clients.
    pub last_modified: bool,
}

/// Why a poll brought no table.
#[derive(Debug, thiserror::Error)]
enum Missed {
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    #[error("no routes at all")]
    Empty,
}

impl Missed {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Upstream(UpstreamError::Unreachable(_) | UpstreamError::Status(_)) => {
                Outcome::Error
            }
            Self::Upstream(UpstreamError::Oversize(_)) | Self::Table(TableError::TooLarge) => {
                Outcome::Oversize
            }
            Self::Upstream(UpstreamError::Malformed(_)) | Self::Table(_) => Outcome::Malformed,
            Self::TimedOut(_) => Outcome::Timeout,
            Self::Empty => Outcome::Empty,
        }
    }
}

/// Polls until `shutdown` completes. In mode [`Mode::Off`] there is nothing to poll for; in
/// [`Mode::Pre`] `direct` is what clients get today.
///
/// # Panics
///
/// When the jitter is no share.
pub async fn poll(
    proxy: Arc<Proxy>,
    upstream: Upstream,
    direct: Option<Upstream>,
    cadence: Cadence,
    shutdown: impl Future<Output = ()>,
) {
    let mut shutdown = pin!(shutdown);
    if proxy.mode == Mode::Off {
        return shutdown.await;
    }
    let mut poller = Poller {
        source: Source::new(upstream, "upstream"),
        direct: direct.map(|direct| Source::new(direct, "what clients get")),
        dates: Dates::default(),
        proxy,
        cadence,
    };
    let mut random = Pcg64Mcg::new(RandomState::new().hash_one("jitter").into());
    loop {
        let next = Instant::now() + cadence.pause(&mut random);
        tokio::select! {
            () = &mut shutdown => return,
            () = poller.poll() => {}
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = sleep_until(next) => {}
        }
    }
}

impl Cadence {
    fn pause(&self, random: &mut Pcg64Mcg) -> Duration {
        let off = self.jitter * random.random_range(-1.0..=1.0);
        self.interval.mul_f64(1.0 + off)
    }
}

struct Poller {
    proxy: Arc<Proxy>,
    cadence: Cadence,
    source: Source,
    direct: Option<Source>,
    dates: Dates,
}

/// An upstream, the last table that it had, and how the last poll of it went.
struct Source {
    upstream: Upstream,
    name: &'static str,
    table: Option<Arc<Table>>,
    last: Option<Outcome>,
}

impl Poller {
    async fn poll(&mut self) {
        let polled = self.source.poll(self.cadence).await;
        self.proxy.metrics.polled(polled.outcome());
        if polled.is_missed() {
            self.proxy.miss();
        } else {
            self.publish().await;
            self.proxy.confirm();
        }
        if let Some(direct) = &mut self.direct {
            direct.poll(self.cadence).await;
            self.compare().await;
        }
    }

    /// Lets the table be seen, if it or its date is news.
    async fn publish(&mut self) {
        let Some(table) = self.source.table.clone() else { return };
        let dated = self.dated(table.entity_tag()).await;
        let held = self.proxy.current();
        let same = held.as_ref().filter(|held| held.tag == *table.entity_tag());
        if same.is_some_and(|held| held.dated == dated) {
            return;
        }
        let (tag, routes) = (table.entity_tag().clone(), table.routes().len());
        let resources = match same {
            Some(held) => Arc::clone(&held.resources),
            None => self.resources(table, held.map(|held| Arc::clone(&held.resources))).await,
        };
        self.proxy.publish(Snapshot { tag, routes, resources, dated });
    }

    /// Compressing and hashing a large table takes longer than requests should wait.
    async fn resources(&self, table: Arc<Table>, before: Option<Arc<Resources>>) -> Arc<Resources> {
        let declared_by = self.proxy.declared_by;
        let made = tokio::task::spawn_blocking(move || {
            Arc::new(Resources::new(&table, before.as_deref(), declared_by))
        });
        made.await.expect("a table can be served")
    }

    async fn dated(&mut self, tag: &EntityTag) -> Option<Dated> {
        if !self.cadence.last_modified {
            return None;
        }
        let asked = timeout(self.cadence.timeout, self.source.upstream.modified(tag)).await;
        let modified = asked.ok().flatten();
        // Without an answer, the date of the same table is still true.
        let modified = modified.or_else(|| self.dates.of(tag))?;
        self.dates.dated(tag, modified)
    }

    async fn compare(&self) {
        let Some(ours) = self.source.table.clone() else { return };
        let Some(theirs) = self.direct.as_ref().and_then(|direct| direct.table.clone()) else {
            return;
        };
        let compared = tokio::task::spawn_blocking(move || Diff::between(&ours, &theirs));
        let diff = compared.await.expect("tables can be compared");
        let [missing, extra, different] = diff.counts();
        if self.proxy.compared(diff) {
            tracing::info!(missing, extra, different, "compared with what clients get: see /diff");
        }
    }
}

/// How one poll went.
struct Polled(Result<Outcome, Missed>);

impl Polled {
    fn outcome(&self) -> Outcome {
        self.0.as_ref().map_or_else(Missed::outcome, |outcome| *outcome)
    }

    fn is_missed(&self) -> bool {
        self.0.is_err()
    }
}

impl Source {
    fn new(upstream: Upstream, name: &'static str) -> Self {
        Self { upstream, name, table: None, last: None }
    }

    async fn poll(&mut self, cadence: Cadence) -> Polled {
        let polled = Polled(self.ask(cadence).await);
        self.log(&polled);
        self.last = Some(polled.outcome());
        polled
    }

    async fn ask(&mut self, cadence: Cadence) -> Result<Outcome, Missed> {
        let fetched = timeout(cadence.timeout, self.upstream.fetch()).await;
        let fetched = fetched.map_err(|_| Missed::TimedOut(cadence.timeout))??;
        let Fetched::Routes(routes) = fetched else { return Ok(Outcome::Unchanged) };
        if routes.is_empty() && !cadence.allow_empty {
            return Err(Missed::Empty);
        }
        let compiled = tokio::task::spawn_blocking(move || Table::compile(routes)).await;
        let table = compiled.expect("compiling a table does not panic")?;
        self.upstream.keep();
        let is_held = |held: &Arc<Table>| held.entity_tag() == table.entity_tag();
        if self.table.as_ref().is_some_and(is_held) {
            return Ok(Outcome::Unchanged);
        }
        self.table = Some(Arc::new(table));
        Ok(Outcome::Changed)
    }

    fn log(&self, polled: &Polled) {
        let was_missed = self.last.is_some_and(Outcome::is_missed);
        match &polled.0 {
            Err(missed) if self.last != Some(missed.outcome()) => {
                let (source, reason) = (self.name, missed.outcome().as_str());
                let is_held = self.table.is_some();
                tracing::warn!(source, reason, error = %missed, is_held, "poll brought no table");
            }
            Ok(_) if was_missed => tracing::info!(source = self.name, "polls succeed again"),
            _ => {}
        }
        if let (Ok(Outcome::Changed), Some(table)) = (&polled.0, &self.table) {
            let (routes, tag) = (table.routes().len(), table.entity_tag());
            tracing::info!(source = self.name, routes, %tag, "table changed");
        }
    }
}

impl Outcome {
    fn is_missed(self) -> bool {
        !matches!(self, Self::Changed | Self::Unchanged)
    }
}

/// The dates of the tables that this process has seen.
#[derive(Debug, Default)]
struct Dates {
    current: Option<(EntityTag, Modified)>,
    /// The latest date of any table before.
    before: Option<HttpDate>,
}

impl Dates {
    fn of(&self, tag: &EntityTag) -> Option<Modified> {
        self.current.as_ref().filter(|(known, _)| known == tag).map(|(_, modified)| *modified)
    }

    /// The date as it may be told now. One from the future may not (RFC 9110 §8.8.2.1), and one that
    /// is not later than that of another table answers no condition (§8.8.2.2).
    fn dated(&mut self, tag: &EntityTag, modified: Modified) -> Option<Dated> {
        if let Some((known, at)) = &self.current
            && known != tag
        {
            self.before = self.before.max(Some(at.date));
        }
        self.current = Some((tag.clone(), modified));
        let now = HttpDate::try_from(SystemTime::now()).unwrap_or(HttpDate::MAX);
        let is_alone = self.before.is_none_or(|before| before < modified.date);
        let may_be_told = modified.date <= now;
        may_be_told.then(|| Dated::new(modified.date, modified.moves && is_alone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::entity_tag;

    fn date(seconds: u64) -> HttpDate {
        HttpDate::from_unix_seconds(seconds).expect("the year is not 9999")
    }

    fn condition(dates: &mut Dates, content: &[u8], seconds: u64, moves: bool) -> Option<u64> {
        let modified = Modified { date: date(seconds), moves };
        let told = dates.dated(&entity_tag(content), modified).expect("it is past");
        told.condition.map(HttpDate::unix_seconds)
    }

    #[test]
    fn a_date_that_another_table_had_answers_no_condition() {
        let mut dates = Dates::default();
        assert_eq!(condition(&mut dates, b"a", 100, true), Some(100));
        assert_eq!(condition(&mut dates, b"a", 100, true), Some(100));
        assert_eq!(condition(&mut dates, b"b", 100, true), None);
        assert_eq!(condition(&mut dates, b"c", 99, true), None);
        assert_eq!(condition(&mut dates, b"d", 101, true), Some(101));
        assert_eq!(condition(&mut dates, b"e", 102, false), None);
    }

    #[test]
    fn a_date_from_the_future_is_not_told() {
        let later = Modified { date: HttpDate::MAX, moves: true };
        assert_eq!(Dates::default().dated(&entity_tag(b"a"), later), None);
    }

    #[test]
    fn pauses_vary_by_no_more_than_their_share() {
        let interval = Duration::from_secs(1);
        let cadence = Cadence {
            interval,
            jitter: 0.25,
            timeout: interval,
            allow_empty: false,
            last_modified: true,
        };
        let mut random = Pcg64Mcg::new(1);
        let pauses: Vec<_> = (0..1_000).map(|_| cadence.pause(&mut random).as_millis()).collect();
        assert!(pauses.iter().all(|pause| (750..=1_250).contains(pause)), "{pauses:?}");
        assert!(
            pauses.iter().any(|pause| *pause < 1_000) && pauses.iter().any(|pause| *pause > 1_000)
        );
        assert_eq!(Cadence { jitter: 0.0, ..cadence }.pause(&mut random), interval);
    }
}
