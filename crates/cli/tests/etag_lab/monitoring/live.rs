//! A real Prometheus that scrapes real servers: the alert fires after the fleet is scaled out, and is
//! gone after the fix.

use std::net::SocketAddr;
use std::process::Command;

use super::monitor::Monitor;
use super::page_of;
use crate::support::process::{PATIENCE, Running};
use crate::support::served::{Served, free_address, start_on_a_free_port};
use crate::support::{etag_lab, eventually, home, peers, require};

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
