//! Evidence from a running deployment, and what it says about revalidation.
//!
//! ```text
//! plan ─► transport ─► evidence ─► findings ─► format
//!   ▲                     │  ▲                      └► a later check (earlier)
//!   └─────────────────────┘  └─ import (a HAR file, the text of curl -v)
//! ```
//!
//! The evidence and what follows from it are the crate `findings`. `plan` is pure as well: it names
//! one request after the other from what was seen so far. Only `transport` and `run` touch sockets
//! and clocks.

pub mod earlier;
pub mod format;
pub mod import;
pub mod plan;
pub mod run;
pub mod transport;
