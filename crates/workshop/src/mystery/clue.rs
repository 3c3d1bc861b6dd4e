//! Evidence that a participant can gather, as the fleet counts it.

use serde::{Deserialize, Serialize};

/// A kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Clue {
    /// The balancer was asked again and again.
    Repeats,
    /// A validator came back to the fleet that had sent it.
    Replays,
    /// Nodes were asked by themselves.
    Nodes,
    /// One URL was asked for with compression and without.
    Codings,
    /// The content was changed, and asked for again.
    Changes,
    /// Nodes were started again, and asked again.
    Restarts,
}

impl Clue {
    /// All of them, in the order in which they are listed.
    pub(crate) const ALL: [Self; 6] =
        [Self::Repeats, Self::Replays, Self::Nodes, Self::Codings, Self::Changes, Self::Restarts];

    /// The evidence in words.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Repeats => "the balancer, asked four times or more",
            Self::Replays => "a tag or date sent back",
            Self::Nodes => "two nodes, asked by themselves",
            Self::Codings => "the same with gzip and without",
            Self::Changes => "a change of the content, and a request after it",
            Self::Restarts => "a restart of the nodes, and a request after it",
        }
    }
}
