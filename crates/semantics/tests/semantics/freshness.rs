//! RFC 9111 §4.2 as tables: fields and time in, remaining freshness out.

use std::time::Duration;

use etag_lab_semantics::{FreshnessFields, HttpDate};

const NOON: &str = "Tue, 06 Jan 2026 12:00:00 GMT";
const NOON_AND_10: &str = "Tue, 06 Jan 2026 12:00:10 GMT";
const LARGEST: u64 = 1 << 31;

fn fields(lines: &[(&'static str, &'static str)]) -> FreshnessFields {
    FreshnessFields::read(lines.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())))
}

fn date(text: &str) -> HttpDate {
    HttpDate::parse(text.as_bytes()).expect("a date of this file")
}

/// Seconds of freshness without a clock of one's own.
fn check(lines: &[(&'static str, &'static str)], expected: u64) {
    let fresh_for = fields(lines).fresh_for(None, Duration::ZERO);
    assert_eq!(fresh_for, Duration::from_secs(expected), "{lines:?}");
}

fn check_control(value: &'static str, expected: u64) {
    check(&[("Cache-Control", value)], expected);
}

#[test]
fn max_age_is_the_lifetime() {
    check_control("max-age=60", 60);
    check_control("MAX-AGE=60", 60);
    check_control("public, max-age=60, must-revalidate", 60);
    check_control("max-age=\"60\"", 60);
    check_control(" ,, max-age=60 ,", 60);
    check_control("max-age=0", 0);
}

#[test]
fn without_a_lifetime_nothing_is_fresh() {
    check(&[], 0);
    check(&[("Last-Modified", NOON), ("Date", NOON_AND_10)], 0);
    check_control("public", 0);
    check_control("must-revalidate", 0);
}

#[test]
fn no_cache_and_no_store_win_over_any_lifetime() {
    check_control("max-age=60, no-cache", 0);
    check_control("no-cache=\"Set-Cookie\", max-age=60", 0);
    check_control("no-store, max-age=60", 0);
    check(&[("cache-control", "max-age=60"), ("cache-control", "no-cache")], 0);
    assert!(!fields(&[("cache-control", "max-age=1, No-Store")]).may_be_stored());
    assert!(fields(&[("cache-control", "no-cache, private")]).may_be_stored());
}

#[test]
fn other_caches_directives_are_not_ours() {
    check_control("s-maxage=600", 0);
    check_control("s-maxage=600, max-age=5", 5);
    check_control("private, max-age=5", 5);
    check_control("x-max-age=600", 0);
}

#[test]
fn of_several_lifetimes_the_first_counts_and_an_invalid_one_is_stale() {
    check_control("max-age=5, max-age=600", 5);
    check(&[("cache-control", "max-age=5"), ("cache-control", "max-age=600")], 5);
    for value in ["max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=1h", "max-age=+5"] {
        check_control(value, 0);
        check(&[("cache-control", value), ("expires", NOON_AND_10), ("date", NOON)], 0);
    }
}

#[test]
fn too_large_a_number_is_the_largest() {
    check_control("max-age=2147483648", LARGEST);
    check_control("max-age=99999999999999999999999999", LARGEST);
    check(&[("cache-control", "max-age=99999999999"), ("age", "99999999999")], 0);
}

#[test]
fn quotes_hide_commas_and_names() {
    check_control("private=\"a, max-age=600\", max-age=5", 5);
    check_control("private=\"\\\", max-age=600\", max-age=5", 5);
    check_control("private=\"unterminated, max-age=600", 0);
}

#[test]
fn expires_counts_from_date_unless_max_age_is_there() {
    check(&[("Expires", NOON_AND_10), ("Date", NOON)], 10);
    check(&[("Expires", NOON), ("Date", NOON_AND_10)], 0);
    check(&[("Expires", NOON_AND_10), ("Date", NOON), ("cache-control", "max-age=3")], 3);
    check(&[("Expires", "0"), ("Date", NOON)], 0);
    check(&[("Expires", "tomorrow"), ("Date", NOON)], 0);
    check(&[("Expires", NOON_AND_10)], 0);
    let from_arrival = fields(&[("Expires", NOON_AND_10)]);
    let fresh_for = from_arrival.fresh_for(Some(date(NOON)), Duration::ZERO);
    assert_eq!(fresh_for, Duration::from_secs(10));
}

#[test]
fn age_shortens_what_is_left() {
    check(&[("cache-control", "max-age=60"), ("age", "25")], 35);
    check(&[("cache-control", "max-age=60"), ("age", "61")], 0);
    check(&[("cache-control", "max-age=60"), ("age", "25, 50")], 35);
    check(&[("cache-control", "max-age=60"), ("age", "-1")], 60);
    check(&[("cache-control", "max-age=60"), ("age", "old")], 60);
}

#[test]
fn a_clock_and_a_delay_make_the_response_older() {
    let sixty = fields(&[("cache-control", "max-age=60"), ("date", NOON)]);
    let late = sixty.fresh_for(Some(date(NOON_AND_10)), Duration::ZERO);
    assert_eq!(late, Duration::from_secs(50));
    let behind = fields(&[("cache-control", "max-age=60"), ("date", NOON_AND_10)]);
    assert_eq!(behind.fresh_for(Some(date(NOON)), Duration::ZERO), Duration::from_secs(60));
    let slow = sixty.fresh_for(Some(date(NOON)), Duration::from_millis(1_500));
    assert_eq!(slow, Duration::from_millis(58_500));
}

#[test]
fn absurd_dates_neither_panic_nor_stay_fresh_for_ever() {
    check(&[("Expires", "Fri, 31 Dec 9999 23:59:59 GMT"), ("Date", "never")], 0);
    let lines = [("Expires", "Fri, 31 Dec 9999 23:59:59 GMT"), ("Age", "4294967296")];
    let fresh_for = fields(&lines).fresh_for(Some(date(NOON)), Duration::MAX / 2);
    assert_eq!(fresh_for, Duration::ZERO);
}

#[test]
fn a_304_renews_with_what_it_carries_and_keeps_the_rest() {
    let stored = fields(&[("cache-control", "max-age=60"), ("date", NOON), ("age", "50")]);
    let fresh_for = |newer| stored.updated_by(newer).fresh_for(None, Duration::ZERO).as_secs();
    assert_eq!(fresh_for(fields(&[])), 60);
    assert_eq!(fresh_for(fields(&[("age", "20")])), 40);
    assert_eq!(fresh_for(fields(&[("cache-control", "max-age=5")])), 5);
    assert_eq!(fresh_for(fields(&[("cache-control", "no-cache")])), 0);
    let by_date = fields(&[("expires", NOON_AND_10), ("date", NOON)]);
    let renewed = by_date.updated_by(fields(&[("date", NOON_AND_10)]));
    assert_eq!(renewed.fresh_for(None, Duration::ZERO), Duration::ZERO);
}
