//! A replica's 304 beside that of nginx.

use anyhow::Result;

use crate::bench::Bench;
use crate::exchange::{entity_tag, url};
use crate::measured::{Candidate, in_turn, with_servers};
use crate::peers::{lab, nginx, wrk};
use crate::process::Server;
use crate::record::{Comparison, Row, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "replica", title: "a replica that answers 304", measure };

fn measure(bench: &Bench) -> Result<Row> {
    let (ours, nginx) = (lab::replica(bench)?, nginx::origin(bench)?);
    let contestants = in_turn(
        bench.pairs,
        "polls/s",
        vec![
            candidate(bench, "etag-lab replica", &ours)?,
            candidate(bench, "nginx static, 1 worker", &nginx)?,
        ],
    )?;
    let (ours, nginx) = (&contestants[0], &contestants[1]);
    let comparisons = vec![
        Comparison::of_ratios(
            "replica's 304, vs nginx static",
            ours,
            &[nginx],
            Target::AtLeast(1.2),
        ),
        Comparison::of_cpu(
            "CPU per poll of the replica, vs nginx static",
            (ours, &["replicas"]),
            (nginx, &["replicas"]),
        ),
    ];
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: format!("Loaded by {}; the tag is made from the content.", wrk::NAME),
        contestants,
        comparisons,
    })
}

fn candidate<'a>(bench: &'a Bench, name: &str, server: &'a Server) -> Result<Candidate<'a>> {
    let (url, tag) = (url(server.address), entity_tag(server.address)?);
    let servers = [("replicas", std::slice::from_ref(server))];
    Ok(Candidate::new(name, move || with_servers(&servers, || wrk::load(bench, &url, &tag))))
}
