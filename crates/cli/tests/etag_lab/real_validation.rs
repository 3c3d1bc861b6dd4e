//! The polling clients against a real nginx that serves a file: dates, ranges and freshness as a
//! server understands them that knows nothing of the lab.

use std::net::SocketAddr;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::process::Running;
use crate::support::served::start_on_a_free_port;
use crate::support::{home, peers, require, run_json};

const CONTENT_BYTES: usize = 20_000;

/// nginx with one file of hexadecimal digits, fresh for five seconds.
fn nginx(program: &Path) -> (Running, SocketAddr) {
    let digit = |n: usize| b"0123456789abcdef"[n * n % 251 % 16];
    let content: Vec<u8> = (0..CONTENT_BYTES).map(digit).collect();
    std::fs::create_dir_all(home().join("www")).expect("a folder for the file");
    std::fs::write(home().join("www/config"), content).expect("the file can be written");
    start_on_a_free_port(|address| {
        let folder = home();
        let place = folder.display();
        let directives = format!(
            "log_format asked '$status|$http_range|$http_if_range|$http_if_modified_since|$sent_http_last_modified';
             access_log {place}/nginx-access.log asked;
             server {{
                 listen {address};
                 root {place}/www;
                 add_header Cache-Control max-age=5;
             }}"
        );
        let _ = std::fs::remove_file(folder.join("nginx-access.log"));
        peers::nginx(program, &directives)
    })
}

/// One run of `etag-lab poll` with these flags: the arm it measured, and what nginx was asked.
fn polled(flags: &[&str]) -> Option<(Value, Vec<String>)> {
    let program = require("nginx")?;
    let (mut server, address) = nginx(&program);
    let url = format!("http://{address}/config");
    let mut record = run_json(&[&["poll", &url, "--clients=4", "--no-save"], flags].concat());
    // Having ended in good order, it has written all of its log.
    server.signal(Signal::QUIT);
    assert!(server.wait().success(), "{}", server.stderr());
    let log = std::fs::read_to_string(home().join("nginx-access.log")).expect("nginx wrote a log");
    let arm = record["arms"][0].take();
    assert_eq!(arm["verdicts"]["error"], 0, "{}", arm["errors"]);
    Some((arm, log.lines().map(str::to_owned).collect()))
}

#[test]
fn nginx_honours_the_date_that_it_gave() {
    let Some((arm, asked)) = polled(&["--polls=3", "--validate=last-modified"]) else { return };
    assert_eq!((&arm["conditional"], &arm["not_modified"]), (&8.into(), &8.into()));
    let revalidations: Vec<_> = asked.iter().filter(|line| line.starts_with("304")).collect();
    assert_eq!(revalidations.len(), 8);
    for line in revalidations {
        let dates: Vec<_> = line.split('|').skip(3).collect();
        assert!(dates[0] == dates[1] && dates[0].ends_with(" GMT"), "{line}");
    }
}

#[test]
fn a_download_from_nginx_that_broke_is_resumed_and_whole() {
    let Some((arm, asked)) = polled(&["--polls=2", "--interrupt-at=0.25"]) else { return };
    assert_eq!(arm["resumes"], serde_json::json!({"attempted": 4, "partial": 4, "whole": 0}));
    assert_eq!(arm["bytes"]["response_content"], 4 * CONTENT_BYTES);
    // The second poll found the assembled content as it was.
    assert_eq!(arm["not_modified"], 4);
    let partial: Vec<_> = asked.iter().filter(|line| line.starts_with("206")).collect();
    assert_eq!(partial.len(), 4);
    assert!(partial.iter().all(|line| line.contains("|bytes=5000-|")), "{partial:?}");
}

#[test]
fn nginx_is_not_asked_while_its_response_is_fresh() {
    let flags = ["--polls=12", "--honour-freshness", "--interval=1s"];
    let Some((arm, asked)) = polled(&flags) else { return };
    // Requests at 0, 5 and 10 virtual seconds.
    assert_eq!(asked.len(), 4 * 3);
    assert_eq!((&arm["verdicts"]["fresh_hit"], &arm["not_modified"]), (&36.into(), &8.into()));
}
