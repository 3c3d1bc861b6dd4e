//! A run as series in time: its counters, bucket by bucket of its rounds, in `OpenMetrics` 1.0.
//!
//! `promtool tsdb create-blocks-from openmetrics` makes of it what a Prometheus would have seen. A
//! round takes the interval of the load; where nothing waited, the time that it took; and a second
//! where nothing took time, as in a model. Replicas are counted at the end of an arm only: their
//! series have two samples.

use std::iter::once;

use measure::Verdict;
use measure::record::{ArmRecord, ReplicaRecord, RoundBucketRecord, RunRecord};
use text::metrics::{Kind, MetricsPage, Sample, labels};

use crate::formats::Results;

/// For Prometheus.
pub(crate) fn render(results: Results<'_>) -> String {
    let courses: Vec<_> = match results {
        Results::Run(record) => courses(record, None).collect(),
        Results::Comparison(both) => {
            courses(both.a, Some("a")).chain(courses(both.b, Some("b"))).collect()
        }
    };
    let mut page = MetricsPage::openmetrics();
    for Family { name, help, series } in FAMILIES {
        let samples = courses.iter().flat_map(|course| course.samples(series));
        page.family(&format!("etag_lab_run_{name}_total"), Kind::Counter, help, samples);
    }
    let samples = courses.iter().flat_map(Course::replicas);
    let help = "Requests that a replica answered, by status.";
    page.family("etag_lab_run_replica_requests_total", Kind::Counter, help, samples);
    let sizes = courses.iter().flat_map(Course::fleet_size);
    page.family("etag_lab_run_replicas", Kind::Gauge, "Replicas of the fleet.", sizes);
    page.finish()
}

/// A family of counters that have a value for each bucket.
struct Family {
    name: &'static str,
    help: &'static str,
    /// Values of the label that tells its series apart, and what each counts.
    series: &'static [Series],
}

struct Series {
    label: Option<(&'static str, &'static str)>,
    count: fn(&RoundBucketRecord) -> u64,
}

const FAMILIES: [Family; 4] = [
    Family {
        name: "requests",
        help: "Requests of the clients, by status of the answer.",
        series: &[
            Series { label: Some(("status", "200")), count: full },
            Series { label: Some(("status", "304")), count: |bucket| bucket.not_modified },
            Series { label: Some(("status", "error")), count: |bucket| bucket.verdicts.error },
        ],
    },
    Family {
        name: "needless_transfers",
        help: "Of the 200s, those with content that the client held already.",
        series: &[Series { label: None, count: |bucket| bucket.verdicts.needless_transfer }],
    },
    Family {
        name: "response_bytes",
        help: "Bytes that the clients read.",
        series: &[Series { label: None, count: |bucket| bucket.response_bytes }],
    },
    Family {
        name: "ideal_response_bytes",
        help: "The same without the content of needless transfers.",
        series: &[Series { label: None, count: |bucket| bucket.ideal_response_bytes }],
    },
];

/// Requests answered with content: all but 304s, errors, and polls without a request.
fn full(bucket: &RoundBucketRecord) -> u64 {
    let others = [Verdict::FreshHit, Verdict::Error].map(|verdict| bucket.verdicts.of(verdict));
    let others = others.into_iter().fold(bucket.not_modified, u64::saturating_add);
    bucket.polls.saturating_sub(others)
}

/// One arm with the time of its rounds.
struct Course<'a> {
    run: Option<&'static str>,
    scenario: &'a str,
    arm: &'a ArmRecord,
    /// Begin of the first round, in seconds since 1970.
    from_s: f64,
    round_s: f64,
    rounds: u64,
}

fn courses<'a>(
    record: &'a RunRecord,
    run: Option<&'static str>,
) -> impl Iterator<Item = Course<'a>> {
    let started: Option<jiff::Timestamp> = record.started.parse().ok();
    let started = started.map_or(0.0, |at| at.as_millisecond() as f64 / 1e3);
    let scenario = &record.scenario;
    let interval = scenario.interval_ms.map(|ms| ms / 1e3);
    record.arms.iter().map(move |arm| {
        let width = u64::from(arm.rounds.width).max(1);
        let most = width.saturating_mul(arm.rounds.buckets.len() as u64);
        // The last bucket may be of fewer rounds than the others.
        let rounds = most.min((scenario.polls_per_client.ceil() as u64).max(1));
        let each = |elapsed: f64| elapsed / rounds.max(1) as f64;
        let from = arm.window.map(|window| window.from_us as f64 / 1e6);
        Course {
            run,
            scenario: &scenario.name,
            arm,
            from_s: from.unwrap_or(started),
            round_s: interval.or(arm.elapsed_s.map(each)).filter(|s| *s > 0.0).unwrap_or(1.0),
            rounds,
        }
    })
}

impl Course<'_> {
    fn labels(&self, more: &[(&str, &str)]) -> String {
        let run = self.run.map(|run| ("run", run));
        let own = [("scenario", self.scenario), ("arm", &self.arm.name)];
        labels(&run.into_iter().chain(own).chain(more.iter().copied()).collect::<Vec<_>>())
    }

    fn sample(&self, labels: &str, count: u64, rounds: u64) -> Sample {
        let at_s = Some(self.from_s + rounds.min(self.rounds) as f64 * self.round_s);
        Sample { labels: labels.to_owned(), value: count as f64, at_s }
    }

    /// Each series from 0 at the begin of the arm to its sum at the end.
    fn samples(&self, series: &'static [Series]) -> impl Iterator<Item = Sample> {
        series.iter().flat_map(move |series| {
            let labels = self.labels(series.label.as_slice());
            let width = u64::from(self.arm.rounds.width).max(1);
            let begin = self.sample(&labels, 0, 0);
            let mut sum = 0_u64;
            let buckets = self.arm.rounds.buckets.iter().zip(1_u64..);
            once(begin).chain(buckets.map(move |(bucket, number)| {
                sum = sum.saturating_add((series.count)(bucket));
                self.sample(&labels, sum, number.saturating_mul(width))
            }))
        })
    }

    fn replicas(&self) -> impl Iterator<Item = Sample> {
        self.arm.replicas.iter().flat_map(move |replica| {
            let ReplicaRecord { id, polls, not_modified, .. } = replica;
            let counts = [("304", *not_modified), ("other", polls.saturating_sub(*not_modified))];
            counts.into_iter().flat_map(move |(status, count)| {
                let labels = self.labels(&[("replica", id), ("status", status)]);
                [self.sample(&labels, 0, 0), self.sample(&labels, count, self.rounds)]
            })
        })
    }

    fn fleet_size(&self) -> impl Iterator<Item = Sample> {
        let labels = self.labels(&[]);
        // Nobody knows the size of a fleet that is not ours.
        let sizes = (self.arm.fleet_size > 0).then_some([0, self.rounds]).into_iter().flatten();
        sizes.map(move |round| self.sample(&labels, self.arm.fleet_size.into(), round))
    }
}
