//! Fields of 304s, HEAD and ranges: gateways and servers that lose something, and those that may look
//! so and do not.

use super::{Deployment, HEALTHY, behind, deployment, fleet, single};
use crate::check::servers::{EXPRESS, Server, apache, app, copy, express, nginx, nginx_before};

const WRONG_304: &[&str] = &["malformed-304"];
const STALE: &[&str] = &["stale-fields"];

pub(super) fn fields() -> Vec<Deployment> {
    [lost(), stale(), methods(), kept()].concat()
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
        two("names of servers", HEALTHY, "add_header X-Served-By a;", "add_header X-Served-By b;"),
    ]
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
