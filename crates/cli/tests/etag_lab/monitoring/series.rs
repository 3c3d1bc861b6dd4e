//! Which alerts fire on series of real runs: yesterday one arm, today another, as each product would
//! have counted them, judged by Prometheus's own test of rules.

use std::fmt::Write as _;
use std::ops::Range;
use std::process::Command;

use super::course::{Course, TODAY, YESTERDAY, arms};
use super::products::{SOURCES, Sight, Source};
use super::{pack, sources};
use crate::support::{home, require, stdout};

/// Minutes in which nobody looked: neither yesterday's hours nor today's, and dear to evaluate.
const UNSEEN: Range<usize> = 240..YESTERDAY - 60;

/// One day and a half: a course for yesterday and one for today.
#[derive(Clone, Copy)]
struct Night<'a> {
    what: &'a str,
    before: &'a Course,
    today: &'a Course,
    /// Prometheus was away for half an hour.
    gap: bool,
    /// Labels of the targets.
    labels: &'a str,
}

fn night<'a>(what: &'a str, before: &'a Course, today: &'a Course) -> Night<'a> {
    Night { what, before, today, gap: false, labels: "" }
}

impl Night<'_> {
    /// Values of one counter, of which each node has its part; `_` where nobody looked.
    fn values(&self, [before, today]: [&[f64]; 2], nodes: [usize; 2], node: usize) -> String {
        let (mut text, mut sum) = (String::new(), 0.0);
        for (minute, count) in before.iter().chain(today).enumerate() {
            let share = nodes[usize::from(minute >= YESTERDAY)];
            let is_gone = UNSEEN.contains(&minute)
                || self.gap && (YESTERDAY + 20..YESTERDAY + 50).contains(&minute);
            sum += if node < share { count / share as f64 } else { 0.0 };
            if node < share && !is_gone {
                let _ = write!(text, "{sum:.2} ");
            } else {
                text.push_str("_ ");
            }
        }
        text
    }

    fn series(&self, source: &Source, text: &mut String) {
        let (before, today) = (self.before.levelled(), self.today);
        let both = [before.replicas, today.replicas];
        let nodes = if source.has_nodes() { both } else { [1, 1] };
        let counters = [
            (source.responses[0], [&before.full, &today.full]),
            (source.responses[1], [&before.not_modified, &today.not_modified]),
            (source.bytes, [&before.bytes, &today.bytes]),
        ];
        for node in 0..nodes[0].max(nodes[1]) {
            for (series, counts) in counters {
                let series = series.replace('N', &node.to_string());
                let series = series.replace('{', &format!("{{{}", self.labels));
                let values = self.values(counts.map(Vec::as_slice), nodes, node);
                let _ = writeln!(text, "      - series: '{series}'\n        values: '{values}'");
            }
        }
    }

    /// The test of these rules: exactly these alerts, with how many sources each, have fired by the end.
    fn file(&self, expected: &[(&str, usize)]) -> String {
        let rules = sources().into_iter().map(|name| format!("sources/{name}.yml"));
        let rules = rules.chain(["revalidation.yml".to_owned()]);
        let rules: Vec<_> = rules.map(|name| format!("'{}'", pack(&name).display())).collect();
        let mut text = format!(
            "rule_files: [{}]\nevaluation_interval: 5m\ntests:\n  - interval: 1m\n    \
             input_series:\n",
            rules.join(", ")
        );
        for source in &SOURCES {
            self.series(source, &mut text);
        }
        let fired = "count by (alertname) (count_over_time(ALERTS{alertstate=\"firing\"}[27h]))";
        let expected = expected.iter().filter(|(_, sources)| *sources > 0);
        let samples: Vec<_> = expected
            .map(|(alert, sources)| {
                format!("{{labels: '{{alertname=\"{alert}\"}}', value: {sources}}}")
            })
            .collect();
        let mut ask = |query: &str, samples: &str| {
            let end = YESTERDAY + TODAY - 1;
            let _ = writeln!(
                text,
                "      - expr: '{query}'\n        eval_time: {end}m\n        exp_samples: [{samples}]"
            );
        };
        ask(fired, &samples.join(", "));
        // A number that is none is unlike itself.
        for share in ["service:http_304:ratio_rate5m", "service:http_bytes_per_response:rate5m"] {
            ask(&format!("count_over_time(({share} != {share})[27h:5m])"), "");
        }
        text.replacen("      - expr:", "    promql_expr_test:\n      - expr:", 1)
    }

    /// Judges by how far a source can see: these alerts fire where it sees as much, and no others.
    #[track_caller]
    fn check(&self, expected: &[(&str, &[Sight])]) {
        let Some(promtool) = require("promtool") else { return };
        let count = |sights: &[Sight]| {
            SOURCES.iter().filter(|source| sights.contains(&source.sight())).count()
        };
        let expected: Vec<_> =
            expected.iter().map(|(alert, sights)| (*alert, count(sights))).collect();
        let file = home().join("night.yml");
        std::fs::write(&file, self.file(&expected)).expect("the file can be written");
        let output = Command::new(promtool).args(["test", "rules"]).arg(&file).output();
        let output = output.expect("promtool starts");
        let said = String::from_utf8_lossy(&output.stderr);
        let said: String = said.chars().take(3_000).collect();
        assert!(output.status.success(), "{}: {}{said}", self.what, stdout(&output));
    }
}

