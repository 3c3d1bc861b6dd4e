//! The parts of a tag, and what each can be.

use super::Facts;
use super::moment::{Unit, is_local_modification, is_modification};

/// Meaning of one part of a tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// The number of bytes of the content.
    Size,
    /// A time, in seconds since 1970, written in this unit.
    Time { seconds: f64, unit: Unit },
    /// A number of moderate size: inode, counter, checksum.
    Plain(u128),
    /// A number too large for any of that.
    Large,
    /// No number.
    Word,
}

/// A tag taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Parts<'a> {
    /// The parts as written.
    pub(crate) texts: Vec<&'a str>,
    pub(crate) meanings: Vec<Meaning>,
    /// The characters between them.
    pub(crate) separators: String,
    /// The largest in which any of them is written: 10, 16 or 36.
    pub(crate) radix: u32,
}

impl Parts<'_> {
    /// Reports whether some part is the size of the content.
    pub(crate) fn has_size(&self) -> bool {
        self.meanings.contains(&Meaning::Size)
    }

    /// Reports whether some part is a time.
    pub(crate) fn has_time(&self) -> bool {
        self.meanings.iter().any(|meaning| matches!(meaning, Meaning::Time { .. }))
    }

    /// The first time in it.
    pub(crate) fn seconds(&self) -> Option<f64> {
        self.meanings.iter().find_map(|meaning| match meaning {
            Meaning::Time { seconds, .. } => Some(*seconds),
            _ => None,
        })
    }

    /// Reports whether every part is a number or a time.
    pub(crate) fn is_numeric(&self) -> bool {
        !self.meanings.contains(&Meaning::Word)
    }
}

/// Reports whether a time is `Last-Modified`.
pub(crate) fn agrees(seconds: f64, unit: Unit, facts: &Facts<'_>) -> bool {
    is_modification(seconds, facts)
        || (unit == Unit::Calendar && is_local_modification(seconds, facts))
}
