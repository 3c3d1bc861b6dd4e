//! Evidence about a deployment, and the findings that follow from it.
//!
//! ```text
//! evidence ─► view ─► finding (one file of the catalogue each) ─► check
//! ```
//!
//! Pure: makes no request, reads no clock and no file. A live deployment and a capture are judged
//! by the same code; the crate `probe` collects the evidence and prints the result.

pub mod catalogue;
pub mod check;
pub mod contents;
mod draws;
pub mod evidence;
pub mod finding;
pub mod replicas;
pub mod tag_form;
pub mod view;

pub use check::Check;
pub use finding::{Entry, Finding, shown};
