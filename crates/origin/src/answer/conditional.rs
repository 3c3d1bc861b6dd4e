//! The one place that asks for preconditions to be evaluated.
//!
//! Decides nothing itself: [`semantics::evaluate`] does.

use semantics::{Decision, Method, Validators};
use server::fields::Received;

use crate::representation::last_modified::now;

/// What the preconditions of a request ask for; `current` is `None` before there is any content.
pub(super) fn decide(
    method: Method,
    fields: &impl Received,
    current: Option<&Validators<'_>>,
) -> Decision {
    semantics::evaluate(method, fields, current, fields.is_dated().then(now))
}
