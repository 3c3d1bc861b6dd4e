//! Ranges and `If-Range` of RFC 9110 §13.1.5 and §14, case by case;
//! `differential` has a model of them.

use etag_lab_semantics::range::{ByteRange, MAX_PARTS, Selection, select};
use etag_lab_semantics::{EntityTag, FieldName, HttpDate, Method, RequestFields, Validators};
use proptest::collection::vec;
use proptest::prelude::*;

const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

struct Lines(Vec<(FieldName, Vec<u8>)>);

impl RequestFields for Lines {
    fn lines(&self, name: FieldName) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter(move |line| line.0 == name).map(|line| line.1.as_slice())
    }
}

/// `Range` and then `If-Range` lines, against a content of ten bytes with the strong tag `"a"`.
fn selection(ranges: &[&str], if_ranges: &[&str], tag: &str, length: u64) -> Selection {
    let line = |name| move |value: &&str| (name, value.as_bytes().to_vec());
    let ranges = ranges.iter().map(line(FieldName::Range));
    let lines = ranges.chain(if_ranges.iter().map(line(FieldName::IfRange))).collect();
    let tag = EntityTag::parse(tag.as_bytes()).expect("a test names valid tags");
    let last_modified = HttpDate::parse(MODIFIED.as_bytes()).ok();
    let current = Validators { entity_tag: Some(&tag), last_modified };
    select(Method::Get, &Lines(lines), &current, length)
}

