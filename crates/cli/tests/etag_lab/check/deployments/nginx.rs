//! nginx as a file server and as a gateway.

use super::{
    DATES, Deployment, HEALTHY, LOCAL, apps_of, backends, behind, deployment, fleet, single, three,
};
use crate::check::servers::{Server, app, copy, nginx, nginx_before};

fn nginx_files(late: u64, text: &str) -> Server {
    nginx("", &format!("root {}; {text}", copy(late).display()))
}

pub(super) fn nginxes() -> Vec<Deployment> {
    let files = |late: u64| move |replica: usize| nginx_files(late * replica as u64, "");
    vec![
        deployment("nginx, one server", &["nginx"], HEALTHY, || single(nginx_files(0, ""))),
        deployment("nginx × 3, equal mtimes, round robin", &["nginx"], HEALTHY, move || {
            fleet(three(files(0)), "round-robin")
        }),
        deployment("nginx × 3, mtimes 7 s apart, round robin", &["nginx"], LOCAL, move || {
            fleet(three(files(7_000)), "round-robin")
        })
        .of_dates(),
        deployment("nginx × 3, mtimes 7 s apart, random", &["nginx"], LOCAL, move || {
            fleet(three(files(7_000)), "random")
        })
        .of_dates(),
        deployment("nginx × 3, mtimes apart, named backends", &["nginx"], LOCAL, move || {
            backends(three(files(7_000)))
        })
        .of_dates(),
        deployment("nginx × 3, equal mtimes, named backends", &["nginx"], HEALTHY, move || {
            backends(three(files(0)))
        }),
        deployment(
            "nginx, gzip with Vary",
            &["nginx"],
            &["healthy", "weakened-in-transit"],
            || single(nginx_files(0, "gzip on; gzip_vary on;")),
        ),
        deployment("nginx, gzip without Vary", &["nginx"], &["missing-vary"], || {
            single(nginx_files(0, "gzip on;"))
        }),
        deployment("nginx, etag off", &["nginx"], HEALTHY, || single(nginx_files(0, "etag off;"))),
        deployment("nginx × 3, etag off, mtimes apart", &["nginx"], DATES, || {
            fleet(three(|n| nginx_files(9_000 * n as u64, "etag off;")), "round-robin")
        }),
        deployment("nginx, neither tag nor date", &["nginx"], &["no-validator"], || {
            single(nginx_files(0, "etag off; add_header Last-Modified '';"))
        }),
        deployment("nginx, no-store", &["nginx"], &["revalidation-moot"], || {
            single(nginx_files(0, "add_header Cache-Control no-store;"))
        }),
        deployment(
            "nginx, expires in a year",
            &["nginx"],
            &["healthy", "revalidation-moot"],
            || single(nginx_files(0, "expires 1y;")),
        ),
        deployment("nginx drops If-None-Match", &["nginx"], &["conditionals-ignored"], || {
            behind(vec![app("hash", 1)], |origins| {
                nginx_before(origins, "", "proxy_set_header If-None-Match '';")
            })
        }),
        deployment(
            "nginx before hashes, gzip",
            &["nginx"],
            &["healthy", "weakened-in-transit"],
            || {
                behind(apps_of("hash"), |origins| {
                    nginx_before(origins, "gzip on; gzip_vary on; gzip_proxied any;", "")
                })
            },
        ),
        deployment(
            "nginx before strict origins, gzip",
            &["nginx"],
            &["weakened-in-transit"],
            || {
                behind(apps_of("weak-strict"), |origins| {
                    nginx_before(origins, "gzip on; gzip_vary on; gzip_proxied any;", "")
                })
            },
        )
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
