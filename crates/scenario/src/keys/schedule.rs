//! Keys of what happens at a poll, `[[change]]` and `[[event]]`, and of what must come of it,
//! `[[expect]]`. Rules read them, because each makes sense beside the others only.

use super::fleet::{EDGE_NAMES, POLICY_NAMES};
use super::top::STRATEGY;
use super::{Choice, Kind, Table, key};
use crate::{ChangeKind, Invalidate};

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
    ("strategy", "Replicas make their tags in another way; none of them is away meanwhile."),
    ("policy", "The balancer picks replicas by another policy."),
    ("scale", "The fleet gets another size: the last replicas leave, or further ones join."),
    (
        "clients",
        "Another number of clients polls; the others rest, and keep what they have stored.",
    ),
];

// These keys have no `enter`, because a change is one of many and its keys make sense together
// only.
pub(super) const CHANGE: Table = Table {
    name: "change",
    is_list: true,
    doc: "A content change during the run.",
    rivals: None,
    keys: &[
        key("at-poll", Kind::Integer(2, i64::MAX))
            .doc("Poll of each client, counted from 1, before which it happens."),
        key("kind", Kind::Choice(ChangeKind::CHOICES)).default("edit").doc("Kind of change."),
        key("rollout", Kind::Choice(ROLLOUTS))
            .default("at-once")
            .doc("Way in which it reaches the replicas."),
        key("lag", Kind::Integer(1, 1_000_000))
            .default("1")
            .doc("Rolling only: polls of each client between one replica and the next."),
        key("invalidate", Kind::Choice(Invalidate::CHOICES))
            .doc("As in `[fleet]`, for this change."),
        key("window", Kind::Integer(0, 1_000_000)).default("0").doc(
            "Where tags are shared: polls of each client between the commit and the new tag, \
                 whichever comes first.",
        ),
    ],
};

// Races of a shared store are events: in lock-step each gives the same counts in every run, on an
// SQLite file as on Redis.
pub(super) const EVENT: Table = Table {
    name: "event",
    is_list: true,
    doc: "Something that happens to replicas, to what they share, or to the balancer's edge.",
    rivals: None,
    keys: &[
        key("at-poll", Kind::Integer(1, i64::MAX)).doc(
            "Poll of each client, counted from 1, before which it happens; only a creation \
                 can be held, and only clients can rest, from the first one on.",
        ),
        key("kind", Kind::Choice(EVENTS)).doc("Kind of event."),
        key("replica", Kind::Integer(1, 512)).doc(
            "Replica to which it happens, counted from 1. Without it: all. Not for clients \
                 that reconnect.",
        ),
        key("edge", Kind::Name(&EDGE_NAMES)).doc("`kind = \"edge\"` only: the new edge."),
        key("poll-interval", Kind::Text).doc(
            "`kind = \"pace\"` only: what replicas send in Poll-Interval from now on, a time \
                 or `stop`. Without it: nothing.",
        ),
        key("strategy", STRATEGY)
            .doc("`kind = \"strategy\"` only: the new strategy; of one `replica`, or of all."),
        key("policy", Kind::Name(&POLICY_NAMES)).doc("`kind = \"policy\"` only: the new policy."),
        key("count", Kind::Integer(1, 1_000_000)).doc(
            "`kind = \"scale\"` and `kind = \"clients\"` only: the new number of replicas, or of \
                 clients that poll.",
        ),
        key("arm", Kind::Text).doc(
            "Arm in which alone it happens. Without it: all. Not for what happens to \
                 replicas.",
        ),
    ],
};

pub(super) const EXPECT: Table = Table {
    name: "expect",
    is_list: true,
    doc: "Something the run must show.",
    rivals: None,
    keys: &[
        key("arm", Kind::Text)
            .doc("Name of the arm; not needed where `that` names it: `after.polls == 500`."),
        key("that", Kind::Text).doc(
            "`PATH OP VALUE`, joined by `and`: `not_modified_ratio > 97 % and error == 0`. What no \
                 run can meet, or every run meets, is refused.",
        ),
    ],
};
