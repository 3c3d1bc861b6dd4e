//! Keys of `[balancer]`: what stands between clients and replicas.

use balancer::catalogue::{EDGES, POLICIES};

use super::{Catalogue, Kind, Table, field, set};

static POLICY_NAMES: Catalogue = Catalogue {
    what: "policy",
    unknown: "not a policy of the lab",
    names: || POLICIES.iter().map(|entry| entry.name).collect(),
    aliases: Vec::new,
};
pub(super) static EDGE_NAMES: Catalogue = Catalogue {
    what: "edge",
    unknown: "not an edge of the lab, nor a product",
    names: || EDGES.iter().map(|edge| edge.name).collect(),
    aliases: || EDGES.iter().flat_map(|edge| edge.products).copied().collect(),
};

pub(super) const TABLE: Table = Table {
    name: "balancer",
    is_list: false,
    doc: "The balancer between clients and replicas.",
    rivals: None,
    keys: &[
        field("policy", Kind::Name(&POLICY_NAMES))
            .default("round-robin")
            .doc("Way in which a replica is picked (`etag-lab list policies`).")
            .flag("policy", "POLICY")
            .per_arm(|given, draft| {
                set(&mut draft.setup.policy, given.entry(balancer::catalogue::find))
            }),
        field("edge", Kind::Name(&EDGE_NAMES))
            .default("none")
            .doc(
                "What the balancer does to responses on their way out, or a product that does it \
                 (`etag-lab list edges`).",
            )
            .flag("edge", "EDGE")
            .per_arm(|given, draft| {
                set(&mut draft.setup.edge, given.entry(balancer::catalogue::find_edge))
            }),
    ],
};
