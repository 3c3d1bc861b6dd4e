//! A real etcd of the test's own, written to over its JSON gateway.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::support::http::Answer;
use super::support::process::{PATIENCE, Running};
use super::support::served::start_on_a_free_port;
use super::support::{eventually, home, require};
use super::{Tested, await_polls, await_table, get, holding, polls};

/// A running etcd.
pub(crate) struct Etcd {
    pub(crate) process: Running,
    pub(crate) address: SocketAddr,
}

impl Etcd {
    /// Starts one in a new folder; `None` where there is no etcd on this machine.
    pub(crate) fn start() -> Option<Self> {
        let program = require("etcd")?;
        let (process, address) = start_on_a_free_port(|address| command(&program, address));
        let etcd = Self { process, address };
        etcd.await_leader();
        Some(etcd)
    }

    /// It listens before it has elected itself.
    fn await_leader(&self) {
        eventually("an etcd with a leader", PATIENCE, || {
            self.try_call("/v3/kv/range", &json!({"key": "AA=="})).ok()
        });
    }

    /// The folder `/routes/` as a source.
    pub(crate) fn source(&self) -> String {
        format!("etcd://{}/routes", self.address)
    }

    pub(crate) fn put(&self, key: &str, value: &str) {
        self.call("/v3/kv/put", &json!({"key": base64(key), "value": base64(value)}));
    }

    pub(crate) fn delete(&self, key: &str) {
        let deleted = self.call("/v3/kv/deleterange", &json!({"key": base64(key)}));
        assert_eq!(deleted["deleted"], "1", "{key} was there");
    }

    fn call(&self, path: &str, question: &Value) -> Value {
        self.try_call(path, question).expect("etcd answers")
    }

    fn try_call(&self, path: &str, question: &Value) -> std::io::Result<Value> {
        let content = question.to_string();
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (address, length) = (self.address, content.len());
        // In HTTP/1.0, so that the answer has no chunks.
        write!(
            stream,
            "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{content}"
        )?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let answer = Answer::read(&bytes).filter(|answer| answer.status == 200);
        let answer = answer
            .ok_or_else(|| std::io::Error::other(String::from_utf8_lossy(&bytes).into_owned()))?;
        Ok(serde_json::from_slice(&answer.content)?)
    }
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

fn data(address: SocketAddr) -> PathBuf {
    home().join(format!("etcd-{}", address.port()))
}

fn command(program: &Path, address: SocketAddr) -> Command {
    let url = format!("http://{address}");
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(data(address));
    command.args(["--listen-client-urls", &url, "--advertise-client-urls", &url]);
    command.args(["--listen-peer-urls", "http://127.0.0.1:0", "--log-level", "error"]);
    command
}

#[test]
fn each_key_under_the_prefix_is_a_route_until_it_is_deleted() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/routes/b", r#"{"to": 2, "zone": "z"}"#);
    etcd.put("/routes/a/1", r#"{"to": 1}"#);
    etcd.put("/routesx", "elsewhere");
    let proxy = holding(&etcd.source(), &[]);
    let first = get(proxy.address, "/routes", &[]);
    let expected = r#"{"routes":[{"id":"a/1","to":1},{"id":"b","to":2,"zone":"z"}]}"#;
    assert_eq!(String::from_utf8_lossy(&first.content), expected);
    assert_eq!(get(proxy.address, "/routes/-/a/1", &[]).content, br#"{"id":"a/1","to":1}"#);
    // A change, an addition, and a deletion, which no revision of a key shows.
    etcd.put("/routes/b", r#"{"to":3,"zone":"z"}"#);
    await_table(proxy.address, r#""to":3"#);
    etcd.put("/routes/c", "{}");
    await_table(proxy.address, r#"{"id":"c"}"#);
    etcd.delete("/routes/c");
    await_table(proxy.address, r#""zone":"z"}]}"#);
    // Deleted and made again between two polls or not: it ends the same.
    etcd.delete("/routes/a/1");
    etcd.put("/routes/d", "{}");
    let last = await_table(proxy.address, r#"[{"id":"b","to":3,"zone":"z"},{"id":"d"}]"#);
    assert_ne!(last.field("etag"), first.field("etag"));
    let changed = polls(proxy.address, "changed");
    etcd.put("/elsewhere", "nothing");
    await_polls(proxy.address, "unchanged");
    assert_eq!(polls(proxy.address, "changed"), changed);
}

#[test]
fn what_is_no_route_in_etcd_keeps_the_last_table() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/routes/a", "{}");
    let proxy = holding(&etcd.source(), &[]);
    etcd.put("/routes/b", "half a rou");
    await_polls(proxy.address, "malformed");
    assert_eq!(get(proxy.address, "/routes", &[]).content, br#"{"routes":[{"id":"a"}]}"#);
    etcd.put("/routes/b", "{}");
    await_table(proxy.address, r#"{"id":"b"}"#);
    etcd.delete("/routes/a");
    etcd.delete("/routes/b");
    await_polls(proxy.address, "empty");
    assert_eq!(get(proxy.address, "/health", &[]).status, 204);
}

#[test]
fn an_etcd_that_is_killed_costs_nothing_but_freshness() -> Tested {
    let Some(mut etcd) = Etcd::start() else { return Ok(()) };
    etcd.put("/routes/a", "{}");
    let proxy = holding(&etcd.source(), &[]);
    let held = get(proxy.address, "/routes", &[]);
    etcd.process.signal(rustix::process::Signal::KILL);
    etcd.process.wait();
    await_polls(proxy.address, "error");
    let kept = get(proxy.address, "/routes", &[]);
    assert_eq!((kept.status, kept.field("etag")), (200, held.field("etag")));
    assert_eq!(kept.field("last-modified"), held.field("last-modified"));
    // It comes back with what it had.
    let program = require("etcd").ok_or("it was there")?;
    let again = Running::start(&mut command(&program, etcd.address));
    await_polls(proxy.address, "unchanged");
    drop(again);
    Ok(())
}

#[test]
fn an_etcd_that_begins_anew_is_not_taken_for_the_one_that_it_replaces() -> Tested {
    let Some(mut etcd) = Etcd::start() else { return Ok(()) };
    for id in ["a", "b", "c"] {
        etcd.put(&format!("/routes/{id}"), "{}");
    }
    let proxy = holding(&etcd.source(), &[]);
    await_polls(proxy.address, "unchanged");
    // While the proxy looks away, etcd loses everything and gets as many routes as it had, none of
    // them of a later revision, and other keys that bring its own revision to where it was.
    proxy.process.signal(rustix::process::Signal::STOP);
    etcd.process.signal(rustix::process::Signal::KILL);
    etcd.process.wait();
    std::fs::remove_dir_all(data(etcd.address))?;
    let program = require("etcd").ok_or("it was there")?;
    etcd.process = Running::start(&mut command(&program, etcd.address));
    etcd.await_leader();
    for id in ["d", "e", "f"] {
        etcd.put(&format!("/routes/{id}"), "{}");
    }
    for n in 0..8 {
        etcd.put(&format!("/elsewhere/{n}"), "nothing");
    }
    proxy.process.signal(rustix::process::Signal::CONT);
    await_table(proxy.address, r#"[{"id":"d"},{"id":"e"},{"id":"f"}]"#);
    Ok(())
}
