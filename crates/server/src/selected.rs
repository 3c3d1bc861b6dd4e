//! The representation that a request selects (RFC 9110 §3.2): its preconditions, and the responses
//! about it.
//!
//! Preconditions are evaluated in one function, [`semantics::evaluate`], which is called here, in
//! [`decide`], and nowhere else. The replica and the control-plane proxy both answer from here, so
//! that their 304s cannot come to differ. A prepared answer is made of the same fields as the
//! response that hyper would send.
//!
//! Each response starts from a map that the caller may have put fields of its own into.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, LAST_MODIFIED, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use semantics::{Coding, Decision, FieldName, HttpDate, Method, RequestFields, Validators};

use crate::date;
use crate::lane::{Plain, Prepared};
use crate::representation::{Representation, Tag, Variant};
use crate::response::response;

const REPLICA_FIELD: HeaderName = HeaderName::from_static(truth::REPLICA_FIELD);

/// The fields that a resource is served with, whatever its content.
#[derive(Clone, Debug)]
pub struct Description {
    /// Value of `Content-Type`.
    pub content_type: HeaderValue,
    /// Value of `Cache-Control`; `None` sends none.
    pub cache_control: Option<HeaderValue>,
    /// `Accept-Encoding` selects among several codings, now or later.
    pub varies: bool,
}

/// `Last-Modified` as one response has it.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// The value; `None` for content from the future, which was modified at `date`, now.
    pub field: Option<&'a HeaderValue>,
    /// The date that is sent.
    pub date: HttpDate,
    /// Conditions by date are compared with `date`. Where two contents share a date they are not:
    /// RFC 9110 §13.1.3 lets a server answer such a condition in full.
    pub is_condition: bool,
}

/// A representation in the coding that a request asks for.
#[derive(Clone, Copy, Debug)]
pub struct Selected<'a> {
    /// The fields that the resource is served with.
    pub description: &'a Description,
    representation: &'a Representation,
    stamp: Option<Stamp<'a>>,
    /// The variant in that coding.
    pub variant: &'a Variant,
}

/// The outcome of the preconditions of a request; `current` is `None` before there is any content.
pub fn decide(
    method: Method,
    fields: &impl RequestFields,
    current: Option<&Validators<'_>>,
) -> Decision {
    // Only a condition that goes by a date needs the time, and most requests carry none.
    let has = |name| fields.lines(name).next().is_some();
    let is_dated = has(FieldName::IfModifiedSince) || has(FieldName::IfUnmodifiedSince);
    semantics::evaluate(method, fields, current, is_dated.then(date::now))
}

impl Description {
    /// Adds what every response about the resource carries that does not depend on its date: the tag,
    /// how to cache it, and what it was selected by.
    pub fn identify(&self, tag: Option<&Tag>, fields: &mut HeaderMap) {
        if let Some(tag) = tag {
            fields.insert(ETAG, tag.field.clone());
        }
        if let Some(cache_control) = &self.cache_control {
            fields.insert(CACHE_CONTROL, cache_control.clone());
        }
        self.vary(fields);
    }

    fn vary(&self, fields: &mut HeaderMap) {
        if self.varies {
            fields.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
    }
}

impl Stamp<'_> {
    fn write(self, fields: &mut HeaderMap) {
        if let Some(field) = self.field {
            fields.insert(LAST_MODIFIED, field.clone());
        } else {
            // Content from the future is modified now, and the two must not differ by the second
            // that passes between them (RFC 9110 §8.8.2.1).
            let now = date::field(self.date);
            fields.insert(DATE, now.clone());
            fields.insert(LAST_MODIFIED, now);
        }
    }
}

impl<'a> Selected<'a> {
    /// The variant of this representation that a request with these fields selects.
    pub fn by(
        description: &'a Description,
        representation: &'a Representation,
        stamp: Option<Stamp<'a>>,
        fields: &impl RequestFields,
    ) -> Self {
        let variant = representation.variant(fields);
        Self { description, representation, stamp, variant }
    }

    /// The outcome of the preconditions of a request for it.
    pub fn decide(&self, method: Method, fields: &impl RequestFields) -> Decision {
        let stamp = self.stamp.filter(|stamp| stamp.is_condition);
        decide(method, fields, Some(&self.validators(stamp.map(|stamp| stamp.date))))
    }

