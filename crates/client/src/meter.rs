//! What a display sees of a run while it polls: counts, and each poll if it wants to.

use std::fmt;
use std::sync::atomic::AtomicU64;

use measure::{Exchange, WireExchange};

/// Sees each poll as soon as it is counted, on the thread that polls, which waits meanwhile.
pub trait Witness: Send + Sync {
    /// A poll was judged.
    fn judged(&self, exchange: &Exchange<'_>);

    /// Its octets on the wire, in place of the log of a run ([`crate::Load::capture`], whose limit for
    /// contents counts).
    fn on_the_wire(&self, exchange: WireExchange);
}

/// Counts for a progress display; written by the loop, read by any thread.
#[derive(Default)]
pub struct Meter {
    /// Polls made, and those that the server did not want to be made.
    pub polls: AtomicU64,
    /// Conditional requests among them.
    pub conditional: AtomicU64,
    /// 304s among these.
    pub not_modified: AtomicU64,
    /// A display that wants to see each of them.
    pub witness: Option<Box<dyn Witness>>,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("polls", &self.polls).finish_non_exhaustive()
    }
}
