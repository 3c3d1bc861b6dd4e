//! What happens while clients poll: changes and events.

use serde::{Deserialize, Serialize};

/// One content change of the scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// Happens before this poll of each client, counted from 1.
    pub at_poll: u32,
    /// `edit`, `revert` or `same-second`.
    pub kind: String,
    /// Polls of each client between one replica and the next; 0 is all at once.
    pub lag: u32,
    /// Moment at which it replaces a shared tag, if this change is an exception: `after-commit`,
    /// `before-commit` or `never`; left out if it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalidate: Option<String>,
    /// Polls of each client between the commit and the new shared tag; left out
    /// if there are none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub window: u32,
}

/// One replica event of the scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Happens before this poll of each client, counted from 1.
    pub at_poll: u32,
    /// Kind of event.
    pub kind: EventKindRecord,
    /// Replica concerned; `null` is every one, or none where it happens to something else.
    pub replica: Option<u32>,
    /// The new edge.
    #[serde(default)]
    pub edge: Option<String>,
    /// `pace`: what replicas say in `Poll-Interval` from now on, -1 to stop; left out if nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll_interval_ms: Option<i64>,
    /// The new strategy; left out if it is another kind of event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The new policy; left out if it is another kind of event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The new number of replicas, or of clients; left out if it is another kind of event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The arm in which it happens; `null` is every one.
    #[serde(default)]
    pub arm: Option<String>,
}

/// Kind of an event, in the words of the scenario file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKindRecord {
    /// A replica is killed, and stays away.
    Kill,
    /// A replica is killed and started again.
    Restart,
    /// The source of a control plane is killed, and stays away.
    SourceDown,
    /// The source of a control plane is started again.
    SourceUp,
    /// All clients drop their connections.
    Reconnect,
    /// Another edge takes the place of the balancer's.
    Edge,
    /// The store of shared tags is killed.
    StoreDown,
    /// The store of shared tags comes back, empty.
    StoreUp,
    /// Replicas ask for another pace of polling.
    Pace,
    /// Clients that stopped polling begin again.
    Resume,
    /// Creations of a shared tag wait for one another.
    HoldCreation,
    /// Replicas make their tags in another way.
    Strategy,
    /// The balancer picks replicas in another way.
    Policy,
    /// The fleet gets another size.
    Scale,
    /// Another number of clients polls.
    Clients,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "that is how serde asks")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
