//! Control planes on a real etcd: every scenario that has one, and a run during which proxy and etcd
//! are killed again and again.
//! The same scenarios on what is embedded run with all others, in `contracts`.

use std::net::SocketAddr;
use std::path::Path;

use rustix::process::Signal;
use scenario::BUILT_IN;
use serde_json::Value;

use crate::support::etcd::Etcd;
use crate::support::http::ask;
use crate::support::process::{PATIENCE, Running};
use crate::support::served::{Served, free_address};
use crate::support::{etag_lab, eventually, home, output_of, require, run_json, stderr};

#[test]
fn every_scenario_with_a_control_plane_holds_on_a_real_etcd() {
    let Some(_etcd) = require("etcd") else { return };
    let mut names = Vec::new();
    for scenario in BUILT_IN.iter().filter(|s| s.text.contains("\n[control-plane]\n")) {
        let record = run_json(&["run", scenario.name, "--real", "--no-save"]);
        let expectations = record["expectations"].as_array().expect("a list");
        assert!(!expectations.is_empty(), "{} expects nothing", scenario.name);
        assert!(expectations.iter().all(|e| e["passed"] == true), "{}", scenario.name);
        for arm in record["arms"].as_array().expect("a list") {
            assert_eq!(arm["control_plane"]["source"], "etcd", "{}", scenario.name);
        }
        names.push(scenario.name);
    }
    assert_eq!(names.len(), 7, "{names:?}");
}

#[test]
fn an_etcd_of_somebody_else_is_left_as_it_was() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/theirs", "7");
    let url = format!("etcd://{}", etcd.address);
    let record =
        run_json(&["run", "thundering-change", "--source", &url, "--no-save", "--polls", "4"]);
    assert_eq!(record["arms"][0]["control_plane"]["source"], url);
    assert!(record["arms"][0]["control_plane"]["source_requests"].as_u64() > Some(0));
    assert_eq!(etcd.keys("/"), ["/theirs"]);
    assert_eq!(etcd.keys("e"), Vec::<String>::new(), "the proxies' dates");
}

#[test]
fn without_etcd_the_way_out_is_told() {
    let system = ["/usr/sbin/etcd", "/usr/local/sbin/etcd"];
    if system.iter().any(|program| Path::new(program).is_file()) {
        // It is found there whatever the PATH says.
        return;
    }
    let mut command = etag_lab();
    command.args(["run", "freshness", "--real", "--no-save"]).env("PATH", home());
    let output = command.output().expect("etag-lab starts");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("--source etcd://HOST:PORT") && said.contains("etcd-server"), "{said}");
}

/// Once, with the way out as the last word.
#[test]
fn an_etcd_that_nobody_runs_is_said_once() {
    let output = etag_lab()
        .args(["run", "freshness", "--source", "etcd://127.0.0.1:1", "--no-save"])
        .output()
        .expect("etag-lab starts");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert_eq!(said.matches("unreachable: 127.0.0.1:1").count(), 1, "{said}");
    assert!(said.trim_end().ends_with("endpoint health`"), "{said}");
}

/// Written in a file of its own: clients keep what they have while the source is away and while the
/// proxy is, and a proxy does while its source is.
#[test]
fn a_source_that_is_down_costs_freshness_and_nothing_else() {
    let path = home().join("outage.toml");
    std::fs::write(&path, OUTAGE).expect("the scenario can be written");
    let path = path.to_str().expect("the path is text");
    let on_file = run_json(&["run", path, "--no-save"]);
    check_outage(&on_file);
    if require("etcd").is_some() {
        check_outage(&run_json(&["run", path, "--no-save", "--real"]));
    }
}

const OUTAGE: &str = r#"
name = "outage"
[control-plane]
time-factor = 30
routes = 5
[load]
clients = 20
cadence = "open-loop"
interval = "3s"
polls = 16
[[change]]
at-poll = 2
[[event]]
at-poll = 3
kind = "source-down"
[[event]]
at-poll = 6
kind = "source-up"
[[change]]
at-poll = 7
[[expect]]
that = "direct.error > 0 and proxied.error == 0"
[[arm]]
name = "direct"
control-plane = { proxies = 0 }
[[arm]]
name = "proxied"
"#;

