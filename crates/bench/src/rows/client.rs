//! The polling clients, with verdicts, byte counts and latencies on, beside plain load generators.

use anyhow::Result;

use crate::bench::Bench;
use crate::exchange::{entity_tag, url};
use crate::measured::{Candidate, Load, in_turn, with_servers};
use crate::peers::{h2load, lab, nginx, wrk};
use crate::record::{Comparison, Row, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "client", title: "polling clients against nginx static", measure };

fn measure(bench: &Bench) -> Result<Row> {
    let origins = nginx::origins(bench, 1)?;
    let url = url(origins[0].address);
    let tag = entity_tag(origins[0].address)?;
    let poll = lab::Poll::new(bench, &url)?;
    let servers = [("replicas", origins.as_slice())];
    let measured = |load: &dyn Fn() -> Result<Load>| with_servers(&servers, load);
    let contestants = in_turn(
        bench.pairs,
        "polls/s",
        vec![
            Candidate::new("etag-lab poll", || measured(&|| poll.load())),
            Candidate::new(wrk::NAME, || measured(&|| wrk::load(bench, &url, &tag))),
            Candidate::new(h2load::NAME, || measured(&|| h2load::load(bench, &url, &tag))),
        ],
    )?;
    let (ours, wrk) = (&contestants[0], &contestants[1]);
    let comparisons = vec![
        Comparison::of_ratios(
            "client against nginx static, vs wrk -t1",
            ours,
            &[wrk],
            Target::AtLeast(1.2),
        ),
        Comparison::of_cpu(
            "CPU per poll of the client, vs wrk -t1",
            (ours, &["client"]),
            (wrk, &["client"]),
        ),
    ];
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: "One nginx worker with open_file_cache. `etag-lab poll` has 64 clients with stored \
                responses, judges and records every poll; the others repeat one If-None-Match."
            .to_owned(),
        contestants,
        comparisons,
    })
}
