//! Who may look and who may press: asked over plain sockets, as a foreign page or another machine asks.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use super::{started, started_at};
use crate::support::process::{PATIENCE, Running};
use crate::support::{etag_lab, eventually};

/// The head of the answer to a request that ends its connection.
fn asked(address: SocketAddr, line: &str, fields: &str, content: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let length = content.len();
    let request = format!(
        "{line} HTTP/1.1\r\n{fields}connection: close\r\ncontent-length: {length}\r\n\r\n{content}"
    );
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

fn address_of(url: &str) -> SocketAddr {
    let authority = url.trim_start_matches("http://").trim_end_matches('/');
    authority.parse().expect("an address")
}

fn check(address: SocketAddr, fields: &str, status: &str) {
    const CHANGE: &str = r#"{"switch":"change"}"#;
    let answer = eventually("a fleet that runs", PATIENCE, || {
        let answer = asked(address, "POST /press", fields, CHANGE);
        (!answer.contains("does not run yet")).then_some(answer)
    });
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{fields}\n{answer}");
}

#[test]
fn a_page_of_another_site_presses_nothing() {
    let (_process, url) = started(&[]);
    let address = address_of(&url);
    let json = "content-type: application/json\r\n";
    let host = format!("host: {address}\r\n");
    check(address, &format!("{host}{json}"), "204");
    check(address, &format!("{host}{json}origin: http://{address}\r\n"), "204");
    check(address, &format!("{host}{json}origin: http://evil.example\r\n"), "403");
    check(address, &format!("{host}{json}origin: null\r\n"), "403");
    check(address, &format!("{host}{json}sec-fetch-site: cross-site\r\n"), "403");
    check(address, &format!("{host}content-type: text/plain\r\n"), "415");
    // A name of theirs that points here.
    let rebound = "host: evil.example\r\norigin: http://evil.example\r\n";
    check(address, &format!("{rebound}{json}"), "403");
    let page = asked(address, "GET /", "host: evil.example\r\n", "");
    assert!(page.starts_with("HTTP/1.1 403"), "{page}");
    let got = asked(address, "GET /press", &host, "");
    assert!(got.starts_with("HTTP/1.1 405"), "a switch is no GET: {got}");
    let page = asked(address, "GET /", &host, "");
    let policy = "content-security-policy: default-src 'none'; script-src 'self'";
    assert!(page.starts_with("HTTP/1.1 200") && page.contains(policy), "{page}");
}

#[test]
fn a_port_that_is_taken_gives_way() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound");
    let mut command = etag_lab();
    command.args(["live", "--listen", &address.to_string()]);
    let process = Running::start(&mut command);
    let url = eventually("the address of the page", PATIENCE, || {
        process
            .stdout()
            .lines()
            .next()
            .and_then(|line| line.split_whitespace().last().map(String::from))
    });
    assert!(address_of(&url).port() > address.port(), "{url}");
}

#[test]
fn a_program_of_the_users_a_control_plane_and_a_shared_store_are_shown_too() {
    for (args, expected) in [
        (&["control-plane-fanout"][..], "source requests/s"),
        (&["shared-store"], "database queries/s"),
    ] {
        let (_process, url) = started(args);
        let address = address_of(&url);
        let state = eventually("the state", PATIENCE, || {
            let state = first_event(address);
            state.contains("\"begun\":true").then_some(state)
        });
        assert!(state.contains(expected), "{state}");
    }
}

/// The first message of the feed.
fn first_event(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = format!("GET /events HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    let mut room = [0; 4_096];
    while !answer.contains("\n\n") {
        let length = stream.read(&mut room).expect("it answers");
        answer.push_str(&String::from_utf8_lossy(&room[..length]));
    }
    answer
}

/// An address of this machine that is not loopback; `None` where it has no network.
fn address_of_the_network() -> Option<String> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback()).then(|| address.to_string())
}

#[test]
fn whoever_comes_from_the_network_looks_and_presses_nothing() {
    let Some(address) = address_of_the_network() else { return };
    let (process, url) = started_at("0.0.0.0:0", &[]);
    let own = address_of(&url);
    assert!(own.ip().is_loopback(), "a browser can open it: {url}");
    let audience = format!("audience  http://{address}:{}/view", own.port());
    assert!(process.stdout().contains(&audience), "{}", process.stdout());
    // By this address the machine itself is a visitor like any other.
    let there = SocketAddr::new(address.parse().expect("an address"), own.port());
    let host = format!("host: {there}\r\n");
    let got = |line: &str| asked(there, line, &host, "");
    let control = got("GET /");
    assert!(control.contains("303") && control.contains("location: /view"), "{control}");
    assert!(got("GET /view").starts_with("HTTP/1.1 200"));
    assert!(got("GET /session.toml").starts_with("HTTP/1.1 403"));
    let json = "content-type: application/json\r\n";
    check(there, &format!("{host}{json}"), "403");
    check(own, &format!("host: {own}\r\n{json}"), "204");
    // At that address alone nobody could press, which is said.
    let (process, _) = started_at(&format!("{address}:0"), &[]);
    assert!(process.stderr().contains("--control-token-file"), "{}", process.stderr());
}
