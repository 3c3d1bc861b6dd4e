//! The lab's caches beside the products that they are named for: real nginx and Varnish before an
//! origin that keeps what it is asked, and the lab's own before the same.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use cache::{Cache, Clock, Settings, catalogue};

use crate::check::servers::varnish;
use crate::support::process::PATIENCE;
use crate::support::served::{Served, balancer, start_on_a_free_port};
use crate::support::{ended, etag_lab, eventually, home, http, json_of, peers, require, stderr};

/// Requests that the origin got: true for those with a condition.
type Asked = Arc<Mutex<Vec<bool>>>;

/// A response that is fresh for a second, or a 304 to whoever names its tag.
fn origin() -> (SocketAddr, Asked) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || answer_all(stream, &kept));
        }
    });
    (address, asked)
}

fn answer_all(mut stream: TcpStream, asked: &Asked) {
    let fields = "etag: \"a\"\r\ncache-control: max-age=1\r\n";
    let (mut request, mut part) = (Vec::new(), [0; 4_096]);
    while let Ok(count @ 1..) = stream.read(&mut part) {
        request.extend_from_slice(&part[..count]);
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let head = String::from_utf8_lossy(&request).to_lowercase();
        let is_conditional = head.contains("if-none-match: \"a\"");
        asked.lock().unwrap_or_else(PoisonError::into_inner).push(is_conditional);
        let answer = if is_conditional {
            format!("HTTP/1.1 304 Not Modified\r\n{fields}\r\n")
        } else {
            format!("HTTP/1.1 200 OK\r\n{fields}content-length: 3\r\n\r\none")
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
        request.clear();
    }
}

/// The first three questions of a cache that clients ask again and again.
fn questions(cache: SocketAddr, asked: &Asked) -> Vec<bool> {
    eventually("three questions of the cache", PATIENCE, || {
        // A condition of the client's own is none of the origin's business.
        let answer = http::get(cache, &["If-None-Match: \"a\""]).ok()?;
        assert_eq!((answer.status, answer.field("etag")), (304, Some("\"a\"")));
        let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(..3).map(<[bool]>::to_vec)
    })
}

/// The lab's cache of this name.
fn ours(name: &str) -> Vec<bool> {
    let (origin, asked) = origin();
    let entry = catalogue::find(name).expect("a cache of this name");
    let behaviour = entry.behaviour.expect("a behaviour");
    let settings = Settings { origin, behaviour, clock: Clock::real() };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    listener.set_nonblocking(true).expect("a listener can be polled");
    let address = listener.local_addr().expect("a bound socket has an address");
    // It serves until the test program ends.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("it is polled");
            cache::serve(listener, Arc::new(Cache::new(settings)), std::future::pending()).await;
        });
    });
    questions(address, &asked)
}

#[test]
fn nginx_asks_its_origin_as_the_caches_of_its_settings() {
    let Some(nginx) = require("nginx") else { return };
    for (name, directive) in
        [("nginx-cache", ""), ("nginx-revalidate", "proxy_cache_revalidate on;")]
    {
        let (origin, asked) = origin();
        let (_running, address) =
            start_on_a_free_port(|address| nginx_command(&nginx, address, origin, directive));
        assert_eq!(questions(address, &asked), ours(name), "{name}");
    }
}

fn nginx_command(nginx: &Path, address: SocketAddr, origin: SocketAddr, more: &str) -> Command {
    let place = home();
    let directives = format!(
        "access_log off;
         proxy_cache_path {}/cache keys_zone=lab:1m;
         server {{
             listen {address};
             location / {{ proxy_pass http://{origin}; proxy_cache lab; {more} }}
         }}",
        place.display()
    );
    peers::nginx(nginx, &directives)
}

#[test]
fn varnish_asks_its_origin_as_the_cache_of_its_name() {
    if require("varnishd").is_none() {
        return;
    }
    let (origin, asked) = origin();
    let (_running, address) = varnish(origin);
    assert_eq!(questions(address, &asked), ours("varnish"));
}

/// A balancer by hand before replicas of this strategy, with a cache of this name before it.
fn by_hand(strategy: &str, lifetime: &str, name: &str) -> (Served, Vec<Served>) {
    let replica = |_| {
        let own = ["--cache-control", lifetime, "--no-last-modified"];
        Served::start(&[&["replica", "--strategy", strategy, "--writable"], &own[..]].concat())
    };
    let replicas: Vec<_> = (0..3).map(replica).collect();
    let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
    (balancer(&addresses, &["--cache", name]), replicas)
}

#[test]
fn a_cache_by_hand_stands_before_the_balancer_and_says_at_the_end_what_it_did() {
    let (front, _replicas) = by_hand("content-hash", "s-maxage=60", "varnish");
    assert!(front.process.stderr().contains("round-robin, varnish"), "{}", front.process.stderr());
    let get = |fields: &[&str]| http::get(front.address, fields).expect("it answers");
    let tag = get(&[]).field("etag").expect("it has a tag").to_owned();
    let condition = format!("If-None-Match: {tag}");
    assert_eq!((get(&[&condition]).status, get(&["Range: bytes=0-1"]).content.len()), (304, 2));
    let mut stream = TcpStream::connect(front.address).expect("it listens");
    let put = "PUT /api/config HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
               Content-Length: 3\r\n\r\nput";
    stream.write_all(put.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    // What was stored is forgotten; which of three files is read next is the turn of the balancer.
    assert!(get(&[]).field("age").is_none());
    let mut process = front.process;
    process.signal(rustix::process::Signal::INT);
    process.wait();
    let said = process.stderr();
    assert!(said.contains("cache: 2 answered") && said.contains("and sent 2, "), "{said}");
}

/// Names of the findings of a check.
fn found(url: &str) -> Vec<String> {
    let output = etag_lab().args(["check", url, "--rate", "0", "--format", "json"]).output();
    let check = json_of(&output.expect("etag-lab starts"));
    let findings = check["findings"].as_array().expect("a list").iter();
    findings.filter_map(|found| found["name"].as_str().map(str::to_owned)).collect()
}

#[test]
fn check_knows_that_a_cache_of_each_kind_answers_and_blames_no_replica() {
    for entry in catalogue::CACHES {
        let (front, _replicas) = by_hand("content-hash", "s-maxage=60", entry.name);
        let found = found(&front.url());
        let expected: &[&str] =
            if entry.behaviour.is_some() { &["healthy", "cache-answering"] } else { &["healthy"] };
        assert_eq!(found, expected, "{}", entry.name);
    }
}

#[test]
fn check_sees_through_a_cache_of_each_kind_what_that_has_to_ask_for() {
    for entry in catalogue::CACHES {
        let (front, _replicas) = by_hand("process-nonce", "no-cache", entry.name);
        assert_eq!(found(&front.url()), ["node-local-tag"], "{}", entry.name);
    }
}

#[test]
fn a_cache_that_nobody_has_is_a_mistake() {
    let args = ["balancer", "--replica", "127.0.0.1:1", "--cache", "memcached"];
    let output = ended(&args, 2);
    assert!(stderr(&output).contains("revalidating"), "{}", stderr(&output));
}
