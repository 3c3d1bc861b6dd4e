//! The one place that asks for preconditions to be evaluated.
//!
//! Decides nothing itself: [`semantics::evaluate`] does.

use http::HeaderMap;
use semantics::{Decision, Method, Validators};
use server::fields::Fields;

use crate::representation::last_modified::now;

/// What the preconditions of a request ask for; `current` is `None` before there is any content.
pub(super) fn decide(
    method: Method,
    fields: &HeaderMap,
    current: Option<&Validators<'_>>,
) -> Decision {
    let fields = Fields(fields);
    semantics::evaluate(method, &fields, current, fields.is_dated().then(now))
}
