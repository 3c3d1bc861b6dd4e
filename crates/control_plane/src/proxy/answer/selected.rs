//! The representation that a request selects: what its preconditions ask for, and its fields.
//!
//! Preconditions are evaluated here and nowhere else, by [`semantics::evaluate`].

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use semantics::{Coding, Decision, HttpDate, Method, Validators};
use server::fields::Received;

use crate::proxy::snapshot::{Dated, Resource, Snapshot, Variant};

const REPLICA_FIELD: HeaderName = HeaderName::from_static(truth::REPLICA_FIELD);
const COUNT_FIELD: HeaderName = HeaderName::from_static("x-count");

/// What every answer was selected by, even where there is one coding only: the next table may be
/// worth compressing.
pub(super) const VARIES: HeaderValue = HeaderValue::from_static("Accept-Encoding");

/// A resource in the coding that a client asks for.
pub(super) struct Selected<'a> {
    resource: &'a Resource,
    dated: Option<&'a Dated>,
    coding: Option<Coding>,
    pub(super) variant: &'a Variant,
}

impl<'a> Selected<'a> {
    pub(super) fn by(held: &'a Snapshot, resource: &'a Resource, fields: &impl Received) -> Self {
        let offer = resource.gzip.iter().map(|_| Coding::Gzip);
        let wanted = semantics::coding::preferred(fields.accept_encoding(), offer);
        let (variant, coding) = match (wanted, &resource.gzip) {
            (Some(coding), Some(gzip)) => (gzip, Some(coding)),
            _ => (&resource.identity, None),
        };
        Self { resource, dated: held.dated.as_ref(), coding, variant }
    }

    /// What the preconditions of a request ask for. Dates that do not tell every change apart are
    /// not asked, so that such a condition is answered in full (RFC 9110 §13.1.3 lets a server do
    /// so).
    pub(super) fn decide(&self, method: Method, fields: &impl Received) -> Decision {
        let last_modified = self.dated.and_then(|dated| dated.condition);
        let validators = Validators { entity_tag: Some(&self.variant.tag), last_modified };
        let now = || HttpDate::try_from(SystemTime::now()).unwrap_or(HttpDate::MAX);
        semantics::evaluate(method, fields, Some(&validators), fields.is_dated().then(now))
    }

    /// The fields of a 304.
    pub(super) fn identify(&self, fields: &mut HeaderMap) {
        fields.insert(VARY, VARIES);
        fields.insert(ETAG, self.variant.tag_field.clone());
        fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Some(declaration) = &self.resource.declaration {
            fields.insert(REPLICA_FIELD, declaration.clone());
        }
    }

    /// The fields of a 200.
    pub(super) fn describe(&self, fields: &mut HeaderMap) {
        self.identify(fields);
        if let Some(dated) = self.dated {
            fields.insert(LAST_MODIFIED, dated.field.clone());
        }
        if let Some(coding) = self.coding {
            fields.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.as_str()));
        }
        fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        fields.insert(COUNT_FIELD, self.resource.count.clone());
        fields.insert(CONTENT_LENGTH, self.variant.length.clone());
    }

    /// The content of a 200.
    pub(super) fn content(&self, method: Method) -> Bytes {
        match method {
            Method::Head => Bytes::new(),
            Method::Get | Method::Other => self.variant.content.clone(),
        }
    }
}
