//! `check --since` and `--watch --for` through deploys on servers of other people: one that nobody
//! sees, one that everybody downloads needlessly, one that is half-way, and a healthy one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, SystemTime};

use rustix::process::Signal;
use serde_json::Value;

use crate::check::servers::{
    EXPRESS, NEWEST_EXPRESS, Server, caddy, copy, express, folder, nginx, write,
};
use crate::support::process::{PATIENCE, Running};
use crate::support::served::balancer;
use crate::support::{assert_code, etag_lab, eventually, json_of, left_out, require, stderr};

/// Server of the files in a folder.
type Start = fn(&Path) -> Server;

const PRODUCTS: [(&str, &[&str], Start); 4] = [
    ("nginx", &["nginx"], |root| nginx("", &format!("root {};", root.display()))),
    ("Caddy", &["caddy"], |root| caddy(root, "")),
    ("Express", &["node", EXPRESS], |root| express(EXPRESS, root)),
    ("Express 5", &["node", NEWEST_EXPRESS], |root| express(NEWEST_EXPRESS, root)),
];

/// Products that are installed.
fn products() -> impl Iterator<Item = (&'static str, Start)> {
    PRODUCTS.into_iter().filter(|(_, peers, _)| are_there(peers)).map(|(name, _, it)| (name, it))
}

fn are_there(peers: &[&str]) -> bool {
    peers.iter().all(|peer| match *peer {
        // Only where npm could install it.
        NEWEST_EXPRESS if !Path::new(NEWEST_EXPRESS).is_file() => {
            left_out("express@5 (npm)");
            false
        }
        peer => require(peer).is_some(),
    })
}

/// A release: another content of the same size, or the same; the file modified so many seconds later.
fn release(root: &Path, is_new: bool, later: u64) {
    let path = root.join("config.json");
    let content = fs::read_to_string(&path).expect("it was written");
    let content = if is_new { content.replace("flag", "gate") } else { content };
    let modified = fs::metadata(&path).and_then(|it| it.modified()).expect("files have dates");
    fs::write(&path, content).expect("it can be written");
    set_modified(&path, modified + Duration::from_secs(later));
}

fn set_modified(path: &Path, moment: SystemTime) {
    let file = fs::File::options().write(true).open(path).expect("it was just written");
    file.set_modified(moment).expect("it is ours");
}

fn check(url: &str, args: &[&str]) -> Output {
    let mut command = etag_lab();
    command.args(["check", url, "--rate", "0", "--format", "json"]).args(args);
    command.output().expect("etag-lab starts")
}

/// Result of a check before the deploy.
fn before(url: &str) -> PathBuf {
    let output = check(url, &[]);
    assert_code(&output, 0);
    write(&folder(), "before.json", &String::from_utf8_lossy(&output.stdout))
}

