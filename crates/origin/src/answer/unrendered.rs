//! The answer that needs no content: that the client has it already.
//!
//! Asks neither the application nor its copy; the tag comes from whoever knows it.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode};
use semantics::{Decision, EntityTag, Method, Validators};
use server::fields::{HeaderFields, SelectionFields as _};
use server::response::response;
use server::{Tag, selected};

use super::declare;
use crate::replica::Replica;

/// The representation that a request selects, known by its tag alone.
pub(crate) struct Unrendered<'a> {
    replica: &'a Replica,
    tag: Tag,
}

impl<'a> Unrendered<'a> {
    /// `tag` is that of the content in no coding.
    pub(crate) fn new(replica: &'a Replica, fields: &HeaderMap, tag: &EntityTag) -> Self {
        let offer = &replica.spec.codings;
        let coding = if offer.is_empty() {
            None
        } else {
            semantics::coding::preferred(
                HeaderFields(fields).accept_encoding(),
                offer.iter().copied(),
            )
        };
        Self {
            replica,
            tag: Tag::new(coding.map_or_else(|| tag.clone(), |coding| tag.coded(coding))),
        }
    }

    pub(crate) fn tag(&self) -> &Tag {
        &self.tag
    }

    /// Returns true if the answer is 304 because of this very tag: not for `*`, which any content
    /// matches.
    pub(crate) fn is_named(&self, method: Method, fields: &HeaderMap) -> bool {
        let is_not_modified = |entity_tag| {
            let validators = Validators { entity_tag, last_modified: None };
            selected::decide(method, &HeaderFields(fields), Some(&validators))
                == Decision::NotModified
        };
        is_not_modified(Some(&self.tag.value)) && !is_not_modified(None)
    }

    /// 304 with those fields that a 200 would have (RFC 9110 §15.4.5); the server adds Date.
    pub(crate) fn not_modified(&self, truth: Option<&HeaderValue>) -> Response {
        let mut fields = HeaderMap::new();
        declare(&mut fields, truth);
        self.replica.description.identify(Some(&self.tag), &mut fields);
        self.replica.poll_interval.write(&mut fields);
        self.replica.accounts.answered(StatusCode::NOT_MODIFIED, 0);
        response(StatusCode::NOT_MODIFIED, fields, Body::empty())
    }
}
