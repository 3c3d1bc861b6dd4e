//! The HTTP/1.1 server under everything that answers here: connections, their limits and lifetimes,
//! and the refusal of what is no proper request.
//!
//! - [`mod@serve`]: connections in, answers out, until shutdown;
//! - `request_line`: a request target that is too long is told from fields that are;
//! - `message`: which requests are refused whatever they ask for;
//! - `front`: the others go to the [`Handler`], which answers at once or later ([`Answering`]);
//! - [`content`]: the content of a request, read whole or read away;
//! - [`fields`]: the fields of a request as the rules read them;
//! - [`method`]: which methods there are;
//! - [`response`]: responses that say nothing but their status.
//!
//! Knows no resource, makes no tag and decides no precondition.

pub mod content;
pub mod fields;
mod front;
mod message;
pub mod method;
mod request_line;
pub mod response;
pub mod serve;

pub use front::{Answering, Content, Handler};
pub use serve::serve;
