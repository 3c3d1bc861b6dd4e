//! Requests that a server has answered, counted by path, status and upstream, as a page for
//! Prometheus.
//!
//! A 304 is counted under the path that was asked for, like every other answer: a monitor that drops
//! it there shows that everything is well while revalidation fails. However many paths clients make
//! up, the page stays small: only paths under which something was found have a row of their own.
//!
//! Reads no socket and no clock; whoever answers says so.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use text::metrics::{Kind, MetricsPage, Sample, labels};

/// Most paths with rows of their own; the others share one.
const MOST_PATHS: usize = 64;
/// A longer path is one of the others.
const LONGEST_PATH: usize = 128;
/// Label of the others: no path looks like it.
const OTHER: &str = "other";
/// Statuses of rows that are there from the start, so that the first answer is a change, too.
const EXPECTED: [u16; 2] = [200, 304];

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// Target of the request; what comes after a question mark is not kept.
    pub path: &'a str,
    /// Status code of the answer.
    pub status: u16,
    /// True if the request asked for a 304: with `If-None-Match` or `If-Modified-Since`.
    pub is_conditional: bool,
    /// Bytes of content that were sent.
    pub content_bytes: u64,
    /// Number of the upstream that answered, from 0; `None` where the server itself did.
    pub upstream: Option<usize>,
}

/// Counts of one server. Shared by its connections.
#[derive(Debug)]
pub struct Traffic {
    /// Stands in the names of its metrics.
    tier: &'static str,
    upstreams: Option<Vec<String>>,
    paths: Mutex<BTreeMap<Box<str>, PathCounts>>,
}

type PathCounts = BTreeMap<RowKey, Counts>;

/// Upstream, and status.
type RowKey = (Option<usize>, u16);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    requests: u64,
    conditional: u64,
    content_bytes: u64,
}

impl Traffic {
    /// Counts of a server that answers itself, and at this path.
    pub fn of_origin(tier: &'static str, path: &str) -> Self {
        let traffic = Self { tier, upstreams: None, paths: Mutex::default() };
        traffic.paths().insert(path.into(), traffic.new_path());
        traffic
    }

    /// Counts of a server that lets these upstreams answer.
    pub fn of_gateway(tier: &'static str, upstreams: Vec<String>) -> Self {
        Self { tier, upstreams: Some(upstreams), paths: Mutex::default() }
    }

    /// Counts one answer.
    pub fn count(&self, answered: &Answered<'_>) {
        let path = answered.path.split('?').next().unwrap_or_default();
        let mut paths = self.paths();
        let row = match paths.get_mut(path) {
            Some(known) => known,
            None => self.grow(&mut paths, path, answered.status),
        };
        let counts = row.entry((answered.upstream, answered.status)).or_default();
        counts.requests += 1;
        counts.conditional += u64::from(answered.is_conditional);
        counts.content_bytes += answered.content_bytes;
    }

    /// The rows of a path that is not known.
    fn grow<'a>(
        &self,
        paths: &'a mut BTreeMap<Box<str>, PathCounts>,
        path: &str,
        status: u16,
    ) -> &'a mut PathCounts {
        // Scanners ask for a thousand things that are not there.
        let is_found = matches!(status, 200..=299 | 304 | 412 | 416);
        let is_kept = is_found && paths.len() < MOST_PATHS && path.len() <= LONGEST_PATH;
        let path = if is_kept { path } else { OTHER };
        paths.entry(path.into()).or_insert_with(|| self.new_path())
    }

    fn new_path(&self) -> PathCounts {
        let upstreams: Vec<_> = match &self.upstreams {
            Some(upstreams) => (0..upstreams.len()).map(Some).collect(),
            None => vec![None],
        };
        let rows = upstreams.into_iter().flat_map(|at| EXPECTED.map(|status| (at, status)));
        rows.map(|key| (key, Counts::default())).collect()
    }

    /// The page for Prometheus.
    pub fn page(&self) -> String {
        let paths = self.paths();
        let mut page = MetricsPage::prometheus();
        let mut family = |name: &str, help: &str, value: fn(&Counts) -> u64| {
            let rows = paths.iter().flat_map(|(path, rows)| {
                rows.iter().map(|(key, counts)| (self.labels(path, *key), value(counts)))
            });
            let samples = rows.map(|(labels, count)| Sample::now(labels, count as f64));
            let name = format!("etag_lab_{}_{name}", self.tier);
            page.family(&name, Kind::Counter, help, samples);
        };
        let help = "Requests answered, by path and status of the answer.";
        family("requests_total", help, |counts| counts.requests);
        let help = "Of these, requests that asked for a 304.";
        family("conditional_requests_total", help, |counts| counts.conditional);
        let help = "Bytes of content that were sent.";
        family("content_bytes_total", help, |counts| counts.content_bytes);
        page.finish()
    }

    fn labels(&self, path: &str, (upstream, status): RowKey) -> String {
        let status = status.to_string();
        let Some(upstreams) = &self.upstreams else {
            return labels(&[("path", path), ("status", &status)]);
        };
        let upstream = upstream.and_then(|at| upstreams.get(at)).map_or("", String::as_str);
        labels(&[("path", path), ("status", &status), ("upstream", upstream)])
    }

    // Nothing under this lock can be left half written, so a panic elsewhere spoils nothing.
    fn paths(&self) -> MutexGuard<'_, BTreeMap<Box<str>, PathCounts>> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
