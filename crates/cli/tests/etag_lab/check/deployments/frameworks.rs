//! Applications on Flask, Starlette and Express, as people write them.

use super::{Deployment, HEALTHY, LOCAL, deployment, fleet, three};
use crate::check::servers::{
    EXPRESS, NEWEST_EXPRESS, STARLETTE, UVICORN, copy, express, flask, starlette,
};
use crate::support::left_out;

pub(super) fn flasks() -> Vec<Deployment> {
    fn of(name: &'static str, path: &'static str, expected: &'static [&'static str]) -> Deployment {
        deployment(name, &["flask"], expected, move || {
            let mut stage = fleet(three(|n| flask(&copy(60_000 * n as u64))), "random");
            stage.url = stage.url.replace("/config.json", path);
            stage
        })
    }
    // Each copy lies in a folder of its own, and Werkzeug mixes the path into its tags.
    let paths = deployment("Flask × 2, files, equal mtimes, two paths", &["flask"], LOCAL, || {
        let mut stage = fleet(vec![flask(&copy(0)), flask(&copy(0))], "random");
        stage.url = stage.url.replace("/config.json", "/file");
        stage
    });
    vec![
        paths.because("path"),
        of("Flask × 3, files, mtimes apart", "/file", LOCAL).of_dates(),
        of("Flask × 3, make_conditional", "/conditional", HEALTHY),
        of("Flask × 3, make_conditional forgotten", "/unconditional", &["conditionals-ignored"]),
        of("Flask × 3, Python's hash()", "/seeded", LOCAL).because("process"),
        of("Flask × 3, a set in JSON", "/set", LOCAL).because("unordered-content"),
    ]
}

/// Starlette's tags for files, which are hashes of the modification time, and bodies by hand.
pub(super) fn starlettes() -> Vec<Deployment> {
    fn of(path: &'static str, late: u64, expected: &'static [&'static str]) -> Deployment {
        let apart = if late > 0 { format!(", copies {late} ms apart") } else { String::new() };
        let name = format!("Starlette × 2, {path}{apart}");
        deployment(name, &[STARLETTE, UVICORN], expected, move || {
            let mut stage = fleet((1..=2).map(|n| starlette(&copy(late * n))).collect(), "random");
            stage.url = stage.url.replace("/config.json", path);
            stage
        })
    }
    // What this version does besides: tags of files have no quotes, lists and `*` are not understood,
    // and the date is tried when the tag does not match.
    const BESIDES: &[&str] = &["malformed-tag", "list-not-understood", "precedence-wrong"];
    const APART: &[&str] =
        &["malformed-tag", "list-not-understood", "precedence-wrong", "last-modified-differs"];
    vec![
        of("/config.json", 0, BESIDES),
        of("/config.json", 7_000, LOCAL).because("mtime").also(APART),
        of("/config.json", 300, LOCAL).because("mtime").also(BESIDES),
        // `FileResponse` alone reads no condition, dates as little as tags.
        of("/file", 0, &["malformed-tag"]).also(&["date-ignored"]),
        of("/body", 0, HEALTHY),
        of("/seeded", 0, LOCAL).because("process"),
        of("/bare", 0, &["no-validator"]),
        of("/gzip/body", 0, &["shared-tag-across-codings"]),
    ]
}

/// Express's own tags for bodies and files, and what breaks them: Debian's version, and the newest
/// where npm could install it.
pub(super) fn expresses() -> Vec<Deployment> {
    let mut all = expresses_of("Express", &["node", EXPRESS], EXPRESS);
    if std::path::Path::new(NEWEST_EXPRESS).is_file() {
        all.extend(expresses_of("Express 5", &["node"], NEWEST_EXPRESS));
    } else {
        left_out("express@5 (npm)");
    }
    all
}

fn expresses_of(
    name: &'static str,
    peers: &'static [&'static str],
    library: &'static str,
) -> Vec<Deployment> {
    let of =
        |what: &'static str, path: &'static str, late: u64, expected: &'static [&'static str]| {
            deployment(format!("{name} × 2, {what}"), peers, expected, move || {
                let start = |n| express(library, &copy(late * n));
                let mut stage = fleet((1..=2).map(start).collect(), "random");
                stage.url = stage.url.replace("/config.json", path);
                stage
            })
        };
    vec![
        of("files, equal mtimes", "/config.json", 0, HEALTHY),
        of("files, mtimes apart", "/config.json", 7_000, LOCAL).of_dates(),
        of("files, mtimes 300 ms apart", "/config.json", 300, LOCAL).because("mtime"),
        of("bodies", "/body", 0, HEALTHY),
        of("bodies, strong", "/strong", 0, HEALTHY),
        of("bodies, a salt of each process", "/salted", 0, LOCAL).because("process"),
        of("etag false", "/bare", 0, &["no-validator"]),
        of("the process in the body", "/pid", 0, &["content-differs-per-replica"]),
        of("a tag by hand and end()", "/end", 0, &["conditionals-ignored"]),
    ]
}
