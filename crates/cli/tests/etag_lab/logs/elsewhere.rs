//! The fleets of [`super::fleets`] behind the gateways that are not nginx, told from the log of the snippet
//! and from the one that each writes by default.
//!
//! All clients share one address and one agent. Those that stay with their server are left to nginx: a gateway
//! that keeps them there by address sends them all to one. So are fleets that change while they are polled:
//! most gateways put a server aside that is away for a moment.

use std::any::Any;
use std::net::SocketAddr;
use std::process::Command;

use super::gateways::{
    Gateway, apache, apache_combined, caddy, caddy_default, envoy, haproxy, snippet, traefik,
    varnish,
};
use super::{LOCAL, OPEN, judged};
use crate::check::servers::{self, copy, nginx, nginx_before};
use crate::support::process::PATIENCE;
use crate::support::served::Served;
use crate::support::{eventually, fetched, home, output_of, require};

const HEALTHY: Said = (0, "healthy");

/// Exit code and first finding.
type Said = (i32, &'static str);

/// What a log says of each fleet.
#[derive(Clone, Copy)]
struct Log {
    /// Copies of one file with tags of their own.
    copies: Said,
    /// A suffix that its own server does not know.
    suffix: Said,
    /// Conditions that are taken out between.
    conditions: Said,
    /// Clients that send none.
    silent: Said,
}

/// Tags of both directions, and connections.
const TAGS: Log = Log {
    copies: LOCAL,
    suffix: (1, "suffix-not-understood"),
    conditions: (1, "conditionals-ignored"),
    silent: (1, "client-at-fault"),
};
/// Nothing that would tell.
const PLAIN: Log = Log { copies: OPEN, suffix: OPEN, conditions: OPEN, silent: OPEN };
/// Tags without connections, behind which silent clients may be any number.
const TAGS_ALONE: Log = Log { silent: OPEN, ..TAGS };
/// Varnish answers the conditions of clients itself, also where it keeps nothing: these two faults are mended.
const MENDED: Log = Log { suffix: HEALTHY, conditions: HEALTHY, ..TAGS_ALONE };
const MENDED_PLAIN: Log = Log { copies: OPEN, ..MENDED };

const COMMON: [&str; 4] = ["replica", "--no-last-modified", "--path", PATH];

fn replicas() -> Vec<Served> {
    [(); 3].map(|()| Served::start(&COMMON)).into()
}

/// Servers that run until this is dropped.
struct Origins {
    addresses: Vec<SocketAddr>,
    _servers: Box<dyn Any>,
}

impl Origins {
    fn servers(servers: Vec<servers::Server>) -> Self {
        let addresses = servers.iter().map(|server| server.1).collect();
        Self { addresses, _servers: Box::new(servers) }
    }

    fn copies_of_different_times() -> Self {
        let copy = |late| nginx("", &format!("root {};", copy(late).display()));
        Self::servers([0, 3_000, 9_000].map(copy).into())
    }

    fn inodes() -> Self {
        let copy = |()| servers::apache(&copy(0), "FileETag INode MTime Size");
        Self::servers([(); 3].map(copy).into())
    }

    fn suffix() -> Self {
        let deflate = "AddOutputFilterByType DEFLATE application/json";
        Self::servers(vec![servers::apache(&copy(0), deflate)])
    }

    fn without_conditions() -> Self {
        let replicas = replicas();
        let behind: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        let between = nginx_before(&behind, "", "proxy_set_header If-None-Match '';");
        Self { addresses: vec![between.1], _servers: Box::new((replicas, between)) }
    }

    fn healthy() -> Self {
        let replicas = replicas();
        let addresses = replicas.iter().map(|replica| replica.address).collect();
        Self { addresses, _servers: Box::new(replicas) }
    }
}

/// Path of files and of replicas alike.
const PATH: &str = "/config.json";

fn url(gateway: &Gateway) -> String {
    format!("http://{}{PATH}", gateway.server.1)
}

/// Ten clients that poll twenty times each, in any order.
fn poll(gateway: &Gateway, more: &[&str]) {
    let url = url(gateway);
    let args = ["poll", &url, "--clients=10", "--polls=20", "--cadence=shuffled", "--no-save"];
    output_of(&[&args, more].concat());
}

/// Ten clients of a library without a cache, on a connection each.
fn fetch(gateway: &Gateway) {
    let url = url(gateway);
    for _ in 0..10 {
        let mut command = Command::new("curl");
        command.args(["-s", "-A", "Go-http-client/1.1"]);
        for _ in 0..20 {
            command.args(["-o", "/dev/null", &url]);
        }
        assert!(command.status().expect("curl starts").success());
    }
}

fn await_lines(gateway: &Gateway, count: usize) -> String {
    eventually("lines of the log", PATIENCE, || {
        let text = gateway.text();
        (text.matches(PATH).count() >= count).then_some(text)
    })
}

/// Asserts exit code and first finding of a log of so many lines.
#[track_caller]
fn check(what: &str, gateway: &Gateway, lines: usize, (code, name): Said) {
    let path = home().join("elsewhere.log");
    std::fs::write(&path, await_lines(gateway, lines)).expect("a new file");
    let (status, record) = judged(&path);
    let findings = &record["findings"];
    let found = (status, findings[0]["name"].as_str());
    assert_eq!(found, (Some(code), Some(name)), "{what}: {findings:#}");
}

/// Every fleet that stays as it is.
fn check_all(gateway: &dyn Fn(&[SocketAddr]) -> Gateway, log: Log) {
    let zipped: &[&str] = &["--accept-encoding=gzip", "--validate=etag"];
    for (what, origins, more, expected) in [
        ("mtime", Origins::copies_of_different_times as fn() -> _, &[][..], log.copies),
        ("inode", Origins::inodes, &[], log.copies),
        ("suffix", Origins::suffix, zipped, log.suffix),
        ("conditions", Origins::without_conditions, &[], log.conditions),
    ] {
        let origins = origins();
        let gateway = gateway(&origins.addresses);
        poll(&gateway, more);
        check(what, &gateway, 200, expected);
    }
    let origins = Origins::healthy();
    let gateway = gateway(&origins.addresses);
    fetch(&gateway);
    check("no conditions", &gateway, 200, log.silent);
}

fn check_everything(gateway: impl Fn(&[SocketAddr]) -> Gateway, log: Log) {
    let (Some(_), Some(_), Some(_)) = (require("nginx"), require("apache2"), require("curl"))
    else {
        return;
    };
    check_all(&gateway, log);
}

#[test]
fn haproxy_tells_every_fleet_with_its_snippet() {
    let Some(_) = require("haproxy") else { return };
    let snippet = snippet("haproxy");
    check_everything(|origins| haproxy(origins, &snippet), TAGS);
}

#[test]
fn apache_tells_every_fleet_with_its_snippet() {
    check_everything(apache, TAGS);
}

#[test]
fn apache_leaves_all_open_by_default() {
    check_everything(apache_combined, PLAIN);
}

#[test]
fn caddy_tells_every_fleet_with_its_snippet() {
    let Some(_) = require("caddy") else { return };
    check_everything(caddy, TAGS);
}

#[test]
fn caddy_tells_every_fleet_by_default() {
    let Some(_) = require("caddy") else { return };
    check_everything(caddy_default, TAGS);
}

#[test]
fn varnish_mends_what_concerns_conditions() {
    let (Some(_), Some(_)) = (require("varnishd"), require("varnishncsa")) else { return };
    let lines = snippet("varnish");
    let format = lines.split('\'').nth(1).expect("the format is quoted");
    check_everything(|origins| varnish(origins, &["-j", "-F", format]), MENDED);
    check_everything(|origins| varnish(origins, &[]), MENDED_PLAIN);
}

#[test]
fn envoy_tells_what_tags_tell_with_its_snippet() {
    let Some(program) = fetched::fetched("envoy") else { return };
    check_everything(|origins| envoy(&program, origins, true), TAGS_ALONE);
}

#[test]
fn envoy_leaves_all_open_by_default() {
    let Some(program) = fetched::fetched("envoy") else { return };
    check_everything(|origins| envoy(&program, origins, false), PLAIN);
}

#[test]
fn traefik_tells_what_tags_tell_with_its_snippet() {
    let Some(program) = fetched::fetched("traefik") else { return };
    check_everything(|origins| traefik(&program, origins, true), TAGS_ALONE);
}

#[test]
fn traefik_leaves_all_open_by_default() {
    let Some(program) = fetched::fetched("traefik") else { return };
    check_everything(|origins| traefik(&program, origins, false), PLAIN);
}
