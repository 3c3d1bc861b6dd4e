//! The fields of a request that hyper has read, as the rules of `semantics` read them.
//!
//! Decides nothing.

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderValue};
use semantics::{FieldName, RequestFields};

/// The fields of a request that hyper has read.
pub struct HeaderFields<'a>(pub &'a HeaderMap);

impl RequestFields for HeaderFields<'_> {
    fn lines(&self, name: FieldName) -> impl Iterator<Item = &[u8]> {
        // Names that are parsed already: a look-up by text would parse it for every request.
        let name = match name {
            FieldName::IfMatch => IF_MATCH,
            FieldName::IfNoneMatch => IF_NONE_MATCH,
            FieldName::IfModifiedSince => IF_MODIFIED_SINCE,
            FieldName::IfUnmodifiedSince => IF_UNMODIFIED_SINCE,
            FieldName::IfRange => IF_RANGE,
            FieldName::Range => RANGE,
            FieldName::AcceptEncoding => ACCEPT_ENCODING,
            FieldName::Authorization => AUTHORIZATION,
        };
        self.0.get_all(name).iter().map(HeaderValue::as_bytes)
    }
}
