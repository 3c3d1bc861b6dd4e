//! A shared cache between clients and balancer: it answers from what it has stored, as far as RFC 9111
//! and the product that it stands for allow, and asks the origin otherwise.
//!
//! - [`catalogue`]: behaviours by the products that have them;
//! - [`Clock`]: the time by which responses grow old, real or that of a run;
//! - `fields`: fields that stay at their hop, directives, and dates moved between two clocks;
//! - `selected`: the 304 or the range that a client asked for, made of a whole response;
//! - `store`: the responses of one resource, one for each selection by `Vary`;
//! - `stores`: those of all resources, bounded;
//! - `tier`: one place of storage, and what stands behind it: another one, or the origin;
//! - `origin`: the connection to the origin, whose bytes are counted;
//! - [`serve()`]: clients in, answers out, until shutdown.
//!
//! Which responses may be stored and for how long they are fresh is decided by `http-cache-semantics`.
//! Knows no replica and makes no tag.

pub mod catalogue;
mod clock;
mod counts;
mod fields;
mod origin;
mod selected;
mod serve;
mod store;
mod stores;
mod tier;

pub use catalogue::CacheEntry;
pub use clock::Clock;
pub use counts::Counts;
pub use serve::{Cache, Settings, serve};
