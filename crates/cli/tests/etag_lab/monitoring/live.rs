//! A real Prometheus that scrapes real servers: the alert fires after the fleet is scaled out, and is
//! gone after the fix. Rules and times are those of the pack, made short.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use super::{pack, page_of, succeeds};
use crate::support::http::{Answer, ask};
use crate::support::process::{PATIENCE, Running};
use crate::support::served::{Served, accepting, free_address, start_on_a_free_port};
use crate::support::{etag_lab, eventually, home, peers, require};

/// The rules of the pack with seconds in the place of minutes, as files.
fn short_rules(sources: &[&str]) -> Vec<PathBuf> {
    let names = sources.iter().map(|name| format!("sources/{name}.yml"));
    let names = names.chain(["revalidation.yml".to_owned()]);
    let short = |name: String| {
        let text = std::fs::read_to_string(pack(&name)).expect("there are rules");
        let mut short = text;
        for (long, short_one) in [
            ("[5m]", "[4s]"),
            ("[30m]", "[2s]"),
            ("[1h] offset 23h30m", "[3s] offset 30s"),
            ("for: 15m", "for: 1s"),
            ("for: 1h", "for: 1s"),
        ] {
            short = short.replace(long, short_one);
        }
        assert!(!short.contains("m]") && !short.contains("for: 30m"), "{short}");
        let file = home().join(name.replace('/', "-"));
        std::fs::write(&file, short).expect("the file can be written");
        file
    };
    names.map(short).collect()
}

/// A Prometheus with its folder.
struct Monitor {
    program: PathBuf,
    address: SocketAddr,
    process: Running,
}

impl Monitor {
    /// Starts one that looks at each of these targets twice a second; `None` where there is none.
    fn start(sources: &[&str], targets: &[(&str, SocketAddr, &str)]) -> Option<Self> {
        let program = require("prometheus")?;
        let mut text = "global: { scrape_interval: 500ms, scrape_timeout: 400ms, \
                        evaluation_interval: 500ms }\nrule_files:\n"
            .to_owned();
        for file in short_rules(sources) {
            let _ = writeln!(text, "  - {}", file.display());
        }
        text.push_str("scrape_configs:\n");
        for (job, address, path) in targets {
            let _ = writeln!(
                text,
                "  - job_name: {job}\n    metrics_path: {path}\n    static_configs: \
                 [{{ targets: ['{address}'] }}]"
            );
        }
        let file = home().join("prometheus.yml");
        std::fs::write(&file, text).expect("the file can be written");
        succeeds(Command::new(require("promtool")?).args(["check", "config"]).arg(&file));
        let (process, address) = start_on_a_free_port(|address| command(&program, address));
        Some(Self { program, address, process })
    }

    /// Ends it as an upgrade does, and starts it with what it has kept.
    fn restart(&mut self) {
        self.process.signal(Signal::TERM);
        assert!(self.process.wait().success(), "{}", self.process.stderr());
        self.process = Running::start(&mut command(&self.program, self.address));
        assert!(accepting(&mut self.process, self.address), "{}", self.process.stderr());
    }

    /// Labels and value of each series.
    fn query(&self, expression: &str) -> Vec<(Value, f64)> {
        let digits = |byte: u8| format!("%{byte:02X}");
        let query: String = expression.bytes().map(digits).collect();
        let answer = ask(self.address, &format!("GET /api/v1/query?query={query}"), &[]);
        let Ok(Answer { status: 200, content, .. }) = answer else { return Vec::new() };
        let answer = dechunked(&content);
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let series = answer["data"]["result"].as_array().expect("a vector");
        let value = |it: &Value| it["value"][1].as_str().and_then(|text| text.parse().ok());
        series.iter().map(|it| (it["metric"].clone(), value(it).expect("a number"))).collect()
    }

    /// Waits until the expression has a value.
    #[track_caller]
    fn awaits(&self, expression: &str) -> Vec<(Value, f64)> {
        eventually(expression, PATIENCE, || {
            Some(self.query(expression)).filter(|found| !found.is_empty())
        })
    }

    /// Names of the alerts that fire now.
    fn firing(&self) -> Vec<String> {
        let alerts = self.query("count by (alertname) (ALERTS{alertstate=\"firing\"})");
        let name = |(labels, _): &(Value, f64)| labels["alertname"].as_str().map(str::to_owned);
        alerts.iter().filter_map(name).collect()
    }
}

fn command(program: &PathBuf, address: SocketAddr) -> Command {
    let mut command = Command::new(program);
    command.arg(format!("--config.file={}", home().join("prometheus.yml").display()));
    command.arg(format!("--storage.tsdb.path={}", home().join("series").display()));
    command.arg(format!("--web.listen-address={address}"));
    command
}

/// Content that may have come in chunks, as a large answer of Prometheus does.
fn dechunked(content: &[u8]) -> Vec<u8> {
    if content.starts_with(b"{") {
        return content.to_vec();
    }
    let (mut rest, mut whole) = (content, Vec::new());
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        whole.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
    whole
}

/// A fleet whose balancer keeps its addresses when it is replaced by another one.
struct Fleet {
    replicas: Vec<Served>,
    balancer: Option<Served>,
    address: SocketAddr,
    page: SocketAddr,
}

impl Fleet {
    fn new() -> Self {
        let (address, page) = (free_address(), free_address());
        Self { replicas: Vec::new(), balancer: None, address, page }
    }

