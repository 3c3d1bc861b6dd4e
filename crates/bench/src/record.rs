//! What was measured, as it is written: JSON here, Markdown in [`markdown`].
//!
//! Holds every single run, so that a sceptic can work out every ratio again.

pub(crate) mod markdown;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::machine::Machine;
use crate::progress;
use crate::spread::Spread;

/// Name of those who spent CPU time; it is printed.
pub(crate) type Role = &'static str;

/// Value of [`BenchRecord::schema`].
pub(crate) const SCHEMA: &str = "etag-lab.bench/1";

/// One run of the benchmark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct BenchRecord {
    pub(crate) schema: &'static str,
    /// What repeats it.
    pub(crate) command: String,
    /// RFC 3339 in UTC.
    pub(crate) started: String,
    pub(crate) elapsed_s: f64,
    pub(crate) machine: Machine,
    /// Program to version.
    pub(crate) versions: BTreeMap<String, String>,
    pub(crate) pairs: u32,
    pub(crate) seconds: u32,
    pub(crate) resource_bytes: usize,
    pub(crate) connections: u32,
    pub(crate) rows: Vec<Row>,
    pub(crate) not_measured: Vec<NotMeasured>,
}

/// A row that could not be measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct NotMeasured {
    pub(crate) row: &'static str,
    pub(crate) reason: String,
}

impl NotMeasured {
    /// Tells it at once, too.
    pub(crate) fn new(row: &'static str, error: &anyhow::Error) -> Self {
        let reason = format!("{error:#}");
        progress(&format!("  not measured: {reason}"));
        Self { row, reason }
    }
}

/// One question, everything measured for it, and what came out against the targets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// How it was measured.
    pub(crate) setup: String,
    pub(crate) contestants: Vec<Contestant>,
    pub(crate) comparisons: Vec<Comparison>,
}

/// One program, or one way to run it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Contestant {
    pub(crate) name: String,
    /// Of the values.
    pub(crate) unit: &'static str,
    pub(crate) value: Spread,
    /// User and system time by role: medians.
    pub(crate) cpu_us_per_poll: BTreeMap<Role, f64>,
    pub(crate) runs: Vec<Run>,
}

/// One measurement.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Run {
    pub(crate) value: f64,
    /// User and system time by role.
    pub(crate) cpu_us_per_poll: BTreeMap<Role, f64>,
    /// Mean number of processors that were busy with something else, or that the host took away.
    pub(crate) cpus_elsewhere: f64,
}

/// A figure that the design sets a target for, or that explains one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Comparison {
    pub(crate) what: String,
    /// Of the values: `×`, `s`, `MB`.
    pub(crate) unit: &'static str,
    /// One for each round.
    pub(crate) values: Vec<f64>,
    pub(crate) spread: Spread,
    /// `None` for what is only worth knowing.
    pub(crate) target: Option<Target>,
    /// Whether the median meets the target.
    pub(crate) met: Option<bool>,
}

/// What the median should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Run {
    fn cpu_of(&self, roles: &[Role]) -> f64 {
        roles.iter().filter_map(|role| self.cpu_us_per_poll.get(role)).sum()
    }
}

impl Row {
    /// Processors busy elsewhere, over all runs.
    pub(crate) fn cpus_elsewhere(&self) -> Spread {
        let runs = self.contestants.iter().flat_map(|contestant| &contestant.runs);
        Spread::of(&runs.map(|run| run.cpus_elsewhere).collect::<Vec<_>>())
    }
}

impl Target {
    fn is_met_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl Contestant {
    /// With at least one run.
    pub(crate) fn new(name: String, unit: &'static str, runs: Vec<Run>) -> Self {
        let values: Vec<_> = runs.iter().map(|run| run.value).collect();
        let roles: BTreeSet<_> =
            runs.iter().flat_map(|run| run.cpu_us_per_poll.keys().copied()).collect();
        let median = |role| {
            let of_role = runs.iter().filter_map(|run| run.cpu_us_per_poll.get(role).copied());
            (role, Spread::of(&of_role.collect::<Vec<_>>()).median)
        };
        let cpu_us_per_poll = roles.into_iter().map(median).collect();
        Self { name, unit, value: Spread::of(&values), cpu_us_per_poll, runs }
    }
}

impl Comparison {
    /// Values as they are.
    pub(crate) fn of_values(
        what: impl Into<String>,
        unit: &'static str,
        values: Vec<f64>,
        target: Target,
    ) -> Self {
        let spread = Spread::of(&values);
        let met = Some(target.is_met_by(spread.median));
        Self { what: what.into(), unit, values, spread, target: Some(target), met }
    }

