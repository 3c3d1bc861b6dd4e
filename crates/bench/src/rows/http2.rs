//! The polling clients over HTTP/2, beside h2load with the same connections and streams.

use anyhow::Result;

use crate::bench::Bench;
use crate::exchange::{PATH, entity_tag};
use crate::measured::{Candidate, Load, in_turn, with_servers};
use crate::peers::{certificate, h2load, lab, nginx};
use crate::record::{Comparison, Contestant, Row, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "http2", title: "polling clients over HTTP/2 against nginx static", measure };

/// Connections, and polls under way on each: 64 in all, as in other rows.
const SHAPE: [u32; 2] = [4, 16];

fn measure(bench: &Bench) -> Result<Row> {
    let certificate = certificate::make(bench, "http2")?;
    let nginx = nginx::with_protocols(bench, &certificate)?;
    let tag = entity_tag(nginx.servers[0].address)?;
    let in_clear = format!("http://{}{PATH}", nginx.http2);
    let encrypted = format!("https://{}{PATH}", nginx.http2_tls);
    let [connections, streams] = SHAPE;
    let (streams, trust) = (streams.to_string(), certificate.file.to_string_lossy());
    let flags = ["--http2", "--streams", &streams, "--cacert", &trust];
    let polls_in_clear = lab::Poll::over(bench, &in_clear, connections, &flags[..3])?;
    let polls_encrypted = lab::Poll::over(bench, &encrypted, connections, &flags)?;
    let servers = [("replicas", nginx.servers.as_slice())];
    let measured = |load: &dyn Fn() -> Result<Load>| with_servers(&servers, load);
    let h2load = |url| measured(&|| h2load::load_over_http2(bench, url, &tag, SHAPE));
    let contestants = in_turn(
        bench.pairs,
        "polls/s",
        vec![
            Candidate::new("etag-lab poll --http2", || measured(&|| polls_in_clear.load())),
            Candidate::new("h2load -t1 -c4 -m16", || h2load(&in_clear)),
            Candidate::new("etag-lab poll --http2 https", || measured(&|| polls_encrypted.load())),
            Candidate::new("h2load -t1 -c4 -m16 https", || h2load(&encrypted)),
        ],
    )?;
    let comparisons =
        [comparisons("", &contestants[..2]), comparisons(" over TLS", &contestants[2..])].concat();
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: "One nginx worker with open_file_cache. Four connections with sixteen polls under way on each, \
                for both; `etag-lab poll` has 64 clients. First in clear text by prior knowledge, then \
                over TLS 1.3 with AES-256-GCM by ALPN."
            .to_owned(),
        contestants,
        comparisons,
    })
}

/// Ours against h2load, in this order.
fn comparisons(way: &str, contestants: &[Contestant]) -> Vec<Comparison> {
    let [ours, theirs] = [&contestants[0], &contestants[1]];
    let (rate, cpu) = (format!("HTTP/2{way}, vs h2load"), ["client"]);
    let cpu_of = format!("CPU per poll of the client over HTTP/2{way}, vs h2load");
    vec![
        Comparison::of_ratios(rate, ours, &[theirs], Target::AtLeast(0.9)),
        Comparison::of_cpu(cpu_of, (ours, &cpu), (theirs, &cpu)),
    ]
}
