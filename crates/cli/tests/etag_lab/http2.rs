//! `etag-lab poll --http2` against real servers and hostile ones: verdicts are those of HTTP/1.1, the octets
//! are those that nginx logs, and whatever a server does is an error within bounds.

mod hostile;

use std::net::SocketAddr;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use crate::encrypted::{HOST, complaint, s_server, tls_lines, url_of};
use crate::independent_bytes::{Counted, LOCKSTEP, counted_by_nginx, nginx_before, three_replicas};
use crate::support::certificates::Authority;
use crate::support::process::Running;
use crate::support::served::{Served, start_on_a_free_port};
use crate::support::{at_home, home, output_of, peers, poll_json, require, stderr};

/// Many clients on two connections, with so many polls in flight as there are streams.
const MANY: &[&str] = &[
    "--clients",
    "60",
    "--polls",
    "10",
    "--cadence",
    "shuffled",
    "--connections",
    "2",
    "--streams",
    "20",
];

fn poll(url: &str, more: &[&str]) -> Value {
    poll_json(&[&[url, "--http2"], &HOST, more].concat())
}

/// The counts of the lab, with what nginx counts beyond: nine octets in front of each frame of a response.
fn as_nginx_counts(record: &Value) -> Counted {
    let mut counted = Counted::by_the_lab(record);
    let framing = &record["arms"][0]["bytes"]["framing"];
    counted.response_bytes += 9 * framing["response_frames"].as_u64().expect("frames are counted");
    counted
}

fn addresses(replicas: &[Served]) -> Vec<SocketAddr> {
    replicas.iter().map(|replica| replica.address).collect()
}

#[test]
fn nginx_logs_the_octets_that_the_lab_counts_with_and_without_tls() {
    let (Some(nginx), Some(authority)) = (require("nginx"), Authority::new("authority")) else {
        return;
    };
    let lines = tls_lines(&authority.sign("server"));
    let trust = authority.certificate();
    let compressed = [MANY, &["--accept-encoding", "gzip"]].concat();
    // nginx ends each connection after 60 requests, unless it is told otherwise.
    let kept = "keepalive_requests 100000;";
    for (strategy, load, kept) in [
        ("content-hash", LOCKSTEP, ""),
        ("per-process-counter", LOCKSTEP, ""),
        ("content-hash", MANY, kept),
        ("content-hash", &compressed, kept),
        ("content-hash", MANY, ""),
    ] {
        for is_tls in [false, true] {
            let replicas = three_replicas(strategy);
            let (kind, lines) = if is_tls { ("ssl http2", lines.as_str()) } else { ("http2", "") };
            let lines = format!("{lines} {kept}");
            let (mut server, address) = start_on_a_free_port(|address| {
                nginx_before(&nginx, &format!("{address} {kind}"), &lines, &addresses(&replicas))
            });
            let record = if is_tls {
                poll(&url_of(address), &[load, &["--cacert", &trust]].concat())
            } else {
                poll(&format!("http://{address}/api/config"), load)
            };
            server.signal(Signal::QUIT);
            assert!(server.wait().success(), "{}", server.stderr());
            let mut log = counted_by_nginx(&home().join("nginx-access.log"));
            let counted = as_nginx_counts(&record);
            let bytes = &record["arms"][0]["bytes"];
            let [connections, requests] = ["connections", "request_frames"]
                .map(|name| bytes["framing"][name].as_u64().expect("a count"));
            if load == MANY && kept.is_empty() {
                // What was in flight when nginx ended a connection was sent again, and nginx logs it once.
                assert!(requests >= 600 && log.request_bytes <= counted.request_bytes, "{bytes}");
                assert!((10..=30).contains(&connections), "{bytes}");
                log.request_bytes = counted.request_bytes;
            } else {
                assert_eq!(requests, if load == LOCKSTEP { 200 } else { 600 });
                assert_eq!(connections, if load == LOCKSTEP { 4 } else { 2 });
            }
            assert_eq!(counted, log, "{strategy}, {load:?}: {record:#}");
            assert_eq!(bytes["tls"].is_object(), is_tls);
        }
    }
}

#[test]
fn verdicts_are_those_of_http_1_1_and_fields_are_packed() {
    let Some(nginx) = require("nginx") else { return };
    let measured = |http2: bool| {
        let replicas = three_replicas("per-process-counter");
        let kind = if http2 { " http2" } else { "" };
        let (_server, address) = start_on_a_free_port(|address| {
            nginx_before(&nginx, &format!("{address}{kind}"), "", &addresses(&replicas))
        });
        let url = format!("http://{address}/api/config");
        let args = [&[url.as_str()], LOCKSTEP].concat();
        if http2 { poll_json(&[&args[..], &["--http2"]].concat()) } else { poll_json(&args) }
    };
    let (first, second) = (measured(false), measured(true));
    let [one, two] = [&first, &second].map(|record| &record["arms"][0]);
    assert_eq!(one["verdicts"], two["verdicts"]);
    assert_eq!(one["bytes"]["response_content"], two["bytes"]["response_content"]);
    let fields = |arm: &Value| arm["bytes"]["response_fields"].as_u64().expect("a count");
    assert!(fields(two) * 3 < fields(one) * 2, "{} {}", fields(two), fields(one));
    assert!(one["bytes"].get("framing").is_none());
    assert_eq!(second["scenario"]["http2_streams"], 100);
    assert!(first["scenario"].get("http2_streams").is_none());
}