    /// CPU time per poll round by round, of these roles of each side: `ours` divided by `theirs`.
    pub(crate) fn of_cpu(
        what: impl Into<String>,
        (ours, our_roles): (&Contestant, &[Role]),
        (theirs, their_roles): (&Contestant, &[Role]),
    ) -> Self {
        let rounds = ours.runs.iter().zip(&theirs.runs);
        let ratios =
            rounds.map(|(ours, theirs)| ours.cpu_of(our_roles) / theirs.cpu_of(their_roles));
        let values: Vec<_> = ratios.collect();
        let spread = Spread::of(&values);
        Self { what: what.into(), unit: "×", values, spread, target: None, met: None }
    }

    /// Ratios round by round: `ours` divided by the best of `theirs` in the same round.
    pub(crate) fn of_ratios(
        what: impl Into<String>,
        ours: &Contestant,
        theirs: &[&Contestant],
        target: Target,
    ) -> Self {
        let best = |round: usize| {
            theirs.iter().map(|other| other.runs[round].value).fold(f64::MIN, f64::max)
        };
        let ratio = |(round, run): (usize, &Run)| run.value / best(round);
        let ratios = ours.runs.iter().enumerate().map(ratio).collect();
        Self::of_values(what, "×", ratios, target)
    }
}

/// A number for people: thousands apart, and no more decimals than it deserves.
pub(crate) fn grouped(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// One contestant with these values, and CPU time for one role.
    pub(crate) fn contestant(name: &str, values: &[f64]) -> Contestant {
        let cpu_us_per_poll = BTreeMap::from([("client", 4.0)]);
        let run =
            |&value| Run { value, cpu_us_per_poll: cpu_us_per_poll.clone(), ..Run::default() };
        Contestant::new(name.to_owned(), "polls/s", values.iter().map(run).collect())
    }

    #[test]
    fn a_ratio_is_taken_against_the_best_of_its_own_round() {
        let (a, b) = (contestant("a", &[100.0, 50.0]), contestant("b", &[80.0, 80.0]));
        let ours = contestant("ours", &[150.0, 120.0]);
        let ratios = Comparison::of_ratios("ours", &ours, &[&a, &b], Target::AtLeast(1.5));
        assert_eq!((ratios.values, ratios.met), (vec![1.5, 1.5], Some(true)));
    }

    #[test]
    fn the_median_decides_whether_a_target_is_met() {
        let met = |values: &[f64], target| {
            Comparison::of_values("x", "s", values.to_vec(), target).met == Some(true)
        };
        assert!(met(&[0.4, 0.5, 9.0], Target::AtMost(0.5)));
        assert!(!met(&[0.1, 0.6, 0.7], Target::AtMost(0.5)));
        assert!(met(&[1.2], Target::AtLeast(1.2)) && !met(&[1.19], Target::AtLeast(1.2)));
    }

    #[test]
    fn cpu_time_is_compared_over_the_roles_of_each_side() {
        let run = |roles: &[(Role, f64)]| Run {
            cpu_us_per_poll: roles.iter().copied().collect(),
            ..Run::default()
        };
        let side = |roles| Contestant::new("x".to_owned(), "polls/s", vec![run(roles)]);
        let ours = side(&[("client and balancer", 20.0), ("replicas", 100.0)]);
        let theirs = side(&[("client", 10.0), ("balancer", 30.0)]);
        let ratio = Comparison::of_cpu(
            "front",
            (&ours, &["client and balancer"]),
            (&theirs, &["client", "balancer"]),
        );
        assert_eq!((ratio.values, ratio.met), (vec![0.5], None));
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (value, expected) in [
            (0.0, "0.00"),
            (1.234, "1.23"),
            (12.34, "12.3"),
            (123.4, "123"),
            (1_234.0, "1,234"),
            (1_234_567.0, "1,234,567"),
            (-1_234.0, "-1,234"),
            (-123.0, "-123"),
        ] {
            assert_eq!(grouped(value), expected);
        }
    }
}
