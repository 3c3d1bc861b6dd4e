//! Which alerts fire on series of real runs: yesterday one arm, today another, as each product would
//! have counted them, judged by Prometheus's own test of rules.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::process::Command;

use super::{pack, sources};
use crate::support::{etag_lab, home, require, stdout};

/// Minutes before today. Everything that is compared with yesterday has one.
const YESTERDAY: usize = 25 * 60;
/// Minutes of today, a round of polls each.
const TODAY: usize = 120;
/// Minutes in which nobody looked: neither yesterday's hours nor today's, and dear to evaluate.
const UNSEEN: Range<usize> = 240..YESTERDAY - 60;

/// What one arm counted, minute by minute.
#[derive(Clone, Debug, Default)]
struct Course {
    full: Vec<f64>,
    not_modified: Vec<f64>,
    bytes: Vec<f64>,
    replicas: usize,
}

/// The arms of a scenario, from what `--format openmetrics` says of them.
fn arms(scenario: &str) -> BTreeMap<String, Course> {
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
    fn levelled(&self) -> Self {
        let level = |counts: &[f64]| vec![counts.iter().sum::<f64>() / TODAY as f64; YESTERDAY];
        Self {
            full: level(&self.full),
            not_modified: level(&self.not_modified),
            bytes: level(&self.bytes),
            replicas: self.replicas,
        }
    }

    fn changed(&self, change: impl Fn(usize, f64) -> f64) -> Self {
        let each = |counts: &[f64]| (0..).zip(counts).map(|(at, it)| change(at, *it)).collect();
        Self {
            full: each(&self.full),
            not_modified: each(&self.not_modified),
            bytes: each(&self.bytes),
            replicas: self.replicas,
        }
    }
}

