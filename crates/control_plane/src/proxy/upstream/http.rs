//! Routes as JSON over HTTP, asked for conditionally (RFC 9110 §13.1.2 and §13.1.3).
//!
//! The validators of an answer are sent back once its routes are held, and never before: a 304 to a
//! tag whose content was cut would keep the old table for ever. A 304 that names another tag is about
//! content that is not held (§15.4.5): an error, after which everything is asked for.

use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue, StatusCode};
use semantics::{EntityTag, HttpDate};

use super::{Fetched, Modified, UpstreamError, aside, get};
use crate::proxy::table::Routes;
use text::excerpt;
use tokio::time::Instant;
use wire::json::{JsonClient, JsonResponse};

#[derive(Debug)]
pub(super) struct Http {
    client: JsonClient,
    held: SourceValidators,
    fetched: Option<SourceValidators>,
}

/// Validators of the content that a server sent, byte for byte.
#[derive(Clone, Debug, Default)]
struct SourceValidators {
    entity_tag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Http {
    pub(super) fn new(client: JsonClient) -> Self {
        Self { client, held: SourceValidators::default(), fetched: None }
    }

    pub(super) async fn fetch(&mut self, deadline: Instant) -> Result<Fetched, UpstreamError> {
        self.fetched = None;
        let conditions = self.held.conditions();
        let is_conditional = !conditions.is_empty();
        let JsonResponse { status, fields, content } =
            get(&mut self.client, conditions, deadline).await?;
        match status {
            StatusCode::NOT_MODIFIED if is_conditional => self.unchanged(&fields),
            StatusCode::OK => {
                let routes = aside(move || {
                    let routes = Routes::parse(&content);
                    routes.map_err(|error| UpstreamError::Malformed(excerpt(&error.to_string())))
                });
                let routes = routes.await?;
                self.fetched = Some(SourceValidators::of(&fields));
                Ok(Fetched::Routes(routes))
            }
            status => Err(UpstreamError::Status(status.as_u16())),
        }
    }

    fn unchanged(&mut self, fields: &HeaderMap) -> Result<Fetched, UpstreamError> {
        let Some(named) = self.held.other_tag(fields) else { return Ok(Fetched::Unchanged) };
        let named = String::from_utf8_lossy(named.as_bytes()).into_owned();
        self.held = SourceValidators::default();
        Err(UpstreamError::Malformed(excerpt(&format!("its 304 names {named}, which is not held"))))
    }

    pub(super) fn keep(&mut self) {
        if let Some(fetched) = self.fetched.take() {
            self.held = fetched;
        }
    }

    /// The server's own date; what it means is the server's business.
    pub(super) fn modified(&self) -> Option<Modified> {
        let date = HttpDate::parse(self.held.last_modified.as_ref()?.as_bytes()).ok()?;
        Some(Modified { date, moves: true })
    }
}

impl SourceValidators {
    fn of(fields: &HeaderMap) -> Self {
        // Which of two is meant, nobody knows, and without one the answer is the whole content.
        let only = |name| {
            let mut values = fields.get_all(name).iter();
            values.next().filter(|_| values.next().is_none()).cloned()
        };
        let is_tag = |value: &HeaderValue| EntityTag::parse(value.as_bytes()).is_ok();
        let is_date = |value: &HeaderValue| HttpDate::parse(value.as_bytes()).is_ok();
        Self {
            entity_tag: only(ETAG).filter(is_tag),
            last_modified: only(LAST_MODIFIED).filter(is_date),
        }
    }

    /// A tag that a 304 with these fields names and that was not sent. Weakness makes no difference, as
    /// in the comparison that led to the 304: a gateway may have weakened the tag of the 200 alone.
    fn other_tag<'a>(&self, fields: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let sent = opaque(self.entity_tag.as_ref()?);
        fields.get_all(ETAG).iter().find(|named| opaque(named) != sent)
    }

    fn conditions(&self) -> HeaderMap {
        let mut conditions = HeaderMap::new();
        // The tag alone where there is one: it tells changes within one second apart.
        match (&self.entity_tag, &self.last_modified) {
            (Some(tag), _) => _ = conditions.insert(IF_NONE_MATCH, tag.clone()),
            (None, Some(date)) => _ = conditions.insert(IF_MODIFIED_SINCE, date.clone()),
            (None, None) => {}
        }
        conditions
    }
}

fn opaque(tag: &HeaderValue) -> &[u8] {
    tag.as_bytes().strip_prefix(b"W/").unwrap_or(tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_sent_back_as_it_came_and_a_date_only_without_one() {
        let mut fields = HeaderMap::new();
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        fields.insert(LAST_MODIFIED, HeaderValue::from_static(date));
        let conditions = SourceValidators::of(&fields).conditions();
        assert_eq!(
            conditions.get(IF_MODIFIED_SINCE).map(HeaderValue::as_bytes),
            Some(date.as_bytes())
        );
        fields.insert(ETAG, HeaderValue::from_static("W/\"x\""));
        let conditions = SourceValidators::of(&fields).conditions();
        assert_eq!(conditions.get(IF_NONE_MATCH).map(HeaderValue::as_bytes), Some(&b"W/\"x\""[..]));
        assert_eq!(conditions.len(), 1);
    }

    #[test]
    fn only_the_tag_that_was_sent_confirms_it() {
        let tagged = |tags: &[&'static str]| {
            let tags = tags.iter().map(|tag| (ETAG, HeaderValue::from_static(tag)));
            tags.collect::<HeaderMap>()
        };
        let held = SourceValidators::of(&tagged(&["\"a\""]));
        for confirming in [&[][..], &["\"a\""], &["W/\"a\""]] {
            assert_eq!(held.other_tag(&tagged(confirming)), None, "{confirming:?}");
        }
        for other in ["\"b\"", "W/\"b\"", "a", ""] {
            assert_eq!(held.other_tag(&tagged(&[other])), Some(&HeaderValue::from_static(other)));
        }
        assert_eq!(SourceValidators::default().other_tag(&tagged(&["\"a\""])), None);
    }

    #[test]
    fn what_is_no_validator_is_not_sent_back() {
        let mut fields = HeaderMap::new();
        fields.insert(ETAG, HeaderValue::from_static("unquoted"));
        fields.insert(LAST_MODIFIED, HeaderValue::from_static("yesterday"));
        assert!(SourceValidators::of(&fields).conditions().is_empty());
        fields.insert(ETAG, HeaderValue::from_static("\"a\""));
        fields.append(ETAG, HeaderValue::from_static("\"b\""));
        assert!(SourceValidators::of(&fields).conditions().is_empty());
    }
}
