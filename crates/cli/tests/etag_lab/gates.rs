//! Exit codes that close a gate: programs of somebody else that do not survive several replicas, and
//! conditions of the user's own.

use std::net::SocketAddr;
use std::process::Output;

use serde_json::Value;

use crate::support::process::Running;
use crate::support::served::{Served, balancer, start_on_a_free_port, url};
use crate::support::{
    Tested, assert_code, at_home, ended, etag_lab, home, json_of, require, stderr, stdout,
    workspace,
};

/// The start of its process, as many programs have it in their content.
const STARTED: &str = "STARTED";
const SERVER: &str = r#"
import hashlib, json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STARTED = time.time_ns()
asked = 0

class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        global asked
        asked += 1
        content = json.dumps({"limits": list(range(200)), "build": {"started": VALUE}}).encode()
        tag = '"%s"' % hashlib.sha256(content).hexdigest()[:32]
        current = self.headers.get("If-None-Match") == tag
        self.send_response(304 if current else 200)
        self.send_header("ETag", tag)
        if not current:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if current else content)

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Server).serve_forever()
"#;

/// Writes a server with this Python expression in its content; returns the name of the file.
fn server(value: &str) -> &'static str {
    let text = SERVER.replace("VALUE", value);
    std::fs::write(home().join("server.py"), text).expect("the program can be written");
    "server.py"
}

/// Runs `command` as the fleet of the usual scenario.
fn run_own(command: &str, args: &[&str]) -> Output {
    let run = ["run", "--no-save", "--replica-command", command];
    etag_lab().args(run).args(args).output().expect("etag-lab starts")
}

/// Three processes of the server behind a balancer.
struct Fleet {
    _replicas: Vec<Running>,
    balancer: Served,
    first: SocketAddr,
}

fn fleet(program: &str) -> Fleet {
    let start = |replica: u32| {
        start_on_a_free_port(|address| {
            let mut command = at_home("python3");
            command.arg(program).env("PORT", address.port().to_string());
            command.env("REPLICA", replica.to_string());
            command
        })
    };
    let (replicas, addresses): (Vec<_>, Vec<_>) = (1..=3).map(start).unzip();
    let balancer = balancer(&addresses, &["--policy", "round-robin"]);
    Fleet { _replicas: replicas, balancer, first: addresses[0] }
}

fn poll(address: SocketAddr, args: &[&str]) -> Output {
    let address = url(address);
    let poll = ["poll", address.as_str(), "--no-save", "--format", "json"];
    etag_lab().args(poll).args(args).output().expect("etag-lab starts")
}

/// Evidence of the finding with this code, if there is one.
fn evidence(record: &Value, code: &str) -> Option<String> {
    let findings = record["findings"].as_array().expect("findings are a list");
    let found = findings.iter().find(|finding| finding["code"] == code)?;
    found["evidence"].as_str().map(str::to_owned)
}

#[test]
fn a_start_time_in_the_content_of_an_own_program_is_named_and_fails_the_run() {
    let Some(_) = require("python3") else { return };
    let command = format!("python3 {}", server(STARTED));
    let output = run_own(&command, &["--format", "json"]);
    assert_code(&output, 1);
    let record = json_of(&output);
    assert_eq!(record["arms"][0]["contents_in_turn"], 3, "{record:#}");
    let evidence = evidence(&record, "ETL008").unwrap_or_default();
    assert!(evidence.contains(", at $.build.started"), "{:#}", record["findings"]);
    let output = run_own(&command, &["--color", "always"]);
    assert_code(&output, 1);
    let table = stdout(&output);
    let row = |label| table.lines().find(|line| line.contains(label)).unwrap_or_default();
    // Nothing needless, because every replica has something else, is not good news.
    for label in ["needless 200s", "distinct tags, same bytes"] {
        assert!(!row(label).contains("\u{1b}[32m"), "{table}");
    }
    assert!(row("distinct bytes, in turn").contains("\u{1b}[31m3"), "{table}");
}

#[test]
fn poll_names_it_as_well_and_finds_nothing_in_one_replica_alone() {
    let Some(_) = require("python3") else { return };
    let fleet = fleet(server(STARTED));
    let output = poll(fleet.balancer.address, &[]);
    assert_code(&output, 1);
    let evidence = evidence(&json_of(&output), "ETL008").unwrap_or_default();
    assert!(evidence.contains(", at $.build.started"), "{evidence}");
    let output = poll(fleet.first, &[]);
    assert_code(&output, 0);
    assert_eq!(json_of(&output)["arms"][0]["contents_in_turn"], 0);
}

#[test]
fn replicas_that_differ_are_named_where_no_client_meets_two_of_them() {
    let Some(_) = require("python3") else { return };
    let command = format!("python3 {}", server(STARTED));
    // Ten clients in turn: each meets the same one of two.
    let output = run_own(&command, &["--format", "json", "--replicas", "2"]);
    assert_code(&output, 0);
    let record = json_of(&output);
    assert_eq!(record["arms"][0]["not_modified"], 490, "{record:#}");
    let evidence = evidence(&record, "ETL008").unwrap_or_default();
    assert!(evidence.contains(", at $.build.started"), "{:#}", record["findings"]);
}

