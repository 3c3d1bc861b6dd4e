//! Access logs of real products, and what they say about revalidation.
//!
//! ```text
//! input ─ blocks of lines ─► formats ─ fields ─► line ─ events ─► account ─► judges ─► summary ─► render
//! (files, threads)           (slices)            (numbers)        (paths, clients, tags)
//! ```
//!
//! Only `input` reads files. Nothing personal gets further than `line`: an account has hashes of
//! addresses, and no query that was not asked for.

mod account;
mod agent;
mod field;
mod formats;
mod hashed;
pub mod input;
mod judges;
mod line;
mod moment;
mod render;
mod scan;
pub mod snippets;
mod summary;
mod tag;

pub use account::Account;
pub use account::course::{Bucket, Course};
pub use field::Columns;
pub use field::{Field, NAMES as FIELD_NAMES};
pub use formats::{Entry, FORMATS, FormatError, Layout, Wish};
pub use judges::LogFinding;
pub use render::{Format, Options, Price, render};
pub use summary::{Lines, Matrix, PathRow, Share, Summary};
