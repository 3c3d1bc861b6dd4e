//! wrk: closed loop, one thread. Its rate and its byte count are taken from its own report.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{bytes, ensure_not_modified};
use crate::bench::{Bench, CONNECTIONS};
use crate::measured::Load;
use crate::process::Running;

/// How it is called in tables.
pub(crate) const NAME: &str = "wrk -t1 -c64";

/// Polls `url` with this tag for as long as a measurement lasts.
pub(crate) fn load(bench: &Bench, url: &str, entity_tag: &str) -> Result<Load> {
    let mut command = Command::new("wrk");
    command
        .arg("-t1")
        .arg(format!("-c{CONNECTIONS}"))
        .arg(format!("-d{}s", bench.seconds))
        .arg("-H")
        .arg(format!("If-None-Match: {entity_tag}"))
        .arg(url);
    let running = Running::start(&mut command, &bench.path("wrk.log"))?;
    let finished = running.finish(bench.length() * 3, &bench.stop)?;
    let report = parse(&finished.stdout)
        .with_context(|| format!("no report of wrk: {}", finished.stdout))?;
    ensure!(report.failures.is_none(), "wrk reports failures: {:?}", report.failures);
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
    bytes_read: f64,
    rate: f64,
    /// The line about socket errors or about statuses that are neither 2xx nor 3xx.
    failures: Option<String>,
}

fn parse(stdout: &str) -> Option<Report> {
    let lines = || stdout.lines().map(str::trim);
    let total = lines().find(|line| line.contains(" requests in ") && line.ends_with(" read"))?;
    let rate = lines().find_map(|line| line.strip_prefix("Requests/sec:"))?;
    let failures =
        lines().find(|line| line.starts_with("Socket errors") || line.starts_with("Non-2xx"));
    Some(Report {
        requests: total.split(' ').next()?.parse().ok()?,
        bytes_read: bytes(total.rsplit(' ').nth(1)?)?,
        rate: rate.trim().parse().ok()?,
        failures: failures.map(ToOwned::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "Running 1s test @ http://127.0.0.1:1/\n  \
        1 threads and 64 connections\n  \
        Thread Stats   Avg      Stdev     Max   +/- Stdev\n    \
        Latency   600.00us  100.00us   5.00ms   90.00%\n    \
        Req/Sec   100.10k     2.00k  105.00k    70.00%\n  \
        109345 requests in 1.10s, 18.77MB read\n\
        Requests/sec:  99404.54\nTransfer/sec:     17.06MB\n";

    #[test]
    fn the_report_is_read() {
        let report = parse(REPORT).expect("a report");
        assert_eq!((report.requests, report.rate), (109_345, 99_404.54));
        assert_eq!((report.bytes_read / 1e6).round() as u64, 20);
        assert_eq!(report.failures, None);
    }

    #[test]
    fn failures_are_seen() {
        let report = parse(&format!("{REPORT}  Non-2xx or 3xx responses: 7\n"));
        assert_eq!(
            report.and_then(|report| report.failures).as_deref(),
            Some("Non-2xx or 3xx responses: 7")
        );
    }

    #[test]
    fn half_a_report_is_none() {
        assert_eq!(parse(""), None);
        assert_eq!(parse(&REPORT.replace("Requests/sec", "x")), None);
    }
}
