//! Keys of `[fleet]`: replicas, what they share, and what they send to their clients; and of
//! `[balancer]`, which stands before them.

use std::time::Duration;

use balancer::catalogue::{EDGES, POLICIES};

use super::{Catalogue, Kind, Table, field, set};
use crate::{Invalidate, TagProtocol};

const LIFETIME: Kind = Kind::Duration(Duration::from_millis(1), Duration::from_secs(365 * 86_400));

pub(super) const FLEET: Table = Table {
    name: "fleet",
    is_list: false,
    doc: "The replicas.",
    rivals: None,
    keys: &[
        field("replicas", Kind::Integer(1, 512))
            .default("3")
            .doc("Number of replicas behind the balancer.")
            .flag("replicas", "N")
            .brief("Replicas behind the balancer")
            .per_arm(|given, draft| set(&mut draft.setup.replicas, given.nonzero())),
        // Entered by a rule, since their number has to be that of the replicas.
        field("histories", Kind::Integers(0, 1_000_000_000))
            .doc(
                "Changes that each replica saw before the run, one number for each. Without it: \
                 41, 18, 2, …",
            )
            .per_arm(|_, _| Ok(())),
        field("command", Kind::Text)
            .doc(
                "Your own program as the replica, for the shell; it gets PORT, REPLICA, REPLICAS \
                 and RESOURCE. It starts in the folder of the scenario file that names it, or in \
                 the working directory.",
            )
            .flag("replica-command", "COMMAND")
            .brief("Your own program as the replica")
            .shared(|given, draft| set(&mut draft.command, Some(given.command()?))),
        field("deploy-drift", Kind::Duration(Duration::ZERO, Duration::from_secs(365 * 86_400)))
            .default("7s")
            .doc("Time by which each replica got its copy later than its predecessor.")
            .per_arm(|given, draft| set(&mut draft.setup.deploy_drift, given.duration())),
        // One database is one content for all replicas, which is what shared tags are tags of.
        field("database", Kind::Bool)
            .default("false")
            .doc(
                "Whether replicas read the resource from a database that they share (SQLite), \
                 once for each request that they render, and count the queries; otherwise each \
                 has a copy.",
            )
            .per_arm(|given, draft| set(&mut draft.setup.sharing.database, given.is_true())),
        field("store", Kind::Url)
            .default("sqlite")
            .doc(
                "Store of the tags that replicas share: `sqlite` (a file of the run), `redis` \
                 (one that the run starts for itself) or `redis://HOST:PORT`.",
            )
            .flag("store", "STORE")
            .shared(|given, draft| {
                set(&mut draft.setup.sharing.store, crate::sharing::tag_store(given)?)
            }),
        // After the store, whose URL it completes.
        field("store-password-file", Kind::Text)
            .doc(
                "File whose first line is the password of a `redis://` store: in a scenario \
                 relative to its folder, as a flag to the working directory.",
            )
            .flag("store-password-file", "FILE")
            .shared(|given, draft| {
                let file = crate::sharing::password_file(given, &draft.setup.sharing.store)?;
                set(&mut draft.setup.sharing.password_file, Some(file))
            }),
        field("store-ttl", LIFETIME)
            .doc("Time that a shared tag lives after it was written. Without it: for ever.")
            .per_arm(|given, draft| set(&mut draft.setup.sharing.ttl, Some(given.duration()))),
        field("store-lease", LIFETIME)
            .doc("Time that the announcement of a writer counts. Without it: 5s.")
            .shared(|given, draft| set(&mut draft.setup.sharing.lease, Some(given.duration()))),
        field("store-protocol", Kind::Choice(TagProtocol::CHOICES))
            .default("hardened")
            .doc("Order in which readers and writers use the store of tags.")
            .per_arm(|given, draft| set(&mut draft.setup.sharing.protocol, TagProtocol::of(given))),
        field("invalidate", Kind::Choice(Invalidate::CHOICES))
            .default("after-commit")
            .doc("Moment at which a change replaces a shared tag.")
            .per_arm(|given, draft| {
                set(&mut draft.setup.sharing.invalidate, Invalidate::of(given))
            }),
        field("poll-interval", Kind::Text)
            .doc("Value that replicas send in Poll-Interval: a time, or `stop`. Without it: none.")
            .per_arm(|given, draft| {
                set(
                    &mut draft.setup.sharing.poll_interval,
                    Some(crate::sharing::poll_interval(given)?),
                )
            }),
    ],
};

pub(super) static POLICY_NAMES: Catalogue = Catalogue {
    what: "policy",
    list: "policies",
    unknown: "not a policy of the lab",
    names: || POLICIES.iter().map(|entry| entry.name).collect(),
    aliases: Vec::new,
};
pub(super) static EDGE_NAMES: Catalogue = Catalogue {
    what: "edge",
    list: "edges",
    unknown: "not an edge of the lab, nor a product",
    names: || EDGES.iter().map(|edge| edge.name).collect(),
    aliases: || EDGES.iter().flat_map(|edge| edge.products).copied().collect(),
};

pub(super) const BALANCER: Table = Table {
    name: "balancer",
    is_list: false,
    doc: "The balancer between clients and replicas.",
    rivals: None,
    keys: &[
        field("policy", Kind::Name(&POLICY_NAMES))
            .default("round-robin")
            .doc("Way in which a replica is picked (`etag-lab list policies`).")
            .flag("policy", "POLICY")
            .brief("How a replica is picked (list policies)")
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
            .brief("What the balancer changes (list edges)")
            .per_arm(|given, draft| {
                set(&mut draft.setup.edge, given.entry(balancer::catalogue::find_edge))
            }),
    ],
};
