//! The order of preconditions (RFC 9110 §13.2.2) over nearly valid text, in the words of the RFC.
//!
//! Reads tags and dates with their models.

use etag_lab_semantics::{Decision, FieldName, HttpDate, Method, Validators, evaluate};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::cases::config;
use super::dates::{FIFTY_YEARS_S, FORMATS, date, written};
use super::lines::{Lines, Text};
use super::near::near;
use super::tags::{Tag, list, named, tag};

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
const MODIFIED: i64 = 784_111_777;

/// Without a clock, years of two digits end with 2069.
const NO_CLOCK: i64 = 3_155_759_999 - FIFTY_YEARS_S;

/// The current representation: its tag, and the date of its last change.
type Current = (Option<Tag>, Option<i64>);

#[derive(Clone, Debug)]
struct Request {
    method: Method,
    if_match: Vec<Text>,
    if_none_match: Vec<Text>,
    if_modified_since: Vec<Text>,
    if_unmodified_since: Vec<Text>,
}

impl Request {
    fn lines(&self) -> Lines {
        let fields = [
            (FieldName::IfMatch, &self.if_match),
            (FieldName::IfNoneMatch, &self.if_none_match),
            (FieldName::IfModifiedSince, &self.if_modified_since),
            (FieldName::IfUnmodifiedSince, &self.if_unmodified_since),
        ];
        let lines = fields.into_iter().flat_map(|(name, values)| Lines::of(name, values).0);
        Lines(lines.collect())
    }
}

fn model(request: &Request, current: Option<&Current>, now: Option<i64>) -> Decision {
    use Decision::{NotModified, PreconditionFailed, Proceed};
    let only = |lines: &[Text]| match lines {
        [line] => date(line, now.unwrap_or(NO_CLOCK)),
        _ => None,
    };
    let (tag, modified) = current.map_or((None, None), |(tag, date)| (tag.as_ref(), *date));
    // "If the field value is "*", the condition is true if the origin server has a current
    // representation": where there is none, nothing is named.
    let named = |lines: &[Text], strongly| {
        named(lines, tag, strongly).map(|is_named| is_named && current.is_some())
    };
    // "1. When recipient is the origin server and If-Match is present, evaluate it: if true,
    // continue to step 3; if false, respond 412."
    if let Some(is_named) = named(&request.if_match, true) {
        if !is_named {
            return PreconditionFailed;
        }
    } else if let (Some(date), Some(modified)) = (only(&request.if_unmodified_since), modified)
        && modified > date
    {
        return PreconditionFailed;
    }
    // "3. When If-None-Match is present, evaluate it: if true, continue to step 5; if false for
    // GET/HEAD, respond 304; if false for other methods, respond 412."
    let reads = matches!(request.method, Method::Get | Method::Head);
    if let Some(is_named) = named(&request.if_none_match, false) {
        return match (is_named, reads) {
            (false, _) => Proceed,
            (true, true) => NotModified,
            (true, false) => PreconditionFailed,
        };
    }
    // "4. When the method is GET or HEAD, If-None-Match is not present, and If-Modified-Since is
    // present, evaluate it: if false, respond 304."
    if let (true, Some(date), Some(modified)) = (reads, only(&request.if_modified_since), modified)
        && now.is_none_or(|now| date <= now)
        && modified <= date
    {
        return NotModified;
    }
    Proceed
}

fn lists() -> impl Strategy<Value = Vec<Text>> {
    prop_oneof![2 => Just(Vec::new()), 4 => vec(list(), 1..2), 1 => vec(list(), 2..3)]
}

fn dates() -> impl Strategy<Value = Vec<Text>> {
    let moment = -2_i64..4;
    let format = prop::sample::select(&FORMATS[..]);
    let valid = (moment, format).prop_map(|(by, format)| written(MODIFIED + by, format).into());
    let date = near(valid, b"0123456789 :,-GMT").boxed();
    prop_oneof![2 => Just(Vec::new()), 4 => vec(date.clone(), 1..2), 1 => vec(date, 2..3)]
}

fn request() -> impl Strategy<Value = Request> {
    let method = prop_oneof![Just(Method::Get), Just(Method::Head), Just(Method::Other)];
    (method, lists(), lists(), dates(), dates()).prop_map(
        |(method, if_match, if_none_match, if_modified_since, if_unmodified_since)| Request {
            method,
            if_match,
            if_none_match,
            if_modified_since,
            if_unmodified_since,
        },
    )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_decision_over_nearly_valid_text_is_the_models(
        request in request(),
        current in option::weighted(0.9, (
            option::weighted(0.9, tag()),
            option::weighted(0.9, Just(MODIFIED)),
        )),
        now in option::weighted(0.8, MODIFIED - 1..MODIFIED + 5),
    ) {
        let http = |seconds: i64| {
            HttpDate::from_unix_seconds(seconds.cast_unsigned()).expect("it is 1994")
        };
        let tag = current.as_ref().and_then(|(tag, _)| tag.as_ref()).map(Tag::parsed);
        let validators = current.as_ref().map(|(_, modified)| Validators {
            entity_tag: tag.as_ref(),
            last_modified: modified.map(http),
        });
        let lines = request.lines();
        let decision = evaluate(request.method, &lines, validators.as_ref(), now.map(http));
        prop_assert_eq!(decision, model(&request, current.as_ref(), now));
    }
}