    /// Puts replicas with these strategies in the place of those before.
    fn deploy(&mut self, strategies: &[&str]) {
        drop(self.balancer.take());
        let start = |(number, strategy): (usize, &&str)| {
            let seen = (100 * (number + 1)).to_string();
            let args = ["replica", "--metrics", "127.0.0.1:0", "--strategy", strategy];
            Served::start(&[&args[..], &["--changes-seen", &seen]].concat())
        };
        self.replicas = strategies.iter().enumerate().map(start).collect();
        let urls = self.replicas.iter().map(|replica| format!("--replica={}", replica.address));
        let (address, page) = (self.address.to_string(), self.page.to_string());
        let mut command = etag_lab();
        command.args(["balancer", "--policy", "random", "--listen", &address]);
        command.args(["--metrics", &page]).args(urls);
        self.balancer = Some(Served::started_by(&mut command));
    }
}

#[test]
fn the_alert_fires_after_the_scale_out_and_is_gone_after_the_fix() {
    let mut fleet = Fleet::new();
    fleet.deploy(&["per-process-counter"]);
    let table = home().join("table.json");
    std::fs::write(&table, r#"{"routes":[{"id":"a"}]}"#).expect("the table can be written");
    let table = table.display().to_string();
    let proxy = Served::start(&["coalesce", "--interval=100ms", "--upstream", &table]);
    let replica = page_of(&fleet.replicas[0]);
    let targets = [
        ("balancer", fleet.page, "/metrics"),
        ("replica", replica, "/metrics"),
        ("coalesce", proxy.address, "/metrics"),
    ];
    let Some(mut monitor) = Monitor::start(&["etag-lab"], &targets) else { return };
    let url = format!("http://{}/api/config", fleet.address);
    let routes = format!("http://{}/routes", proxy.address);
    let _clients = [url, routes].map(|url| {
        let load = ["--cadence=open-loop", "--interval=200ms", "--clients=20", "--polls=100000"];
        Running::start(etag_lab().arg("poll").arg(url).args(load).arg("--no-save"))
    });

    // Healthy, also yesterday; nothing has fired, though the monitor was restarted.
    let healthy = "service:http_304:ratio_yesterday > 0.9 and service:http_requests:rate5m > 1";
    eventually("a yesterday at all three", PATIENCE, || {
        (monitor.query(healthy).len() == 3).then_some(())
    });
    monitor.restart();
    eventually("a yesterday at all three once more", PATIENCE, || {
        (monitor.query(healthy).len() == 3).then_some(())
    });
    assert_eq!(monitor.query("count(count_over_time(ALERTS[10m]))"), [], "nothing is wrong");

    fleet.deploy(&["per-process-counter"; 3]);
    eventually("both alerts", PATIENCE, || {
        let firing = monitor.firing();
        (firing == ["RevalidationCollapsed", "RevalidationLooksLikeOneOverN"]).then_some(())
    });
    let alert = monitor.query("ALERTS{alertstate=\"firing\",alertname=\"RevalidationCollapsed\"}");
    assert_eq!(alert[0].0["service"], "balancer /api/config", "{alert:?}");
    assert_eq!(alert.len(), 1, "{alert:?}");

    fleet.deploy(&["content-hash"; 3]);
    eventually("no alert", PATIENCE, || {
        let share = "service:http_304:ratio_rate5m{source=\"etag-lab-balancer\"} > 0.9";
        (!monitor.query(share).is_empty() && monitor.firing().is_empty()).then_some(())
    });

    fleet.deploy(&["content-hash", "content-hash", "none"]);
    let odd = fleet.replicas[2].address.to_string();
    let of_odd =
        format!("ALERTS{{alertstate=\"firing\",alertname=\"NodeUnlikeOthers\",node={odd:?}}}");
    monitor.awaits(&of_odd);
}

#[test]
fn haproxy_and_caddy_export_what_their_rules_read() {
    let (Some(haproxy), Some(caddy)) = (require("haproxy"), require("caddy")) else { return };
    let replica = Served::start(&["replica"]);
    let exporter = "    http-request use-service prometheus-exporter if { path /metrics }";
    let (_haproxy, by_haproxy) = start_on_a_free_port(|address| {
        peers::haproxy(&haproxy, address, &[replica.address], ["", exporter])
    });
    let admin = free_address();
    let (_caddy, by_caddy) = start_on_a_free_port(|address| {
        let text = format!(
            "{{\n admin {admin}\n auto_https off\n servers {{\n metrics\n }}\n}}\n\
             http://{address} {{\n reverse_proxy {}\n}}\n",
            replica.address
        );
        let mut command = Command::new(&caddy);
        command.args(["run", "--adapter", "caddyfile", "--config"]);
        command.arg(peers::configuration("Caddyfile", &text));
        command.env("HOME", home()).env("XDG_DATA_HOME", home()).env("XDG_CONFIG_HOME", home());
        command
    });
    let targets = [("haproxy", by_haproxy, "/metrics"), ("caddy", admin, "/metrics")];
    let Some(monitor) = Monitor::start(&["haproxy", "caddy"], &targets) else { return };
    let _clients = [by_haproxy, by_caddy].map(|address| {
        let load = ["--cadence=open-loop", "--interval=200ms", "--clients=20", "--polls=100000"];
        let url = format!("http://{address}/api/config");
        Running::start(etag_lab().arg("poll").arg(url).args(load).arg("--no-save"))
    });
    // A hundred requests a second at each, nearly all of them 304s without content.
    for share in [
        "service:http_3xx:ratio_rate5m{source=\"haproxy\",service=\"replicas\"} > 0.9",
        "service:http_304:ratio_rate5m{source=\"caddy\"} > 0.9",
        "node:http_not_modified:ratio_rate5m{source=\"haproxy\",node=\"r1\"} > 0.9",
        "service:http_bytes_per_response:rate5m{source=\"haproxy\"} < 1000",
        "service:http_bytes_per_response:rate5m{source=\"caddy\"} < 1000",
        "service:http_requests:rate5m{source=\"caddy\"} > 50 < 150",
    ] {
        monitor.awaits(share);
    }
}
