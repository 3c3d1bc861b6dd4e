//! Evaluates the preconditions of a request (RFC 9110 §13.2.2, steps 1 to 4).
//!
//! Pure: never reads a clock, a socket or a store, and never allocates. `Range` with `If-Range`
//! (step 5) only applies once the decision is to proceed, and is the business of
//! [`range`](crate::range).

use crate::entity_tag::{EntityTag, EntityTagRef};
use crate::http_date::{HttpDate, InvalidHttpDate};
use crate::ows;
use crate::tag_list::TagList;

/// The fields that [`evaluate`], [`range::select`](crate::range::select) and
/// [`coding::preferred`](crate::coding::preferred) read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldName {
    /// `If-Match` (§13.1.1).
    IfMatch,
    /// `If-None-Match` (§13.1.2).
    IfNoneMatch,
    /// `If-Modified-Since` (§13.1.3).
    IfModifiedSince,
    /// `If-Unmodified-Since` (§13.1.4).
    IfUnmodifiedSince,
    /// `If-Range` (§13.1.5).
    IfRange,
    /// `Range` (§14.2).
    Range,
    /// `Accept-Encoding` (§12.5.3).
    AcceptEncoding,
    /// `Authorization` (§11.6.2).
    Authorization,
}

impl FieldName {
    /// Every name.
    pub const ALL: [Self; 8] = [
        Self::IfMatch,
        Self::IfNoneMatch,
        Self::IfModifiedSince,
        Self::IfUnmodifiedSince,
        Self::IfRange,
        Self::Range,
        Self::AcceptEncoding,
        Self::Authorization,
    ];

    /// The name in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IfMatch => "if-match",
            Self::IfNoneMatch => "if-none-match",
            Self::IfModifiedSince => "if-modified-since",
            Self::IfUnmodifiedSince => "if-unmodified-since",
            Self::IfRange => "if-range",
            Self::Range => "range",
            Self::AcceptEncoding => "accept-encoding",
            Self::Authorization => "authorization",
        }
    }
}

/// The fields of a request, in any structure.
pub trait RequestFields {
    /// The values of all field lines with this name, in the order received.
    fn lines(&self, name: FieldName) -> impl Iterator<Item = &[u8]>;
}

/// A request method, as far as preconditions distinguish methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// Any other that selects or modifies a representation: PUT, DELETE, POST, PATCH …
    ///
    /// For CONNECT, OPTIONS and TRACE preconditions must not be evaluated at all (§13.2.1).
    Other,
}

/// The validators of the selected representation, as the response would carry them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validators<'a> {
    /// `ETag`; a representation without one matches no list of tags.
    pub entity_tag: Option<&'a EntityTag>,
    /// `Last-Modified`; without one, preconditions on dates are ignored.
    pub last_modified: Option<HttpDate>,
}

/// The action that the preconditions ask of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Perform the method.
    Proceed,
    /// Answer 304 (§15.4.5); only ever for GET and HEAD.
    NotModified,
    /// Answer 412 (§15.5.13) and change nothing.
    PreconditionFailed,
}

