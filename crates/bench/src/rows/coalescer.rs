//! The proxy's 304 beside that of nginx.

use anyhow::Result;

use crate::bench::Bench;
use crate::exchange::{entity_tag, routes_tag, routes_url, url};
use crate::measured::{Candidate, in_turn, with_servers};
use crate::peers::{lab, nginx, wrk};
use crate::process::Server;
use crate::record::{Comparison, Row, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "coalescer", title: "the control-plane proxy that answers 304", measure };

fn measure(bench: &Bench) -> Result<Row> {
    let (ours, nginx) = (lab::coalescer(bench, None)?, nginx::origin(bench)?);
    let table = (routes_url(ours.address), routes_tag(ours.address)?);
    let file = (url(nginx.address), entity_tag(nginx.address)?);
    let contestants = in_turn(
        bench.pairs,
        "polls/s",
        vec![
            candidate(bench, "etag-lab coalesce", &ours, table),
            candidate(bench, "nginx static, 1 worker", &nginx, file),
        ],
    )?;
    let (ours, nginx) = (&contestants[0], &contestants[1]);
    let comparisons = vec![
        Comparison::of_ratios("proxy's 304, vs nginx static", ours, &[nginx], Target::AtLeast(1.2)),
        Comparison::of_cpu(
            "CPU per poll of the proxy, vs nginx static",
            (ours, &["proxy"]),
            (nginx, &["proxy"]),
        ),
    ];
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: format!("Loaded by {}; a table of a hundred routes, some 8 KB.", wrk::NAME),
        contestants,
        comparisons,
    })
}

fn candidate<'a>(
    bench: &'a Bench,
    name: &str,
    server: &'a Server,
    (url, tag): (String, String),
) -> Candidate<'a> {
    let servers = [("proxy", std::slice::from_ref(server))];
    Candidate::new(name, move || with_servers(&servers, || wrk::load(bench, &url, &tag)))
}
