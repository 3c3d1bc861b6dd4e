//! Counters and gauges of the proxy, in the text format of Prometheus (version 0.0.4).
//!
//! Counts events; what is held is asked of whoever holds it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use http::StatusCode;
use text::metrics::{Kind, MetricsPage, Sample, labels};

use crate::proxy::outcome::PollOutcome;

// A fixed list, so that counting is one addition and every row is there from the start.
const STATUSES: [StatusCode; 11] = [
    StatusCode::OK,
    StatusCode::NO_CONTENT,
    StatusCode::NOT_MODIFIED,
    StatusCode::BAD_REQUEST,
    StatusCode::UNAUTHORIZED,
    StatusCode::NOT_FOUND,
    StatusCode::METHOD_NOT_ALLOWED,
    StatusCode::PRECONDITION_FAILED,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::NOT_IMPLEMENTED,
    StatusCode::SERVICE_UNAVAILABLE,
];

#[derive(Debug, Default)]
pub(crate) struct Metrics {
    polls: [AtomicU64; PollOutcome::NAMES.len()],
    responses: [AtomicU64; STATUSES.len()],
    served_bytes: AtomicU64,
    avoided_bytes: AtomicU64,
}

/// Gauges at the moment of a request for them.
#[derive(Debug, Default)]
pub(crate) struct HeldFigures {
    pub(crate) routes: usize,
    pub(crate) bytes: usize,
    /// Since the upstream last said that this is its table; `None` where nothing is held.
    pub(crate) age_seconds: Option<f64>,
    /// Things of the source that are no routes.
    pub(crate) left_out: usize,
    pub(crate) is_upstream_well: bool,
    /// Of what clients get; only where tables are compared.
    pub(crate) is_direct_well: Option<bool>,
    /// Routes missing, extra and different; only where tables are compared.
    pub(crate) differences: Option<[usize; 3]>,
}

impl Metrics {
    pub(crate) fn polled(&self, outcome: PollOutcome) {
        self.polls[outcome as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn answered(&self, status: StatusCode) {
        if let Some(index) = STATUSES.iter().position(|known| *known == status) {
            self.responses[index].fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn served(&self, bytes: usize) {
        self.served_bytes.fetch_add(bytes as u64, Relaxed);
    }

    /// Content stayed here, thanks to a 304.
    pub(crate) fn avoided(&self, bytes: usize) {
        self.avoided_bytes.fetch_add(bytes as u64, Relaxed);
    }

    /// The page for Prometheus.
    pub(crate) fn render(&self, held: &HeldFigures) -> String {
        let mut page = ProxyPage(MetricsPage::prometheus());
        let polls = PollOutcome::NAMES.iter().zip(&self.polls);
        let polls = polls.map(|(name, count)| sample("outcome", name, read(count)));
        page.family("upstream_polls_total", "Polls of the upstream, by outcome.", polls);
        let responses = STATUSES.iter().zip(&self.responses);
        let responses =
            responses.map(|(status, count)| sample("status", status.as_str(), read(count)));
        let meaning = "Responses by status, those of /health and /metrics apart.";
        page.family("responses_total", meaning, responses);
        let served = read(&self.served_bytes);
        page.single("served_bytes_total", "Content sent, as it was coded.", served);
        let avoided = read(&self.avoided_bytes);
        page.single("avoided_bytes_total", "Content that 304s did not send.", avoided);
        page.held(held);
        page.0.finish()
    }
}

fn read(counter: &AtomicU64) -> f64 {
    counter.load(Relaxed) as f64
}

fn sample(label: &str, value: &str, count: f64) -> Sample {
    Sample::now(labels(&[(label, value)]), count)
}

/// The page of a proxy as far as it is written.
struct ProxyPage(MetricsPage);

impl ProxyPage {
    fn held(&mut self, held: &HeldFigures) {
        let up = f64::from(u8::from(held.is_upstream_well));
        self.single("upstream_up", "Whether the last poll of the upstream went well.", up);
        self.single("table_routes", "Routes held.", held.routes as f64);
        let meaning = "Keys, files or objects of the source that are no routes and are left out.";
        self.single("keys_left_out", meaning, held.left_out as f64);
        self.single("table_bytes", "Size of the whole table held.", held.bytes as f64);
        let age = held.age_seconds.into_iter().map(|age| Sample::now(String::new(), age));
        let meaning = "Time since the upstream last confirmed the table held.";
        self.family("table_age_seconds", meaning, age);
        if let Some(is_well) = held.is_direct_well {
            let up = f64::from(u8::from(is_well));
            let meaning = "Whether the last poll of what clients get directly went well.";
            self.single("direct_up", meaning, up);
        }
        if let Some(differences) = held.differences {
            let kinds = ["missing", "extra", "different"].into_iter().zip(differences);
            let kinds = kinds.map(|(kind, count)| sample("kind", kind, count as f64));
            self.family("diff_routes", "Routes that differ from what clients get directly.", kinds);
        }
    }

    fn single(&mut self, name: &str, help: &str, value: f64) {
        self.family(name, help, [Sample::now(String::new(), value)]);
    }

    fn family(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = Sample>) {
        let kind = if name.ends_with("_total") { Kind::Counter } else { Kind::Gauge };
        self.0.family(&format!("coalescer_{name}"), kind, help, samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told() {
        let metrics = Metrics::default();
        metrics.polled(PollOutcome::Oversize);
        metrics.answered(StatusCode::NOT_MODIFIED);
        metrics.avoided(8_192);
        let page = metrics.render(&HeldFigures {
            routes: 3,
            age_seconds: Some(0.5),
            ..HeldFigures::default()
        });
        for line in [
            "coalescer_upstream_polls_total{outcome=\"oversize\"} 1\n",
            "coalescer_upstream_polls_total{outcome=\"changed\"} 0\n",
            "coalescer_responses_total{status=\"304\"} 1\n",
            "coalescer_avoided_bytes_total 8192\n",
            "coalescer_table_routes 3\n",
            "coalescer_table_age_seconds 0.5\n",
        ] {
            assert!(page.contains(line), "{line}: {page}");
        }
        assert!(!page.contains("diff_routes") && !page.contains("direct_up"), "{page}");
    }
}
