//! h2load: the fastest of the usual load generators over HTTP/1.1, shown for comparison, and the usual one
//! over HTTP/2.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{bytes, ensure_not_modified};
use crate::bench::{Bench, CONNECTIONS};
use crate::measured::Load;
use crate::process::Running;

/// How it is called in tables.
pub(crate) const NAME: &str = "h2load --h1 -t1 -c64";

/// Polls `url` over HTTP/1.1 with this tag for as long as a measurement lasts.
pub(crate) fn load(bench: &Bench, url: &str, entity_tag: &str) -> Result<Load> {
    run(bench, &["--h1", &format!("-c{CONNECTIONS}")], url, entity_tag)
}

/// Polls `url` over HTTP/2, with so many polls under way on each connection.
pub(crate) fn load_over_http2(
    bench: &Bench,
    url: &str,
    entity_tag: &str,
    [connections, streams]: [u32; 2],
) -> Result<Load> {
    run(bench, &[&format!("-c{connections}"), &format!("-m{streams}")], url, entity_tag)
}

fn run(bench: &Bench, shape: &[&str], url: &str, entity_tag: &str) -> Result<Load> {
    let mut command = Command::new("h2load");
    command
        .args(shape)
        .arg("-t1")
        .arg(format!("-D{}", bench.seconds))
        .arg("-H")
        .arg(format!("if-none-match: {entity_tag}"))
        .arg(url);
    let running = Running::start(&mut command, &bench.path("h2load.log"))?;
    let finished = running.finish(bench.length() * 3, &bench.stop)?;
    let report = parse(&finished.stdout)
        .with_context(|| format!("no report of h2load: {}", finished.stdout))?;
    ensure!(report.failed == 0, "h2load reports {} failures", report.failed);
    ensure_not_modified(report.requests, report.bytes_read)?;
    Ok(Load {
        polls: report.requests,
        rate: report.rate,
        cpu: BTreeMap::from([("client", finished.cpu.own)]),
    })
}

#[derive(Clone, Debug, PartialEq)]
struct Report {
    requests: u64,
    failed: u64,
    bytes_read: f64,
    rate: f64,
}

fn parse(stdout: &str) -> Option<Report> {
    let line = |start| stdout.lines().find_map(|line: &str| line.strip_prefix(start));
    let rate = line("finished in ")?.split(", ").find_map(|part| part.strip_suffix(" req/s"))?;
    let requests = line("requests: ")?;
    let count = |what| {
        let count = requests.split(", ").find_map(|part| part.strip_suffix(what))?;
        count.trim().parse::<u64>().ok()
    };
    Some(Report {
        requests: count(" succeeded")?,
        failed: count(" failed")? + count(" errored")? + count(" timeout")?,
        bytes_read: bytes(line("traffic: ")?.split(' ').next()?)?,
        rate: rate.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "starting benchmark...\nApplication protocol: http/1.1\n\n\
        finished in 3.00s, 116000.33 req/s, 20.00MB/s\n\
        requests: 348001 total, 348065 started, 348001 done, 348000 succeeded, 1 failed, 0 errored, 0 timeout\n\
        status codes: 0 2xx, 348000 3xx, 0 4xx, 0 5xx\n\
        traffic: 60.00MB (62914560) total, 1.00MB (1) headers (space savings 0.00%), 0B (0) data\n";

    #[test]
    fn the_report_is_read() {
        let expected =
            Report { requests: 348_000, failed: 1, bytes_read: 62_914_560.0, rate: 116_000.33 };
        assert_eq!(parse(REPORT), Some(expected));
    }

    #[test]
    fn half_a_report_is_none() {
        assert_eq!(parse(""), None);
        assert_eq!(parse(&REPORT.replace("traffic", "x")), None);
    }
}