/// `HAProxy` that listens so, and its address.
fn haproxy(program: &Path, replicas: &[Served], listen: &str) -> (Running, SocketAddr) {
    start_on_a_free_port(|address| {
        peers::haproxy(program, format!("{address} {listen}"), &addresses(replicas), ["", ""])
    })
}

fn caddy(program: &Path, replicas: &[Served], pair: Option<&[String; 2]>) -> (Running, SocketAddr) {
    start_on_a_free_port(|address: SocketAddr| {
        let tls = pair.map(|[certificate, key]| format!("tls {certificate} {key}"));
        let scheme = if pair.is_some() { "https" } else { "http" };
        let to: Vec<_> = replicas.iter().map(|replica| replica.address.to_string()).collect();
        let text = format!(
            "{{\nadmin off\nauto_https off\nservers {{\nprotocols h1 h2 h2c\n}}\n}}\n\
             {scheme}://api.example.test:{port} {{\nbind 127.0.0.1\n{}\n\
             reverse_proxy {} {{\nlb_policy round_robin\n}}\n}}\n",
            tls.unwrap_or_default(),
            to.join(" "),
            port = address.port()
        );
        let mut command = at_home(program);
        command.args(["run", "--adapter", "caddyfile", "--config"]);
        command.arg(peers::configuration("Caddyfile", &text));
        command.env("HOME", home()).env("XDG_DATA_HOME", home());
        command
    })
}

#[test]
fn haproxy_and_caddy_are_polled_over_http_2_with_and_without_tls() {
    let Some(authority) = Authority::new("authority") else { return };
    let pair = authority.sign("server");
    let trust = authority.certificate();
    let expected = |address: SocketAddr, is_tls: bool| {
        let url = format!("http://{address}/api/config");
        for load in [LOCKSTEP, MANY] {
            let record = if is_tls {
                poll(&url_of(address), &[load, &["--cacert", &trust]].concat())
            } else {
                poll(&url, load)
            };
            let arm = &record["arms"][0];
            assert_eq!(arm["verdicts"]["error"], 0, "{}", arm["errors"]);
            let [polls, not_modified] = ["polls", "not_modified"].map(|name| arm[name].as_u64());
            let clients = if load == LOCKSTEP { 10 } else { 60 };
            assert_eq!(not_modified, polls.map(|polls| polls - clients), "{arm:#}");
        }
    };
    if let Some(program) = require("haproxy") {
        let both = home().join("both.pem");
        let texts = pair.each_ref().map(|file| std::fs::read_to_string(file).expect("a file"));
        std::fs::write(&both, texts.concat()).expect("written");
        let replicas = three_replicas("content-hash");
        let (_plain, address) = haproxy(&program, &replicas, "proto h2");
        expected(address, false);
        let listen = format!("ssl crt {} alpn h2", both.display());
        let (_encrypted, address) = haproxy(&program, &replicas, &listen);
        expected(address, true);
    }
    if let Some(program) = require("caddy") {
        let replicas = three_replicas("content-hash");
        for pair in [None, Some(&pair)] {
            let (_server, address) = caddy(&program, &replicas, pair);
            expected(address, pair.is_some());
        }
    }
}

#[test]
fn a_server_without_http_2_is_one_clear_error() {
    let Some(authority) = Authority::new("authority") else { return };
    let trust = authority.certificate();
    let way_out = "does it speak HTTP/2? without --http2 it is polled over HTTP/1.1";
    for (alpn, why) in [
        // It refuses the handshake, or makes it and chooses nothing.
        (&["-alpn", "http/1.1"][..], "the server offers none of the versions of HTTP"),
        (&[], "HTTP/2: the server did not choose it in the handshake (ALPN)"),
    ] {
        let Some((_server, address)) = s_server(alpn, &authority.sign("server")) else { return };
        let said = complaint(&url_of(address), &["--http2", "--cacert", &trust]);
        assert!(said.contains(why) && said.contains(way_out), "{why}: {said}");
    }
    // In clear text one answers in its own version, and another hangs up.
    let replica = Served::start(&["replica"]);
    let said = complaint(&replica.url(), &["--http2"]);
    assert!(said.contains("(closed without a response)") && said.contains(way_out), "{said}");
    let Some(nginx) = require("nginx") else { return };
    let (_server, address) = start_on_a_free_port(|address| {
        nginx_before(&nginx, &address.to_string(), "", &[replica.address])
    });
    let said = complaint(&format!("http://{address}/api/config"), &["--http2"]);
    assert!(said.contains("(HTTP/2: the server does not speak HTTP/2)"), "{said}");
    assert!(said.contains(way_out), "{said}");
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    for (args, what) in [
        (&["--http2", "--interrupt-at", "0.5"][..], "--interrupt-at"),
        (&["--streams", "5"], "--http2"),
        (&["--http2", "--streams", "0"], "1 to 10,000"),
    ] {
        let output = output_of(&[&["poll", "http://127.0.0.1:9/"], args].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(what), "{}", stderr(&output));
    }
}
