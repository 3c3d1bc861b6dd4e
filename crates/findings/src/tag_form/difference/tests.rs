//! Tags of two replicas each, as products write them, and the cause that their parts show.

use semantics::HttpDate;

use super::*;
use crate::evidence::{Digests, hex};
use crate::tag_form::Facts;

const CONTENT: [u8; 612] = [b'x'; 612];

fn specimen<'a>(tag: &'a str, date: Option<u64>, server: &'a str) -> Specimen<'a> {
    let facts = Facts {
        content: Some(Digests::of(&CONTENT)),
        last_modified: date.and_then(|date| HttpDate::from_unix_seconds(date).ok()),
        server,
        ..Facts::default()
    };
    Specimen { opaque: tag.as_bytes(), facts }
}

fn of(tags: [(&str, Option<u64>); 2], server: &str) -> Difference {
    compare(&tags.map(|(tag, date)| specimen(tag, date, server)))
}

fn check(tags: [(&str, Option<u64>); 2], server: &str, cause: Cause, explanation: &str) {
    let difference = of(tags, server);
    assert_eq!(difference.cause, cause, "{tags:?}: {difference:?}");
    assert!(difference.explanation.contains(explanation), "{tags:?}: {difference:?}");
}

const DAY: u64 = 1_600_000_000;

#[test]
fn a_hash_of_the_modification_time_is_told_where_it_can_be_guessed() {
    // `hashlib.md5(b"1600000000.0-612").hexdigest()`, and seven seconds later.
    let [one, two] = ["850cd664b59e60a17d35097c7a0b6efb", "ea2e8e624afa9ddc7ba534c07124ac56"];
    let dates = [Some(DAY), Some(DAY + 7)];
    check([(one, dates[0]), (two, dates[1])], "", Cause::Mtime, "Starlette form");
    check([("3f2a91c4", dates[0]), ("9b1c22aa", dates[1])], "", Cause::Mtime, "7 s apart");
}

#[test]
fn files_are_told_apart_by_what_differs() {
    let (one, two) = (Some(DAY), Some(DAY + 12_300));
    check(
        [("5f5e1000-264", one), ("5f5e400c-264", two)],
        "nginx",
        Cause::Mtime,
        "nginx form (mtime-size): same size, modification times 3 h 25 min apart",
    );
    check(
        [("1a2b3c-264-5af3107a40000", one), ("1a2b4d-264-5af3107a40000", one)],
        "",
        Cause::Inode,
        "httpd form (inode-size-mtime): only the inode differs",
    );
    check(
        [("1a2b3c-264-5af3107a40000", one), ("1a2b3c-264-5af33e4c71b00", two)],
        "",
        Cause::Mtime,
        "modification times",
    );
    check([("1a2b3c", one), ("1a2b4d", one)], "apache", Cause::Inode, "only the inode differs");
    check([("264-1749b1d5c80", None), ("264-1749b1d6068", None)], "", Cause::Mtime, "1 s apart");
    check([("3735928559", one), ("1735928559", one)], "lighttpd/1.4", Cause::Inode, "inode");
    check([("3735928559", one), ("1735928559", two)], "lighttpd/1.4", Cause::Mtime, "3 h");
    check([("qgljwgh0", one), ("qglte4h0", two)], "", Cause::Mtime, "Caddy form");
}

