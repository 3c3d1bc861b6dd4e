//! The kinds of faults that a mystery can have: what names each, how a fleet gets it, what shows it.
//!
//! Only faults that can be told from outside are here. A code and a cause are those of the crate
//! `findings`; names of strategies and edges are those of their catalogues.

use strategies::Agreement;

use super::clue::Clue;
use super::lottery::Lottery;

mod list;

pub(crate) use list::{CULPRITS, HEALTHY};

/// A kind of fault, as an answer names it.
#[derive(Debug)]
pub(crate) struct Culprit {
    /// Code of the finding.
    pub(crate) code: &'static str,
    /// Cause that has to be named with it; `None` where the code says all.
    pub(crate) cause: Option<&'static str>,
    /// Code and cause that are right as well.
    pub(crate) also: Option<(&'static str, &'static str)>,
    /// Fault in one sentence.
    pub(crate) says: &'static str,
    /// Words of those who notice it.
    pub(crate) users: &'static str,
    /// What would look different if this were true, for those who named it wrongly.
    pub(crate) differs: &'static str,
    /// The way to see it, in steps, from the first hint to the last one.
    pub(crate) path: [&'static str; 3],
    /// Evidence that shows it.
    pub(crate) clues: &'static [Clue],
    /// Ways in which a fleet gets it.
    pub(crate) guises: &'static [Guise],
}

/// One way to get a fault.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guise {
    /// Way of making tags; `None` leaves an honest one.
    pub(crate) strategy: Option<&'static str>,
    /// What the balancer does; `None` leaves nothing.
    pub(crate) edge: Option<&'static str>,
    /// Time by which each copy is later than the one before it.
    pub(crate) drift_ms: u32,
    /// Whether responses are dated.
    pub(crate) last_modified: bool,
    pub(crate) histories: Histories,
    /// How it keeps out of sight.
    pub(crate) cover: Cover,
}

/// Changes that the nodes have seen before anybody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Histories {
    /// Each as many.
    Equal,
    /// Each another number.
    Apart,
    /// All as many but one.
    OneApart,
}

impl Histories {
    pub(crate) fn drawn(self, lottery: &mut Lottery, nodes: u32) -> Vec<u64> {
        let first = 3 + lottery.below(40);
        let odd = lottery.below(nodes.into());
        let apart = 1 + lottery.below(9);
        (0..u64::from(nodes))
            .map(|node| match self {
                Self::Apart => first + node * (11 + apart),
                Self::OneApart if node == odd => first + apart,
                Self::Equal | Self::OneApart => first,
            })
            .collect()
    }
}

/// What keeps a fault out of sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cover {
    /// Nothing: it is plain.
    Nothing,
    /// Only clients that accept compressed responses meet it.
    Compressed,
    /// Nobody meets it before the content changes.
    Change,
    /// One node alone has it.
    OneNode,
}

impl Guise {
    /// A way of making tags that is faulty by itself.
    const fn tags(strategy: &'static str) -> Self {
        Self { strategy: Some(strategy), ..Self::PLAIN }
    }

    /// The same over copies that were made one after the other.
    const fn drifting(strategy: &'static str) -> Self {
        Self { drift_ms: 7_000, ..Self::tags(strategy) }
    }

    /// A balancer that changes tags of compressed responses.
    const fn edge(edge: &'static str) -> Self {
        // A date would do instead of the tag.
        Self { edge: Some(edge), last_modified: false, cover: Cover::Compressed, ..Self::PLAIN }
    }

    /// True if there are tags, if only at the nodes.
    pub(crate) fn makes_tags(&self) -> bool {
        let entry = self.strategy.and_then(strategies::find);
        entry.is_none_or(|entry| entry.agreement != Agreement::NoTag)
    }

    const PLAIN: Self = Self {
        strategy: None,
        edge: None,
        drift_ms: 0,
        last_modified: true,
        histories: Histories::Equal,
        cover: Cover::Nothing,
    };
}

impl Culprit {
    /// Fewest requests that decide it, in a fleet of so many nodes.
    pub(crate) fn requests(&self, nodes: u64) -> u64 {
        match self.clues {
            // Each node once, and one tag at another node.
            [Clue::Nodes, ..] => nodes + 1,
            // With and without, or before and after, and the tag once more.
            [Clue::Codings | Clue::Changes, ..] => 3,
            _ => 2,
        }
    }

    /// True if an answer names it.
    pub(crate) fn is_named_by(&self, code: &str, cause: Option<&str>) -> bool {
        let is_own = self.code == code && (self.cause.is_none() || self.cause == cause);
        is_own || self.also == Some((code, cause.unwrap_or_default()))
    }
}

/// The culprit that an answer names, if there is one.
pub(crate) fn named(code: &str, cause: Option<&str>) -> Option<&'static Culprit> {
    let is_it = |culprit: &&Culprit| culprit.is_named_by(code, cause);
    CULPRITS.iter().chain([&HEALTHY]).find(is_it)
}
