//! Fleets in the changes of their lives behind a real nginx, which writes two logs of the same requests:
//! one with the tags of both directions, and the one that it writes by default. From the second most of
//! it cannot be told, and then nothing is claimed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use super::{LOCAL, OPEN, fleet, judged, snippet};
use crate::check::servers::{Server, apache, copy, folder, nginx};
use crate::support::process::{PATIENCE, Running};
use crate::support::served::{Served, free_address};
use crate::support::{etag_lab, eventually, output_of, require};

const HEALTHY: (i32, &str) = (0, "healthy");

/// nginx before a fleet.
struct Gateway {
    server: Server,
    /// With tags, and by default.
    logs: [PathBuf; 2],
}

impl Gateway {
    /// Before these servers, with further lines for the choice among them and for the location.
    fn start(origins: &[SocketAddr], choice: &str, location: &str) -> Self {
        let place = folder();
        let [tags, default] = ["tags.log", "access.log"].map(|name| place.join(name));
        let members: Vec<_> =
            origins.iter().map(|origin| format!("server {origin} max_fails=0;")).collect();
        let before =
            format!("{} upstream fleet {{ {choice} {} }}", snippet("nginx"), members.concat());
        let server = nginx(
            &before,
            &format!(
                "access_log {} etag_lab; access_log {} combined;
                 location / {{ proxy_pass http://fleet; proxy_http_version 1.1; {location} }}",
                tags.display(),
                default.display()
            ),
        );
        Self { server, logs: [tags, default] }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.1)
    }

    /// Waits until both logs have so many lines.
    fn await_lines(&self, count: usize) {
        for log in &self.logs {
            eventually("lines of the log", PATIENCE, || {
                let text = std::fs::read_to_string(log).unwrap_or_default();
                (text.lines().count() >= count).then_some(())
            });
        }
    }

    /// Asserts exit code and first finding of both logs; gives the findings of the first.
    #[track_caller]
    fn check(&self, lines: usize, expected: [(i32, &str); 2]) -> Value {
        self.await_lines(lines);
        let [first, _] = [0, 1].map(|index| {
            let (status, record) = judged(&self.logs[index]);
            let findings = &record["findings"];
            let found = (status, findings[0]["name"].as_str());
            let (code, name) = expected[index];
            assert_eq!(found, (Some(code), Some(name)), "log {index}: {findings:#}");
            findings.clone()
        });
        first
    }
}

fn addresses(replicas: &[Served]) -> Vec<SocketAddr> {
    replicas.iter().map(|replica| replica.address).collect()
}

/// Ten clients that poll forty times each, in any order.
fn poll(url: &str, more: &[&str]) {
    let args = ["poll", url, "--clients=10", "--polls=40", "--cadence=shuffled", "--no-save"];
    output_of(&[&args, more].concat());
}

/// Ten clients that poll ten times a second for some seconds.
fn polling(url: &str) -> Running {
    let args = ["--clients=10", "--polls=60", "--cadence=open-loop", "--interval=100ms"];
    Running::start(etag_lab().args(["poll", url, "--no-save"]).args(args))
}

/// A path whose finding has this cause in its evidence or title.
#[track_caller]
fn assert_about(findings: &Value, path: &str, cause: &str) {
    assert_eq!(findings[0]["path"], path, "{findings:#}");
    assert_eq!(findings[0]["cause"], cause, "{findings:#}");
}

#[test]
fn copies_of_different_times_are_found() {
    let Some(_) = require("nginx") else { return };
    let root = |late| format!("root {};", copy(late).display());
    let servers = [0, 3_000, 9_000].map(|late| nginx("", &root(late)));
    let gateway = Gateway::start(&servers.each_ref().map(|server| server.1), "", "");
    poll(&gateway.url("/config.json"), &[]);
    let findings = gateway.check(400, [LOCAL, OPEN]);
    assert_about(&findings, "127.0.0.1/config.json", "mtime");
}

#[test]
fn inodes_of_copies_of_one_time_are_found() {
    let (Some(_), Some(_)) = (require("nginx"), require("apache2")) else { return };
    let servers = [(); 3].map(|()| apache(&copy(0), "FileETag INode MTime Size"));
    let gateway = Gateway::start(&servers.each_ref().map(|server| server.1), "", "");
    poll(&gateway.url("/config.json"), &[]);
    let findings = gateway.check(400, [LOCAL, OPEN]);
    assert_about(&findings, "127.0.0.1/config.json", "inode");
}

#[test]
fn a_suffix_that_its_own_server_does_not_know_is_found() {
    let (Some(_), Some(_)) = (require("nginx"), require("apache2")) else { return };
    let server = apache(&copy(0), "AddOutputFilterByType DEFLATE application/json");
    let gateway = Gateway::start(&[server.1], "", "");
    poll(&gateway.url("/config.json"), &["--accept-encoding=gzip", "--validate=etag"]);
    let suffix = (1, "suffix-not-understood");
    gateway.check(400, [suffix, OPEN]);
}

#[test]
fn clients_that_stay_with_their_server_raise_no_alarm() {
    let Some(_) = require("nginx") else { return };
    let replicas = fleet("per-process-counter");
    let gateway = Gateway::start(&addresses(&replicas), "hash $connection;", "");
    poll(&gateway.url("/api/config"), &[]);
    gateway.check(400, [HEALTHY, HEALTHY]);
}

#[test]
fn conditions_that_are_taken_out_are_found() {
    let Some(_) = require("nginx") else { return };
    let replicas = fleet("content-hash");
    let location = "proxy_set_header If-None-Match '';";
    let gateway = Gateway::start(&addresses(&replicas), "", location);
    poll(&gateway.url("/api/config"), &[]);
    gateway.check(400, [(1, "conditionals-ignored"), OPEN]);
}

#[test]
fn clients_that_never_revalidate_are_found() {
    let (Some(_), Some(curl)) = (require("nginx"), require("curl")) else { return };
    let replicas = fleet("content-hash");
    let gateway = Gateway::start(&addresses(&replicas), "", "");
    for _ in 0..10 {
        // On one connection, as an agent of a library without a cache has it.
        let mut command = Command::new(&curl);
        command.args(["-s", "-A", "Go-http-client/1.1"]);
        for _ in 0..20 {
            command.args(["-o", "/dev/null", &gateway.url("/api/config")]);
        }
        assert!(command.status().expect("curl starts").success());
    }
    gateway.check(200, [(1, "client-at-fault"), OPEN]);
}

#[test]
fn a_rolling_deploy_is_no_alarm() {
    let Some(_) = require("nginx") else { return };
    let mut replicas = fleet("content-hash");
    let gateway = Gateway::start(&addresses(&replicas), "", "");
    let mut polls = polling(&gateway.url("/api/config"));
    gateway.await_lines(150);
    for (turn, replica) in replicas.iter_mut().enumerate() {
        let address = replica.address.to_string();
        replica.process.signal(Signal::TERM);
        replica.process.wait();
        let args = ["replica", "--seed=43", "--no-last-modified", "--listen", &address];
        *replica = Served::started_by(etag_lab().args(args));
        // Clients meet both releases in between.
        gateway.await_lines(200 + 50 * turn);
    }
    polls.wait();
    gateway.check(600, [HEALTHY, HEALTHY]);
}

#[test]
fn a_scale_out_is_found_from_its_moment_on() {
    let Some(_) = require("nginx") else { return };
    let start = |address: SocketAddr, seen: u32| {
        let (listen, seen) = (address.to_string(), format!("--changes-seen={seen}"));
        let args = ["replica", "--strategy=per-process-counter", "--no-last-modified", &seen];
        Served::started_by(etag_lab().args(args).args(["--listen", &listen]))
    };
    // The gateway knows all from the beginning, and passes on to those that are there.
    let members = [(); 3].map(|()| free_address());
    let mut replicas = vec![start(members[0], 41)];
    let gateway = Gateway::start(&members, "", "");
    let mut polls = polling(&gateway.url("/api/config"));
    gateway.await_lines(200);
    let moment = jiff::Timestamp::now().as_second();
    replicas.extend([start(members[1], 18), start(members[2], 2)]);
    polls.wait();
    let findings = gateway.check(600, [LOCAL, OPEN]);
    let since: jiff::Timestamp =
        findings[0]["since"].as_str().and_then(|text| text.parse().ok()).expect("a moment");
    let late = since.as_second() - moment;
    assert!((-1..=2).contains(&late), "{late} s after the scale-out: {findings:#}");
}
