//! `etag-lab poll https://…` against real servers: the octets of HTTP are those that they log, those of
//! TLS are those that a relay sees beyond them, and each handshake that fails has one clear reason.

mod gateways;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use rustix::process::Signal;
use serde_json::Value;

use crate::independent_bytes::{
    Counted, LOCKSTEP, SHUFFLED, counted_by_haproxy, counted_by_nginx, nginx_before, three_replicas,
};
use crate::support::certificates::Authority;
use crate::support::process::Running;
use crate::support::served::{Served, start_on_a_free_port};
use crate::support::{at_home, ended, home, output_of, peers, poll_json, require, stderr, stdout};

/// A field that does not depend on the port.
pub(crate) const HOST: [&str; 2] = ["--header", "Host: api.example.test"];

pub(crate) fn url_of(address: SocketAddr) -> String {
    format!("https://localhost:{}/api/config", address.port())
}

fn poll(address: SocketAddr, authority: &Authority, more: &[&str]) -> Value {
    let trust = ["--cacert", &authority.certificate()].map(str::to_owned);
    let trust: Vec<_> = trust.iter().map(String::as_str).collect();
    poll_json(&[&[url_of(address).as_str()], &trust[..], &HOST, more].concat())
}

pub(crate) fn tls_lines([certificate, key]: &[String; 2]) -> String {
    format!("ssl_certificate {certificate}; ssl_certificate_key {key};")
}

#[test]
fn nginx_logs_the_same_bytes_with_tls_as_the_lab_counts_with_and_without() {
    let (Some(nginx), Some(authority)) = (require("nginx"), Authority::new("authority")) else {
        return;
    };
    let lines = tls_lines(&authority.sign("server"));
    for (strategy, load, version) in [
        ("content-hash", LOCKSTEP, "TLSv1.3"),
        ("per-process-counter", LOCKSTEP, "TLSv1.2"),
        ("content-hash", SHUFFLED, "TLSv1.2"),
    ] {
        let measured = |tls: bool| {
            let replicas = three_replicas(strategy);
            let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
            let (kind, lines) = if tls {
                (" ssl", format!("{lines} ssl_protocols {version};"))
            } else {
                ("", String::new())
            };
            let (mut server, address) = start_on_a_free_port(|address| {
                nginx_before(&nginx, &format!("{address}{kind}"), &lines, &addresses)
            });
            let record = if tls {
                poll(address, &authority, load)
            } else {
                let url = format!("http://{address}/api/config");
                poll_json(&[&[url.as_str()], &HOST[..], load].concat())
            };
            server.signal(Signal::QUIT);
            assert!(server.wait().success(), "{}", server.stderr());
            (record, counted_by_nginx(&home().join("nginx-access.log")))
        };
        let ((plain, plain_log), (encrypted, log)) = (measured(false), measured(true));
        assert_eq!(Counted::by_the_lab(&encrypted), log, "{strategy}, {load:?}: {encrypted:#}");
        assert_eq!(Counted::by_the_lab(&plain), plain_log);
        let arms = [&plain["arms"][0], &encrypted["arms"][0]];
        if load == LOCKSTEP {
            assert_eq!(log, plain_log, "TLS is no matter of HTTP");
            assert_eq!(arms[0]["verdicts"], arms[1]["verdicts"]);
        }
        assert!(arms[0]["bytes"].get("tls").is_none());
        assert!(arms[1]["bytes"]["tls"]["handshakes"].as_u64() >= Some(1));
    }
}

/// Passes octets between clients and a server on, and counts them.
struct Relay {
    address: SocketAddr,
    counts: [Arc<AtomicU64>; 2],
    _accepting: JoinHandle<()>,
}

