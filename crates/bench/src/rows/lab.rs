//! The whole lab beside the same path built from other programs, and beside what the machine's
//! loopback allows.

use anyhow::Result;

use crate::bench::{Bench, CONNECTIONS};
use crate::exchange::{entity_tag, url};
use crate::measured::{Candidate, in_turn, with_servers};
use crate::peers::{haproxy, lab, nginx, wrk};
use crate::record::{Comparison, Contestant, Row, Run, Target};
use crate::relay::{Layout, Relay};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "lab", title: "the whole path: clients, balancer, three replicas", measure };

fn measure(bench: &Bench) -> Result<Row> {
    let origins = nginx::origins(bench, 3)?;
    let balancer = haproxy::balancer(bench, &origins)?;
    let (url, tag) = (url(balancer.address), entity_tag(balancer.address)?);
    let lab = lab::Lab::new(bench)?;
    let relay = relay_of_same_sizes(&lab);
    let servers = [("balancer", std::slice::from_ref(&balancer)), ("replicas", &origins[..])];
    let mut candidates = vec![
        Candidate::new("etag-lab run", || Ok(Run::of_load(&lab.load()?))),
        Candidate::new("wrk → HAProxy → 3 × nginx", || {
            with_servers(&servers, || wrk::load(bench, &url, &tag))
        }),
    ];
    for layout in Layout::ALL {
        let name = format!("byte relay, {}", layout.name());
        candidates.push(Candidate::new(name, move || relay.measure(layout, bench)));
    }
    let contestants = in_turn(bench.pairs, "polls/s", candidates)?;
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: format!(
            "`etag-lab run` has one arm, content-hash, {CONNECTIONS} clients in shuffled order and \
             three replica processes. The byte relay passes {} \
             bytes there and {} back between a generator and an echo server, with epoll and \
             nothing else: no parsing, no choice, no record; its fastest layout is the limit.",
            relay.request_bytes, relay.response_bytes
        ),
        comparisons: comparisons(&contestants),
        contestants,
    })
}

/// The limit is to move what the lab moves.
fn relay_of_same_sizes(lab: &lab::Lab<'_>) -> Relay {
    let each = |bytes: u64| (bytes / lab.trial.polls) as usize;
    Relay {
        request_bytes: each(lab.trial.request_bytes),
        response_bytes: each(lab.trial.response_bytes),
        connections: CONNECTIONS as usize,
    }
}

fn comparisons(contestants: &[Contestant]) -> Vec<Comparison> {
    let [lab, peers, relays @ ..] = contestants else { unreachable!("lab, peers, relays") };
    let relays: Vec<_> = relays.iter().collect();
    vec![
        Comparison::of_ratios(
            "whole lab, vs wrk → HAProxy → nginx",
            lab,
            &[peers],
            Target::AtLeast(1.2),
        ),
        Comparison::of_cpu(
            "CPU per poll of everything, vs wrk → HAProxy → nginx",
            (lab, &["client and balancer", "replicas"]),
            (peers, &["client", "balancer", "replicas"]),
        ),
        Comparison::of_ratios("whole lab, vs the relay limit", lab, &relays, Target::AtLeast(0.75)),
    ]
}
