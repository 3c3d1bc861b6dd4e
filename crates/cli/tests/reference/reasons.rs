//! The justified differences.

use crate::reason::Reason;

pub(crate) const REASONS: &[Reason] = &[];