/// Evaluates all preconditions of one request, in the order of RFC 9110 §13.2.2.
///
/// 1. `If-Match`, by strong comparison; where it is absent,
/// 2. `If-Unmodified-Since`. False: 412.
/// 3. `If-None-Match`, by weak comparison; where it is absent,
/// 4. `If-Modified-Since`, for GET and HEAD. False: 304 for GET and HEAD, else 412.
///
/// Steps 1 and 3 count as present with any field line, even an empty or a malformed one: it
/// lists no tag, so `If-Match` is false and `If-None-Match` is true, and the date is not consulted
/// instead. A date is ignored when it is malformed or on several lines.
///
/// `current` is `None` when the resource has no current representation. Call this only where the
/// response would otherwise be 2xx (§13.2.1): a GET that ends in 404 has no preconditions.
///
/// `now` is the time of the origin server. It makes dates in `If-Modified-Since` that lie after
/// it invalid, and decides the century of a year of two digits; `None` accepts all dates.
pub fn evaluate(
    method: Method,
    fields: &impl RequestFields,
    current: Option<&Validators<'_>>,
    now: Option<HttpDate>,
) -> Decision {
    // Each condition is `None` where the field is absent or has to be ignored.
    let if_match =
        names_current(fields.lines(FieldName::IfMatch), current, EntityTagRef::strong_eq);
    let is_expected = if_match.or_else(|| if_unmodified_since(fields, current, now));
    if is_expected == Some(false) {
        return Decision::PreconditionFailed;
    }
    let reads = matches!(method, Method::Get | Method::Head);
    let if_none_match =
        names_current(fields.lines(FieldName::IfNoneMatch), current, EntityTagRef::weak_eq);
    let is_news = if_none_match
        .map(|named| !named)
        .or_else(|| if reads { if_modified_since(fields, current, now) } else { None });
    match is_news {
        Some(false) if reads => Decision::NotModified,
        Some(false) => Decision::PreconditionFailed,
        Some(true) | None => Decision::Proceed,
    }
}

fn if_unmodified_since(
    fields: &impl RequestFields,
    current: Option<&Validators<'_>>,
    now: Option<HttpDate>,
) -> Option<bool> {
    let date = only_date(fields.lines(FieldName::IfUnmodifiedSince), now)?;
    let last_modified = current?.last_modified?;
    match date {
        Ok(date) => Some(last_modified <= date),
        // Before 1970, hence before every modification that there is.
        Err(InvalidHttpDate::OutOfRange) => Some(false),
        Err(InvalidHttpDate::Malformed) => None,
    }
}

// RFC 9110 §13.1.3 has the date read "in terms of the origin server's clock" without the words of
// its ancestor (RFC 2616 §14.25), by which a date after the server's present time is invalid.
// They are worth keeping, as Apache httpd does: a client whose clock is an hour ahead and sends its
// own time instead of a Last-Modified would get 304 for every change of the coming hour.
// `If-Unmodified-Since` needs no such rule: a future date holds, and so does an ignored one.
fn if_modified_since(
    fields: &impl RequestFields,
    current: Option<&Validators<'_>>,
    now: Option<HttpDate>,
) -> Option<bool> {
    let date = only_date(fields.lines(FieldName::IfModifiedSince), now)?.ok()?;
    let is_future = now.is_some_and(|now| date > now);
    if is_future { None } else { Some(current?.last_modified? > date) }
}

/// True when the lines name the current representation, by `*` or by its tag.
///
/// `*` is a whole field value (§13.1.1): beside anything else, on whatever line, it is a malformed
/// member.
fn names_current<'a>(
    mut lines: impl Iterator<Item = &'a [u8]>,
    current: Option<&Validators<'_>>,
    matches: fn(EntityTagRef<'a>, EntityTagRef<'_>) -> bool,
) -> Option<bool> {
    let first = lines.next()?;
    let second = lines.next();
    if second.is_none() && ows::trim(first) == b"*" {
        return Some(current.is_some());
    }
    let Some(tag) = current.and_then(|current| current.entity_tag) else {
        return Some(false);
    };
    let tag = tag.borrowed();
    let mut members = [first].into_iter().chain(second).chain(lines).flat_map(TagList);
    Some(members.any(|member| matches(member, tag)))
}

/// The date of a field that may be on one line only.
fn only_date<'a>(
    mut lines: impl Iterator<Item = &'a [u8]>,
    now: Option<HttpDate>,
) -> Option<Result<HttpDate, InvalidHttpDate>> {
    let date = lines.next()?;
    if lines.next().is_some() {
        return None;
    }
    Some(match now {
        Some(now) => HttpDate::parse_at(date, now),
        None => HttpDate::parse(date),
    })
}
