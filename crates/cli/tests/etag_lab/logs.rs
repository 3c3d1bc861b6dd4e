//! Logs that real gateways wrote of real fleets, judged: with the configuration that `--print-format`
//! gives, and with their own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::process::PATIENCE;
use crate::support::served::Served;
use crate::support::{
    ended, eventually, fetched, home, json_of, output_of, require, stderr, stdout,
};

mod elsewhere;
mod fleets;
mod gateways;

use gateways::{
    Gateway, apache, caddy, envoy, haproxy, nginx, nginx_combined, snippet, traefik, varnish,
};

const POLLS: usize = 400;

/// Three replicas that make their tags in this way; counters stand apart.
fn fleet(strategy: &str) -> Vec<Served> {
    let replica = |seen| {
        let (strategy, seen) = (format!("--strategy={strategy}"), format!("--changes-seen={seen}"));
        Served::start(&["replica", &strategy, &seen, "--no-last-modified"])
    };
    [41, 18, 2].map(replica).into()
}

/// Polls through the gateway, and waits until its log has all of them.
fn polled(gateway: &Gateway) -> PathBuf {
    let url = format!("http://{}/api/config", gateway.server.1);
    output_of(&["poll", &url, "--clients=10", "--polls=40", "--cadence=shuffled", "--no-save"]);
    let text = eventually("all lines of the log", PATIENCE, || {
        let text = gateway.text();
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
fn varnish_shows_it_with_its_snippet_and_leaves_it_open_in_combined() {
    let (Some(_), Some(_)) = (require("varnishd"), require("varnishncsa")) else { return };
    let lines = snippet("varnish");
    let format = lines.split('\'').nth(1).expect("the format is quoted");
    check(|origins| varnish(origins, &["-j", "-F", format]), LOCAL);
    check(|origins| varnish(origins, &[]), OPEN);
}

#[test]
fn envoy_shows_it_with_its_snippet_and_leaves_it_open_without() {
    let Some(program) = fetched::fetched("envoy") else { return };
    check(|origins| envoy(&program, origins, true), LOCAL);
    check(|origins| envoy(&program, origins, false), OPEN);
}

#[test]
fn traefik_shows_it_with_its_snippet_and_leaves_it_open_without() {
    let Some(program) = fetched::fetched("traefik") else { return };
    check(|origins| traefik(&program, origins, true), LOCAL);
    check(|origins| traefik(&program, origins, false), OPEN);
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
