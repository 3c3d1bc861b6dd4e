//! One replica: the resource, the facts that its strategy reads, and conditional GET.
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
//! - `front`: which requests those are, and where the others go;
//! - [`mod@serve`]: connections in, answers out, until shutdown;
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
pub mod replica;
mod representation;
pub mod serve;
pub mod stores;
pub mod watch;

pub use copy::FileError;
pub use replica::{InvalidPath, Replica, ReplicaSpec, Source};
pub use serve::serve;
