//! Fields of 304s, HEAD and ranges: gateways and servers that lose something, and those that may look
//! so and do not.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use super::{Deployment, HEALTHY, behind, deployment, fleet, single};
use crate::check::servers::{
    EXPRESS, Server, apache, app, copy, express, folder, nginx, nginx_before, write,
};

const WRONG_304: &[&str] = &["malformed-304"];
const STALE: &[&str] = &["stale-fields"];

pub(super) fn fields() -> Vec<Deployment> {
    [lost(), stale(), chosen(), coded(), methods(), kept()].concat()
}

fn nginx_files(text: &str) -> Server {
    nginx("", &format!("root {}; {text}", copy(0).display()))
}

/// nginx with this before hashes.
fn gateway(
    name: &str,
    expected: &'static [&'static str],
    http: &'static str,
    location: &'static str,
) -> Deployment {
    deployment(format!("nginx before hash, {name}"), &["nginx"], expected, move || {
        behind(vec![app("hash", 1)], |origins| nginx_before(origins, http, location))
    })
}

/// Gateways that know nothing of 304s.
fn lost() -> Vec<Deployment> {
    const LIFETIME: &str = r#"map $status $life { 200 "max-age=60"; default ""; }"#;
    const ALLOWED: &str = r#"map $status $allowed { 200 "*"; default ""; }"#;
    vec![
        gateway("lifetime on 200s alone", WRONG_304, LIFETIME, "add_header Cache-Control $life;"),
        gateway(
            "other origins on 200s alone",
            WRONG_304,
            ALLOWED,
            "add_header Access-Control-Allow-Origin $allowed;",
        ),
        gateway(
            "a condition of its own",
            &["unsolicited-304"],
            "",
            "proxy_set_header If-None-Match '*';",
        ),
        deployment("nginx drops If-Range", &["nginx"], &["if-range-ignored"], || {
            behind(vec![nginx_files("")], |origins| {
                nginx_before(origins, "", "proxy_set_header If-Range '';")
            })
        }),
    ]
}

/// Fleets of one tag and several configurations.
fn stale() -> Vec<Deployment> {
    let two = |name: &str, expected, one: &'static str, other: &'static str| {
        deployment(format!("nginx × 2, {name}"), &["nginx"], expected, move || {
            fleet(vec![nginx_files(one), nginx_files(other)], "round-robin")
        })
    };
    vec![
        two("two types", STALE, "", "types { } default_type text/plain;"),
        two(
            "one with a policy",
            STALE,
            "",
            "add_header Content-Security-Policy \"default-src 'self'\";",
        ),
        two("two lifetimes", &["healthy", "stale-fields"], "expires 60s;", "expires 10m;"),
        two(
            "one that compresses",
            &["healthy", "coding-switched", "weakened-in-transit"],
            "gzip on; gzip_vary on; gzip_min_length 1; gzip_proxied any; gzip_types *;",
            "",
        ),
        two("names of servers", HEALTHY, "add_header X-Served-By a;", "add_header X-Served-By b;"),
    ]
}

/// Fleets of which one sends something else than the others: another language, or an error as 200.
fn chosen() -> Vec<Deployment> {
    const DIFFERS: &[&str] = &["content-differs-per-replica"];
    let fleet_with = |name: &str, odd: fn() -> Server| {
        deployment(format!("nginx × 3, {name}"), &["nginx"], DIFFERS, move || {
            let usual = || nginx_files("add_header Content-Language en;");
            fleet(vec![usual(), odd(), usual()], "round-robin")
        })
    };
    vec![
        fleet_with("one in another language", || {
            let root = folder();
            write(&root, "config.json", "{\"Schalter\": [1, 2, 3]}");
            nginx("", &format!("root {}; add_header Content-Language de;", root.display()))
        })
        .because("variant"),
        fleet_with("one with an error as 200", || {
            let root = folder();
            write(&root, "error.html", "<h1>Not found</h1><p>Try again later.</p>");
            nginx("", &format!("root {}; error_page 404 =200 /error.html;", root.display()))
        })
        .because("error-page"),
    ]
}

/// Content-Encoding where nothing compressed, and a cache that hands on what another client asked for.
fn coded() -> Vec<Deployment> {
    const CACHE: &str = "proxy_cache_path PLACE/cache keys_zone=z:1m;";
    let cache = |name: &str, expected, location: &'static str| {
        deployment(format!("nginx caches gzip, {name}"), &["nginx"], expected, move || {
            let origin = "gzip on; gzip_vary on; gzip_min_length 1; gzip_http_version 1.0; \
                          gzip_proxied any; gzip_types *;";
            let stage =
                behind(vec![nginx_files(origin)], |origins| nginx_before(origins, CACHE, location));
            ask_for_gzip(stage.servers[0].1);
            stage
        })
    };
    vec![
        deployment("nginx, a coding that is none", &["nginx"], &["undecodable-content"], || {
            single(nginx_files("add_header Content-Encoding gzip;"))
        }),
        cache(
            "without Vary",
            &["missing-vary", "cache-answering"],
            "proxy_cache z; proxy_cache_valid 200 60s; proxy_ignore_headers Vary; \
             add_header X-Cache-Status $upstream_cache_status;",
        )
        .because("cached"),
        cache(
            "with Vary",
            &["healthy", "cache-answering"],
            "proxy_cache z; proxy_cache_valid 200 60s; \
             add_header X-Cache-Status $upstream_cache_status;",
        ),
    ]
}

/// Another client, which accepts gzip.
fn ask_for_gzip(address: SocketAddr) {
    let mut socket = TcpStream::connect(address).expect("nginx is there");
    let request = format!(
        "GET /config.json HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).expect("it takes a request");
    socket.read_to_end(&mut Vec::new()).expect("it answers");
}

/// HEAD that goes elsewhere, or nowhere.
fn methods() -> Vec<Deployment> {
    vec![
        gateway(
            "HEAD not found",
            &["head-differs"],
            "",
            "if ($request_method = HEAD) { return 404; }",
        ),
        gateway(
            "HEAD refused",
            &["healthy", "head-differs"],
            "",
            "if ($request_method = HEAD) { return 405; }",
        ),
        deployment("Express, a handler of its own for HEAD", &[EXPRESS], &["head-differs"], || {
            let mut stage = single(express(EXPRESS, &copy(0)));
            stage.url = stage.url.replace("/config.json", "/head");
            stage
        }),
    ]
}

/// Servers that send with the 304 what they send with the 200.
fn kept() -> Vec<Deployment> {
    const BOTH: &str =
        "add_header Access-Control-Allow-Origin *; add_header Cache-Control max-age=60;";
    const NONCE: &str = "add_header Content-Security-Policy \"script-src 'nonce-$request_id'\"; add_header X-Request-Id $request_id;";
    vec![
        deployment("nginx, other origins and a lifetime", &["nginx"], HEALTHY, || {
            single(nginx_files(BOTH))
        }),
        deployment("nginx, a nonce in the policy", &["nginx"], HEALTHY, || {
            single(nginx_files(NONCE))
        }),
        deployment("nginx, other origins where asked", &["nginx"], HEALTHY, || {
            single(nginx_files(
                "add_header Access-Control-Allow-Origin $http_origin; add_header Vary Origin;",
            ))
        }),
        deployment("httpd, other origins and a lifetime", &["apache2"], HEALTHY, || {
            let text =
                "Header set Access-Control-Allow-Origin *\nHeader set Cache-Control max-age=60";
            single(apache(&copy(0), text))
        }),
    ]
}
