//! A gateway that picks a replica by policy and forwards, blind to entity tags.
//!
//! ```text
//! serve ─► connection ─► exchange ─► fleet      who answers: policy, availability, idle connections
//!              │             │
//!              │             ├─► attempt        one request on one connection to one replica
//!              │             │     └─► upload   content still under way, in both directions at once
//!              │             └─► delivery       the response: awaited, translated, sent on
//!              │                   └─► recoding    only with an edge: its changes to fields, and gzip
//!              ├──────► rooms                   buffers, lent for the time of an exchange
//!              ├──────► departures              what is ready together leaves grouped by destination
//!              ├──────► observation             what was answered, for a page of metrics
//!              └──────► wire                    HTTP/1.1 as bytes: heads, framing, own responses
//! ```
//!
//! Messages are forwarded as bytes: field lines keep their order and spelling, content keeps its
//! framing, and only what a gateway has to change is changed (RFC 9110 §7.6). One exchange costs
//! one write and one read on each side and neither a task nor a timer of its own; that is why the
//! wire format is written out here instead of taken from a library (a gateway made of hyper's
//! server and client spends twice the user time per exchange). The price is that this crate owns the
//! framing: contradictory lengths, folded lines and bare line feeds in chunks are refused.
//!
//! There is no cache, no TLS, no upgrade and no CONNECT. The forwarding path reads no field of
//! caching or of preconditions; only an [`edge`], where one is set, reads and changes them.

mod attempt;
mod balancer;
pub mod catalogue;
mod choice;
mod client;
mod clock;
mod coder;
mod connection;
mod counters;
mod delivery;
mod departures;
pub mod edge;
mod edges;
mod exchange;
mod failure;
mod fleet;
mod observation;
pub mod offline;
mod policies;
mod policy;
mod recoding;
mod rooms;
mod serve;
mod settings;
mod upload;
mod wire;

pub use balancer::Balancer;
pub use choice::{Caller, Choice};
pub use counters::Counts;
pub use edge::{Edge, EdgeEntry, MessageHead};
pub use policy::{Pins, Policy, PolicyEntry, Situation};
pub use serve::serve;
pub use settings::{Limits, Replica, Settings, SettingsError};
