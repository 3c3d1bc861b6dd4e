//! `check --write` on servers of other people: what it writes, and where it writes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::check::gateways::certificate;
use crate::check::servers::{Server, copy, folder, nginx, nginx_with_tls};
use crate::support::served::{Served, balancer};
use crate::support::{assert_code, etag_lab, json_of, require, stdout};

fn check(args: &[&str]) -> Output {
    let mut command = etag_lab();
    command.arg("check").args(args).args(["--rate", "0"]).output().expect("etag-lab starts")
}

/// nginx that takes PUT and looks at no condition, its files, and the log of its requests.
fn dav() -> (Server, PathBuf, PathBuf) {
    let (root, log) = (copy(0), folder().join("log"));
    let text = dav_of(&root, &log);
    (nginx("", &text), root, log)
}

fn dav_of(root: &Path, log: &Path) -> String {
    format!("root {}; dav_methods PUT; access_log {};", root.display(), log.display())
}

fn puts(log: &Path) -> usize {
    let log = fs::read_to_string(log).expect("nginx keeps a log");
    log.lines().filter(|line| line.contains("\"PUT ")).count()
}

fn content(root: &Path) -> String {
    fs::read_to_string(root.join("config.json")).expect("it is there")
}

#[test]
fn a_put_that_ignores_its_condition_is_found_and_loses_nothing() {
    let Some(_) = require("nginx") else { return };
    let (server, root, log) = dav();
    let held = content(&root);
    let url = format!("http://{}/config.json", server.1);
    assert_code(&check(&[&url]), 0);
    assert_eq!(puts(&log), 0, "nothing is written unless it is asked for");
    let output = check(&[&url, "--write", "--format", "json"]);
    assert_code(&output, 1);
    let findings = json_of(&output)["findings"].clone();
    assert_eq!(findings[0]["name"], "if-match-ignored", "{findings:#}");
    assert!(findings[0]["evidence"].as_str().is_some_and(|it| it.contains("was carried out")));
    // What it wrote itself is no finding about the tags.
    assert!(!findings.to_string().contains("node-local-tag"), "{findings:#}");
    assert_eq!((puts(&log), content(&root)), (1, held));
}

#[test]
fn each_named_server_gets_one_put_and_an_error_none() {
    let Some(_) = require("nginx") else { return };
    let (one, other) = (dav(), dav());
    let backends = [&one, &other].map(|(server, ..)| format!("--backend={}", server.1));
    let [first, second] = backends.each_ref().map(String::as_str);
    check(&["http://api.example.test/config.json", "--write", first, second]);
    assert_eq!((puts(&one.2), puts(&other.2)), (1, 1));
    let missing = format!("http://{}/missing.json", one.0.1);
    let output = check(&[&missing, "--write"]);
    assert!(stdout(&output).contains("no PUT was tried"), "{output:?}");
    let large = format!("http://{}/config.json", one.0.1);
    check(&[&large, "--write", "--max-content", "10"]);
    assert_eq!(puts(&one.2), 1);
}

#[test]
fn the_content_is_sent_by_http_2_as_well() {
    let (Some(_), Some(_)) = (require("nginx"), require("openssl")) else { return };
    let (key, certificate) = certificate(&folder());
    let (root, log) = (copy(0), folder().join("log"));
    let held = content(&root);
    let (certificate, key, text) = (certificate.display(), key.display(), dav_of(&root, &log));
    let server = nginx_with_tls(&format!(
        "ssl_certificate {certificate}; ssl_certificate_key {key}; {text}"
    ));
    let url = format!("https://localhost:{}/config.json", server.1.port());
    let output = check(&[&url, "--insecure", "--http", "2", "--write"]);
    assert_code(&output, 1);
    assert!(stdout(&output).contains("if-match-ignored"), "{output:?}");
    assert_eq!((puts(&log), content(&root)), (1, held));
}

/// Three replicas that can be written, with tags of this strategy.
fn writable(strategy: &str) -> Vec<Served> {
    let start = |_| Served::start(&["replica", "--writable", "--strategy", strategy]);
    (0..3).map(start).collect()
}

fn names(args: &[&str]) -> Vec<String> {
    let findings = json_of(&check(&[args, &["--write", "--format", "json"]].concat()));
    let findings = findings["findings"].as_array().expect("a list").clone();
    findings.iter().map(|it| it["name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn an_honest_write_that_is_refused_is_found_on_the_labs_own_fleet() {
    let refused = "writer-refused".to_owned();
    for (strategy, is_refused) in
        [("process-nonce", true), ("weak-content-hash", true), ("content-hash", false)]
    {
        let fleet = writable(strategy);
        let addresses: Vec<_> = fleet.iter().map(|replica| replica.address).collect();
        let through = balancer(&addresses, &[]);
        assert_eq!(names(&[&through.url()]).contains(&refused), is_refused, "{strategy}");
        let backends = addresses.iter().map(|address| format!("--backend={address}"));
        let backends: Vec<_> = [through.url()].into_iter().chain(backends).collect();
        let args: Vec<_> = backends.iter().map(String::as_str).collect();
        assert_eq!(names(&args).contains(&refused), is_refused, "{strategy}, each by itself");
    }
}

#[test]
fn a_412_is_right_and_a_405_is_told() {
    let writable = Served::start(&["replica", "--writable"]);
    let output = check(&[&writable.url(), "--write"]);
    let right = "412 × 2, as it should be";
    assert!(stdout(&output).contains(right), "{}", stdout(&output));
    assert_code(&output, 0);
    let reading = Served::start(&["replica"]);
    let output = check(&[&reading.url(), "--write"]);
    assert!(stdout(&output).contains("405, it takes no PUT"), "{}", stdout(&output));
    assert_code(&output, 0);
}
