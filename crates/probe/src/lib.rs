//! Evidence from a running deployment, and what it says about revalidation.
//!
//! ```text
//! plan ─► transport ─► evidence ─► view ─► findings ─► check ─► speak
//!   ▲                     │  ▲
//!   └─────────────────────┘  └─ import (a HAR file, the text of curl -v)
//! ```
//!
//! Everything right of `evidence` is pure and reads nothing else, so a live deployment and a
//! capture are judged by the very same code. `plan` is pure as well: it names one request after
//! the other from what was seen so far. Only `transport` and `run` touch sockets and clocks.

pub mod check;
mod contents;
mod draws;
pub mod evidence;
pub mod findings;
pub mod import;
pub mod plan;
pub mod replicas;
pub mod run;
pub mod speak;
pub mod tag_form;
pub mod transport;
mod view;

pub use check::Check;
