//! Service workers before the lab's fleet, in a real browser: the page sees what the worker gives it, and
//! the server what the worker asks for.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::support::chromium::Browser;
use crate::support::served::{Served, balancer};
use crate::support::{Tested, ended, har, home, output_of, stderr, stdout};

/// A worker that answers the resource by this expression of `request`.
fn worker(answer: &str) -> String {
    format!(
        "self.addEventListener('install', () => self.skipWaiting());
         self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));
         let kept = null;
         const cacheFirst = async request => {{
             const store = await caches.open('lab');
             const stored = await store.match(request);
             if (stored) return stored;
             const got = await fetch(request);
             await store.put(request, got.clone());
             return got;
         }};
         const passes304 = async request => {{
             const headers = kept ? {{ 'If-None-Match': kept }} : {{}};
             const got = await fetch(request.url, {{ headers, cache: 'no-store' }});
             kept = got.headers.get('etag') ?? kept;
             return got;
         }};
         self.addEventListener('fetch', event => {{
             const request = event.request;
             if (new URL(request.url).pathname === '/api/config') event.respondWith({answer});
         }});"
    )
}

/// The conditions and statuses of requests for the resource, in their order.
type Seen = Arc<Mutex<Vec<(bool, u16)>>>;

/// One origin of a page, its worker and the resource, which is the fleet's.
struct Site {
    address: SocketAddr,
    seen: Seen,
    fleet: Served,
    _replicas: Vec<Served>,
    file: std::path::PathBuf,
}

impl Site {
    fn start(name: &str, worker: String) -> std::io::Result<Self> {
        let file = home().join(format!("{name}.json"));
        std::fs::write(&file, "old")?;
        let path = file.display().to_string();
        let replica =
            |_| Served::start(&["replica", "--strategy", "content-hash", "--file", &path]);
        let replicas: Vec<_> = (0..3).map(replica).collect();
        let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        let fleet = balancer(&addresses, &[]);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (address, behind) = (listener.local_addr()?, fleet.address);
        let seen = Seen::default();
        let kept = Arc::clone(&seen);
        // It serves until the test program ends.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (worker, kept) = (worker.clone(), Arc::clone(&kept));
                std::thread::spawn(move || answer(stream, behind, &worker, &kept));
            }
        });
        Ok(Self { address, seen, fleet, _replicas: replicas, file })
    }

    fn seen(&self) -> Vec<(bool, u16)> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn url(&self) -> String {
        format!("http://{}/api/config", self.address)
    }

    /// Opens the page and lets the worker in.
    fn open(&self, browser: &mut Browser) {
        browser.visit(&format!("http://{}/", self.address));
        let claimed = "navigator.serviceWorker.register('/worker.js').then(() => new Promise(go => \
                       navigator.serviceWorker.controller ? go(true) : \
                       navigator.serviceWorker.oncontrollerchange = () => go(true)))";
        assert_eq!(browser.evaluate(claimed), true);
    }

    /// Status and text of the resource, as the page gets them.
    fn fetch(browser: &mut Browser) -> String {
        let got = browser
            .evaluate("fetch('/api/config').then(async r => r.status + ' ' + await r.text())");
        got.as_str().unwrap_or_default().to_owned()
    }
}

/// One request and its answer; the connection ends with it.
fn answer(mut stream: TcpStream, fleet: SocketAddr, worker: &str, seen: &Seen) -> Option<()> {
    let (mut head, mut part) = (Vec::new(), [0; 4_096]);
    while !head.ends_with(b"\r\n\r\n") {
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&part[..count]);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let own = |kind: &str, content: &str| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{content}",
            content.len()
        )
    };
    let response = match text.split(' ').nth(1)? {
        "/" => own("text/html", "<!doctype html><link rel=icon href=data:,>").into_bytes(),
        "/worker.js" => own("text/javascript", worker).into_bytes(),
        _ => {
            let mut behind = TcpStream::connect(fleet).ok()?;
            let closing = text.replace("Connection: keep-alive", "Connection: close");
            behind.write_all(closing.as_bytes()).ok()?;
            let mut response = Vec::new();
            behind.read_to_end(&mut response).ok()?;
            let status = String::from_utf8_lossy(response.get(9..12)?).parse().ok()?;
            let is_conditional = text.to_lowercase().contains("\r\nif-none-match: ");
            seen.lock().unwrap_or_else(PoisonError::into_inner).push((is_conditional, status));
            response
        }
    };
    stream.write_all(&response).ok()
}