#[test]
fn a_304_is_verified_where_a_program_serves_what_it_was_given() {
    let Some(_) = require("python3") else { return };
    let made =
        "json.dumps({\"limits\": list(range(200)), \"build\": {\"started\": VALUE}}).encode()";
    let verbatim = SERVER.replace(made, "open(os.environ[\"RESOURCE\"], \"rb\").read()");
    let frozen = verbatim.replace("hashlib.sha256(content).hexdigest()[:32]", "7");
    assert!(verbatim != SERVER && frozen != verbatim);
    // 25 rounds of 10 clients after the change, which a tag that stays the same hides from them.
    for (text, stale, code) in [(verbatim, 0, 0), (frozen, 250, 1)] {
        std::fs::write(home().join("server.py"), text).expect("the program can be written");
        let output = run_own("python3 server.py", &["--format", "json"]);
        assert_code(&output, code);
        let record = json_of(&output);
        let verdicts = &record["arms"][0]["verdicts"];
        assert_eq!(
            (&verdicts["false_validation"], &verdicts["unverifiable"]),
            (&stale.into(), &0.into())
        );
        assert_eq!(evidence(&record, "ETL007"), None, "{:#}", record["findings"]);
        assert_eq!(evidence(&record, "ETL002").is_some(), stale > 0, "{:#}", record["findings"]);
    }
}

#[test]
fn content_that_changes_is_not_content_of_replicas() {
    let Some(_) = require("python3") else { return };
    let own_clock = "time.time_ns() if os.environ['REPLICA'] == '1' else 0";
    for (value, replicas) in [
        // A clock in one of three.
        (own_clock, "3"),
        // A clock, or a version that advances, in the only one.
        ("time.time_ns()", "1"),
        ("asked // 40", "1"),
        // On all of them at once, as far as they are asked alike.
        ("asked // 40", "3"),
    ] {
        let command = format!("python3 {}", server(value));
        let output = run_own(&command, &["--format", "json", "--replicas", replicas]);
        let record = json_of(&output);
        assert_eq!(evidence(&record, "ETL008"), None, "{value}: {:#}", record["findings"]);
        assert_code(&output, 0);
    }
}

#[test]
fn a_bad_arm_fails_unless_the_scenario_says_what_is_to_be_expected_of_it() {
    let Some(_) = require("python3") else { return };
    let server = workspace().join("scenarios/replicas/start_time_tag.py");
    let arm = format!("[[arm]]\nname = 'only'\ncommand = \"python3 '{}'\"\n", server.display());
    let check = |more: &str, code| {
        std::fs::write(home().join("own.toml"), arm.clone() + more).expect("written");
        let output = ended(&["run", "own.toml", "--no-save", "--no-changes"], code);
        assert!(stdout(&output).contains("ETL001"), "{}", stdout(&output));
    };
    check("", 1);
    check("[[expect]]\nthat = 'needless_transfer == 490'\n", 0);
    check("[[expect]]\nthat = 'needless_transfer == 0'\n", 1);
}

#[test]
fn a_condition_fails_a_poll_and_is_saved_with_it() {
    let replica = Served::start(&["replica"]);
    let polls = ["--clients", "2", "--polls", "4"];
    let conditions = ["--fail-if", "not_modified_ratio < 95 %", "--fail-if", "poll.error > 0"];
    let output = poll(replica.address, &[&polls[..], &conditions].concat());
    assert_code(&output, 0);
    assert_eq!(json_of(&output)["expectations"].as_array().map(Vec::len), Some(2));
    let output = poll(replica.address, &[&polls[..], &["--fail-if", "not_modified > 5"]].concat());
    assert_code(&output, 1);
    let expectation = &json_of(&output)["expectations"][0];
    assert_eq!(expectation["observed"], "poll.not_modified = 6");
}

#[test]
fn a_condition_that_decides_nothing_is_refused_before_anything_runs() -> Tested {
    let scenario = "[[arm]]\nname = 'only'\nstrategy = 'content-hash'\n[[expect]]\nthat = ";
    std::fs::write(home().join("e.toml"), format!("{scenario}'not_modified_ratio > 95'\n"))?;
    let mut complaints = String::new();
    for args in [
        &["run", "--fail-if", "before.not_modified_ratio > 95"][..],
        &["run", "--fail-if", "before.not_modified_ratio < 95"],
        &["run", "--fail-if", "before.error >= 0"],
        &["run", "--fail-if", "before.error > 5 and before.error < 2"],
        &["run", "e.toml"],
        &["poll", "http://127.0.0.1:9/", "--fail-if", "not_modified_ratio <= 100 %"],
    ] {
        let output = ended(args, 2);
        assert_eq!(stdout(&output), "");
        complaints += stderr(&output);
    }
    insta::assert_snapshot!("decides_nothing", complaints);
    Ok(())
}
