//! Captures instead of requests, and what the program says besides: formats, exit codes, `explain`.

use std::process::Command;

use serde_json::{Value, json};

use crate::check::servers::{Server, app, copy, nginx};
use crate::support::served::balancer;
use crate::support::{ended, etag_lab, home, json_of, output_of, require, stderr, stdout};

fn fleet(mode: &str) -> (Vec<Server>, crate::support::served::Served) {
    let servers: Vec<_> = (1..=3).map(|replica| app(mode, replica)).collect();
    let addresses: Vec<_> = servers.iter().map(|(_, address)| *address).collect();
    let front = balancer(&addresses, &[]);
    (servers, front)
}

/// curl so often with these flags, each time with the tag it got before.
fn log_of_curl(flags: &str, url: &str, times: usize) -> String {
    let script = format!(
        "tag=; for n in $(seq {times}); do \
           curl -s {flags} -D head ${{tag:+-H \"If-None-Match: $tag\"}} {url} 2>&1; \
           new=$(sed -n 's/^ETag: \\(.*\\)\\r$/\\1/Ip' head); tag=${{new:-$tag}}; done"
    );
    let output = Command::new("sh").arg("-c").arg(script).current_dir(home()).output();
    String::from_utf8_lossy(&output.expect("a shell starts").stdout).into_owned()
}

fn names(check: &Value) -> Vec<&str> {
    let findings = check["findings"].as_array().expect("findings are a list");
    findings.iter().filter_map(|one| one["name"].as_str()).collect()
}

#[test]
fn a_log_of_curl_tells_what_it_can() {
    let (Some(_), Some(_)) = (require("curl"), require("python3")) else { return };
    for (mode, times, expected, code) in [
        ("counter", 6, "node-local-tag", 1),
        ("ignored", 4, "conditionals-ignored", 1),
        ("hash", 10, "healthy", 0),
        ("hash", 3, "inconclusive", 4),
    ] {
        let (_servers, front) = fleet(mode);
        let log = log_of_curl("-v", &format!("http://{}/config", front.address), times);
        let path = home().join("capture.txt");
        std::fs::write(&path, &log).expect("it can be written");
        let output = output_of(&["check", "--wire", "capture.txt", "--format", "json"]);
        let check = json_of(&output);
        assert_eq!(names(&check)[0], expected, "{mode}: {check:#}\n{log}");
        assert_eq!(output.status.code(), Some(code), "{mode}");
        assert_eq!(check["requests"], times, "{mode}");
        assert!(check["notes"].to_string().contains("missing: "), "{mode}: {check:#}");
    }
}

#[test]
fn a_client_that_sends_the_time_of_its_own_copy_is_at_fault() {
    let (Some(_), Some(_)) = (require("wget"), require("nginx")) else { return };
    let server = nginx("", &format!("root {};", copy(0).display()));
    let url = format!("http://{}/config.json", server.1);
    let asks = |further: &str| {
        let script = format!(
            "for n in 1 2 3 4 5 6 7 8 9; do LC_ALL=C wget -d -N {further} -P got {url}; done"
        );
        let output = Command::new("sh").arg("-c").arg(script).current_dir(home()).output();
        std::fs::remove_dir_all(home().join("got")).expect("wget made it");
        std::fs::write(home().join("wget.txt"), output.expect("a shell starts").stderr)
            .expect("it can be written");
        json_of(&output_of(&["check", "--wire", "wget.txt", "--format", "json"]))
    };
    let check = asks("--no-use-server-timestamps");
    assert_eq!(names(&check)[0], "client-at-fault", "{check:#}");
    assert_eq!(check["findings"][0]["cause"], "invented-date", "{check:#}");
    // With the date that it was given it gets its 304s.
    let check = asks("");
    assert!(!names(&check).contains(&"client-at-fault"), "{check:#}");
}