/// What a page gets in three fetches with a change before the last one, and what the fleet was asked.
fn check(name: &str, answer: &str, page: [&str; 3], fleet: &[(bool, u16)]) -> Tested {
    let Some(mut browser) = Browser::start() else { return Ok(()) };
    let site = Site::start(name, worker(answer))?;
    site.open(&mut browser);
    let first = [Site::fetch(&mut browser), Site::fetch(&mut browser)];
    std::fs::write(&site.file, "new")?;
    // Each replica reads its file when it is asked and that has changed.
    crate::support::eventually("the change", crate::support::process::PATIENCE, || {
        let all = (0..3).all(|_| {
            crate::support::http::get(site.fleet.address, &[])
                .is_ok_and(|got| got.content == b"new")
        });
        all.then_some(())
    });
    let last = Site::fetch(&mut browser);
    assert_eq!([&first[0][..], &first[1], &last], page, "{name}");
    assert_eq!(site.seen(), fleet, "{name}");
    Ok(())
}

#[test]
fn without_an_answer_of_the_worker_the_browser_revalidates() -> Tested {
    let asked = [(false, 200), (true, 304), (true, 200)];
    check("passes", "fetch(request)", ["200 old", "200 old", "200 new"], &asked)
}

/// As clients with `client = "cache-first"` do.
#[test]
fn a_worker_that_looks_into_its_store_first_asks_once_and_shows_no_change() -> Tested {
    let page = ["200 old", "200 old", "200 old"];
    check("cache-first", "cacheFirst(request)", page, &[(false, 200)])
}

/// As clients with `client = "no-store"` do.
#[test]
fn a_worker_that_passes_the_browsers_cache_by_never_sends_a_tag() -> Tested {
    let asked = [(false, 200), (false, 200), (false, 200)];
    let page = ["200 old", "200 old", "200 new"];
    check("no-store", "fetch(request.url, { cache: 'no-store' })", page, &asked)
}

/// As clients with `client = "loses-content"` have it.
#[test]
fn a_worker_that_gives_a_304_to_the_page_leaves_it_with_nothing() -> Tested {
    let asked = [(false, 200), (true, 304), (true, 200)];
    check("passes-304", "passes304(request)", ["200 old", "304 ", "200 new"], &asked)
}

#[test]
fn an_archive_names_the_worker_that_answered_and_holds_nothing_against_the_server() -> Tested {
    let Some(mut browser) = Browser::start() else { return Ok(()) };
    let site = Site::start("archive", worker("cacheFirst(request)"))?;
    site.open(&mut browser);
    for _ in 0..8 {
        assert_eq!(Site::fetch(&mut browser), "200 old");
    }
    let mut archive = har::archive(&mut browser);
    let entries = archive["log"]["entries"].as_array_mut().expect("a list");
    entries.retain(|entry| entry["request"]["url"] == site.url());
    let by_worker = |entry: &Value| entry["response"]["_fetchedViaServiceWorker"] == true;
    assert!(entries.len() == 8 && entries.iter().all(by_worker), "{entries:#?}");
    let path = home().join("worker.har");
    let path = path.display().to_string();
    std::fs::write(&path, archive.to_string())?;
    let said = stderr(&ended(&["check", "--har", &path], 2)).to_owned();
    assert!(said.contains("a service worker of the page answered all 8 requests"), "{said}");
    // Beside polls that reached the server, it is a remark.
    let mut entries = archive["log"]["entries"].take();
    for entry in entries.as_array_mut().expect("a list").iter_mut().take(3) {
        entry["response"]["_fetchedViaServiceWorker"] = Value::Null;
    }
    archive["log"]["entries"] = entries;
    std::fs::write(&path, archive.to_string())?;
    let said = stdout(&output_of(&["check", "--har", &path])).to_owned();
    assert!(said.contains("5 further polls were answered by a service worker"), "{said}");
    Ok(())
}
