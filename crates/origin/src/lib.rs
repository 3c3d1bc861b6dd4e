//! One replica: the resource, the facts that its strategy reads, conditional and partial GET, PUT.
//!
//! A replica serves one resource from its *own copy* of the content on disk, so that inode and
//! modification time are its own, as they are in a fleet. Layout, from the bottom up:
//!
//! - [`content`]: sample content of an exact size;
//! - `copy`: the file that holds the content, read whole or put in its place;
//! - [`encoded`]: the content as `gzip` makes it of a copy;
//! - [`stores`]: revisions that all replicas share;
//! - `representation`: content and the fields that go with it, ready to be sent;
//! - [`replica`]: the state; how a change arrives, and what is current;
//! - `answer`: one request and the current representation → one response;
//! - `message`: which requests are refused whatever they ask for;
//! - `front`: which of the others are answered at once, and where the rest goes;
//! - `request_line`: a request target that is too long is told from fields that are;
//! - [`mod@serve`]: connections in, answers out, until shutdown;
//! - [`shared`]: tags from a store, and who tells the store what when;
//! - [`control`]: changes ordered over stdin and stdout by a harness;
//! - [`watch`]: changes found in a file that somebody else edits.
//!
//! No tag is made here (crate `strategies`), no precondition decided (crate `semantics`), and no
//! field of the lab encoded (crate `truth`).

mod answer;
pub mod content;
pub mod control;
mod copy;
pub mod encoded;
mod front;
mod message;
pub mod replica;
mod representation;
mod request_line;
pub mod serve;
pub mod shared;
pub mod stores;
pub mod watch;

pub use copy::FileError;
pub use replica::{InvalidPath, Replica, ReplicaSpec, Source};
/// A content coding that a replica can offer.
pub use semantics::Coding;
pub use serve::serve;
