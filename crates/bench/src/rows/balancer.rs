//! The balancer beside the two that one would otherwise use, each in front of the same servers.

use anyhow::Result;

use crate::bench::Bench;
use crate::exchange::{entity_tag, url};
use crate::measured::{Candidate, in_turn, with_servers};
use crate::peers::{haproxy, lab, nginx, wrk};
use crate::process::Server;
use crate::record::{Comparison, Row, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "balancer", title: "balancers in front of three nginx static", measure };

fn measure(bench: &Bench) -> Result<Row> {
    let origins = nginx::origins(bench, 3)?;
    let ours = lab::balancer(bench, &origins)?;
    let haproxy = haproxy::balancer(bench, &origins)?;
    let nginx = nginx::balancer(bench, &origins)?;
    let candidate = |name, balancer| candidate(bench, name, balancer, &origins);
    let contestants = in_turn(
        bench.pairs,
        "polls/s",
        vec![
            candidate("etag-lab balancer", &ours)?,
            candidate("HAProxy, 1 thread, http-reuse always", &haproxy)?,
            candidate("nginx, 1 worker, upstream keep-alive", &nginx)?,
        ],
    )?;
    let [ours, haproxy, nginx] = &contestants[..] else { unreachable!("three candidates") };
    let cpu =
        |what, theirs| Comparison::of_cpu(what, (ours, &["balancer"]), (theirs, &["balancer"]));
    let comparisons = vec![
        Comparison::of_ratios(
            "balancer, vs the better of HAProxy and nginx",
            ours,
            &[haproxy, nginx],
            Target::AtLeast(1.15),
        ),
        cpu("CPU per poll of the balancer, vs HAProxy", haproxy),
        cpu("CPU per poll of the balancer, vs nginx", nginx),
    ];
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: format!("Three nginx processes with one worker each, loaded by {}.", wrk::NAME),
        contestants,
        comparisons,
    })
}

fn candidate<'a>(
    bench: &'a Bench,
    name: &str,
    balancer: &'a Server,
    origins: &'a [Server],
) -> Result<Candidate<'a>> {
    let (url, tag) = (url(balancer.address), entity_tag(balancer.address)?);
    let servers = [("balancer", std::slice::from_ref(balancer)), ("replicas", origins)];
    Ok(Candidate::new(name, move || with_servers(&servers, || wrk::load(bench, &url, &tag))))
}
