//! Bytes that the lab counts on its sockets, against those that servers that know nothing of it counted on
//! theirs: real nginx and real `HAProxy` stand between the polling clients and three replicas.
//! Equal means equal to the byte, whatever the statuses, the framing and the connections.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::served::{Served, start_on_a_free_port, url};
use crate::support::{home, peers, poll_json, require};

/// Counts of a server in front of the replicas.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    polls: u64,
    not_modified: u64,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
}

impl Counted {
    /// The same of the lab's own measurements.
    pub(crate) fn by_the_lab(record: &Value) -> Self {
        let arm = &record["arms"][0];
        assert_eq!(arm["verdicts"]["error"], 0, "{}", arm["errors"]);
        let count = |value: &Value| value.as_u64().expect("a count is a number");
        Self {
            polls: count(&arm["polls"]),
            not_modified: count(&arm["not_modified"]),
            request_bytes: count(&arm["bytes"]["requests"]),
            response_bytes: count(&arm["bytes"]["responses"]),
        }
    }
}

/// Different changes seen: with `per-process-counter` no two replicas agree.
pub(crate) fn three_replicas(strategy: &str) -> Vec<Served> {
    let replica =
        |seen: &str| Served::start(&["replica", "--strategy", strategy, "--changes-seen", seen]);
    ["41", "18", "2"].map(replica).into()
}

pub(crate) const LOCKSTEP: &[&str] = &["--clients", "10", "--polls", "20"];
pub(crate) const SHUFFLED: &[&str] =
    &["--clients", "50", "--polls", "10", "--cadence", "shuffled", "--connections", "7"];

/// Polls through the server that `front` puts before three replicas, under each strategy and load,
/// and compares the counts.
fn check(front: impl Fn(&[SocketAddr], &[&str]) -> (Value, Counted), loads: &[&[&str]]) {
    for strategy in ["content-hash", "per-process-counter"] {
        let replicas = three_replicas(strategy);
        let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        for load in loads {
            let (record, counted) = front(&addresses, load);
            assert_eq!(Counted::by_the_lab(&record), counted, "{strategy}, {load:?}: {record:#}");
            check_statuses(strategy, load, &counted);
        }
    }
}

/// That 200s and 304s were among what was counted.
fn check_statuses(strategy: &str, load: &[&str], counted: &Counted) {
    let Counted { polls, not_modified, .. } = *counted;
    match strategy {
        "content-hash" if load == LOCKSTEP => assert_eq!((polls, not_modified), (200, 190)),
        // Ten clients in strict order over three replicas: never the same one twice in turn.
        "per-process-counter" if load == LOCKSTEP => assert_eq!((polls, not_modified), (200, 0)),
        _ => assert!(0 < not_modified && not_modified < polls, "{counted:?}"),
    }
}

fn poll(address: SocketAddr, load: &[&str]) -> Value {
    let url = url(address);
    poll_json(&[&[url.as_str()], load].concat())
}

#[test]
fn nginx_logs_the_bytes_that_the_lab_counts() {
    let Some(nginx) = require("nginx") else { return };
    // Compressed on the way, which also means content in chunks and no length.
    let compressed = [SHUFFLED, &["--header", "Accept-Encoding: gzip"]].concat();
    check(
        |replicas, load| {
            let (mut server, address) = start_on_a_free_port(|address| {
                nginx_before(&nginx, &address.to_string(), "", replicas)
            });
            let record = poll(address, load);
            // Having ended in good order, it has written all of its log.
            server.signal(Signal::QUIT);
            assert!(server.wait().success(), "{}", server.stderr());
            (record, counted_by_nginx(&home().join("nginx-access.log")))
        },
        &[LOCKSTEP, SHUFFLED, &compressed],
    );
}

/// nginx that listens so, with these directives in its server. Connections end after 60 requests: the
/// clients have to open others.
pub(crate) fn nginx_before(
    nginx: &Path,
    listen: &str,
    server: &str,
    replicas: &[SocketAddr],
) -> Command {
    let folder = home();
    let place = folder.display();
    let servers = peers::nginx_servers(replicas);
    let directives = format!(
        "log_format counted '$status $request_length $bytes_sent';
         access_log {place}/nginx-access.log counted;
         keepalive_requests 60;
         gzip on; gzip_proxied any; gzip_types application/json;
         upstream replicas {{ {servers} keepalive 8; }}
         server {{
             listen {listen};
             {server}
             location / {{
                 proxy_pass http://replicas;
                 proxy_http_version 1.1;
                 proxy_set_header Connection '';
             }}
         }}"
    );
    // The log continues an earlier one.
    let _ = std::fs::remove_file(folder.join("nginx-access.log"));
    peers::nginx(nginx, &directives)
}

pub(crate) fn counted_by_nginx(log: &Path) -> Counted {
    let log = std::fs::read_to_string(log).expect("nginx wrote a log");
    let mut counted = Counted { polls: 0, not_modified: 0, request_bytes: 0, response_bytes: 0 };
    for line in log.lines() {
        let numbers: Result<Vec<u64>, _> = line.split(' ').map(str::parse).collect();
        let Ok([status, request_length, bytes_sent]) = numbers.as_deref() else {
            panic!("not a line of the format: {line}");
        };
        counted.polls += 1;
        counted.not_modified += u64::from(*status == 304);
        counted.request_bytes += request_length;
        counted.response_bytes += bytes_sent;
    }
    counted
}

#[test]
fn haproxy_counts_the_bytes_that_the_lab_counts() {
    let Some(haproxy) = require("haproxy") else { return };
    check(
        |replicas, load| {
            let (_server, address) =
                start_on_a_free_port(|address| haproxy_command(&haproxy, address, replicas));
            let record = poll(address, load);
            (record, counted_by_haproxy())
        },
        &[LOCKSTEP, SHUFFLED],
    );
}

fn haproxy_command(haproxy: &Path, address: SocketAddr, replicas: &[SocketAddr]) -> Command {
    let socket = home().join("haproxy.sock");
    let global = format!("    stats socket {} level user", socket.display());
    peers::haproxy(haproxy, address, replicas, [&global, ""])
}

/// Sums of the front end from the statistics socket.
///
/// `h1_bytes_in` and `h1_bytes_out` are what went through its sockets. `%U` and `%B` of its log,
/// like `bin` and `bout` of the statistics, are not: they measure messages in the internal form
/// that `HAProxy` gives them (each request some bytes more than were sent, each response some fewer).
pub(crate) fn counted_by_haproxy() -> Counted {
    let mut socket =
        UnixStream::connect(home().join("haproxy.sock")).expect("HAProxy takes commands");
    socket.write_all(b"show stat\n").expect("HAProxy takes commands");
    let mut table = String::new();
    socket.read_to_string(&mut table).expect("HAProxy answers");
    let mut lines = table.trim_start_matches("# ").lines().map(|line| line.split(','));
    let names: Vec<_> = lines.next().expect("the table has a head").collect();
    let clients = lines
        .map(Iterator::collect::<Vec<_>>)
        .find(|row| row.starts_with(&["clients", "FRONTEND"]))
        .expect("the front end is in the table");
    let count = |name: &str| {
        let column = names.iter().position(|known| *known == name);
        let column = column.unwrap_or_else(|| panic!("HAProxy before 2.4 counts no {name}"));
        clients[column].parse().expect("a count is a number")
    };
    Counted {
        polls: count("req_tot"),
        not_modified: count("hrsp_3xx"),
        request_bytes: count("h1_bytes_in"),
        response_bytes: count("h1_bytes_out"),
    }
}