impl Relay {
    fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let counts: [Arc<AtomicU64>; 2] = Default::default();
        let shared = counts.clone();
        let accepting = std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let upstream = TcpStream::connect(server).expect("the server listens");
                let ways = [(&client, &upstream), (&upstream, &client)];
                for ((from, to), count) in ways.into_iter().zip(&shared) {
                    let clone = |stream: &TcpStream| stream.try_clone().expect("a descriptor");
                    let (from, to, count) = (clone(from), clone(to), Arc::clone(count));
                    std::thread::spawn(move || pass(from, to, &count));
                }
            }
        });
        Self { address, counts, _accepting: accepting }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, count: &AtomicU64) {
    let mut part = [0; 16 * 1024];
    while let Ok(octets @ 1..) = from.read(&mut part) {
        // Counted before they are sent: whoever has them all can look at the count.
        count.fetch_add(octets as u64, Ordering::SeqCst);
        if to.write_all(&part[..octets]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[test]
fn a_relay_sees_the_bytes_of_http_and_those_of_tls_and_no_other() {
    let (Some(nginx), Some(authority)) = (require("nginx"), Authority::new("authority")) else {
        return;
    };
    let replicas = three_replicas("content-hash");
    let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
    let lines = tls_lines(&authority.sign("server"));
    for version in ["TLSv1.2", "TLSv1.3"] {
        let lines = format!("{lines} ssl_protocols {version};");
        let (_server, address) = start_on_a_free_port(|address| {
            nginx_before(&nginx, &format!("{address} ssl"), &lines, &addresses)
        });
        let relay = Relay::before(address);
        // Fewer on each connection than nginx ends it after: its last words would be left unread.
        let load = ["--clients", "12", "--polls", "9", "--connections", "3"];
        let record = poll(relay.address, &authority, &load);
        let bytes = &record["arms"][0]["bytes"];
        let sum = |name: &str| bytes[name].as_u64().zip(bytes["tls"][name].as_u64());
        let seen = relay.counts.each_ref().map(|count| count.load(Ordering::SeqCst));
        let [requests, responses] = ["requests", "responses"].map(|name| {
            let (http, tls) = sum(name).expect("both are counted");
            assert!(tls > 0, "{record:#}");
            http + tls
        });
        assert_eq!([requests, responses], seen, "{version}: {record:#}");
        assert_eq!(bytes["tls"]["handshakes"], 3);
    }
}

#[test]
fn haproxy_and_caddy_are_polled_over_tls_with_the_verdicts_of_plain_http() {
    let Some(authority) = Authority::new("authority") else { return };
    let [certificate, key] = authority.sign("server");
    let expected = |record: &Value| {
        let arm = &record["arms"][0];
        assert_eq!((&arm["polls"], &arm["not_modified"]), (&200.into(), &190.into()), "{arm:#}");
        assert_eq!(arm["verdicts"]["error"], 0);
    };
    if let Some(haproxy) = require("haproxy") {
        let both = home().join("both.pem");
        let texts = [&certificate, &key].map(|file| std::fs::read_to_string(file).expect("a file"));
        std::fs::write(&both, texts.concat()).expect("written");
        let replicas = three_replicas("content-hash");
        let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        let (_server, address) = start_on_a_free_port(|address| {
            let bind = format!("{address} ssl crt {}", both.display());
            let socket = home().join("haproxy.sock");
            let global = format!("    stats socket {} level user", socket.display());
            peers::haproxy(&haproxy, bind, &addresses, [&global, ""])
        });
        let record = poll(address, &authority, LOCKSTEP);
        expected(&record);
        assert_eq!(Counted::by_the_lab(&record), counted_by_haproxy(), "{record:#}");
    }
    if let Some(caddy) = require("caddy") {
        let replicas = three_replicas("content-hash");
        let (_server, address) = start_on_a_free_port(|address| {
            caddy_before(&caddy, address, &replicas, &certificate, &key)
        });
        expected(&poll(address, &authority, LOCKSTEP));
    }
}

fn caddy_before(
    caddy: &Path,
    address: SocketAddr,
    replicas: &[Served],
    certificate: &str,
    key: &str,
) -> Command {
    let addresses: Vec<_> = replicas.iter().map(|replica| replica.address.to_string()).collect();
    let text = format!(
        "{{\nadmin off\nauto_https off\n}}\nhttps://api.example.test:{port} {{\nbind 127.0.0.1\n\
         tls {certificate} {key}\nreverse_proxy {} {{\nlb_policy round_robin\n}}\n}}\n",
        addresses.join(" "),
        port = address.port()
    );
    let mut command = at_home(caddy);
    command.args(["run", "--adapter", "caddyfile", "--config"]);
    command.arg(peers::configuration("Caddyfile", &text));
    command.env("HOME", home()).env("XDG_DATA_HOME", home());
    command
}

/// A server of openssl that answers each request with a page, on a free port.
pub(crate) fn s_server(
    args: &[&str],
    [certificate, key]: &[String; 2],
) -> Option<(Running, SocketAddr)> {
    let openssl = require("openssl")?;
    Some(start_on_a_free_port(|address| {
        let mut command = at_home(&openssl);
        command.args(["s_server", "-www", "-quiet", "-cert", certificate, "-key", key, "-accept"]);
        command.arg(address.to_string()).args(args);
        command
    }))
}

/// The complaint about a server that cannot be polled.
pub(crate) fn complaint(url: &str, args: &[&str]) -> String {
    let polls = ["--clients", "2", "--polls", "2", "--no-save"];
    let output = ended(&[&["poll", url], args, &polls].concat(), 3);
    assert_eq!(stdout(&output), "", "a table of nothing but errors helps nobody");
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 2, "{said}");
    said.to_owned()
}

#[test]
fn a_handshake_that_fails_has_one_reason_and_a_way_out() {
    let Some(authority) = Authority::new("authority") else { return };
    let (good, expired) = (authority.sign("server"), authority.sign_for("expired", -1));
    let authority = authority.certificate();
    let trust = ["--cacert", authority.as_str()];
    let check =
        |args: &[&str], pair: &[String; 2], url: &str, flags: &[&str], [why, way]: [&str; 2]| {
            let Some((_server, address)) = s_server(args, pair) else { return };
            let port = address.port().to_string();
            let flags: Vec<_> = flags.iter().map(|flag| flag.replace("PORT", &port)).collect();
            let flags: Vec<_> = flags.iter().map(String::as_str).collect();
            let said = complaint(&url.replace("PORT", &port), &flags);
            assert!(said.contains(why) && said.contains(way), "{why}, {way}: {said}");
        };
    let here = "https://localhost:PORT/";
    let untrusted = ["signed by an authority that is not trusted", "--cacert FILE"];
    check(&[], &good, here, &[], untrusted);
    check(&[], &expired, here, &trust, ["certificate has expired", "clock"]);
    let resolve = ["--resolve", "other.example.test:PORT:127.0.0.1"];
    let other = [&resolve[..], &trust].concat();
    check(&[], &good, "https://other.example.test:PORT/", &other, ["another name", "--cacert"]);
    let only_h2 = ["-alpn", "h2"];
    check(&only_h2, &good, here, &trust, ["none of the versions of HTTP", "curl"]);
    let old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    check(&old, &good, here, &trust, ["shares no version of TLS", "curl"]);
    for version in ["-tls1_2", "-tls1_3"] {
        let asks = [version, "-Verify", "1", "-verify_return_error"];
        check(&asks, &good, here, &trust, ["client certificate", "--cert FILE"]);
    }
    let plain = Served::start(&["replica"]);
    let said = complaint(&format!("https://{}/", plain.address), &trust);
    assert!(said.contains("the server does not speak TLS"), "{said}");
}

#[test]
fn a_self_signed_certificate_is_named_and_trusted_when_it_is_listed() {
    let Some(authority) = Authority::new("localhost") else { return };
    // An authority's own certificate, as openssl makes self-signed ones.
    let pair = [authority.certificate(), home().join("localhost.key").display().to_string()];
    let Some((_server, address)) = s_server(&[], &pair) else { return };
    let said = complaint(&url_of(address), &[]);
    assert!(said.contains("TLS: the server's certificate is self-signed"), "{said}");
}

#[test]
fn a_host_name_that_a_server_does_not_serve_is_said_to_be_that() {
    let (Some(nginx), Some(authority)) = (require("nginx"), Authority::new("authority")) else {
        return;
    };
    let lines = tls_lines(&authority.sign("server"));
    let (_server, address) = start_on_a_free_port(|address| {
        let directives = format!(
            "server {{ listen {address} ssl default_server; ssl_reject_handshake on; }}
             server {{ listen {address} ssl; server_name localhost api.example.test;
                       {lines}
                       location / {{ add_header ETag '\"x\"'; return 200 'x'; }} }}"
        );
        peers::nginx(&nginx, &directives)
    });
    let record = poll(address, &authority, &["--polls", "2"]);
    assert_eq!(record["arms"][0]["verdicts"]["error"], 0, "SNI names the host of the URL");
    let said = complaint(&format!("https://{address}/"), &["--insecure"]);
    assert!(said.contains("the server serves no such host name"), "{said}");
}

#[test]
fn a_client_certificate_opens_what_asks_for_one() {
    let (Some(nginx), Some(authority)) = (require("nginx"), Authority::new("authority")) else {
        return;
    };
    let lines = format!(
        "{} ssl_verify_client on; ssl_client_certificate {};",
        tls_lines(&authority.sign("server")),
        authority.certificate()
    );
    let [certificate, key] = authority.sign("client");
    let replicas = three_replicas("content-hash");
    let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
    let (_server, address) = start_on_a_free_port(|address| {
        nginx_before(&nginx, &format!("{address} ssl"), &lines, &addresses)
    });
    let record = poll(address, &authority, &["--cert", &certificate, "--key", &key]);
    assert_eq!(record["arms"][0]["verdicts"]["error"], 0);
    let trust = ["--cacert", &authority.certificate()].map(str::to_owned);
    let said = complaint(&url_of(address), &trust.each_ref().map(String::as_str));
    assert!(said.contains("(status 400)"), "nginx says it in HTTP: {said}");
}

#[test]
fn a_server_that_was_not_verified_is_said_to_be_that_in_every_format() {
    let (Some(nginx), Some(authority)) = (require("nginx"), Authority::new("authority")) else {
        return;
    };
    let lines = tls_lines(&authority.sign("server"));
    let replicas = three_replicas("content-hash");
    let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
    let (_server, address) = start_on_a_free_port(|address| {
        nginx_before(&nginx, &format!("{address} ssl"), &lines, &addresses)
    });
    let url = url_of(address);
    let said = |flags: &[&str], format: &str| {
        let args = ["poll", &url, "--no-save", "--clients", "4", "--format", format];
        let Output { stdout, status, .. } = output_of(&[&args[..], flags].concat());
        assert_eq!(status.code(), Some(0));
        String::from_utf8(stdout).expect("text")
    };
    let authority = authority.certificate();
    for format in ["text", "markdown", "html", "json"] {
        let (insecure, verified) =
            (said(&["--insecure"], format), said(&["--cacert", &authority], format));
        assert!(insecure.contains("no certificate was verified"), "{format}: {insecure}");
        assert!(!verified.contains("no certificate was verified"), "{format}: {verified}");
    }
    let json = |flags: &[&str]| -> Value {
        serde_json::from_str(&said(flags, "json")).expect("a record is JSON")
    };
    assert_eq!(json(&["--insecure"])["scenario"]["certificate_verified"], false);
    assert_eq!(json(&["--cacert", &authority])["scenario"]["certificate_verified"], true);
}

#[test]
fn content_that_only_the_end_of_the_connection_ends_needs_the_word_of_tls() {
    let (Some(python), Some(authority)) = (require("python3"), Authority::new("authority")) else {
        return;
    };
    let [certificate, key] = authority.sign("server");
    let check = |ending: &str, code: i32| {
        let text = format!(
            "import socket, ssl, sys\n\
             context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
             context.load_cert_chain({certificate:?}, {key:?})\n\
             server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n\
             while True:\n\
             \x20   peer, _ = server.accept()\n\
             \x20   try:\n\
             \x20       peer = context.wrap_socket(peer, server_side=True)\n\
             \x20       peer.recv(9999)\n\
             \x20       peer.sendall(b'HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\nhalf')\n\
             \x20       {ending}\n\
             \x20   except OSError: pass\n\
             \x20   peer.close()\n"
        );
        let script = peers::configuration("server.py", &text);
        let (_server, address) = start_on_a_free_port(|address| {
            let mut command = at_home(&python);
            command.arg(&script).arg(address.port().to_string());
            command
        });
        let trust = authority.certificate();
        let args = ["poll", &url_of(address), "--cacert", &trust, "--clients", "1", "--no-save"];
        let output = ended(&[&args[..], &["--polls", "2", "--format", "json"]].concat(), code);
        stderr(&output).to_owned()
    };
    assert!(check("peer.shutdown(socket.SHUT_RDWR)", 3).contains("response cut short"));
    // The last word of TLS was sent.
    // A server without tags is a finding, and no error.
    check("peer.unwrap()", 1);
}
