//! An arm of a run, as the judges read it.

use measure::Tally;
use measure::record::SharedStoreRecord;

/// One arm of a run, as the judges read it.
#[derive(Clone, Copy, Debug)]
pub struct ArmEvidence<'a> {
    /// Polls of the arm, counted.
    pub tally: &'a Tally,
    /// Validator that its clients send.
    pub validator: Validator<'a>,
}

/// Validator that the clients of an arm send.
#[derive(Clone, Copy, Debug)]
pub enum Validator<'a> {
    /// Entity tags, with or without a date beside them.
    Tag,
    /// Tags out of a store that all replicas share. Such a tag belongs to no replica: where the
    /// same bytes carry several, the store has had several.
    SharedTag(&'a SharedStoreRecord),
    /// Dates alone.
    Date,
}
