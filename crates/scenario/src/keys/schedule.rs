//! Keys of what happens at a poll, `[[change]]` and `[[event]]`, and of what must come of it,
//! `[[expect]]`. Rules read them, because each makes sense beside the others only.

use super::balancer::EDGE_NAMES;
use super::fleet::INVALIDATIONS;
use super::{Choice, KEY, Key, Kind, Table};

const CHANGES: &[Choice] = &[
    ("edit", "Content never seen before."),
    ("revert", "Back to the content before the last change."),
    ("same-second", "An edit whose files are dated in the same second as those before it."),
];
const ROLLOUTS: &[Choice] = &[
    ("at-once", "All replicas between two polls."),
    ("rolling", "One replica after the other, so that old and new are served at the same time."),
];
const EVENTS: &[Choice] = &[
    ("kill", "A replica is killed, and stays away."),
    ("restart", "A replica is killed and started again."),
    ("source-down", "With a control plane: its source is killed, and stays away."),
    ("source-up", "With a control plane: its source is started again."),
    ("reconnect", "All clients drop their connections and open new ones for their next polls."),
    ("edge", "Another edge takes the place of the balancer's."),
    ("store-down", "The store of shared tags is killed."),
    ("store-up", "The store of shared tags comes back, empty."),
    ("pace", "Replicas ask clients to poll at another pace, or to stop."),
    ("resume", "Clients that stopped polling begin again."),
    (
        "hold-creation",
        "The next request that is about to create a shared tag waits on every replica until there \
         is one on each; then all go on together.",
    ),
];

pub(super) const CHANGE: Table = Table {
    name: "change",
    is_list: true,
    doc: "A content change during the run.",
    rivals: None,
    keys: &[
        Key {
            name: "at-poll",
            kind: Kind::Integer(2, i64::MAX),
            doc: "Poll of each client, counted from 1, before which it happens.",
            ..KEY
        },
        Key {
            name: "kind",
            kind: Kind::Choice(CHANGES),
            default: "edit",
            doc: "Kind of change.",
            ..KEY
        },
        Key {
            name: "rollout",
            kind: Kind::Choice(ROLLOUTS),
            default: "at-once",
            doc: "Way in which it reaches the replicas.",
            ..KEY
        },
        Key {
            name: "lag",
            kind: Kind::Integer(1, 1_000_000),
            default: "1",
            doc: "Rolling only: polls of each client between one replica and the next.",
            ..KEY
        },
        Key {
            name: "invalidate",
            kind: Kind::Choice(INVALIDATIONS),
            doc: "As in `[fleet]`, for this change.",
            ..KEY
        },
        Key {
            name: "window",
            kind: Kind::Integer(0, 1_000_000),
            default: "0",
            doc: "Where tags are shared: polls of each client between the commit and the new tag, \
                  whichever comes first.",
            ..KEY
        },
    ],
};

pub(super) const EVENT: Table = Table {
    name: "event",
    is_list: true,
    doc: "Something that happens to replicas, to what they share, or to the balancer's edge.",
    rivals: None,
    keys: &[
        Key {
            name: "at-poll",
            kind: Kind::Integer(1, i64::MAX),
            doc: "Poll of each client, counted from 1, before which it happens; only a creation can be \
                  held from the first one on.",
            ..KEY
        },
        Key { name: "kind", kind: Kind::Choice(EVENTS), doc: "Kind of event.", ..KEY },
        Key {
            name: "replica",
            kind: Kind::Integer(1, 512),
            doc: "Replica to which it happens, counted from 1. Without it: all. Not for clients that \
                  reconnect.",
            ..KEY
        },
        Key {
            name: "edge",
            kind: Kind::Name(&EDGE_NAMES),
            doc: "`kind = \"edge\"` only: the new edge.",
            ..KEY
        },
        Key {
            name: "poll-interval",
            doc: "`kind = \"pace\"` only: what replicas send in Poll-Interval from now on, a time or \
                  `stop`. Without it: nothing.",
            ..KEY
        },
        Key {
            name: "arm",
            doc: "Arm in which alone it happens. Without it: all. Not for what happens to replicas.",
            ..KEY
        },
    ],
};

pub(super) const EXPECT: Table = Table {
    name: "expect",
    is_list: true,
    doc: "Something the run must show.",
    rivals: None,
    keys: &[
        Key {
            name: "arm",
            doc: "Name of the arm; not needed where `that` names it: `after.polls == 500`.",
            ..KEY
        },
        Key {
            name: "that",
            doc: "`PATH OP VALUE`, joined by `and`: `not_modified_ratio > 97 % and error == 0`.",
            ..KEY
        },
    ],
};
