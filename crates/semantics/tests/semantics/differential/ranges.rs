//! `Range` and `If-Range` (RFC 9110 §13.1.5, §14.1.2, §14.2).
//!
//! The model asks of every byte of a small content whether a range has it.

use etag_lab_semantics::range::{ByteRange, MAX_PARTS, Selection, select};
use etag_lab_semantics::{FieldName, HttpDate, Method, Validators};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select as one_of;

use super::cases::config;
use super::dates::{FORMATS, written};
use super::lines::{Lines, Text, trimmed};
use super::near::near;
use super::tags::{Tag, tag};

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
const MODIFIED: i64 = 784_111_777;

fn model(
    method: Method,
    ranges: &[Text],
    if_ranges: &[Text],
    current: &Tag,
    length: u64,
) -> Selection {
    let [range] = ranges else { return Selection::Whole };
    if method != Method::Get || !holds(if_ranges, current) {
        return Selection::Whole;
    }
    let Some(specs) = specs(range) else { return Selection::Whole };
    if length == 0 && specs.iter().any(|spec| matches!(spec, Spec::Last(1..))) {
        return Selection::Whole;
    }
    let has = |spec: &Spec| (0..length).filter(|&at| spec.has(at, length)).collect::<Vec<_>>();
    let parts: Vec<_> = specs.iter().map(has).filter(|bytes| !bytes.is_empty()).collect();
    let mut all: Vec<_> = parts.concat();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    let bounds = |bytes: &Vec<u64>| ByteRange { first: bytes[0], last: bytes[bytes.len() - 1] };
    if parts.is_empty() {
        Selection::Unsatisfiable
    } else if parts.len() > MAX_PARTS || all.len() < count {
        Selection::Whole
    } else {
        Selection::Parts(parts.iter().map(bounds).collect())
    }
}

/// `If-Range`: absent, or the text of the strong current tag, or of the date of the last change.
fn holds(lines: &[Text], current: &Tag) -> bool {
    let dates = FORMATS.map(|format| written(MODIFIED, format));
    match lines {
        [] => true,
        [line] => {
            let line = trimmed(line);
            (!current.weak && line == &*current.text())
                || dates.iter().any(|date| line == date.as_bytes())
        }
        _ => false,
    }
}

#[derive(Debug)]
enum Spec {
    From(u128, Option<u128>),
    Last(u128),
}

impl Spec {
    fn has(&self, at: u64, length: u64) -> bool {
        match *self {
            Self::From(first, last) => {
                u128::from(at) >= first && last.is_none_or(|last| u128::from(at) <= last)
            }
            Self::Last(count) => u128::from(length - at) <= count,
        }
    }
}

/// `None` where anything is malformed.
fn specs(range: &[u8]) -> Option<Vec<Spec>> {
    let text = str::from_utf8(trimmed(range)).ok()?;
    let (unit, set) = text.split_once('=')?;
    let members = set.split(',').map(|member| member.trim_matches([' ', '\t']));
    let specs: Option<Vec<_>> = members.filter(|member| !member.is_empty()).map(spec).collect();
    specs.filter(|specs| unit.eq_ignore_ascii_case("bytes") && !specs.is_empty())
}

fn spec(member: &str) -> Option<Spec> {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit());
        // Nothing here has more digits than this number.
        if is_number { Some(text.parse().unwrap_or(u128::MAX)) } else { None }
    };
    let (first, last) = member.split_once('-')?;
    match (first, last) {
        ("", last) => number(last).map(Spec::Last),
        (first, "") => number(first).map(|first| Spec::From(first, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first { None } else { Some(Spec::From(first, Some(last))) }
        }
    }
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0_u32..14).prop_map(|number| number.to_string()),
        1 => (0_u32..14).prop_map(|number| format!("{number:04}")),
        1 => "[0-9]{18,22}",
    ]
}

fn range() -> impl Strategy<Value = Text> {
    let spec = prop_oneof![
        4 => (0_u32..12, 0_u32..6).prop_map(|(first, more)| format!("{first}-{}", first + more)),
        2 => number().prop_map(|first| format!("{first}-")),
        2 => number().prop_map(|last| format!("-{last}")),
        1 => (number(), number()).prop_map(|(first, last)| format!("{first}-{last}")),
        1 => one_of(&["-", ""][..]).prop_map(str::to_owned),
    ];
    let separator = one_of(&[",", ", ", "\t, ", ",,"][..]);
    let unit = one_of(&["bytes=", "bytes=", "bytes=", "Bytes=", "BYTES="][..]);
    let few = prop_oneof![8 => vec(spec.clone(), 1..5), 1 => vec(spec, 14..20)];
    let valid = (unit, few, separator)
        .prop_map(|(unit, specs, separator)| format!("{unit}{}", specs.join(separator)).into());
    // Single bytes in any number never overlap, which chance would never do.
    let many = (10_u32..20).prop_map(|count| {
        let specs: Vec<_> = (0..count).map(|at| format!("{at}-{at}")).collect();
        format!("bytes={}", specs.join(",")).into()
    });
    let alphabet = b"0123456789--,,==  \tbytesx+";
    prop_oneof![19 => near(valid, alphabet), 1 => near(many, alphabet)]
}

fn if_range(current: &Tag) -> impl Strategy<Value = Text> + use<> {
    let current = current.text();
    let dates = one_of(&FORMATS[..]);
    let moment = prop_oneof![3 => Just(MODIFIED), 1 => Just(MODIFIED - 1), 1 => Just(MODIFIED + 1)];
    let date = (moment, dates).prop_map(|(moment, format)| written(moment, format).into());
    let exact = prop_oneof![3 => Just(current), 1 => tag().prop_map(|tag| tag.text()), 3 => date];
    prop_oneof![3 => exact.clone(), 1 => near(exact, b"\"W/ ,*ab0")]
}

fn request() -> impl Strategy<Value = (Tag, Vec<Text>, Vec<Text>)> {
    tag().prop_flat_map(|current| {
        let if_ranges = prop_oneof![
            3 => Just(Vec::new()),
            5 => vec(if_range(&current), 1..2),
            1 => vec(if_range(&current), 2..3),
        ];
        let ranges = prop_oneof![9 => vec(range(), 1..2), 1 => vec(range(), 2..3)];
        (Just(current), ranges, if_ranges)
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_selection_is_the_models(
        (current, ranges, if_ranges) in request(),
        method in prop_oneof![8 => Just(Method::Get), 1 => Just(Method::Head), 1 => Just(Method::Other)],
        length in prop_oneof![1 => Just(0_u64), 9 => 1_u64..20],
    ) {
        let mut lines = Lines::of(FieldName::Range, &ranges);
        lines.0.extend(Lines::of(FieldName::IfRange, &if_ranges).0);
        let tag = current.parsed();
        let last_modified = HttpDate::from_unix_seconds(MODIFIED.cast_unsigned()).ok();
        let validators = Validators { entity_tag: Some(&tag), last_modified };
        let selection = select(method, &lines, &validators, length);
        prop_assert_eq!(selection, model(method, &ranges, &if_ranges, &current, length));
    }
}