#[test]
fn processes_are_recognised_by_counters_salts_and_start_times() {
    check([("41", None), ("18", None)], "", Cause::Process, "counter");
    check([("v-41", None), ("v-18", None)], "", Cause::Process, "counter");
    check(
        [("00f1e2d3c4b5a697-41", None), ("a0f1e2d3c4b5a697-41", None)],
        "",
        Cause::Process,
        "salt",
    );
    check([("1600000000-5", None), ("1600000900-5", None)], "", Cause::Process, "15 min apart");
    let (one, two) = ("ab".repeat(32), "cd".repeat(32));
    check([(&one, None), (&two, None)], "", Cause::Process, "no hash of the bytes sent");
    check([(&one, Some(DAY)), (&two, Some(DAY))], "", Cause::Process, "no hash");
    check([(&one, Some(DAY)), (&two, Some(DAY + 7))], "", Cause::Unknown, "7 s apart");
    let hash = hex(&Digests::of(&CONTENT).sha256);
    let [a, b] = [format!("web-1-{}", &hash[..12]), format!("web-2-{}", &hash[..12])];
    check([(&a, None), (&b, None)], "", Cause::Process, "the rest of it differs");
    check([(&a, Some(DAY)), (&b, Some(DAY + 7))], "", Cause::Process, "rest of it");
    let md5 = hex(&Digests::of(&CONTENT).md5);
    check([(&hash, None), (&md5, None)], "", Cause::Unknown, "different software");
}

#[test]
fn spans_have_at_most_two_units() {
    for (seconds, expected) in [
        (0.0, "less than a millisecond"),
        (0.25, "0.250 s"),
        (7.0, "7 s"),
        (12_300.0, "3 h 25 min"),
        (90_061.0, "1 d 1 h"),
        (86_400.0, "1 d"),
    ] {
        assert_eq!(span(&[1_000.0, 1_000.0 + seconds]), expected);
    }
}

/// Copies that were made seven seconds one after the other.
const MADE_APART: [(&str, &str, &str); 24] = [
    ("Go's WebDAV", "16345785d8a00000264", "1634578779db8600264"),
    ("inets", "uJNMAA612", "uJNMAH612"),
    ("Caddy from 2.8", "c5m8nwuppfrp-h0", "c5m8o02hbqc5-h0"),
    ("Caddy before 2.8", "c5m8nwuppfrph0", "c5m8o02hbqc5h0"),
    ("Werkzeug", "wzsdm-1600000000-612-3735928559", "wzsdm-1600000007-612-3735928559"),
    ("http-server", "4723-612-2020-09-13T12:26:40.000Z", "4723-612-2020-09-13T12:26:47.000Z"),
    (
        "ecstatic",
        "4723-612-Sun Sep 13 2020 12:26:40 GMT+0000 (Coordinated Universal Time)",
        "4723-612-Sun Sep 13 2020 12:26:47 GMT+0000 (Coordinated Universal Time)",
    ),
    (
        "ISO quoted",
        "4723-612-\\\"2020-09-13T12:26:40.000Z\\\"",
        "4723-612-\\\"2020-09-13T12:26:47.000Z\\\"",
    ),
    ("st", "2049-4723-1600000000123", "2049-4723-1600000007123"),
    ("Tomcat", "612-1600000000123", "612-1600000007123"),
    ("IIS", "080a621c989d61:0", "809dd225c989d61:0"),
    ("ASP.NET Core", "1d689c921a68264", "1d689c925d29fe4"),
    ("Azure", "0x8D857E0441D8000", "0x8D857E048499D80"),
    ("ticks", "637355968000000000", "637355968070000000"),
    ("Jetty", "EjRXDB3SXvAEjRWeJq83JQ", "EjRXDB3SRagEjRWeJq83JQ"),
    ("Jetty --gzip", "EjRXDB3SXvAEjRWeJq83JQ--gzip", "EjRXDB3SRagEjRWeJq83JQ--gzip"),
    ("GCS", "CIWAkL2Q5usCEAE=", "CMWfu8CQ5usCEAE="),
    ("WordPress", "2ab8c3057cea5b9f0800e5004cf05a77", "635695b8c2965bf807100bfb8b36ab4f"),
    ("digits", "20200913122640", "20200913122647"),
    ("digits in another zone", "20200913142640-612", "20200913142647-612"),
    ("HTTP date", "Sun, 13 Sep 2020 12:26:40 GMT", "Sun, 13 Sep 2020 12:26:47 GMT"),
    ("actix", "1a2b:264:5f5e1000:5", "1a2b:264:5f5e1007:5"),
    ("tower-http", "264-16345785d8a00007", "264-1634578779db8607"),
    ("beside a name", "app.5f5e1000.v2", "app.5f5e1007.v2"),
];

