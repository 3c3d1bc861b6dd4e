//! One replica: the resource, the facts that its strategy reads, conditional and partial GET, PUT.
//!
//! A replica serves one resource from its *own copy* of the content on disk, so that inode and
//! modification time are its own, as they are in a fleet. Layout, from the bottom up:
//!
//! - [`content`]: sample content of an exact size;
//! - `copy`: the file that holds the content, read whole or put in its place;
//! - [`encoded`]: the content in its codings, and as `gzip` makes it of a copy;
//! - [`databases`]: the database that all replicas read, and the revision in it;
//! - `connection`: connections to `SQLite` files, and how many queries an answer took;
//! - `state`: the copy, its date, and the representation made of it (crate `server`);
//! - [`replica`]: how a change arrives, and what is current;
//! - `answer`: one request and the current representation → one response;
//! - `poll_interval`: how often clients are to ask; `accounts`: what was counted;
//! - [`shared_tags`]: tags from a store, and who tells the store what when;
//! - `front`: which requests are answered at once, and where the rest goes;
//! - [`serve()`]: all of it on connections, until shutdown (crate `server`);
//! - [`control`]: changes ordered over stdin and stdout by a harness;
//! - [`watch`]: changes found in a file that somebody else edits.
//!
//! No tag is made here (crate `strategies`), no precondition decided (crate `semantics`), and no
//! field of the lab encoded (crate `truth`).

mod accounts;
mod answer;
mod connection;
pub mod content;
pub mod control;
mod copy;
pub mod databases;
pub mod encoded;
mod front;
pub mod offline;
mod poll_interval;
pub mod replica;
pub mod shared_tags;
mod spec;
mod state;
pub mod watch;

pub use accounts::{Misses, ReplicaCounts};
pub use poll_interval::poll_interval_ms;
pub use replica::{ChangeStep, ContentSource, InvalidPath, Replica};
/// A content coding that a replica can offer.
pub use semantics::Coding;
pub use spec::ReplicaSpec;
pub use system::FileError;

use std::sync::Arc;

use server::metered::Metered;
use tokio::net::TcpListener;
use traffic::Traffic;

/// Serves the replica until `shutdown` completes; then closes idle connections, gives busy ones
/// a second to end, and returns when none is left.
///
/// `GET` and `HEAD` of the resource are answered with 200, 206, 304, 412, 416, or 503 before there
/// is any content; `PUT` with 201, 204, 412 or what is wrong with it; other methods with 405 or 501,
/// other paths with 404, and what is no proper request as [`server::serve()`] says.
pub async fn serve(
    listener: TcpListener,
    replica: Arc<Replica>,
    shutdown: impl Future<Output = ()>,
) {
    server::serve(listener, Arc::new(front::ReplicaHandler::new(replica)), shutdown).await;
}

/// The same, with each answer counted.
pub async fn serve_counted(
    listener: TcpListener,
    replica: Arc<Replica>,
    traffic: Arc<Traffic>,
    shutdown: impl Future<Output = ()>,
) {
    let handler = Metered::new(Arc::new(front::ReplicaHandler::new(replica)), traffic);
    server::serve(listener, Arc::new(handler), shutdown).await;
}
