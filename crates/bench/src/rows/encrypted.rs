//! The polling clients over TLS, beside wrk, and beside themselves without TLS.

use anyhow::Result;

use crate::bench::Bench;
use crate::exchange::{PATH, entity_tag, url};
use crate::measured::{Candidate, Load, in_turn, with_servers};
use crate::peers::{certificate, lab, nginx, wrk};
use crate::record::{Comparison, Row, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "https", title: "polling clients over TLS against nginx static", measure };

fn measure(bench: &Bench) -> Result<Row> {
    let certificate = certificate::make(bench, "https")?;
    let nginx = nginx::with_protocols(bench, &certificate)?;
    let plain = nginx.servers[0].address;
    let (tag, url_of_tls) = (entity_tag(plain)?, format!("https://{}{PATH}", nginx.tls));
    let trust = certificate.file.to_string_lossy();
    let connections = crate::bench::CONNECTIONS;
    let encrypted = lab::Poll::over(bench, &url_of_tls, connections, &["--cacert", &trust])?;
    let in_clear = lab::Poll::new(bench, &url(plain))?;
    let servers = [("replicas", nginx.servers.as_slice())];
    let measured = |load: &dyn Fn() -> Result<Load>| with_servers(&servers, load);
    let contestants = in_turn(
        bench.pairs,
        "polls/s",
        vec![
            Candidate::new("etag-lab poll https", || measured(&|| encrypted.load())),
            Candidate::new("wrk -t1 -c64 https", || {
                measured(&|| wrk::load(bench, &url_of_tls, &tag))
            }),
            Candidate::new("etag-lab poll http", || measured(&|| in_clear.load())),
        ],
    )?;
    let [ours, wrk, in_clear] = [&contestants[0], &contestants[1], &contestants[2]];
    let client = ["client"];
    let comparisons = vec![
        Comparison::of_ratios("HTTPS, vs wrk -t1", ours, &[wrk], Target::AtLeast(1.0)),
        Comparison::of_cpu(
            "CPU per poll of the client over HTTPS, vs wrk -t1",
            (ours, &client),
            (wrk, &client),
        ),
        Comparison::of_cpu(
            "CPU per poll of the client over HTTPS, vs HTTP",
            (ours, &client),
            (in_clear, &client),
        ),
    ];
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: "One nginx worker with open_file_cache and one certificate (P-256), at one address with TLS \
                and at another without; TLS 1.3 with AES-256-GCM. `etag-lab poll` \
                has 64 clients and verifies the certificate, wrk does not; both keep their connections."
            .to_owned(),
        contestants,
        comparisons,
    })
}
