//! How much a fleet says of itself to those who look at its processes and at the wire.
//!
//! Orders to replicas go over their standard input in any case. A fleet with a hidden fault also gets
//! its settings there: what stands on a command line, everybody reads in `ps`.

/// How much a fleet says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Disclosure {
    /// Command lines name settings, and responses declare their replica and content.
    #[default]
    Open,
    /// Command lines name nothing; responses declare what they always do, so that polls are judged.
    Unnamed,
    /// Neither says anything.
    Silent,
}

/// The command that reads its own arguments from the first line of its standard input.
pub(crate) const NODE: &str = "node";

impl Disclosure {
    /// True if settings stand on command lines.
    pub(crate) fn names(self) -> bool {
        self == Self::Open
    }

    /// True if responses carry the lab's field.
    pub(crate) fn declares(self) -> bool {
        self != Self::Silent
    }
}