fn check_outage(record: &Value) {
    let [direct, proxied] = [0, 1].map(|arm| &record["arms"][arm]);
    assert!(direct["verdicts"]["error"].as_u64() > Some(0), "nobody noticed: {direct}");
    assert_eq!(proxied["verdicts"]["error"], 0, "the proxy has the last table");
    for arm in [direct, proxied] {
        assert_eq!(arm["control_plane"]["source_kills"], 1);
        assert!(
            arm["control_plane"]["freshness_bound_us"].is_null(),
            "no interval bounds an outage"
        );
        assert_eq!(arm["control_plane"]["unknown_tables"], 0);
        assert_eq!(arm["control_plane"]["clients_up_to_date"], 20);
        assert_eq!(arm["tables"]["lost"], 0);
        assert_eq!(arm["verdicts"]["false_validation"], 0);
    }
}

#[test]
fn a_source_that_nobody_serves_is_an_error_of_the_environment() {
    let nobody = format!("etcd://{}", free_address());
    let output = output_of(&["run", "freshness", "--source", &nobody, "--no-save"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("help:"), "{said}");
    assert_eq!(said.matches("unreachable").count(), 1, "{said}");
}

/// Each round kills the proxy, then etcd, and changes a route; meanwhile clients go on polling.
#[test]
#[expect(clippy::print_stderr, reason = "the counts are what one wants to see")]
fn no_table_is_lost_however_often_proxy_and_etcd_are_killed() {
    const ROUNDS: usize = 26;
    const CLIENTS: u64 = 100;
    let Some(mut etcd) = Etcd::start() else { return };
    etcd.put("/routes/a", r#"{"round":0}"#);
    let listen = free_address();
    let mut proxy = start_proxy(&etcd, listen);
    await_table(&proxy, 0);
    let mut clients = start_clients(listen, CLIENTS);
    for round in 1..=ROUNDS {
        // Gone with `kill -9`, and started again at the same address.
        drop(proxy);
        proxy = start_proxy(&etcd, listen);
        etcd.restart();
        etcd.put("/routes/a", &format!(r#"{{"round":{round}}}"#));
    }
    await_table(&proxy, ROUNDS);
    clients.signal(Signal::INT);
    assert_eq!(clients.wait().code(), Some(130), "{}", clients.stderr());
    let record: Value = serde_json::from_str(&clients.stdout()).expect("a record");
    let arm = &record["arms"][0];
    eprintln!(
        "{ROUNDS} kills of the proxy and {ROUNDS} of etcd: {} polls, {} 304s, verdicts {}, tables {}",
        arm["polls"], arm["not_modified"], arm["verdicts"], arm["tables"]
    );
    assert!(arm["not_modified"].as_u64() > Some(0), "{arm}");
    assert!(arm["verdicts"]["error"].as_u64() > Some(0), "nobody noticed a kill: {arm}");
    assert_eq!(arm["verdicts"]["false_validation"], 0);
    assert_eq!(arm["verdicts"]["unverifiable"], 0);
    assert_eq!(arm["tables"]["lost"], 0);
    assert_eq!(arm["tables"]["held_at_end"], CLIENTS);
}

fn start_clients(server: SocketAddr, clients: u64) -> Running {
    let url = format!("http://{server}/routes");
    let mut command = etag_lab();
    command.args(["poll", &url, "--clients", &clients.to_string(), "--polls", "1000000"]);
    command.args(["--cadence", "open-loop", "--interval", "50ms", "--timeout", "2s"]);
    Running::start(command.args(["--no-save", "--format", "json"]))
}

/// A proxy of the lab before etcd.
fn start_proxy(etcd: &Etcd, listen: SocketAddr) -> Served {
    let mut command = etag_lab();
    command.args(["coalesce", "--listen", &listen.to_string(), "--id", "1", "--interval", "10ms"]);
    Served::started_by(command.args(["--upstream", &etcd.source()]))
}

/// Waits until the proxy serves the table of this round.
fn await_table(proxy: &Served, round: usize) {
    let wanted = format!("\"round\":{round}}}");
    eventually("a table in the proxy", PATIENCE, || {
        let table = ask(proxy.address, "GET /routes", &[]).ok()?.content;
        String::from_utf8_lossy(&table).contains(&wanted).then_some(())
    });
}
