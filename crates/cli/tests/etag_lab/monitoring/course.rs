//! What the arms of real runs counted, minute by minute.

use std::collections::BTreeMap;

use crate::support::{etag_lab, stdout};

/// Minutes before today. Everything that is compared with yesterday has one.
pub(super) const YESTERDAY: usize = 25 * 60;
/// Minutes of today, a round of polls each.
pub(super) const TODAY: usize = 120;
/// What one arm counted, minute by minute.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    pub(super) full: Vec<f64>,
    pub(super) not_modified: Vec<f64>,
    pub(super) bytes: Vec<f64>,
    pub(super) replicas: usize,
}

/// The arms of a scenario, from what `--format openmetrics` says of them.
pub(super) fn arms(scenario: &str) -> BTreeMap<String, Course> {
    // More than a request a second, and no multiple of a number of replicas.
    let polls = TODAY.to_string();
    let args = ["run", scenario, "--clients", "91", "--polls", &polls, "--no-save"];
    let output = etag_lab().args(args).args(["--format", "openmetrics"]).output();
    let output = output.expect("etag-lab starts");
    let mut arms: BTreeMap<String, Course> = BTreeMap::new();
    for line in stdout(&output).lines().filter(|line| !line.starts_with('#')) {
        let (series, rest) = line.rsplit_once("} ").expect("labels, then a value");
        let value: f64 = rest.split(' ').next().and_then(|it| it.parse().ok()).expect("a value");
        let arm = series.split("arm=\"").nth(1).and_then(|rest| rest.split('"').next());
        let course = arms.entry(arm.expect("an arm").to_owned()).or_default();
        let name = series.split('{').next().unwrap_or_default();
        match (name, series.contains("status=\"200\""), series.contains("status=\"304\"")) {
            ("etag_lab_run_requests_total", true, _) => course.full.push(value),
            ("etag_lab_run_requests_total", _, true) => course.not_modified.push(value),
            ("etag_lab_run_response_bytes_total", ..) => course.bytes.push(value),
            ("etag_lab_run_replicas", ..) => course.replicas = value as usize,
            _ => {}
        }
    }
    for course in arms.values_mut() {
        assert_eq!(course.full.len(), TODAY + 1, "{course:?}");
        for counter in [&mut course.full, &mut course.not_modified, &mut course.bytes] {
            *counter = counter.windows(2).map(|pair| pair[1] - pair[0]).collect();
        }
    }
    arms
}

impl Course {
    /// The same with each minute as it is on the whole.
    pub(super) fn levelled(&self) -> Self {
        let level = |counts: &[f64]| vec![counts.iter().sum::<f64>() / TODAY as f64; YESTERDAY];
        Self {
            full: level(&self.full),
            not_modified: level(&self.not_modified),
            bytes: level(&self.bytes),
            replicas: self.replicas,
        }
    }

    pub(super) fn changed(&self, change: impl Fn(usize, f64) -> f64) -> Self {
        let each = |counts: &[f64]| (0..).zip(counts).map(|(at, it)| change(at, *it)).collect();
        Self {
            full: each(&self.full),
            not_modified: each(&self.not_modified),
            bytes: each(&self.bytes),
            replicas: self.replicas,
        }
    }
}
