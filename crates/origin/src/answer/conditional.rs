//! The one place that asks for preconditions to be evaluated.
//!
//! Decides nothing itself: [`semantics::evaluate`] does.

use http::HeaderMap;
use semantics::{Decision, Method};
use server::fields::Fields;

use super::Selected;
use crate::representation::last_modified::now;

/// What the preconditions of a request ask for; `selected` is `None` before there is any content.
pub(super) fn decide(
    method: Method,
    fields: &HeaderMap,
    selected: Option<&Selected<'_>>,
) -> Decision {
    let validators = selected.map(Selected::validators);
    let fields = Fields(fields);
    semantics::evaluate(method, &fields, validators.as_ref(), fields.is_dated().then(now))
}