/// A source as it writes 200s, 304s and bytes; `N` stands for the number of a node.
struct Source {
    name: &'static str,
    responses: [&'static str; 2],
    bytes: &'static str,
}

const SOURCES: [Source; 13] = [
    Source {
        name: "ingress-nginx",
        responses: [
            r#"nginx_ingress_controller_requests{namespace="i",exported_namespace="shop",service="x",exported_service="api",ingress="a",path="/",status="200",method="GET"}"#,
            r#"nginx_ingress_controller_requests{namespace="i",exported_namespace="shop",service="x",exported_service="api",ingress="a",path="/",status="304",method="GET"}"#,
        ],
        bytes: r#"nginx_ingress_controller_response_size_sum{namespace="i",exported_namespace="shop",service="x",exported_service="api",ingress="a",path="/",status="200",method="GET"}"#,
    },
    Source {
        name: "traefik",
        responses: [
            r#"traefik_service_requests_total{code="200",method="GET",protocol="http",service="api@docker"}"#,
            r#"traefik_service_requests_total{code="304",method="GET",protocol="http",service="api@docker"}"#,
        ],
        bytes: r#"traefik_service_responses_bytes_total{code="200",method="GET",protocol="http",service="api@docker"}"#,
    },
    Source {
        name: "envoy",
        responses: [
            r#"envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="api"}"#,
            r#"envoy_cluster_upstream_rq{envoy_response_code="304",envoy_cluster_name="api"}"#,
        ],
        bytes: r#"envoy_cluster_upstream_cx_rx_bytes_total{envoy_cluster_name="api"}"#,
    },
    Source {
        name: "istio",
        responses: [
            r#"istio_requests_total{reporter="destination",response_code="200",destination_service="api.shop.svc.cluster.local",instance="10.0.0.N:15020"}"#,
            r#"istio_requests_total{reporter="destination",response_code="304",destination_service="api.shop.svc.cluster.local",instance="10.0.0.N:15020"}"#,
        ],
        bytes: r#"istio_response_bytes_sum{reporter="destination",response_code="200",destination_service="api.shop.svc.cluster.local",instance="10.0.0.N:15020"}"#,
    },
    Source {
        name: "caddy",
        responses: [
            r#"caddy_http_response_duration_seconds_count{server="srv0",handler="subroute",code="200",method="GET"}"#,
            r#"caddy_http_response_duration_seconds_count{server="srv0",handler="subroute",code="304",method="GET"}"#,
        ],
        bytes: r#"caddy_http_response_size_bytes_sum{server="srv0",handler="subroute",code="200",method="GET"}"#,
    },
    Source {
        name: "nginx-vts",
        responses: [
            r#"nginx_vts_status_code_requests_total{host="api.example.com",code="200"}"#,
            r#"nginx_vts_status_code_requests_total{host="api.example.com",code="304"}"#,
        ],
        bytes: r#"nginx_vts_server_bytes_total{host="api.example.com",direction="out"}"#,
    },
    Source {
        name: "nginx-vts",
        responses: [
            r#"nginx_vts_server_requests_total{host="classes.example.com",code="2xx"}"#,
            r#"nginx_vts_server_requests_total{host="classes.example.com",code="3xx"}"#,
        ],
        bytes: r#"nginx_vts_server_bytes_total{host="classes.example.com",direction="out"}"#,
    },
    Source {
        name: "nginx-plus",
        responses: [
            r#"nginxplus_upstream_server_responses_codes{code="200",server="10.0.0.N:80",upstream="api"}"#,
            r#"nginxplus_upstream_server_responses_codes{code="304",server="10.0.0.N:80",upstream="api"}"#,
        ],
        bytes: r#"nginxplus_upstream_server_received{server="10.0.0.N:80",upstream="api"}"#,
    },
    Source {
        name: "haproxy",
        responses: [
            r#"haproxy_server_http_responses_total{proxy="api",server="rN",code="2xx"}"#,
            r#"haproxy_server_http_responses_total{proxy="api",server="rN",code="3xx"}"#,
        ],
        bytes: r#"haproxy_server_bytes_out_total{proxy="api",server="rN"}"#,
    },
    Source {
        name: "etag-lab",
        responses: [
            r#"etag_lab_balancer_requests_total{job="b",path="/a",status="200",upstream="10.0.0.N:80"}"#,
            r#"etag_lab_balancer_requests_total{job="b",path="/a",status="304",upstream="10.0.0.N:80"}"#,
        ],
        bytes: r#"etag_lab_balancer_content_bytes_total{job="b",path="/a",status="200",upstream="10.0.0.N:80"}"#,
    },
    Source {
        name: "etag-lab",
        responses: [
            r#"coalescer_responses_total{job="c",instance="10.0.0.N:90",status="200"}"#,
            r#"coalescer_responses_total{job="c",instance="10.0.0.N:90",status="304"}"#,
        ],
        bytes: r#"coalescer_served_bytes_total{job="c",instance="10.0.0.N:90"}"#,
    },
    Source {
        name: "etag-lab",
        responses: [
            r#"etag_lab_replica_requests_total{job="r",path="/a",instance="10.0.0.N:80",status="200"}"#,
            r#"etag_lab_replica_requests_total{job="r",path="/a",instance="10.0.0.N:80",status="304"}"#,
        ],
        bytes: r#"etag_lab_replica_content_bytes_total{job="r",path="/a",instance="10.0.0.N:80",status="200"}"#,
    },
    Source {
        name: "etag-lab",
        responses: [
            r#"etag_lab_run_requests_total{scenario="s",arm="a",status="200"}"#,
            r#"etag_lab_run_requests_total{scenario="s",arm="a",status="304"}"#,
        ],
        bytes: r#"etag_lab_run_response_bytes_total{scenario="s",arm="a"}"#,
    },
];

/// How far a source can tell what happened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// 304s among all redirects.
    Classes,
    /// 304s.
    Statuses,
    /// 304s, and the nodes that sent them.
    Nodes,
}

impl Source {
    fn sight(&self) -> Sight {
        match () {
            () if self.responses[0].contains("2xx") => Sight::Classes,
            () if self.has_nodes() => Sight::Nodes,
            () => Sight::Statuses,
        }
    }

    fn has_nodes(&self) -> bool {
        self.bytes.contains("0.N") || self.bytes.contains("rN")
    }
}

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
