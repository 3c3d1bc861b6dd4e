//! `evaluate` against arbitrary bytes, and against a model that never parses anything.
//!
//! The model decides over requests that are still structured; `evaluate` sees them rendered.

use etag_lab_semantics::{Decision, EntityTag, FieldName, HttpDate, Method, Validators, evaluate};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::cases::config;
use super::lines::{Lines, Text};

#[derive(Clone, Debug)]
enum Member {
    Tag {
        weak: bool,
        opaque: String,
    },
    /// Matches nothing, and spoils nothing where it stands.
    Malformed(String),
}

/// Field lines of `If-Match` or `If-None-Match`.
#[derive(Clone, Debug)]
enum Tags {
    Absent,
    Star,
    Lists(Vec<Vec<Member>>),
}

/// Field lines of a date; `None` stands for one that is malformed.
type Dates = Vec<Option<u64>>;

#[derive(Clone, Debug)]
struct Request {
    method: Method,
    if_match: Tags,
    if_none_match: Tags,
    if_modified_since: Dates,
    if_unmodified_since: Dates,
}

#[derive(Clone, Debug)]
struct Current {
    tag: Option<(bool, String)>,
    last_modified: Option<u64>,
}

// The model, in the words of RFC 9110 §13.2.2.

fn model(request: &Request, current: Option<&Current>, now: Option<u64>) -> Decision {
    let is_read = request.method != Method::Other;
    let last_modified = current.and_then(|current| current.last_modified);
    if let Some(matched) = is_listed(&request.if_match, current, true) {
        if !matched {
            return Decision::PreconditionFailed;
        }
    } else if let ([Some(date)], Some(last_modified)) =
        (&request.if_unmodified_since[..], last_modified)
        && last_modified > *date
    {
        return Decision::PreconditionFailed;
    }
    if let Some(matched) = is_listed(&request.if_none_match, current, false) {
        return match (matched, is_read) {
            (false, _) => Decision::Proceed,
            (true, true) => Decision::NotModified,
            (true, false) => Decision::PreconditionFailed,
        };
    }
    if let ([Some(date)], Some(last_modified)) = (&request.if_modified_since[..], last_modified)
        && is_read
        && now.is_none_or(|now| *date <= now)
        && last_modified <= *date
    {
        return Decision::NotModified;
    }
    Decision::Proceed
}

fn is_listed(tags: &Tags, current: Option<&Current>, strongly: bool) -> Option<bool> {
    let is_current = |member: &Member| match (member, current.and_then(|c| c.tag.as_ref())) {
        (Member::Tag { weak, opaque }, Some((current_weak, current_opaque))) => {
            opaque == current_opaque && !(strongly && (*weak || *current_weak))
        }
        _ => false,
    };
    match tags {
        Tags::Absent => None,
        Tags::Star => Some(current.is_some()),
        Tags::Lists(lines) => Some(lines.iter().flatten().any(is_current)),
    }
}

// What the model reads, as field lines.

fn tag_text(weak: bool, opaque: &str) -> String {
    format!("{}\"{opaque}\"", if weak { "W/" } else { "" })
}

fn render(request: &Request, separator: &str) -> Lines {
    let mut lines = Vec::new();
    let member = |member: &Member| match member {
        Member::Tag { weak, opaque } => tag_text(*weak, opaque),
        Member::Malformed(text) => text.clone(),
    };
    for (name, tags) in
        [(FieldName::IfMatch, &request.if_match), (FieldName::IfNoneMatch, &request.if_none_match)]
    {
        match tags {
            Tags::Absent => {}
            Tags::Star => lines.push((name, Text(b"*".to_vec()))),
            Tags::Lists(lists) => lines.extend(lists.iter().map(|list| {
                let members: Vec<_> = list.iter().map(member).collect();
                (name, members.join(separator).into())
            })),
        }
    }
    for (name, dates) in [
        (FieldName::IfModifiedSince, &request.if_modified_since),
        (FieldName::IfUnmodifiedSince, &request.if_unmodified_since),
    ] {
        let text = |date: &Option<u64>| match date {
            Some(seconds) => date_of(*seconds).to_string(),
            None => "last Tuesday".to_owned(),
        };
        lines.extend(dates.iter().map(|date| (name, text(date).into())));
    }
    Lines(lines)
}

fn date_of(seconds: u64) -> HttpDate {
    HttpDate::from_unix_seconds(seconds).expect("the model keeps to a few days of 1970")
}

fn decide(lines: &Lines, method: Method, current: Option<&Current>, now: Option<u64>) -> Decision {
    let tag = current.and_then(|current| current.tag.as_ref()).map(|(weak, opaque)| {
        EntityTag::parse(tag_text(*weak, opaque).as_bytes()).expect("the model has valid tags")
    });
    let validators = current.map(|current| Validators {
        entity_tag: tag.as_ref(),
        last_modified: current.last_modified.map(date_of),
    });
    evaluate(method, lines, validators.as_ref(), now.map(date_of))
}

