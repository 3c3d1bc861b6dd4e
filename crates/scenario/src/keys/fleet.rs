//! Keys of `[fleet]`: replicas, what they share, and what they send to their clients.

use std::time::Duration;

use super::{Choice, FIELD, Key, Kind, Table, set, valued};
use crate::{Invalidate, TagProtocol};

const PROTOCOLS: &[Choice] =
    &[("as-published", "GitLab's, with its races."), ("hardened", "The same without them.")];
pub(super) const INVALIDATIONS: &[Choice] = &[
    ("after-commit", "When the new content is committed."),
    ("before-commit", "Before it is: a request in between gets old content under the new tag."),
    ("never", "Never: the writer dies, or the line is missing."),
];
const LIFETIME: Kind = Kind::Duration(Duration::from_millis(1), Duration::from_secs(365 * 86_400));

pub(super) const TABLE: Table = Table {
    name: "fleet",
    is_list: false,
    doc: "The replicas.",
    rivals: None,
    keys: &[
        Key {
            name: "replicas",
            kind: Kind::Integer(1, 512),
            default: "3",
            doc: "Number of replicas behind the balancer.",
            in_arm: true,
            flag: Some(valued("replicas", "N")),
            enter: |given, draft| set(&mut draft.setup.replicas, given.nonzero()),
            ..FIELD
        },
        // Entered by a rule, since their number has to be that of the replicas.
        Key {
            name: "histories",
            kind: Kind::Integers(0, 1_000_000_000),
            doc: "Changes that each replica saw before the run, one number for each. Without it: 41, \
                  18, 2, …",
            in_arm: true,
            ..FIELD
        },
        Key {
            name: "command",
            doc: "Your own program as the replica, for the shell; it gets PORT, REPLICA, REPLICAS and \
                  RESOURCE.",
            flag: Some(valued("replica-command", "COMMAND")),
            enter: |given, draft| set(&mut draft.command, Some(given.command()?)),
            ..FIELD
        },
        Key {
            name: "deploy-drift",
            kind: Kind::Duration(Duration::ZERO, Duration::from_secs(365 * 86_400)),
            default: "7s",
            doc: "Time by which each replica got its copy later than its predecessor.",
            in_arm: true,
            enter: |given, draft| set(&mut draft.setup.deploy_drift, given.duration()),
            ..FIELD
        },
        Key {
            name: "database",
            kind: Kind::Bool,
            default: "false",
            doc: "Whether replicas read the resource from a database that they share (SQLite), once \
                  for each request that they render, and count the queries; otherwise each has a copy.",
            in_arm: true,
            enter: |given, draft| set(&mut draft.setup.sharing.database, given.is_true()),
            ..FIELD
        },
        Key {
            name: "store",
            kind: Kind::Url,
            default: "sqlite",
            doc: "Store of the tags that replicas share: `sqlite` (a file of the run), `redis` (one \
                  that the run starts for itself) or `redis://HOST:PORT`.",
            flag: Some(valued("store", "STORE")),
            enter: |given, draft| {
                set(&mut draft.setup.sharing.store, crate::tag_store::entered(given)?)
            },
            ..FIELD
        },
        Key {
            name: "store-ttl",
            kind: LIFETIME,
            doc: "Time that a shared tag lives after it was written. Without it: for ever.",
            in_arm: true,
            enter: |given, draft| set(&mut draft.setup.sharing.ttl, Some(given.duration())),
            ..FIELD
        },
        Key {
            name: "store-lease",
            kind: LIFETIME,
            doc: "Time that the mark of a writer stands that has announced itself. Without it: 5s.",
            enter: |given, draft| set(&mut draft.setup.sharing.lease, Some(given.duration())),
            ..FIELD
        },
        Key {
            name: "store-protocol",
            kind: Kind::Choice(PROTOCOLS),
            default: "hardened",
            doc: "Order in which readers and writers use the store of tags.",
            in_arm: true,
            enter: |given, draft| {
                set(
                    &mut draft.setup.sharing.protocol,
                    given.one_of(&TagProtocol::ALL, TagProtocol::name),
                )
            },
            ..FIELD
        },
        Key {
            name: "invalidate",
            kind: Kind::Choice(INVALIDATIONS),
            default: "after-commit",
            doc: "Moment at which a change replaces a shared tag.",
            in_arm: true,
            enter: |given, draft| {
                set(
                    &mut draft.setup.sharing.invalidate,
                    given.one_of(&Invalidate::ALL, Invalidate::name),
                )
            },
            ..FIELD
        },
        Key {
            name: "poll-interval",
            doc: "Value that replicas send in Poll-Interval: a time, or `stop`. Without it: none.",
            in_arm: true,
            enter: |given, draft| {
                set(
                    &mut draft.setup.sharing.poll_interval,
                    Some(crate::sharing::poll_interval(given)?),
                )
            },
            ..FIELD
        },
    ],
};
