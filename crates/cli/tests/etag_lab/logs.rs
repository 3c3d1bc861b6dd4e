//! Logs that real gateways wrote of real fleets, judged: with the configuration that `--print-format`
//! gives, and with their own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::check::gateways::{apache_before, haproxy_with};
use crate::check::servers::{Server, folder, nginx_before, write};
use crate::support::process::PATIENCE;
use crate::support::served::{Served, start_on_a_free_port};
use crate::support::{ended, eventually, home, json_of, output_of, require, stderr, stdout};

const POLLS: usize = 400;

/// Three replicas that make their tags in this way; counters stand apart.
fn fleet(strategy: &str) -> Vec<Served> {
    let replica = |seen| {
        let (strategy, seen) = (format!("--strategy={strategy}"), format!("--changes-seen={seen}"));
        Served::start(&["replica", &strategy, &seen, "--no-last-modified"])
    };
    [41, 18, 2].map(replica).into()
}

fn snippet(product: &str) -> String {
    stdout(&ended(&["logs", "--print-format", product], 0)).to_owned()
}

/// A gateway, and the log that it writes.
struct Gateway {
    server: Server,
    log: PathBuf,
}

fn nginx(origins: &[SocketAddr]) -> Gateway {
    let log = folder().join("access.log");
    let location = format!("access_log {} etag_lab;", log.display());
    Gateway { server: nginx_before(origins, &snippet("nginx"), &location), log }
}

fn nginx_combined(origins: &[SocketAddr]) -> Gateway {
    let log = folder().join("access.log");
    let location = format!("access_log {} combined;", log.display());
    Gateway { server: nginx_before(origins, "", &location), log }
}

fn haproxy(origins: &[SocketAddr], lines: &str) -> Gateway {
    let log = folder().join("access.log");
    // A log goes to a descriptor or a socket; the descriptor is the file of the test.
    let backend = format!(
        " mode http\n balance random\n log stdout format raw local0\n option httplog\n{lines}"
    );
    let server = haproxy_with(origins, &backend);
    Gateway { server, log }
}

fn apache(origins: &[SocketAddr]) -> Gateway {
    let place = folder();
    let text = snippet("apache").replace("${APACHE_LOG_DIR}", &place.display().to_string());
    Gateway { server: apache_before(origins, &text), log: place.join("etag-lab.log") }
}

fn caddy(origins: &[SocketAddr]) -> Gateway {
    let place = folder();
    let log = snippet("caddy").replace("/var/log/caddy", &place.display().to_string());
    let origins: Vec<_> = origins.iter().map(ToString::to_string).collect();
    let server = start_on_a_free_port(|address| {
        let text = format!(
            "{{\nadmin off\nauto_https off\n}}\nhttp://{address} {{\nbind 127.0.0.1\n{log}\n\
             reverse_proxy {} {{\nlb_policy random\n\
             header_down +X-Upstream {{http.reverse_proxy.upstream.hostport}}\n}}\n}}\n",
            origins.join(" ")
        );
        let path = write(&place, "Caddyfile", &text);
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(path);
        command.env("HOME", &place).env("XDG_DATA_HOME", &place);
        command
    });
    Gateway { server, log: place.join("etag-lab.log") }
}

/// Polls through the gateway, and waits until its log has all of them.
fn polled(gateway: &Gateway) -> PathBuf {
    let url = format!("http://{}/api/config", gateway.server.1);
    output_of(&["poll", &url, "--clients=10", "--polls=40", "--cadence=shuffled", "--no-save"]);
    let log = || {
        let written = std::fs::read_to_string(&gateway.log).unwrap_or_default();
        // What `HAProxy` writes to its standard output is in the file of the process.
        if written.is_empty() { gateway.server.0.stdout() } else { written }
    };
    let text = eventually("all lines of the log", PATIENCE, || {
        let text = log();
        (text.matches("/api/config").count() >= POLLS).then_some(text)
    });
    let path = home().join("judged.log");
    std::fs::write(&path, text).expect("a new file");
    path
}

fn judged(log: &Path) -> (Option<i32>, Value) {
    let log = log.display().to_string();
    let output = output_of(&["logs", &log, "--format", "json"]);
    (output.status.code(), json_of(&output))
}

/// Asserts exit code and first finding, by its name, for a fleet with tags of each replica and for one
/// with tags of the content.
#[track_caller]
fn check(gateway: impl Fn(&[SocketAddr]) -> Gateway, broken: (i32, &str)) {
    for (strategy, (code, name)) in
        [("per-process-counter", broken), ("content-hash", (0, "healthy"))]
    {
        let replicas = fleet(strategy);
        let origins: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        let gateway = gateway(&origins);
        let (status, record) = judged(&polled(&gateway));
        let findings = &record["findings"];
        assert_eq!(findings[0]["name"], name, "{strategy}: {findings:#}");
        assert_eq!(status, Some(code), "{strategy}");
        assert_eq!(record["schema"], "etag-lab.logs/1");
    }
}

const LOCAL: (i32, &str) = (1, "node-local-tag");
const OPEN: (i32, &str) = (4, "inconclusive");

#[test]
fn nginx_shows_it_with_its_snippet_and_leaves_it_open_in_combined() {
    let Some(_) = require("nginx") else { return };
    check(nginx, LOCAL);
    check(nginx_combined, OPEN);
}

#[test]
fn haproxy_shows_it_with_its_snippet_and_with_captures() {
    let Some(_) = require("haproxy") else { return };
    let snippet = snippet("haproxy");
    check(|origins| haproxy(origins, &snippet), LOCAL);
    let captures = " capture request header If-None-Match len 64\n\
                    capture response header ETag len 64\n";
    check(|origins| haproxy(origins, captures), LOCAL);
    check(|origins| haproxy(origins, ""), OPEN);
}

#[test]
fn apache_shows_it_with_its_snippet() {
    let Some(_) = require("apache2") else { return };
    check(apache, LOCAL);
}

#[test]
fn caddy_shows_it_with_its_snippet() {
    let Some(_) = require("caddy") else { return };
    check(caddy, LOCAL);
}

#[test]
fn a_scenario_is_written_whose_run_shows_it_again() {
    let Some(_) = require("nginx") else { return };
    let replicas = fleet("per-process-counter");
    let origins: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
    let log = polled(&nginx(&origins)).display().to_string();
    let output = output_of(&["logs", &log, "--repro", "-o", "case.toml"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).contains("ETL001"), "{}", stdout(&output));
    let run = ended(&["run", "case.toml", "--no-save", "--format", "json"], 0);
    let record = json_of(&run);
    let findings = record["findings"].as_array().expect("findings are a list");
    assert!(findings.iter().any(|one| one["name"] == "node-local-tag"), "{findings:#?}");
}

#[test]
fn what_is_no_log_is_said_with_a_way_out() {
    std::fs::write(home().join("text.log"), "one\ntwo\nthree\n").expect("a new file");
    let output = ended(&["logs", "text.log"], 3);
    assert!(stderr(&output).contains("--log-format"), "{}", stderr(&output));
    let output = ended(&["logs", "missing.log"], 3);
    assert!(stderr(&output).contains("missing.log"), "{}", stderr(&output));
    let output = ended(&["logs", "text.log", "--log-format", "combind"], 2);
    assert!(stderr(&output).contains("combined"), "{}", stderr(&output));
    let output = ended(&["logs", "text.log", "--map", "state=.code"], 2);
    assert!(stderr(&output).contains("status"), "{}", stderr(&output));
}
