//! nginx as a file server and as a gateway.

use super::{
    DATES, Deployment, HEALTHY, LOCAL, WEAKENED, apps_of, backends, behind, deployment, fleet,
    single, three,
};
use crate::check::servers::{Server, app, copy, nginx, nginx_before};

fn nginx_files(late: u64, text: &str) -> Server {
    nginx("", &format!("root {}; {text}", copy(late).display()))
}

pub(super) fn nginxes() -> Vec<Deployment> {
    let files = |late: u64| move |replica: usize| nginx_files(late * replica as u64, "");
    let one = |name, text: &'static str, expected| {
        deployment(name, &["nginx"], expected, move || single(nginx_files(0, text)))
    };
    let fleet_of = |name, late, policy, expected| {
        deployment(name, &["nginx"], expected, move || fleet(three(files(late)), policy))
    };
    let gzip = |name, mode, expected| {
        deployment(name, &["nginx"], expected, move || {
            behind(apps_of(mode), |origins| {
                nginx_before(origins, "gzip on; gzip_vary on; gzip_proxied any;", "")
            })
        })
    };
    vec![
        // Only the very date gets a 304.
        one("nginx, one server", "", &["healthy", "date-ignored"]),
        fleet_of("nginx × 3, equal mtimes, round robin", 0, "round-robin", HEALTHY),
        fleet_of("nginx × 3, mtimes 7 s apart, round robin", 7_000, "round-robin", LOCAL)
            .of_dates(),
        fleet_of("nginx × 3, mtimes 7 s apart, random", 7_000, "random", LOCAL).of_dates(),
        deployment("nginx × 3, mtimes apart, named backends", &["nginx"], LOCAL, move || {
            backends(three(files(7_000)))
        })
        .of_dates(),
        deployment("nginx × 3, equal mtimes, named backends", &["nginx"], HEALTHY, move || {
            backends(three(files(0)))
        }),
        one("nginx, gzip with Vary", "gzip on; gzip_vary on;", WEAKENED),
        one("nginx, gzip without Vary", "gzip on;", &["missing-vary"]),
        one("nginx, etag off", "etag off;", HEALTHY),
        deployment("nginx × 3, etag off, mtimes apart", &["nginx"], DATES, || {
            fleet(three(|n| nginx_files(9_000 * n as u64, "etag off;")), "round-robin")
        }),
        one(
            "nginx, neither tag nor date",
            "etag off; add_header Last-Modified '';",
            &["no-validator"],
        ),
        one("nginx, no-store", "add_header Cache-Control no-store;", &["revalidation-moot"]),
        one("nginx, expires in a year", "expires 1y;", &["healthy", "revalidation-moot"]),
        deployment("nginx drops If-None-Match", &["nginx"], &["conditionals-ignored"], || {
            behind(vec![app("hash", 1)], |origins| {
                nginx_before(origins, "", "proxy_set_header If-None-Match '';")
            })
        }),
        gzip("nginx before hashes, gzip", "hash", WEAKENED),
        gzip("nginx before strict origins, gzip", "weak-strict", &["weakened-in-transit"])
            .also(&["list-not-understood"]),
        deployment("nginx ip_hash before counters", &["nginx"], HEALTHY, || {
            behind(apps_of("counter"), |origins| {
                let servers: Vec<_> = origins.iter().map(|at| format!("server {at};")).collect();
                let servers = servers.concat();
                nginx(
                    &format!("upstream sticky {{ ip_hash; {servers} }}"),
                    "location / { proxy_pass http://sticky; }",
                )
            })
        }),
    ]
}
