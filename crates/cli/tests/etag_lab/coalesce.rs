//! `etag-lab coalesce` as a fleet and its operators meet it: real sources, foreign clients, sources
//! that fail in every way.
//!
//! What a table is, and which date it has, is tested in `coalescer`.

mod access;
mod agreement;
mod clients;
mod etcd;
mod examples;
mod flags;
mod lanes;
mod last_known_good;
mod left_out;
mod metrics;
mod own_clients;
mod rollout;
mod serving;
mod source;
mod upstreams;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::support::http::{Answer, ask};
use crate::support::process::PATIENCE;
use crate::support::served::Served;
use crate::support::{Tested, eventually, home};

/// A proxy that looks at its source many times a second.
fn start(upstream: &str, args: &[&str]) -> Served {
    let usual = ["coalesce", "--interval=20ms", "--timeout=60s", "--upstream", upstream];
    Served::start(&[&usual[..], args].concat())
}

/// The same once it holds a table.
fn holding(upstream: &str, args: &[&str]) -> Served {
    let proxy = start(upstream, args);
    eventually("a table", PATIENCE, || {
        let health = ask(proxy.address, "GET /health", &[]).expect("it answers");
        (health.status == 204).then_some(())
    });
    proxy
}

/// A file in the test's folder.
fn file(name: &str, content: &str) -> PathBuf {
    let path = home().join(name);
    std::fs::write(&path, content).expect("the file can be written");
    path
}

/// A file with a table, and its name as a source.
fn table(name: &str, content: &str) -> (PathBuf, String) {
    let path = file(name, content);
    let source = path.display().to_string();
    (path, source)
}

/// `GET` of a target.
fn get(address: SocketAddr, target: &str, fields: &[&str]) -> Answer {
    ask(address, &format!("GET {target}"), fields).expect("the proxy answers")
}

/// Waits until the table holds `text`, and returns the answer that did.
fn await_table(address: SocketAddr, text: &str) -> Answer {
    eventually(&format!("a table with {text}"), PATIENCE, || {
        let answer = get(address, "/routes", &[]);
        String::from_utf8_lossy(&answer.content).contains(text).then_some(answer)
    })
}

/// The value of one line of the page of metrics.
fn metric<N: FromStr>(address: SocketAddr, line: &str) -> N {
    let page = get(address, "/metrics", &[]);
    let page = String::from_utf8(page.content).expect("metrics are UTF-8");
    let value = page.lines().find_map(|known| known.strip_prefix(line)?.strip_prefix(' '));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {line} in {page}"))
}

/// Polls of the source with this outcome, so far.
fn polls(address: SocketAddr, outcome: &str) -> u64 {
    metric(address, &format!("coalescer_upstream_polls_total{{outcome=\"{outcome}\"}}"))
}

/// Waits for two more polls with this outcome: the last of them began after this was called.
fn await_polls(address: SocketAddr, outcome: &str) {
    let before = polls(address, outcome);
    eventually(&format!("polls that are {outcome}"), PATIENCE, || {
        (polls(address, outcome) >= before + 2).then_some(())
    });
}