/// Asserts what the check after the deploy says changed, and its finding with its cause.
fn assert_told(name: &str, output: &Output, change: &str, finding: &str, cause: Option<&str>) {
    let result = json_of(output);
    let found = result["findings"].as_array().expect("findings are a list");
    let told = found.iter().find(|one| one["name"] == finding);
    let told = told.unwrap_or_else(|| panic!("{name}: no {finding}: {result:#}"));
    assert_eq!(result["since"]["change"], change, "{name}: {result:#}");
    assert_eq!(told["cause"].as_str(), cause, "{name}: {result:#}");
    let serious = found.iter().filter(|one| ["bad", "warn"].contains(&text(&one["severity"])));
    // What Express does at all times is not the point.
    let others: Vec<_> = serious
        .filter(|one| one["name"] != finding && one["name"] != "shared-tag-across-codings")
        .collect();
    assert!(others.is_empty(), "{name}: {others:#?}");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn a_deploy_that_nobody_sees_and_three_others_are_told_apart() {
    for (name, start) in products() {
        for (is_new, later, code, change, finding, cause) in [
            (true, 0, 1, "unseen", "shared-tag-across-contents", Some("over-time")),
            (false, 7, 0, "renewed", "tag-renewed", Some("mtime")),
            (true, 7, 0, "reached", "healthy", None),
            (false, 0, 0, "unchanged", "healthy", None),
        ] {
            let root = copy(0);
            let server = start(&root);
            let url = format!("http://{}/config.json", server.1);
            let before = before(&url);
            release(&root, is_new, later);
            let output = check(&url, &["--since", &before.display().to_string()]);
            assert_told(name, &output, change, finding, cause);
            assert_code(&output, code);
        }
    }
}

#[test]
fn a_deploy_that_is_half_way_is_told_from_replicas_that_differ() {
    for (name, start) in products() {
        let roots = [copy(0), copy(0)];
        let servers = roots.each_ref().map(|root| start(root));
        let front = balancer(&[servers[0].1, servers[1].1], &["--policy", "random"]);
        let url = format!("http://{}/config.json", front.address);
        let before = before(&url);
        release(&roots[1], true, 7);
        let output = check(&url, &["--since", &before.display().to_string()]);
        assert_told(name, &output, "rolling", "content-changing", Some("rolling"));
        release(&roots[0], true, 7);
        let output = check(&url, &["--since", &before.display().to_string()]);
        assert_told(name, &output, "reached", "healthy", None);
    }
}

#[test]
fn a_watch_goes_on_after_healthy_marks_a_deploy_and_ends_with_one_verdict() {
    let Some(_) = require("nginx") else { return };
    for (later, what, finding) in [
        (0, "deploy: since", "shared-tag-across-contents"),
        (7, "deploy: the deploy reaches everybody", "healthy"),
    ] {
        let root = copy(0);
        let server = nginx("", &format!("root {};", root.display()));
        let url = format!("http://{}/config.json", server.1);
        let mut command = etag_lab();
        command.args(["check", &url, "--rate", "0", "--format", "json", "--watch"]);
        let mut watch = Running::start(command.args(["--for", "1h", "--every", "100ms"]));
        let said = |watch: &mut Running, what: &str| {
            eventually(what, PATIENCE, || watch.stderr().contains(what).then_some(()));
        };
        said(&mut watch, "healthy");
        release(&root, true, later);
        said(&mut watch, what);
        watch.signal(Signal::INT);
        assert_eq!(watch.wait().code(), Some(130));
        let result: Value = serde_json::from_str(&watch.stdout()).expect("it is JSON");
        assert_eq!(result["events"][0]["what"], "deploy", "{result:#}");
        assert_eq!(result["findings"][0]["name"], finding, "{result:#}");
        assert!(watch.stderr().contains("at most 20 every 100ms"), "{}", watch.stderr());
    }
}

#[test]
fn the_worst_of_a_watch_is_its_exit_code() {
    let Some(_) = require("nginx") else { return };
    let root = copy(0);
    let server = nginx("", &format!("root {};", root.display()));
    let url = format!("http://{}/config.json", server.1);
    let before = before(&url).display().to_string();
    release(&root, true, 0);
    let output = check(&url, &["--since", &before, "--watch", "--for", "1ms", "--every", "1ms"]);
    assert_code(&output, 1);
    let result = json_of(&output);
    assert_eq!(result["findings"][0]["cause"], "over-time", "{result:#}");
    assert!(result["rounds"].as_u64() >= Some(1), "{result:#}");
}

#[test]
fn what_cannot_be_compared_is_refused_by_name() {
    let place = folder();
    let empty = r#"{"schema":"etag-lab.check/1","target":"http://127.0.0.1:9/","validators":[]}"#;
    let other = r#"{"schema":"etag-lab.check/1","target":"http://127.0.0.1:9/x","validators":
        [{"tag":"\"a\"","coding":"identity","last_modified":null,"sha256":null}]}"#;
    for (json, said) in [
        ("<html>", "it is no JSON"),
        ("{}", "it is no result of a check"),
        (r#"{"schema":"etag-lab.run/1"}"#, "it is of the form etag-lab.run/1"),
        (r#"{"schema":"etag-lab.check/1","target":"http://a/"}"#, "does not keep the hashes"),
        (empty, "it holds no tag and no date"),
        (other, "the earlier result is of http://127.0.0.1:9/x, and not of http://127.0.0.1:9/"),
    ] {
        let path = write(&place, "earlier.json", json).display().to_string();
        let output = check("http://127.0.0.1:9/", &["--since", &path]);
        assert_code(&output, 2);
        assert!(stderr(&output).contains(said), "{json}: {}", stderr(&output));
    }
    let missing = place.join("missing.json").display().to_string();
    assert_code(&check("http://127.0.0.1:9/", &["--since", &missing]), 3);
}

#[test]
fn a_result_for_a_later_check_holds_no_credential() {
    let Some(_) = require("nginx") else { return };
    let root = copy(0);
    let server = nginx("", &format!("root {};", root.display()));
    let url = format!("http://{}/config.json?token=s3cr3t-t0k3n", server.1);
    let given = ["-H", "Authorization: Bearer s3cr3t-b34r3r"];
    let output = check(&url, &given);
    let result = json_of(&output);
    assert_eq!(result["request_fields"], serde_json::json!(["authorization"]));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("s3cr3t"));
    let before = write(&folder(), "before.json", &result.to_string()).display().to_string();
    let again = check(&url, &[&given[..], &["--since", &before]].concat());
    assert_eq!(json_of(&again)["since"]["change"], "unchanged");
    // Asked without the field, the answer may be another for that alone.
    let without = check(&url, &["--since", &before]);
    assert_eq!(json_of(&without)["since"]["change"], "unclear");
}