    /// Its tag, with a date.
    pub fn validators(&self, last_modified: Option<HttpDate>) -> Validators<'a> {
        let entity_tag = self.variant.tag.as_ref().map(|tag| &tag.value);
        Validators { entity_tag, last_modified }
    }

    /// Adds what the selection depends on, and the declaration: what an error about it carries.
    pub fn qualify(&self, fields: &mut HeaderMap) {
        self.declare(fields);
        self.description.vary(fields);
    }

    /// Adds what all of 200, 206 and 304 carry.
    pub fn identify(&self, fields: &mut HeaderMap) {
        self.declare(fields);
        self.description.identify(self.variant.tag.as_ref(), fields);
    }

    /// Adds the date where it is the only validator, so that a stored response keeps one.
    pub fn date_without_tag(&self, fields: &mut HeaderMap) {
        if self.variant.tag.is_none() {
            self.date(fields);
        }
    }

    /// Adds the fields that describe the content.
    pub fn describe(&self, fields: &mut HeaderMap) {
        self.date(fields);
        if let Some(coding) = self.variant.coding.map(Coding::as_str) {
            fields.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        fields.insert(CONTENT_TYPE, self.description.content_type.clone());
        let (name, value) = &self.representation.further;
        fields.insert(name.clone(), value.clone());
    }

    /// 200; the fields of a HEAD are those of the GET, `Content-Length` included (RFC 9110 §9.3.2).
    pub fn full<B: From<Bytes>>(&self, method: Method, fields: HeaderMap) -> Response<B> {
        response(StatusCode::OK, self.of_full(fields), self.content(method).into())
    }

    /// 304, with those fields of the 200 that guide the update of a stored response, and none that
    /// describe the content it does not carry (RFC 9110 §15.4.5); the server adds `Date`.
    pub fn not_modified<B: Default>(&self, fields: HeaderMap) -> Response<B> {
        response(StatusCode::NOT_MODIFIED, self.of_not_modified(fields), B::default())
    }

    /// 412: the tag that did not match depends on what the request selects. Its length is sent to a
    /// HEAD, too (RFC 9110 §9.3.2).
    pub fn precondition_failed<B: Default>(&self, mut fields: HeaderMap) -> Response<B> {
        self.qualify(&mut fields);
        fields.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        response(StatusCode::PRECONDITION_FAILED, fields, B::default())
    }

    /// The answer to a plain read as octets: 304, or the whole content. `None` for every other answer,
    /// and where the server itself would change a field.
    pub fn prepared(
        &self,
        request: &Plain<'_>,
        fields: HeaderMap,
    ) -> Option<(StatusCode, Prepared)> {
        match self.decide(request.method, request) {
            Decision::NotModified => {
                Some((StatusCode::NOT_MODIFIED, self.prepared_not_modified(fields)?))
            }
            Decision::Proceed if request.lines(FieldName::Range).next().is_none() => {
                let content = self.content(request.method);
                Some((StatusCode::OK, Prepared::ok(&self.of_full(fields), content)?))
            }
            Decision::Proceed | Decision::PreconditionFailed => None,
        }
    }

    fn prepared_not_modified(&self, fields: HeaderMap) -> Option<Prepared> {
        // Fields of the caller's own may be others the next time.
        if !fields.is_empty() {
            return Prepared::not_modified(&self.of_not_modified(fields));
        }
        if let Some(kept) = self.variant.not_modified.get() {
            return Some(kept.clone());
        }
        let made = Prepared::not_modified(&self.of_not_modified(fields))?;
        Some(self.variant.not_modified.get_or_init(|| made).clone())
    }

    fn of_full(&self, mut fields: HeaderMap) -> HeaderMap {
        self.identify(&mut fields);
        self.describe(&mut fields);
        fields.insert(CONTENT_LENGTH, self.variant.content_length.clone());
        fields
    }

    fn of_not_modified(&self, mut fields: HeaderMap) -> HeaderMap {
        self.identify(&mut fields);
        self.date_without_tag(&mut fields);
        fields
    }

    fn content(&self, method: Method) -> Bytes {
        match method {
            Method::Head => Bytes::new(),
            Method::Get | Method::Other => self.variant.content.clone(),
        }
    }

    fn declare(&self, fields: &mut HeaderMap) {
        if let Some(declaration) = &self.representation.declaration {
            fields.insert(REPLICA_FIELD, declaration.clone());
        }
    }

    fn date(&self, fields: &mut HeaderMap) {
        if let Some(stamp) = self.stamp {
            stamp.write(fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use semantics::InvalidHttpDate;

    #[test]
    fn content_from_the_future_has_the_date_of_its_response() -> Result<(), InvalidHttpDate> {
        let date = HttpDate::from_unix_seconds(0)?;
        let field = date::field(date);
        let write = |field| {
            let mut fields = HeaderMap::new();
            Stamp { field, date, is_condition: true }.write(&mut fields);
            fields
        };
        let (past, future) = (write(Some(&field)), write(None));
        assert_eq!((past.get(LAST_MODIFIED), past.get(DATE)), (Some(&field), None));
        assert_eq!((future.get(LAST_MODIFIED), future.get(DATE)), (Some(&field), Some(&field)));
        Ok(())
    }
}