/// Forms that only the times of files have need no `Last-Modified` beside them.
#[test]
fn a_copy_is_told_from_a_process_without_a_date_where_the_form_is_one_of_files() {
    let named = ["IIS", "ASP.NET Core", "Azure", "Tomcat", "Caddy from 2.8", "tower-http"];
    for (name, one, two) in MADE_APART.into_iter().filter(|(name, ..)| named.contains(name)) {
        let difference = of([(one, None), (two, None)], "");
        assert_eq!(difference.cause, Cause::Mtime, "{name}: {one} {two}: {difference:?}");
        assert!(difference.explanation.contains("7 s apart"), "{name}: {difference:?}");
    }
}

#[test]
fn a_copy_is_told_from_a_process_in_every_form() {
    for (name, one, two) in MADE_APART {
        let difference = of([(one, Some(DAY)), (two, Some(DAY + 7))], "");
        assert_eq!(difference.cause, Cause::Mtime, "{name}: {one} {two}: {difference:?}");
        assert!(difference.explanation.contains("7 s apart"), "{name}: {difference:?}");
        assert!(difference.is_read, "{name}");
    }
}

/// Copies with the same times, which lie in other places of the disk.
const ELSEWHERE: [(&str, &str, &str); 6] = [
    ("http-server", "4723-612-2020-09-13T12:26:40.000Z", "9911-612-2020-09-13T12:26:40.000Z"),
    ("st", "2049-4723-1600000000123", "2049-9911-1600000000123"),
    ("httpd", "1a2b3c-264-5af3107a40000", "9a2b3c-264-5af3107a40000"),
    ("actix", "1a2b:264:5f5e1000:5", "9c8d:264:5f5e1000:5"),
    ("large inodes", "9223372036854775807-612-1600000000", "9223372036854771111-612-1600000000"),
    ("lighttpd", "3735928559", "1735928559"),
];

#[test]
fn an_inode_is_told_by_its_place() {
    for (name, one, two) in ELSEWHERE {
        let difference = of([(one, Some(DAY)), (two, Some(DAY))], "");
        assert_eq!(difference.cause, Cause::Inode, "{name}: {one} {two}: {difference:?}");
    }
}

#[test]
fn starts_of_processes_are_named_with_their_date() {
    for (one, two) in [
        ("187cbd45f1705915-5", "187cbd4668a5ed15-5"),
        ("1764493262", "1764493264"),
        ("1764493262123", "1764493264123"),
        ("692c07ce", "692c07d0"),
        ("2025-11-30T09:01:02", "2025-11-30T09:01:04"),
        ("v1764493262", "v1764493264"),
    ] {
        let difference = of([(one, None), (two, None)], "");
        assert_eq!(difference.cause, Cause::Process, "{one}: {difference:?}");
        let decoded = "2025-11-30 09:01:02 and others 2";
        assert!(
            difference.explanation.contains(decoded) && difference.is_read,
            "{one}: {difference:?}"
        );
    }
}

#[test]
fn what_was_not_read_is_a_guess() {
    let (one, two) = ("ab".repeat(20), "cd".repeat(20));
    assert!(!of([(&one, None), (&two, None)], "").is_read);
    let mut specimens = [&one, &two].map(|tag| specimen(tag, Some(DAY), ""));
    assert_eq!(compare(&specimens).cause, Cause::Process);
    // Servers of files hash the inode as well, as Bottle does.
    for tag in &mut specimens {
        tag.facts.has_ranges = true;
    }
    assert_eq!(compare(&specimens).cause, Cause::Unknown);
}

#[test]
fn a_date_that_is_the_clock_makes_no_modification_time() {
    let specimens = [("5f5e1000-264", DAY), ("5f5e1003-264", DAY + 3)].map(|(tag, now)| {
        let mut tag = specimen(tag, Some(now), "");
        tag.facts.date = tag.facts.last_modified;
        tag
    });
    let difference = compare(&specimens);
    assert_eq!(difference.cause, Cause::Process, "{difference:?}");
    assert!(difference.explanation.starts_with("made of the time of the response"));
}