fn check(range: &str, expected: &[(u64, u64)]) {
    let selection = selection(&[range], &[], r#""a""#, 10);
    let Selection::Parts(parts) = selection else { panic!("{range}: {selection:?}") };
    let parts: Vec<_> = parts.iter().map(|part| (part.first, part.last)).collect();
    assert_eq!(parts, expected, "{range}");
}

fn check_other(range: &str, expected: &Selection) {
    assert_eq!(&selection(&[range], &[], r#""a""#, 10), expected, "{range}");
}

#[test]
fn the_forms_of_the_rfc_select_what_it_says() {
    check("bytes=0-0", &[(0, 0)]);
    check("bytes=2-5", &[(2, 5)]);
    check("bytes=4-", &[(4, 9)]);
    check("bytes=-3", &[(7, 9)]);
    check("bytes=0-0,-1", &[(0, 0), (9, 9)]);
    check("bytes=7-9,0-1, 3-4", &[(7, 9), (0, 1), (3, 4)]);
}

#[test]
fn positions_beyond_the_end_mean_the_end() {
    check("bytes=4-10", &[(4, 9)]);
    check("bytes=9-99999999999999999999999999", &[(9, 9)]);
    check("bytes=-11", &[(0, 9)]);
    check("bytes=-99999999999999999999999999", &[(0, 9)]);
    check("bytes=00000000000000000000000001-0000000000000000000000002", &[(1, 2)]);
}

#[test]
fn the_unit_is_read_in_any_case_and_white_space_stands_around_members_only() {
    check("BYTES=0-1", &[(0, 1)]);
    check("Bytes=,, 0-1 ,\t3-4,", &[(0, 1), (3, 4)]);
    check(" bytes=0-1\t", &[(0, 1)]);
}

#[test]
fn what_is_no_set_of_byte_ranges_is_ignored() {
    let ranges = "|bytes|bytes=|bytes=,|bytes= , |bytes=-|bytes=--1|bytes=a-b|bytes=0x1-2|\
                  bytes=1-a|bytes=+1-2|bytes=5-2|bytes=5|bytes=1-2-3|bytes=0 -1|bytes=0- 1|\
                  bytes =0-1|bytes:0-1|bytes 0-1|bytes=0-1;2-3|bytes=0-1,x|bytes=0-1,5-4|\
                  bytes=20-10|bytes=200000000000000000000-190000000000000000000|\
                  bytes=0-1, items=2-3|items=0-1|byte=0-1|none|bytes=\u{660}-\u{661}|\u{fffd}=0-1|\
                  \"bytes=0-1\"";
    for range in ranges.split('|') {
        check_other(range, &Selection::Whole);
    }
    assert_eq!(selection(&["bytes=0-1", "bytes=2-3"], &[], r#""a""#, 10), Selection::Whole);
    assert_eq!(selection(&["bytes=0-1", "bytes=0-1"], &[], r#""a""#, 10), Selection::Whole);
}

#[test]
fn ranges_of_which_none_touches_the_content_are_unsatisfiable() {
    for range in
        ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999-", "bytes=11-,-0"]
    {
        check_other(range, &Selection::Unsatisfiable);
    }
    check("bytes=10-12,3-4,-0", &[(3, 4)]);
}

#[test]
fn overlapping_and_too_many_ranges_are_answered_with_the_whole() {
    for range in ["bytes=0-5,5-9", "bytes=0-,-1", "bytes=3-4,0-9", "bytes=1-1,1-1"] {
        check_other(range, &Selection::Whole);
    }
    let many = |count: u64| {
        let ranges: Vec<_> = (0..count).map(|n| format!("{}-{}", 2 * n, 2 * n)).collect();
        selection(&[&format!("bytes={}", ranges.join(","))], &[], r#""a""#, 1_000)
    };
    assert!(matches!(many(16), Selection::Parts(parts) if parts.len() == MAX_PARTS));
    assert_eq!(many(17), Selection::Whole);
}

#[test]
fn nothing_of_an_empty_content_can_be_a_part() {
    for (range, expected) in [
        ("bytes=0-", Selection::Unsatisfiable),
        ("bytes=0-0", Selection::Unsatisfiable),
        ("bytes=-0", Selection::Unsatisfiable),
        ("bytes=-1", Selection::Whole),
    ] {
        assert_eq!(selection(&[range], &[], r#""a""#, 0), expected, "{range}");
    }
}

#[test]
fn ranges_are_for_get_only() {
    let lines = Lines(vec![(FieldName::Range, b"bytes=0-1".to_vec())]);
    for method in [Method::Head, Method::Other] {
        assert_eq!(select(method, &lines, &Validators::default(), 10), Selection::Whole);
    }
}

/// Checks whether a range request with these `If-Range` lines gets its part.
fn check_if_range(tag: &str, if_ranges: &[&str], holds: bool) {
    let selection = selection(&["bytes=0-1"], if_ranges, tag, 10);
    assert_eq!(matches!(selection, Selection::Parts(_)), holds, "{if_ranges:?} against {tag}");
}

#[test]
fn if_range_compares_tags_strongly() {
    check_if_range(r#""a""#, &[r#""a""#], true);
    check_if_range(r#""a""#, &[" \"a\"\t"], true);
    check_if_range(r#""""#, &[r#""""#], true);
    check_if_range(r#""a""#, &[r#""b""#], false);
    check_if_range(r#""a""#, &[r#"W/"a""#], false);
    check_if_range(r#"W/"a""#, &[r#"W/"a""#], false);
    check_if_range(r#"W/"a""#, &[r#""a""#], false);
}

#[test]
fn if_range_holds_one_validator() {
    for value in [r#""a", "b""#, r#""a","a""#, "*", "a", r#""a"#, "", "w/\"a\"", "yesterday"] {
        check_if_range(r#""a""#, &[value], false);
    }
    check_if_range(r#""a""#, &[r#""a""#, r#""a""#], false);
    check_if_range(r#""a""#, &[MODIFIED, r#""a""#], false);
}

#[test]
fn if_range_wants_the_very_date_and_a_strong_one() {
    check_if_range(r#""a""#, &[MODIFIED], true);
    check_if_range(r#""a""#, &["Sunday, 06-Nov-94 08:49:37 GMT"], true);
    check_if_range(r#""a""#, &["Sun Nov  6 08:49:37 1994"], true);
    check_if_range(r#""a""#, &["Sun, 06 Nov 1994 08:49:36 GMT"], false);
    check_if_range(r#""a""#, &["Sun, 06 Nov 1994 08:49:38 GMT"], false);
    let lines = [(FieldName::Range, "bytes=0-1"), (FieldName::IfRange, MODIFIED)];
    let lines = lines.map(|(name, value)| (name, value.as_bytes().to_vec())).to_vec();
    let selection = select(Method::Get, &Lines(lines), &Validators::default(), 10);
    assert_eq!(selection, Selection::Whole);
}

#[test]
fn if_range_without_a_range_is_ignored() {
    assert_eq!(selection(&[], &[r#""b""#], r#""a""#, 10), Selection::Whole);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_is_asked_for_every_part_lies_within_the_content_and_none_overlap(
        value in "(bytes=)?[0-9,\\- ]{0,40}",
        length in 0_u64..1_000,
    ) {
        if let Selection::Parts(parts) = selection(&[&value], &[], r#""a""#, length) {
            prop_assert!(!parts.is_empty() && parts.len() <= MAX_PARTS);
            for (index, part) in parts.iter().enumerate() {
                prop_assert!(part.first <= part.last && part.last < length);
                let apart = |other: &ByteRange| other.last < part.first || part.last < other.first;
                prop_assert!(parts[..index].iter().all(apart));
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        range in vec(any::<u8>(), 0..60),
        if_range in vec(any::<u8>(), 0..60),
        length in any::<u64>(),
    ) {
        let lines = vec![(FieldName::Range, range), (FieldName::IfRange, if_range)];
        let selected = select(Method::Get, &Lines(lines), &Validators::default(), length);
        // Without a validator, no If-Range holds.
        prop_assert_eq!(selected, Selection::Whole);
    }
}
