//! The fields of a request as the rules of `semantics` read them.
//!
//! Decides nothing.

use http::header::{
    ACCEPT_ENCODING, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    RANGE,
};
use http::{HeaderMap, HeaderValue};
use semantics::{FieldName, RequestFields};

/// The fields of a request, whoever has read them.
pub trait SelectionFields: RequestFields {
    /// The values of all lines of `Accept-Encoding`.
    fn accept_encoding(&self) -> impl Iterator<Item = &[u8]>;

    /// Returns true if a condition goes by a date.
    fn is_dated(&self) -> bool {
        // Only such a one needs the time, and most requests carry none.
        let has = |name| self.lines(name).next().is_some();
        has(FieldName::IfModifiedSince) || has(FieldName::IfUnmodifiedSince)
    }
}

/// The fields of a request that hyper has read.
pub struct HeaderFields<'a>(pub &'a HeaderMap);

impl RequestFields for HeaderFields<'_> {
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

impl SelectionFields for HeaderFields<'_> {
    fn accept_encoding(&self) -> impl Iterator<Item = &[u8]> {
        self.0.get_all(ACCEPT_ENCODING).iter().map(HeaderValue::as_bytes)
    }
}