const STATUSES: &[Sight] = &[Sight::Statuses, Sight::Nodes];
const COLLAPSED: (&str, &[Sight]) = ("RevalidationCollapsed", STATUSES);
const STEP: (&str, &[Sight]) = ("BytesPerResponseStep", &[Sight::Classes]);
const ONE_OVER_N: (&str, &[Sight]) = ("RevalidationLooksLikeOneOverN", &[Sight::Nodes]);

#[test]
fn every_source_is_tested_here() {
    let mut tested = SOURCES.map(|source| source.name.to_owned()).to_vec();
    tested.sort_unstable();
    tested.dedup();
    assert_eq!(tested, sources());
}

#[test]
fn tags_of_each_replica_s_own_are_seen_at_every_source() {
    let arms = arms("all-200s");
    night("all-200s", &arms["after"], &arms["before"]).check(&[COLLAPSED, STEP]);
    night("repaired", &arms["after"], &arms["after"]).check(&[]);
}

#[test]
fn what_never_worked_is_seen_where_somebody_says_that_clients_ask() {
    let arms = arms("all-200s");
    let (bad, good) = (&arms["before"], &arms["after"]);
    // Nobody knows whether anybody asks, unless somebody says so.
    night("all-200s since ever", bad, bad).check(&[]);
    let told =
        |what, course| Night { labels: "revalidates=\"yes\",", ..night(what, course, course) };
    told("all-200s since ever, told", bad).check(&[("RevalidationNeverWorks", STATUSES)]);
    told("repaired, told", good).check(&[]);
}

#[test]
fn a_scale_out_is_seen_as_one_in_n_where_nodes_are_known() {
    let arms = arms("scale-out");
    for today in ["3-replicas", "8-replicas"] {
        night(today, &arms["1-replica"], &arms[today]).check(&[COLLAPSED, ONE_OVER_N, STEP]);
    }
    night("repaired", &arms["1-replica"], &arms["8-repaired"]).check(&[]);
    night("no step", &arms["3-replicas"], &arms["3-replicas"]).check(&[]);
}

#[test]
fn a_suffix_that_nobody_takes_off_is_seen() {
    let arms = arms("gzip-suffix");
    night("gzip-suffix", &arms["after"], &arms["before"]).check(&[COLLAPSED, STEP]);
}

#[test]
fn nothing_fires_when_contents_change_or_live_longer() {
    let (changes, deploy, lifetime) =
        (arms("content-change"), arms("rolling-deploy"), arms("max-age"));
    night("four changes", &changes["after"], &changes["after"]).check(&[]);
    night("a rolling deploy", &deploy["after"], &deploy["before"]).check(&[]);
    night("a lifetime", &lifetime["before"], &lifetime["after"]).check(&[]);
}

#[test]
fn nothing_fires_when_nobody_asks_or_everybody_or_nobody_looks() {
    let arms = arms("content-change");
    let healthy = &arms["after"];
    let silence = healthy.changed(|minute, count| if minute < 100 { 0.0 } else { count });
    night("nobody asks", healthy, &silence).check(&[]);
    let doubled = healthy.changed(|_, count| 2.0 * count);
    night("twice the traffic", healthy, &doubled).check(&[]);
    Night { gap: true, ..night("Prometheus was away", healthy, healthy) }.check(&[]);
}