#[test]
fn other_logs_of_curl_tell_the_same() {
    let (Some(_), Some(_)) = (require("curl"), require("python3")) else { return };
    let (_servers, front) = fleet("counter");
    let url = format!("http://{}/config", front.address);
    for (flags, has_contents) in [
        ("--trace -", true),
        ("--trace - --trace-time", true),
        ("--trace-ascii - -o content", false),
        ("-v --trace-time -o content", false),
        ("-v --compressed -o content", false),
    ] {
        let log = log_of_curl(flags, &url, 8);
        std::fs::write(home().join("capture.txt"), &log).expect("it can be written");
        let check = json_of(&output_of(&["check", "--wire", "capture.txt", "--format", "json"]));
        assert_eq!(names(&check)[0], "node-local-tag", "{flags}: {check:#}\n{log}");
        assert_eq!(check["requests"], 8, "{flags}");
        let missing = check["notes"].to_string().contains("missing: contents");
        assert_eq!(missing, !has_contents, "{flags}: {check:#}");
    }
    std::fs::write(home().join("capture.txt"), log_of_curl("-v", "http://127.0.0.1:1/", 2))
        .expect("it can be written");
    ended(&["check", "--wire", "capture.txt"], 2);
}

#[test]
fn a_capture_of_a_browser_is_judged_without_any_request() {
    let entry = |sent: &str, status: u16, tag: &str| {
        json!({
            "request": {
                "method": "GET", "url": "https://api.example.test/config",
                "headers": [
                    {"name": ":method", "value": "GET"},
                    {"name": "accept-encoding", "value": "gzip, deflate, br, zstd"},
                    {"name": "if-none-match", "value": sent},
                ],
            },
            "response": {
                "status": status, "httpVersion": "http/2.0",
                "headers": [{"name": "etag", "value": tag}, {"name": "content-encoding", "value": "br"}],
                "content": {"size": 2, "mimeType": "application/json", "text": "{}"},
            },
        })
    };
    let entries = [entry("\"1-gzip\"", 200, "\"1-gzip\""), entry("\"1-gzip\"", 200, "\"1-gzip\"")];
    let har = json!({"log": {"version": "1.2", "entries": entries}});
    std::fs::write(home().join("capture.har"), har.to_string()).expect("it can be written");
    let output = output_of(&["check", "--har", "capture.har", "--format", "json"]);
    let check = json_of(&output);
    assert_eq!(names(&check), ["suffix-not-understood"], "{check:#}");
    assert_eq!(output.status.code(), Some(1));
    for file in ["missing.har", "."] {
        ended(&["check", "--har", file], 3);
    }
    std::fs::write(home().join("other.har"), "no JSON").expect("it can be written");
    ended(&["check", "--har", "other.har"], 2);
}

/// Runs `check` with this capture in little memory; its exit code and what it said.
fn bounded(capture: &str) -> (Option<i32>, String) {
    let script = format!("ulimit -v 600000; {capture}");
    let output = Command::new("sh")
        .args(["-c", &script])
        .arg(etag_lab().get_program())
        .current_dir(home())
        .output()
        .expect("a shell starts");
    (output.status.code(), stderr(&output).to_owned())
}

#[test]
fn a_capture_without_end_is_read_no_further_than_the_limit() {
    for (capture, limit) in [
        (
            "(printf '> GET / HTTP/1.1\\n> Host: a\\n'; cat /dev/zero) | \"$0\" check --wire -",
            "more than 1 GiB",
        ),
        ("mkfifo p; yes ' ' >p & \"$0\" check --har p", "more than 64 MiB in one exchange"),
        (
            "(printf '{\"log\":{\"entries\":['; \
             yes '{\"request\":{\"method\":\"GET\",\"url\":\"http://a/\"}},') | \"$0\" check --har -",
            "more than 100,000 exchanges",
        ),
    ] {
        let (code, said) = bounded(capture);
        assert!(code == Some(2) && said.contains(limit), "{capture}: {code:?} {said}");
    }
    let (code, said) = bounded("\"$0\" check --har /dev/zero");
    assert!(code == Some(2) && said.contains("no HAR file"), "{said}");
    for noise in ["/dev/zero", "/dev/urandom"] {
        let (code, said) = bounded(&format!("timeout 2 \"$0\" check --wire {noise}"));
        assert!(code == Some(2) && said.contains("no HTTP exchange"), "{noise}: {said}");
    }
}

