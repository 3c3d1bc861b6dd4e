//! One replica: the resource, the facts that its strategy reads, conditional and partial GET, PUT.
//!
//! A replica serves one resource from its *own copy* of the content on disk, so that inode and
//! modification time are its own, as they are in a fleet. Layout, from the bottom up:
//!
//! - [`content`]: sample content of an exact size;
//! - `copy`: the file that holds the content, read whole or put in its place;
//! - [`encoded`]: the content as `gzip` makes it of a copy;
//! - [`stores`]: the database that all replicas read, and the revision in it; opened by `wal`;
//! - `queries`: how many queries an answer took;
//! - `representation`: content and the fields that go with it, ready to be sent;
//! - [`replica`]: the state; how a change arrives, and what is current;
//! - `answer`: one request and the current representation → one response;
//! - `authority`: who may see the resource; `pace`: how often; `accounts`: what was counted;
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

mod accounts;
mod answer;
mod authority;
pub mod content;
pub mod control;
mod copy;
pub mod encoded;
mod front;
mod message;
mod pace;
mod queries;
mod random;
pub mod replica;
mod representation;
mod request_line;
pub mod serve;
pub mod shared;
pub mod stores;
mod wal;
pub mod watch;

pub use accounts::{Counts, Misses};
pub use copy::FileError;
pub use pace::poll_interval_ms;
pub use replica::{ChangeStep, InvalidPath, Replica, ReplicaSpec, Source};
/// A content coding that a replica can offer.
pub use semantics::Coding;
pub use serve::serve;
