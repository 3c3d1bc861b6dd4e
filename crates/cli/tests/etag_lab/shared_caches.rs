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
use crate::support::served::start_on_a_free_port;
use crate::support::{eventually, home, http, peers, require};

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
