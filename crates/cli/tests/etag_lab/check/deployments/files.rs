//! Other servers of files: lighttpd, Caddy, Python.

use super::{DATES, Deployment, HEALTHY, LOCAL, deployment, fleet, single, three};
use crate::check::servers::{caddy, copy, lighttpd, python_files};

pub(super) fn other_files() -> Vec<Deployment> {
    const INODE: &str = "etag.use-inode = \"enable\"";
    const NO_INODE: &str = "etag.use-inode = \"disable\"";
    let lighttpds = |text: &'static str, late: u64| {
        move || fleet(three(|n| lighttpd(&copy(late * n as u64), text)), "round-robin")
    };
    let caddies =
        |late: u64| move || fleet(three(|n| caddy(&copy(late * n as u64), "")), "round-robin");
    vec![
        deployment("lighttpd, one server", &["lighttpd"], HEALTHY, || {
            single(lighttpd(&copy(0), INODE))
        }),
        deployment("lighttpd × 3, use-inode", &["lighttpd"], LOCAL, lighttpds(INODE, 0))
            .because("inode"),
        deployment(
            "lighttpd × 3, use-inode, mtimes apart",
            &["lighttpd"],
            LOCAL,
            lighttpds(INODE, 7_000),
        )
        .because("inode")
        .also(DATES),
        deployment("lighttpd × 3, no inode, equal", &["lighttpd"], HEALTHY, lighttpds(NO_INODE, 0)),
        deployment(
            "lighttpd × 3, no inode, mtimes apart",
            &["lighttpd"],
            LOCAL,
            lighttpds(NO_INODE, 7_000),
        )
        .of_dates(),
        deployment("Caddy, one server", &["caddy"], HEALTHY, || single(caddy(&copy(0), ""))),
        deployment("Caddy × 3, equal mtimes", &["caddy"], HEALTHY, caddies(0)),
        deployment("Caddy × 3, mtimes apart", &["caddy"], LOCAL, caddies(7_000)).of_dates(),
        deployment("Caddy, encode gzip", &["caddy"], &["shared-tag-across-codings"], || {
            single(caddy(&copy(0), "encode gzip"))
        }),
        deployment("python http.server", &["python3"], HEALTHY, || single(python_files(&copy(0)))),
        deployment("python http.server × 3, mtimes apart", &["python3"], DATES, || {
            fleet(three(|n| python_files(&copy(7_000 * n as u64))), "round-robin")
        }),
    ]
}