/// Many large contents cost no more memory than one.
#[test]
fn contents_of_a_capture_are_hashed_and_let_go() {
    let text = "x".repeat(2_000_000);
    let entry = |tag: u32| {
        json!({
            "request": {"method": "GET", "url": "http://a.example/", "headers": []},
            "response": {
                "status": 200,
                "headers": [{"name": "etag", "value": format!("\"{tag}\"")}],
                "content": {"size": text.len(), "text": text},
            },
        })
    };
    let entries: Vec<_> = (0..30).map(|n| entry(n).to_string()).collect();
    let har = format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(","));
    std::fs::write(home().join("large.har"), har).expect("it can be written");
    let (code, said) = bounded("ulimit -v 150000; \"$0\" check --har large.har >/dev/null");
    assert_eq!((code, said.as_str()), (Some(1), ""));
}

#[test]
fn every_format_tells_the_same_and_fail_on_decides_the_exit_code() {
    let Some(_) = require("python3") else { return };
    let (_servers, front) = fleet("one-string");
    let url = format!("http://{}/config", front.address);
    for (format, expected) in [
        ("text", "! ETL023  list-not-understood\n"),
        ("markdown", "**! ETL023 list-not-understood**: "),
        ("json", "\"schema\": \"etag-lab.check/1\""),
        ("junit", "<testcase classname=\"http://"),
    ] {
        for (fail_on, code) in [("bad", 0), ("warn", 1)] {
            let args = ["check", &url, "--rate=0", "--format", format, "--fail-on", fail_on];
            let output = output_of(&args);
            let text = stdout(&output);
            assert!(text.contains(expected), "{format}: {text}");
            assert_eq!(output.status.code(), Some(code), "{format} {fail_on}");
            let failed = text.contains("<failure type=\"warn\"");
            assert_eq!(
                failed,
                (format, fail_on) == ("junit", "warn"),
                "{format} {fail_on}: {text}"
            );
            assert!(output.stderr.is_empty(), "no progress without a terminal: {output:?}");
        }
    }
}

#[test]
fn a_watch_ends_when_it_is_healthy() {
    let Some(_) = require("python3") else { return };
    let (_servers, front) = fleet("hash");
    let url = format!("http://{}/config", front.address);
    let output = ended(&["check", &url, "--rate=0", "--watch", "--every", "1s"], 0);
    let said = stderr(&output);
    assert!(said.contains("█  304s 100 %  healthy"), "{said}");
}

#[test]
fn requests_are_paced_and_the_budget_is_kept() {
    let Some(_) = require("python3") else { return };
    let server = app("hash", 1);
    let url = format!("http://{}/config", server.1);
    let started = std::time::Instant::now();
    let args = ["check", &url, "--rate=20", "--budget=9", "--format=json"];
    let output = etag_lab().args(args).output().expect("etag-lab starts");
    // Nine requests are eight pauses.
    assert!(started.elapsed() >= std::time::Duration::from_millis(400), "{:?}", started.elapsed());
    let check = json_of(&output);
    assert_eq!(check["requests"], 9);
    assert_eq!(output.status.code(), Some(4), "{check:#}");
    assert!(check["notes"].to_string().contains("the budget of 9 requests"), "{check:#}");
}

#[test]
fn every_finding_is_explained_by_code_and_by_name() {
    for entry in findings::catalogue::all() {
        let by_code = ended(&["explain", &entry.code], 0);
        let text = stdout(&by_code);
        for part in [&entry.name, "What it says", "The experiment behind it", "Its limits", "Fix"] {
            assert!(text.contains(part), "{}: {part}", entry.name);
        }
        // `aliasing` is a scenario as well, which follows.
        let by_name = ended(&["explain", &entry.name], 0);
        assert!(stdout(&by_name).starts_with(text), "{}: {}", entry.name, stdout(&by_name));
    }
    ended(&["explain", "ETL999"], 2);
}
