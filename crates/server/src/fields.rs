//! The fields of a request as the rules of `semantics` read them.
//!
//! Decides nothing.

use http::header::{
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderValue};
use semantics::{FieldName, RequestFields};

/// The fields of a request.
pub struct Fields<'a>(pub &'a HeaderMap);

impl Fields<'_> {
    /// Whether a condition goes by a date. Only such a one has to be seen in the light of the time;
    /// most requests carry none.
    pub fn is_dated(&self) -> bool {
        self.0.contains_key(IF_MODIFIED_SINCE) || self.0.contains_key(IF_UNMODIFIED_SINCE)
    }
}

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
