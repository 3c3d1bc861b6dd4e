//! Applications on Flask and Express, as people write them.

use super::{Deployment, HEALTHY, LOCAL, deployment, fleet, three};
use crate::servers::{EXPRESS, copy, express, flask};

pub(super) fn flasks() -> Vec<Deployment> {
    fn of(name: &'static str, path: &'static str, expected: &'static [&'static str]) -> Deployment {
        deployment(name, &["flask"], expected, move || {
            let mut stage = fleet(three(|n| flask(&copy(60_000 * n as u64))), "random");
            stage.url = stage.url.replace("/config.json", path);
            stage
        })
    }
    vec![
        of("Flask × 3, files, mtimes apart", "/file", LOCAL)
            .because("mtime")
            .also(&["last-modified-differs"]),
        of("Flask × 3, make_conditional", "/conditional", HEALTHY),
        of("Flask × 3, make_conditional forgotten", "/unconditional", &["conditionals-ignored"]),
        of("Flask × 3, Python's hash()", "/seeded", LOCAL).because("process"),
        of("Flask × 3, a set in JSON", "/set", LOCAL).because("unordered-content"),
    ]
}

/// Express's own tags for bodies and files, and what breaks them.
pub(super) fn expresses() -> Vec<Deployment> {
    fn of(
        name: &'static str,
        path: &'static str,
        late: u64,
        expected: &'static [&'static str],
    ) -> Deployment {
        deployment(name, &["node", EXPRESS], expected, move || {
            let mut stage = fleet(three(|n| express(&copy(late * n as u64))), "random");
            stage.url = stage.url.replace("/config.json", path);
            stage
        })
    }
    vec![
        of("Express × 3, files, equal mtimes", "/config.json", 0, HEALTHY),
        of("Express × 3, files, mtimes apart", "/config.json", 7_000, LOCAL)
            .because("mtime")
            .also(&["last-modified-differs"]),
        of("Express × 3, files, mtimes 300 ms apart", "/config.json", 300, LOCAL).because("mtime"),
        of("Express × 3, bodies", "/body", 0, HEALTHY),
        of("Express × 3, bodies, strong", "/strong", 0, HEALTHY),
        of("Express × 3, bodies, a salt of each process", "/salted", 0, LOCAL).because("process"),
        of("Express × 3, etag false", "/bare", 0, &["no-validator"]),
        of("Express × 3, the process in the body", "/pid", 0, &["content-differs-per-replica"]),
        of("Express × 3, a tag by hand and end()", "/end", 0, &["conditionals-ignored"]),
    ]
}
