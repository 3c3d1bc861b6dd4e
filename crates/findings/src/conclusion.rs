//! Conclusions: drawn after the findings, where none of them is bad or a warning.
//!
//! They are explained like findings and are none: `healthy` holds what no finding contradicts, and
//! `inconclusive` says what evidence is missing for that.

mod healthy;
mod inconclusive;

pub(crate) use inconclusive::missing;

use crate::kind::{FindingKind, Judgement};
use crate::view::View;

/// Conclusion that nothing is wrong.
pub static HEALTHY: FindingKind = healthy::KIND;
/// Conclusion that the evidence does not suffice.
pub static INCONCLUSIVE: FindingKind = inconclusive::KIND;

/// Whether an entry is one of the conclusions.
pub(crate) fn is_one(kind: &FindingKind) -> bool {
    [&HEALTHY, &INCONCLUSIVE].contains(&kind)
}

/// Conclusion from evidence in which nothing wrong was found.
pub(crate) fn of(view: &View<'_>) -> (&'static FindingKind, Judgement) {
    match missing(view) {
        missing if missing.is_empty() => (&HEALTHY, healthy::judgement(view)),
        missing => (&INCONCLUSIVE, inconclusive::judgement(missing)),
    }
}
