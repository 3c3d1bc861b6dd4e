//! The precedence and the comparisons of RFC 9110 §13.2.2, case by case.

use etag_lab_semantics::Decision::{NotModified, PreconditionFailed, Proceed};
use etag_lab_semantics::FieldName::{IfMatch, IfModifiedSince, IfNoneMatch, IfUnmodifiedSince};
use etag_lab_semantics::Method::{Get, Head, Other};
use etag_lab_semantics::{
    Decision, EntityTag, FieldName, HttpDate, Method, RequestFields, Validators, evaluate,
};

const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
const NOW: &str = "Sun, 06 Nov 1994 09:00:00 GMT";
const FUTURE: &str = "Sun, 06 Nov 1994 09:00:01 GMT";

struct Lines<'a>(&'a [(FieldName, &'a str)]);

impl RequestFields for Lines<'_> {
    fn lines(&self, name: FieldName) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter(move |line| line.0 == name).map(|line| line.1.as_bytes())
    }
}

fn date(text: &str) -> HttpDate {
    HttpDate::parse(text.as_bytes()).expect("a test names valid dates")
}

/// Against a representation with the tag `"a"` (strong), last modified at `MODIFIED`.
fn check(method: Method, lines: &[(FieldName, &str)], expected: Decision) {
    check_tag(Some(r#""a""#), method, lines, expected);
}

fn check_tag(tag: Option<&str>, method: Method, lines: &[(FieldName, &str)], expected: Decision) {
    let tag = tag.map(|tag| EntityTag::parse(tag.as_bytes()).expect("a test names valid tags"));
    let current = Validators { entity_tag: tag.as_ref(), last_modified: Some(date(MODIFIED)) };
    let decision = evaluate(method, &Lines(lines), Some(&current), Some(date(NOW)));
    assert_eq!(decision, expected, "{method:?} {lines:?} against {tag:?}");
}

fn check_nothing_current(method: Method, lines: &[(FieldName, &str)], expected: Decision) {
    let decision = evaluate(method, &Lines(lines), None, Some(date(NOW)));
    assert_eq!(decision, expected, "{method:?} {lines:?} against nothing");
}

/// Checks whether `If-None-Match` with this value finds the tag `current`.
fn check_none_match(current: &str, value: &str, found: bool) {
    let (get, other) = if found { (NotModified, PreconditionFailed) } else { (Proceed, Proceed) };
    check_tag(Some(current), Get, &[(IfNoneMatch, value)], get);
    check_tag(Some(current), Head, &[(IfNoneMatch, value)], get);
    check_tag(Some(current), Other, &[(IfNoneMatch, value)], other);
}

/// Checks whether `If-Match` with this value finds the tag `current`.
fn check_match(current: &str, value: &str, found: bool) {
    let expected = if found { Proceed } else { PreconditionFailed };
    for method in [Get, Head, Other] {
        check_tag(Some(current), method, &[(IfMatch, value)], expected);
    }
}

#[test]
fn without_preconditions_every_method_proceeds() {
    for method in [Get, Head, Other] {
        check(method, &[], Proceed);
        check_nothing_current(method, &[], Proceed);
    }
}

#[test]
fn if_none_match_compares_weakly() {
    check_none_match(r#""a""#, r#""a""#, true);
    check_none_match(r#""a""#, r#"W/"a""#, true);
    check_none_match(r#"W/"a""#, r#""a""#, true);
    check_none_match(r#"W/"a""#, r#"W/"a""#, true);
    check_none_match(r#""a""#, r#""A""#, false);
}

#[test]
fn if_match_compares_strongly() {
    check_match(r#""a""#, r#""a""#, true);
    check_match(r#""a""#, r#"W/"a""#, false);
    check_match(r#"W/"a""#, r#""a""#, false);
    check_match(r#"W/"a""#, r#"W/"a""#, false);
}

#[test]
fn any_member_of_a_list_may_match() {
    for value in [r#""x", "a""#, r#""a","x""#, " ,, \t\"x\" ,\t\"a\" ,"] {
        check_none_match(r#""a""#, value, true);
        check_match(r#""a""#, value, true);
    }
    check_none_match(r#""a""#, r#""x", "y""#, false);
    check_match(r#""a""#, r#""x", "y""#, false);
}

#[test]
fn several_field_lines_are_one_list() {
    let lines = [(IfNoneMatch, r#""x""#), (IfNoneMatch, r#""y""#), (IfNoneMatch, r#""a""#)];
    check(Get, &lines, NotModified);
    check(Get, &lines[..2], Proceed);
    check(Other, &[(IfMatch, r#""x""#), (IfMatch, r#""a""#)], Proceed);
}

#[test]
fn commas_between_quotes_belong_to_the_tag() {
    check_none_match(r#""a,b""#, r#""x", "a,b""#, true);
    check_none_match(r#""b""#, r#""a,b""#, false);
    check_none_match(r#""a""#, r#""a,b""#, false);
}

#[test]
fn spaces_between_quotes_make_a_member_that_matches_nothing() {
    check_none_match(r#""a""#, r#""x a", "a""#, true);
    check_none_match(r#""a""#, r#""a ", " a", "a b""#, false);
    check_none_match(r#""b""#, r#""a, b, c""#, false);
    check_none_match(r#""b""#, r#""a, c", "b""#, true);
}

#[test]
fn the_empty_tag_is_a_tag() {
    check_none_match(r#""""#, r#""""#, true);
    check_none_match(r#""""#, r#""x", W/"""#, true);
    check_none_match(r#""a""#, r#""""#, false);
    check_match(r#""""#, r#""""#, true);
}

#[test]
fn malformed_members_match_nothing_and_spoil_nothing() {
    let malformed = r#"a|'a'|"a|a"|w/"a"|W/a|W/ "a"|W "a"|W/W/"a"|W/*|"a"b"|b"a"|"a";q=1|W\"a""#;
    for malformed in malformed.split('|') {
        check_none_match(r#""a""#, malformed, false);
        check_match(r#""a""#, malformed, false);
        check_none_match(r#""x""#, &format!(r#"{malformed}, "x""#), true);
        check_none_match(r#""x""#, &format!(r#""x", {malformed}"#), true);
    }
}

#[test]
fn a_backslash_is_an_ordinary_character() {
    check_none_match(r#""a\""#, r#""a\", "b""#, true);
    check_none_match(r#""b""#, r#""a\", "b""#, true);
    check_none_match(r#""a""#, r#""\a""#, false);
}

#[test]
fn a_thousand_tags_are_all_compared() {
    let many: Vec<_> = (0..1_000).map(|n| format!("W/\"{n}\"")).collect();
    check_none_match(r#""999""#, &many.join(", "), true);
    check_none_match(r#""1000""#, &many.join(", "), false);
}

#[test]
fn a_star_means_anything_current() {
    for star in ["*", " *\t"] {
        check_none_match(r#""a""#, star, true);
        check_match(r#""a""#, star, true);
        check_tag(None, Get, &[(IfNoneMatch, star)], NotModified);
        check_tag(None, Other, &[(IfMatch, star)], Proceed);
        check_nothing_current(Other, &[(IfNoneMatch, star)], Proceed);
        check_nothing_current(Other, &[(IfMatch, star)], PreconditionFailed);
    }
}

#[test]
fn a_star_beside_anything_else_is_malformed() {
    for value in [r#"*, "x""#, r#""x", *"#, r#""*""#, "**", "*,*"] {
        check_none_match(r#""a""#, value, false);
        check_match(r#""a""#, value, false);
    }
    check_none_match(r#""a""#, r#"*, "a""#, true);
    check(Get, &[(IfNoneMatch, "*"), (IfNoneMatch, "*")], Proceed);
    check(Get, &[(IfNoneMatch, "*"), (IfNoneMatch, r#""a""#)], NotModified);
}

#[test]
fn a_present_field_without_tags_counts_as_present() {
    check(Get, &[(IfNoneMatch, ""), (IfModifiedSince, MODIFIED)], Proceed);
    check(Other, &[(IfMatch, "")], PreconditionFailed);
}

#[test]
fn without_a_current_tag_no_list_matches() {
    check_tag(None, Get, &[(IfNoneMatch, r#""a", """#)], Proceed);
    check_tag(None, Other, &[(IfMatch, r#""a", """#)], PreconditionFailed);
    check_nothing_current(Other, &[(IfNoneMatch, r#""a""#)], Proceed);
    check_nothing_current(Other, &[(IfMatch, r#""a""#)], PreconditionFailed);
}

#[test]
fn if_modified_since_is_for_get_and_head() {
    for (since, expected) in [(BEFORE, Proceed), (MODIFIED, NotModified), (AFTER, NotModified)] {
        check(Get, &[(IfModifiedSince, since)], expected);
        check(Head, &[(IfModifiedSince, since)], expected);
        check(Other, &[(IfModifiedSince, since)], Proceed);
    }
}

#[test]
fn if_unmodified_since_is_for_every_method() {
    for method in [Get, Head, Other] {
        check(method, &[(IfUnmodifiedSince, BEFORE)], PreconditionFailed);
        check(method, &[(IfUnmodifiedSince, MODIFIED)], Proceed);
        check(method, &[(IfUnmodifiedSince, FUTURE)], Proceed);
    }
}

#[test]
fn a_date_before_1970_is_before_every_modification() {
    for date in ["Wed, 31 Dec 1969 23:59:59 GMT", "Fri Dec 31 23:59:59 1965"] {
        check(Other, &[(IfUnmodifiedSince, date)], PreconditionFailed);
        check(Get, &[(IfModifiedSince, date)], Proceed);
    }
}

#[test]
fn the_century_of_a_two_digit_year_depends_on_the_time() {
    // In November 1994, "44" may be 2044, and "45" is more than fifty years ahead.
    check(Other, &[(IfUnmodifiedSince, "Saturday, 05-Nov-44 00:00:00 GMT")], Proceed);
    check(Other, &[(IfUnmodifiedSince, "Monday, 05-Nov-45 00:00:00 GMT")], PreconditionFailed);
    check(Get, &[(IfModifiedSince, "Sunday, 06-Nov-94 08:49:37 GMT")], NotModified);
}

#[test]
fn a_future_if_modified_since_is_ignored_where_the_time_is_known() {
    check(Get, &[(IfModifiedSince, NOW)], NotModified);
    check(Get, &[(IfModifiedSince, FUTURE)], Proceed);
    let current = Validators { entity_tag: None, last_modified: Some(date(MODIFIED)) };
    let lines = Lines(&[(IfModifiedSince, FUTURE)]);
    assert_eq!(evaluate(Get, &lines, Some(&current), None), NotModified);
}

#[test]
fn dates_that_are_invalid_or_many_are_ignored() {
    let two = format!("{BEFORE}, {BEFORE}");
    for invalid in ["", "yesterday", "0", two.as_str()] {
        check(Get, &[(IfModifiedSince, invalid)], Proceed);
        check(Other, &[(IfUnmodifiedSince, invalid)], Proceed);
    }
    check(Get, &[(IfModifiedSince, AFTER), (IfModifiedSince, AFTER)], Proceed);
    check(Other, &[(IfUnmodifiedSince, BEFORE), (IfUnmodifiedSince, BEFORE)], Proceed);
}

#[test]
fn dates_are_ignored_without_a_modification_date() {
    for (name, method) in [(IfModifiedSince, Get), (IfUnmodifiedSince, Other)] {
        let (lines, undated) = ([(name, BEFORE)], Validators::default());
        assert_eq!(evaluate(method, &Lines(&lines), Some(&undated), None), Proceed);
        check_nothing_current(method, &lines, Proceed);
    }
}

#[test]
fn if_none_match_switches_if_modified_since_off_in_both_directions() {
    check(Get, &[(IfNoneMatch, r#""x""#), (IfModifiedSince, MODIFIED)], Proceed);
    check(Get, &[(IfNoneMatch, r#""a""#), (IfModifiedSince, BEFORE)], NotModified);
    check(Get, &[(IfNoneMatch, "garbage"), (IfModifiedSince, MODIFIED)], Proceed);
}

#[test]
fn if_match_switches_if_unmodified_since_off_in_both_directions() {
    check(Other, &[(IfMatch, r#""a""#), (IfUnmodifiedSince, BEFORE)], Proceed);
    check(Other, &[(IfMatch, r#""x""#), (IfUnmodifiedSince, MODIFIED)], PreconditionFailed);
}

#[test]
fn a_failed_expectation_comes_before_a_304() {
    check(Get, &[(IfMatch, r#""x""#), (IfNoneMatch, r#""a""#)], PreconditionFailed);
    check(Get, &[(IfMatch, r#""a""#), (IfNoneMatch, r#""a""#)], NotModified);
    check(Get, &[(IfMatch, r#""a""#), (IfModifiedSince, MODIFIED)], NotModified);
    check(Get, &[(IfUnmodifiedSince, BEFORE), (IfNoneMatch, r#""a""#)], PreconditionFailed);
    check(Get, &[(IfUnmodifiedSince, MODIFIED), (IfModifiedSince, MODIFIED)], NotModified);
    check(Other, &[(IfMatch, r#""a""#), (IfNoneMatch, r#""a""#)], PreconditionFailed);
}

#[test]
fn field_names_are_lower_case_and_distinct() {
    let names = FieldName::ALL.map(FieldName::as_str);
    let conditions = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];
    let others = ["if-range", "range", "accept-encoding", "authorization"];
    assert_eq!((&names[..4], &names[4..]), (&conditions[..], &others[..]));
}
