//! Polling clients with stored responses, over counted sockets.
//!
//! ```text
//! cadence ─Slot─► polling ─► driver ─request─► connection ─► response ─► measure::Exchange ─► Tally
//!                              └ Poller (a value) └ every byte counted, both directions
//! ```
//!
//! - [`cadence`]: send times and order of polls, as values; [`Load`]: all that a run is given,
//!   with the use of stored responses.
//! - `poller`: state of one logical client: the content that it holds, its `conditions`, its
//!   `freshness` and the `poll_interval` that the server asked for.
//! - `connection`, `head`, `content`: one exchange on a kept-alive connection, with every byte
//!   accounted for and every malformation named; `resume`: the rest of a broken download.
//! - `driver`: the polls of some clients, one after the other: fetched, judged, counted, stored.
//! - [`Habit`]: what clients do with what they were given, good and bad.
//! - [`Writing`]: clients that read, change and PUT between the rounds of polls.
//! - `counts`: the tally of a run; `capture`: the log of its exchanges.
//! - `pacing` waits for send times, [`pen`] keeps closed loops from falling into step.
//! - [`polling`]: the one loop that all cadences share.
//!
//! Knows nothing of replicas, strategies or processes. TLS itself is in `wire`; here its octets are
//! counted apart from those of HTTP.

pub mod cadence;
mod capture;
pub mod conditions;
mod connection;
mod content;
mod counts;
mod driver;
mod freshness;
mod habit;
mod head;
mod holdings;
mod judge;
mod load;
mod meter;
pub mod offline;
mod origin;
mod pacing;
pub mod pen;
mod poll_interval;
mod poller;
pub mod polling;
mod response;
mod resume;
mod target;
mod writing;

pub use cadence::Cadence;
pub use capture::Capture;
pub use counts::ContentChange;
pub use habit::Habit;
pub use holdings::Holdings;
pub use load::{Caching, Load, Milestone, PollMethod, Validate};
pub use measure::record::OnErrorRecord as OnError;
pub use meter::{Meter, Witness};
pub use polling::{PollOutcome, poll, poll_until};
pub use resume::{IfRange, Interruption};
pub use target::{Access, ClientFields, InvalidTarget, PollTarget};
pub use writing::{WriteCondition, Writing};
