//! The one place that asks for preconditions to be evaluated.
//!
//! Decides nothing itself: [`semantics::evaluate`] does.

use http::header::{
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderValue};
use semantics::{Decision, FieldName, Method, RequestFields, Validators};

use crate::representation::last_modified::now;

/// What the preconditions of a request ask for; `current` is `None` before there is any content.
pub(super) fn decide(
    method: Method,
    fields: &HeaderMap,
    current: Option<&Validators<'_>>,
) -> Decision {
    // Only a date has to be seen in the light of the time; most requests carry none.
    let is_dated =
        fields.contains_key(IF_MODIFIED_SINCE) || fields.contains_key(IF_UNMODIFIED_SINCE);
    semantics::evaluate(method, &Fields(fields), current, is_dated.then(now))
}

/// The fields of a request as the rules read them.
pub(super) struct Fields<'a>(pub(super) &'a HeaderMap);

impl RequestFields for Fields<'_> {
    fn lines(&self, name: FieldName) -> impl Iterator<Item = &[u8]> {
        let name = match name {
            FieldName::IfMatch => IF_MATCH,
            FieldName::IfNoneMatch => IF_NONE_MATCH,
            FieldName::IfModifiedSince => IF_MODIFIED_SINCE,
            FieldName::IfUnmodifiedSince => IF_UNMODIFIED_SINCE,
            FieldName::IfRange => IF_RANGE,
            FieldName::Range => RANGE,
        };
        self.0.get_all(name).iter().map(HeaderValue::as_bytes)
    }
}
