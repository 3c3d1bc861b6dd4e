//! What happens at a poll: `[[change]]` and `[[event]]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::InvalidateKey;

/// A content change.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ChangeFile {
    /// Happens before this poll of each client, counted from 1.
    #[schemars(range(min = 2))]
    pub at_poll: Option<i64>,
    /// To what; default: edit.
    pub kind: Option<ChangeKindKey>,
    /// How it reaches the replicas; default: at-once.
    pub rollout: Option<RolloutKey>,
    /// Rolling only: polls of each client between one replica and the next; default: 1.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub lag: Option<i64>,
    /// As in `[fleet]`, for this change.
    pub invalidate: Option<InvalidateKey>,
    /// Where tags are shared: polls of each client between the commit and the new tag, whichever
    /// comes first; default: 0.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub window: Option<i64>,
}

/// To what the content changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKindKey {
    /// Content never seen before.
    Edit,
    /// Back to the content before the last change.
    Revert,
    /// An edit whose files are dated in the same second as those before it.
    SameSecond,
}

/// How a change reaches the replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RolloutKey {
    /// All replicas between two polls.
    AtOnce,
    /// One replica after the other, so that old and new are served at the same time.
    Rolling,
}

/// Something that happens to replicas, to what they share, or to the balancer's edge.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct EventFile {
    /// Happens before this poll of each client, counted from 1; only a creation can be held from the
    /// first one on.
    #[schemars(range(min = 1))]
    pub at_poll: Option<i64>,
    /// What happens.
    pub kind: Option<EventKindKey>,
    /// To which replica, counted from 1; default: to all. Not for clients that reconnect.
    #[schemars(range(min = 1, max = 512))]
    pub replica: Option<i64>,
    /// `kind = "edge"` only: the new edge.
    pub edge: Option<String>,
    /// `kind = "pace"` only: what replicas say in Poll-Interval from now on, a time or "stop";
    /// default: nothing.
    pub poll_interval: Option<String>,
    /// In this arm alone; default: in all. Not for what happens to replicas.
    pub arm: Option<String>,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventKindKey {
    /// Killed, and it stays away.
    Kill,
    /// Killed and started again.
    Restart,
    /// With a control plane: its source is killed, and stays away.
    SourceDown,
    /// With a control plane: its source is started again.
    SourceUp,
    /// All clients drop their connections and open new ones for their next polls.
    Reconnect,
    /// Another edge takes the place of the balancer's.
    Edge,
    /// The store of shared tags is killed.
    StoreDown,
    /// It comes back, empty.
    StoreUp,
    /// Replicas ask clients to poll at another pace, or to stop.
    Pace,
    /// Clients that were told to stop are told to begin again.
    Resume,
    /// The next request that is about to create a shared tag waits on every replica until there is
    /// one on each; then all go on together.
    HoldCreation,
}