#[test]
fn quotes_make_two_tags_of_one_text() {
    let difference = of([("abc", None), ("abc", None)], "");
    assert_eq!(difference.cause, Cause::Unknown);
    assert!(difference.explanation.starts_with("the same text, in quotes and without"));
}

#[test]
fn tags_of_more_and_of_fewer_parts_are_compared_in_any_order() {
    let tags = [("7-41-18", None), ("7-41", None)];
    let [one, other] = tags;
    for tags in [[one, other], [other, one]] {
        assert!(!of(tags, "").explanation.is_empty());
    }
}

#[test]
fn copies_in_other_directories_are_told_from_state_of_a_process() {
    for (one, two) in [
        ("1600000000.0-612-248712706", "1600000000.0-612-249564675"),
        ("wzsdm-1600000000-612-3735928559", "wzsdm-1600000000-612-1735928559"),
        ("EjRXDB3SXvAEjRWeJq83JQ", "AAABdIdugAAAAAAAAAAAmQ"),
        // From 2^31 on a checksum looks like a time.
        ("1600000000.0-612-3482192872", "1600000000.0-612-3484421098"),
    ] {
        let tags = [(one, Some(DAY)), (two, Some(DAY))];
        check(tags, "", Cause::Path, "the copies lie in different directories");
    }
}

#[test]
fn a_counter_is_one_whatever_the_dates_beside_it() {
    for (one, two) in [("41", "18"), ("00f1e2d3c4b5a697-41", "beefe2d3c4b5a697-18")] {
        check([(one, Some(DAY)), (two, Some(DAY + 7))], "", Cause::Process, "of each process");
    }
}

#[test]
fn digits_alone_are_no_inodes_of_httpd() {
    check([("376", None), ("1424", None)], "apache", Cause::Process, "counter");
    check([("376", Some(DAY)), ("1424", Some(DAY))], "apache", Cause::Process, "counter");
    check([("1a2b3c", Some(DAY)), ("123456", Some(DAY))], "apache", Cause::Inode, "inode");
}

#[test]
fn a_file_that_was_just_written_is_not_made_of_the_time_of_the_response() {
    let just = |tag, date: u64| {
        let mut one = specimen(tag, None, "");
        one.facts.date = HttpDate::from_unix_seconds(date).ok();
        one.facts.is_lasting = true;
        one
    };
    let tags = [just("264-174876e80fa", DAY), just("264-174876e84e2", DAY + 1)];
    assert_eq!(compare(&tags).cause, Cause::Mtime);
    let passing = tags.map(|mut tag| {
        tag.facts.is_lasting = false;
        tag
    });
    assert_eq!(compare(&passing).cause, Cause::Process);
}

#[test]
fn a_time_that_has_not_come_yet_or_that_one_tag_alone_has_is_none() {
    let now = HttpDate::from_unix_seconds(1_796_072_400).ok();
    let of = |tags: [&'static str; 2]| {
        let specimens = tags.map(|tag| {
            let mut specimen = specimen(tag, None, "");
            specimen.facts.date = now;
            specimen
        });
        compare(&specimens).explanation
    };
    // Read as nanoseconds they are of 2083 and 2093.
    let future = of(["31e6c9dc2c77bad2", "36282275d2767907"]);
    assert!(!future.starts_with("a time"), "{future}");
    let one = of(["d2f1f57b884e96e", "8a3c1f5e9d02b746"]);
    assert!(!one.starts_with("a time"), "{one}");
}

#[test]
fn versions_of_releases_are_no_counters() {
    let tags = [("2.3.1+9f8e7d6", None), ("2.3.0+1a2b3c4", None)];
    check(tags, "", Cause::Unknown, "versions of releases");
    let counters = of([("2.3", None), ("2.4", None)], "");
    assert!(!counters.explanation.contains("releases"), "{counters:?}");
}