// Few letters and few seconds, so that matches are as frequent as misses.

fn opaque() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]?", r"[ab,\\*/W']{0,4}"]
}

fn member() -> impl Strategy<Value = Member> {
    let malformed =
        prop_oneof!["[ab*/ ]{0,3}", "(w/|x|W/ |W/W/)\"[ab,]{0,3}\"", "\"[ab,]{0,2} [ab, ]{0,2}\"",];
    prop_oneof![
        3 => (any::<bool>(), opaque()).prop_map(|(weak, opaque)| Member::Tag { weak, opaque }),
        1 => malformed.prop_map(Member::Malformed),
    ]
}

fn tags() -> impl Strategy<Value = Tags> {
    // A lone `*` as a list would be the star, and the model would have to know: keep it out.
    let is_star = |lists: &Vec<Vec<Member>>| {
        matches!(&lists[..], [list] if matches!(&list[..],
            [Member::Malformed(text)] if text.trim() == "*"))
    };
    prop_oneof![
        2 => Just(Tags::Absent),
        1 => Just(Tags::Star),
        4 => vec(vec(member(), 0..4), 1..3)
            .prop_filter("a lone star", move |lists| !is_star(lists))
            .prop_map(Tags::Lists),
    ]
}

fn dates() -> impl Strategy<Value = Dates> {
    let date = prop_oneof![4 => (0_u64..5).prop_map(Some), 1 => Just(None)];
    prop_oneof![
        2 => Just(Vec::new()),
        4 => date.clone().prop_map(|date| vec![date]),
        1 => vec(date, 2..3),
    ]
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![Just(Method::Get), Just(Method::Head), Just(Method::Other)]
}

fn request() -> impl Strategy<Value = Request> {
    (method(), tags(), tags(), dates(), dates()).prop_map(
        |(method, if_match, if_none_match, if_modified_since, if_unmodified_since)| Request {
            method,
            if_match,
            if_none_match,
            if_modified_since,
            if_unmodified_since,
        },
    )
}

fn current() -> impl Strategy<Value = Option<Current>> {
    let current = (option::of((any::<bool>(), opaque())), option::of(0_u64..5));
    option::weighted(0.9, current.prop_map(|(tag, last_modified)| Current { tag, last_modified }))
}

fn field_name() -> impl Strategy<Value = FieldName> {
    prop::sample::select(&FieldName::ALL[..])
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_decision_is_the_models(
        request in request(),
        current in current(),
        now in option::of(0_u64..5),
        separator in prop::sample::select(&[",", ", ", " ,\t", ",,"][..]),
    ) {
        let lines = render(&request, separator);
        let decision = decide(&lines, request.method, current.as_ref(), now);
        prop_assert_eq!(decision, model(&request, current.as_ref(), now));
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_never_look_unmodified(
        method in method(),
        lines in vec((field_name(), vec(any::<u8>(), 0..80).prop_map(Text)), 0..6),
    ) {
        // No octet sequence of this length has a chance to hold this tag.
        let current = Current { tag: Some((false, "a".repeat(80))), last_modified: None };
        let is_star = |line: &(FieldName, Text)| line.1.contains(&b'*');
        prop_assume!(!lines.iter().any(is_star));
        let decision = decide(&Lines(lines), method, Some(&current), None);
        prop_assert_ne!(decision, Decision::NotModified);
    }

    #[test]
    fn bytes_out_of_the_grammar_never_panic(
        method in method(),
        lines in vec((field_name(), "[\"W/*, \ta\\\\]{0,40}"), 0..6),
        current in current(),
    ) {
        let lines = lines.into_iter().map(|(name, text)| (name, text.into())).collect();
        decide(&Lines(lines), method, current.as_ref(), Some(3));
    }

    #[test]
    fn what_parses_as_a_tag_or_a_date_reads_back(bytes in vec(any::<u8>(), 0..40)) {
        if let Ok(tag) = EntityTag::parse(&bytes) {
            prop_assert_eq!(EntityTag::parse(tag.as_bytes()), Ok(tag));
        }
        if let Ok(date) = HttpDate::parse(&bytes) {
            prop_assert_eq!(HttpDate::parse(date.to_string().as_bytes()), Ok(date));
        }
    }

    #[test]
    fn every_opaque_part_is_kept_or_refused(opaque in vec(any::<u8>(), 0..20)) {
        if let Ok(tag) = EntityTag::strong(&opaque) {
            prop_assert_eq!(tag.opaque(), &opaque[..]);
            prop_assert_eq!(EntityTag::parse(tag.as_bytes()), Ok(tag));
        }
    }
}
