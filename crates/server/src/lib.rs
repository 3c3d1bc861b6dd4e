//! The HTTP/1.1 server under everything that answers here: connections, their limits and lifetimes,
//! and the refusal of what is no proper request.
//!
//! - [`mod@serve`]: connections in, answers out, until shutdown;
//! - `lane`: plain reads are answered with prepared octets, as long as nothing else comes;
//! - `takeover`: hyper takes a connection over from there as if nothing had been read, and a request
//!   target that is too long is told from fields that are;
//! - `progress`: a connection that rests is told from one that is slow;
//! - `bell`: the end of a connection is waited for at no cost;
//! - `message`: which requests are refused whatever they ask for;
//! - `front`: the others go to the [`Handler`], which answers at once or later ([`Answering`]);
//! - [`content`]: the content of a request, read whole or read away;
//! - [`fields`]: the fields of a request as the rules read them;
//! - [`representation`]: content in each coding on offer, with tags and kept 304s;
//! - [`selected`]: the part of it that a request selects: preconditions, and the responses about it;
//! - [`pages`]: what a browser says of the page that sent a request;
//! - [`metered`]: answers counted, and the page that shows the counts;
//! - [`response`]: responses that carry nothing but their status, and answers to odd methods;
//! - [`tls`]: the same over encrypted connections;
//! - [`stdio`]: orders from a harness and reports to it.
//!
//! Makes no tag: whoever has a resource does.

mod bell;
pub mod content;
pub mod date;
pub mod fields;
mod front;
mod lane;
mod message;
pub mod metered;
pub mod pages;
mod progress;
pub mod representation;
pub mod response;
pub mod selected;
pub mod serve;
pub mod stdio;
mod takeover;
pub mod tls;

pub use front::{Answering, Handler};
pub use lane::{Plain, Prepared};
pub use representation::{Representation, Tag, Variant};
pub use selected::{Description, Selected, Stamp};
pub use serve::{serve, serve_tls};
