//! Polls the upstream once per interval, with a time limit per poll, and publishes each new table.
//!
//! Whatever goes wrong, the last good table is kept, counted by its reason, and logged when the
//! reason changes. A poll brings all routes or nothing: half a table would take routes from a fleet
//! that works. What is no route at all is left out, counted, and logged when it changes. Answers no request.

mod source;

use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use semantics::{EntityTag, HttpDate};
use server::date;
use tokio::time::{Instant, sleep_until, timeout};

use crate::proxy::diff::Diff;
use crate::proxy::snapshot::{Dated, Resources, ServedTable};
use crate::proxy::state::{ProxyState, RolloutMode};
use crate::proxy::table::Table;
use crate::proxy::upstream::{Modified, Upstream};
use source::PolledSource;

/// Times of the polls, and the tables that they accept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PollSchedule {
    /// From the start of one poll to the start of the next.
    pub interval: Duration,
    /// Share of the interval by which it varies either way, `0.0..=1.0`, so that instances that
    /// were started together do not ask together.
    pub jitter: f64,
    /// Time limit of one poll, connection included.
    pub timeout: Duration,
    /// Accept no table of which something is left out because it is no route.
    pub strict: bool,
    /// Accept a table without routes, which is otherwise taken for an accident.
    pub allow_empty: bool,
    /// Send dates to clients.
    pub last_modified: bool,
}

/// Polls until `shutdown` completes. In mode [`RolloutMode::Off`] there is nothing to poll for; in
/// [`RolloutMode::Pre`] `direct` is what clients get today.
///
/// # Panics
///
/// When the jitter is no share.
pub async fn poll(
    proxy: Arc<ProxyState>,
    upstream: Upstream,
    direct: Option<Upstream>,
    cadence: PollSchedule,
    shutdown: impl Future<Output = ()>,
) {
    let mut shutdown = pin!(shutdown);
    if proxy.mode == RolloutMode::Off {
        return shutdown.await;
    }
    let mut poller = UpstreamPoller {
        source: PolledSource::new(upstream, "upstream"),
        direct: direct.map(|direct| PolledSource::new(direct, "what clients get")),
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

impl PollSchedule {
    fn pause(&self, random: &mut Pcg64Mcg) -> Duration {
        let off = self.jitter * random.random_range(-1.0..=1.0);
        self.interval.mul_f64(1.0 + off)
    }
}

struct UpstreamPoller {
    proxy: Arc<ProxyState>,
    cadence: PollSchedule,
    source: PolledSource,
    direct: Option<PolledSource>,
    dates: Dates,
}

impl UpstreamPoller {
    async fn poll(&mut self) {
        if let Some(tokens) = &self.proxy.tokens {
            tokens.renew().await;
        }
        let outcome = self.source.poll(self.cadence).await;
        self.proxy.metrics.polled(outcome);
        if !outcome.is_missed() {
            self.publish().await;
            self.proxy.left_out(self.source.left_out.count());
        }
        self.proxy.polled(!outcome.is_missed());
        if let Some(direct) = &mut self.direct {
            let outcome = direct.poll(self.cadence).await;
            self.proxy.direct_polled(!outcome.is_missed());
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
        let (tag, routes) = (table.entity_tag().clone(), table.len());
        let resources = match same {
            Some(held) => Arc::clone(&held.resources),
            None => self.resources(table, held.map(|held| Arc::clone(&held.resources))).await,
        };
        self.proxy.publish(ServedTable { tag, routes, resources, dated });
    }

    async fn resources(&self, table: Arc<Table>, before: Option<Arc<Resources>>) -> Arc<Resources> {
        let declared_by = self.proxy.declared_by;
        // Compressing and hashing a large table takes longer than requests should wait.
        let made = tokio::task::spawn_blocking(move || {
            Arc::new(Resources::new(table, before.as_deref(), declared_by))
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

/// The dates of the tables that this process has seen, by which it knows whether one can answer a
/// condition.
#[derive(Debug, Default)]
struct Dates {
    current: Option<(EntityTag, Modified)>,
    /// The latest date of any table before.
    before: Option<HttpDate>,
}

impl Dates {
    /// The date that this very table had when it was last asked for.
    fn of(&self, tag: &EntityTag) -> Option<Modified> {
        self.current.as_ref().filter(|(known, _)| known == tag).map(|(_, modified)| *modified)
    }

    fn dated(&mut self, tag: &EntityTag, modified: Modified) -> Option<Dated> {
        if let Some((known, at)) = &self.current
            && known != tag
        {
            self.before = self.before.max(Some(at.date));
        }
        self.current = Some((tag.clone(), modified));
        // A date that another table had answers no condition (RFC 9110 §8.8.2.2): the client gets
        // the content, which §13.1.3 allows, and never a false 304.
        let is_alone = self.before.is_none_or(|before| before < modified.date);
        // A date from the future may not be sent (§8.8.2.1).
        (modified.date <= date::now())
            .then(|| Dated::new(modified.date, modified.moves && is_alone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::table::entity_tag;

    fn date(seconds: u64) -> HttpDate {
        HttpDate::from_unix_seconds(seconds).expect("the year is not 9999")
    }

    fn condition(dates: &mut Dates, content: &[u8], seconds: u64, moves: bool) -> Option<u64> {
        let modified = Modified { date: date(seconds), moves };
        let told = dates.dated(&entity_tag(content), modified).expect("it is past");
        told.is_condition.then_some(told.date).map(HttpDate::unix_seconds)
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
        let cadence = PollSchedule {
            interval,
            jitter: 0.25,
            timeout: interval,
            strict: false,
            allow_empty: false,
            last_modified: true,
        };
        let mut random = Pcg64Mcg::new(1);
        let pauses: Vec<_> = (0..1_000).map(|_| cadence.pause(&mut random).as_millis()).collect();
        assert!(pauses.iter().all(|pause| (750..=1_250).contains(pause)), "{pauses:?}");
        assert!(
            pauses.iter().any(|pause| *pause < 1_000) && pauses.iter().any(|pause| *pause > 1_000)
        );
        assert_eq!(PollSchedule { jitter: 0.0, ..cadence }.pause(&mut random), interval);
    }
}
