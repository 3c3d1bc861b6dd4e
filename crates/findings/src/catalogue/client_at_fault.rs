//! `client-at-fault`: the client does not send what it was given.

mod busting;
mod dates;
mod habits;
mod in_run;
mod wrong_field;

use crate::evidence::EvidenceSource;
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("client_at_fault.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run::judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    // Requests of our own are what they should be.
    if view.evidence.source == EvidenceSource::Live {
        return None;
    }
    mangled(view)
        .or_else(|| outdated(view))
        .or_else(|| wrong_field::judge(view))
        .or_else(|| busting::judge(view))
        .or_else(|| habits::judge(view))
}

fn mangled(view: &View<'_>) -> Option<Judgement> {
    let all = &view.explained.mangled;
    let first = all.first()?;
    let title = format!("the client sends the tag {}, which matches nothing", first.how.says());
    let conditional = view.answered().filter(|(seen, _)| !seen.asked.none_match.is_empty()).count();
    Some(
        Judgement::new(Severity::Bad, 0.95, title)
            .because("mangled")
            .with(format!("sent {} for {}", shown(first.sent), shown(first.issued)))
            .with(format!("full 200 all the same: {}", of_all(all.len(), conditional, "request"))),
    )
}

fn outdated(view: &View<'_>) -> Option<Judgement> {
    let it = view.explained.outdated?;
    let (sent, current, times) = (shown(it.sent), shown(it.current), it.times);
    let said = format!("sent {sent} {times} times, and was given {current} each time");
    if it.is_never_given {
        let title = "the client sends a tag that it was never given";
        let judgement = Judgement::new(Severity::Bad, 0.85, title).because("mangled").with(said);
        return Some(judgement.with_all(difference(it.sent, it.current)));
    }
    let title = "the client goes on sending a tag that was replaced";
    Some(Judgement::new(Severity::Bad, 0.85, title).because("outdated").with(said))
}

/// Place at which a tag that was sent leaves the one that was given, where they begin alike.
fn difference(sent: &[u8], given: &[u8]) -> Option<String> {
    const ALIKE: usize = 6;
    let alike = sent.iter().zip(given).take_while(|(one, other)| one == other).count();
    let rest = |tag: &[u8]| shown(&tag[alike..tag.len().min(alike + 16)]);
    (alike >= ALIKE).then(|| {
        format!(
            "both begin alike; from byte {alike} on {} was sent for {}: it was damaged on its way",
            rest(sent),
            rest(given)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::fixture::{evidence, judge};

    fn capture(source: EvidenceSource, exchanges: &str) -> crate::evidence::Evidence {
        let mut evidence = evidence(exchanges);
        evidence.source = source;
        evidence
    }

    #[track_caller]
    fn check(exchanges: &str, cause: Option<&str>) {
        let evidence = capture(EvidenceSource::Har, exchanges);
        let found = judge(&kind(), &evidence).and_then(|it| it.cause);
        assert_eq!(found, cause, "{exchanges}");
        let live = capture(EvidenceSource::Live, exchanges);
        assert!(judge(&kind(), &live).is_none(), "a check is no client at fault: {exchanges}");
    }

    /// Names of all findings.
    fn names(exchanges: &str) -> Vec<&'static str> {
        let check = Check::of(&capture(EvidenceSource::Wire, exchanges));
        check.findings.iter().map(|it| it.kind.name.as_str()).collect()
    }

    const POLLS: &str = r#"5 × -> 200; ETag: "x" | hello"#;

    #[test]
    fn the_server_is_not_blamed_for_what_the_client_sends() {
        let mangled = r#"
            -> 200; ETag: "5f-6a" | hello
            8 × If-None-Match: 5f-6a -> 200; ETag: "5f-6a" | hello
        "#;
        assert_eq!(names(mangled), ["client-at-fault"]);
        let outdated = r#"
            -> 200; ETag: "a1-5d0" | hello
            7 × If-None-Match: "a1-5d0" -> 200; ETag: "b7-5d0" | hello
        "#;
        assert_eq!(names(outdated), ["client-at-fault"]);
        // Both are at fault.
        let both =
            [mangled, r#"2 × If-None-Match: "5f-6a" -> 200; ETag: "5f-6a" | hello"#].concat();
        assert_eq!(names(&both), ["conditionals-ignored", "client-at-fault"]);
    }

    #[test]
    fn a_client_that_never_sends_what_it_was_given_is_found() {
        check(POLLS, Some("never-conditional"));
        let dated = POLLS.replace("ETag: \"x\"", "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT");
        check(&dated, Some("never-conditional"));
        let cors = POLLS.replace("200;", "200; Access-Control-Allow-Origin: *;");
        let cors = cors.replace("× ", "× Origin: https://a.example ");
        let found = judge(&kind(), &capture(EvidenceSource::Har, &cors)).expect("it never asks");
        assert!(
            found.evidence[1].contains("Access-Control-Expose-Headers"),
            "{:?}",
            found.evidence
        );
    }

    #[test]
    fn a_tag_that_was_never_given_is_not_called_replaced() {
        let damaged = "-> 200; ETag: \"sha256:0e8464ee98\" | hello\n\
                       5 × If-None-Match: \"sha256:0e8464.0040: ee98\" -> 200; ETag: \"sha256:0e8464ee98\" | hello";
        check(damaged, Some("mangled"));
        let found = judge(&kind(), &capture(EvidenceSource::Wire, damaged)).expect("it is found");
        assert_eq!(found.title, "the client sends a tag that it was never given");
        assert!(
            found.evidence[1].contains("from byte 14 on .0040: ee98\" was sent for ee98\""),
            "{:?}",
            found.evidence
        );
        // It may hold it since before the capture, and it was given it once.
        let (_, refused) = damaged.split_once('\n').expect("two lines");
        check(refused, Some("outdated"));
        let given = "-> 200; ETag: \"sha256:0e8464.0040: ee98\" | old\n";
        check(&format!("{given}{damaged}"), Some("outdated"));
    }

    #[test]
    fn a_tag_that_comes_back_in_another_field_is_found() {
        for field in ["If-Match", "If-Range", "ETag", "If-Modified-Since"] {
            let first = "User-Agent: HTTPie/3.2.4 -> 200; ETag: \"x\" | hello\n";
            let again =
                format!("User-Agent: HTTPie/3.2.4; {field}: \"x\" -> 200; ETag: \"x\" | hello");
            let field = |count: usize| format!("{first}{count} × {again}");
            check(&field(4), Some("wrong-field"));
            assert_eq!(names(&field(8)), ["client-at-fault"]);
            // A test of it, and beside the right field.
            check(&field(2), None);
            let both = field(4).replace("4 × ", "4 × If-None-Match: \"x\"; ");
            let found = judge(&kind(), &capture(EvidenceSource::Wire, &both));
            assert_ne!(found.and_then(|it| it.cause), Some("wrong-field"), "{both}");
        }
        let weak = "-> 200; ETag: W/\"x\" | hello\n4 × If-Match: W/\"x\" -> 412";
        check(weak, Some("wrong-field"));
        check(&weak.replace("If-Match: W/\"x\"", "If-Match: \"y\""), None);
    }

    #[test]
    fn a_url_for_each_request_is_found_where_it_is_one_thing() {
        let found = |urls: &[&str], exchanges: &str| {
            let of = |url: &&str| crate::evidence::Evidence {
                target: format!("http://test/d.json{url}"),
                ..capture(EvidenceSource::Har, exchanges)
            };
            let mut page = capture(EvidenceSource::Har, "-> 200; ETag: \"p\" | page");
            page.others = urls.iter().map(of).collect();
            judge(&kind(), &page).and_then(|it| it.cause)
        };
        let one = "-> 200; ETag: \"x\" | hello";
        let busting = Some("cache-busting");
        let times =
            ["?_=1796099023898", "?_=1796099024211", "?_=1796099025001", "?_=1796099026001"];
        assert_eq!(found(&times, one), busting);
        assert_eq!(found(&times, "-> 200; Last-Modified: yesterday | hello"), busting);
        let named = |name: &str| times.map(|url| url.replace("_=", name));
        for (name, expected) in
            [("", busting), ("a=1&t=", busting), ("since=", None), ("id=", None)]
        {
            let urls = named(name);
            let urls: Vec<_> = urls.iter().map(String::as_str).collect();
            assert_eq!(found(&urls, one), expected, "{name}");
        }
        let random = ["?r=0.12345678901", "?r=0.2345678901", "?r=0.3456789012", "?r=0.4567890123"];
        assert_eq!(found(&random, one), busting);
        assert_eq!(found(&["?_=1", "?_=2", "?_=3", "?_=4"], one), None);
        assert_eq!(found(&times[..3], one), None);
        // Asked with a condition, without a validator, and what failed.
        let again = format!("{one}\nIf-None-Match: \"x\" -> 304; ETag: \"x\"");
        for other in [again.as_str(), "-> 200 | hello", "-> 404; ETag: \"x\" | none"] {
            assert_eq!(found(&times, other), None, "{other}");
        }
    }

    #[test]
    fn clients_that_need_not_or_cannot_know_are_none() {
        // It may not be stored.
        check(&POLLS.replace("200;", "200; Cache-Control: no-store;"), None);
        // Too few.
        check(r#"3 × -> 200; ETag: "x" | hello"#, None);
        // Another tag each time: no 304 would have come.
        let changing =
            ["a", "b", "c", "d", "e"].map(|tag| format!("-> 200; ETag: \"{tag}\" | {tag}"));
        check(&changing.join("\n"), None);
        // Several clients, each for the first time.
        let several = ["a", "b", "c", "d", "e"]
            .map(|name| format!("Cookie: {name} -> 200; ETag: \"x\" | hello"));
        check(&several.join("\n"), None);
        // A person.
        check(&POLLS.replace("× ", "× User-Agent: curl/8.5.0 "), None);
        // The recorder leaves conditions out.
        check(&format!("{POLLS}\n-> 304; ETag: \"x\""), None);
        // There is nothing to send.
        check("5 × -> 200 | hello", None);
        // It asks.
        check(&format!("{POLLS}\nIf-None-Match: \"x\" -> 304; ETag: \"x\""), None);
    }

    #[test]
    fn a_cache_that_is_off_is_told_from_a_client_without_one() {
        for field in ["Cache-Control: no-cache", "Cache-Control: no-store", "Pragma: no-cache"] {
            let off = POLLS.replace("× ", &format!("× {field} "));
            check(&off, Some("cache-off"));
            assert!(Check::of(&capture(EvidenceSource::Har, &off)).is_inconclusive(), "{field}");
            check(&off.replace("5 ×", "2 ×"), None);
            // Of a program that has no cache it says nothing of one.
            let program = off.replace("× ", "× User-Agent: axios/1.6; ");
            check(&program, Some("never-conditional"));
            check(&off.replace("× ", "× User-Agent: Mozilla/5.0; "), Some("cache-off"));
        }
        // Asked with a condition, it only means: ask.
        let asks = r#"
            -> 200; ETag: "x" | hello
            8 × Cache-Control: no-cache; If-None-Match: "x" -> 304; ETag: "x"
        "#;
        check(asks, None);
        let asks = Check::of(&capture(EvidenceSource::Wire, asks));
        assert!(asks.notes[0].starts_with("8 of 9 requests said no-cache"), "{:?}", asks.notes);
        check(&POLLS.replace("× ", "× Cache-Control: max-age=0 "), Some("never-conditional"));
        // One forced reload.
        check(r#"Cache-Control: no-cache -> 200; ETag: "x" | hello"#, None);
    }

    /// Polls of a client that was given this date, each with one of these.
    fn polls(given: &str, dates: &[&str], status: &str) -> String {
        let first = format!("-> 200; {given} | hello\n");
        let content = if status == "200" { " | hello" } else { "" };
        let one =
            |date: &&str| format!("If-Modified-Since: {date} -> {status}; {given}{content}\n");
        first + &dates.iter().map(one).collect::<String>()
    }

    const GIVEN: &str =
        "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT; Date: Fri, 02 Jan 2026 00:00:00 GMT";
    const LATER: [&str; 4] = [
        "Sat, 03 Jan 2026 09:00:00 GMT",
        "Sun, 04 Jan 2026 09:00:00 GMT",
        "Mon, 05 Jan 2026 09:00:00 GMT",
        "Tue, 06 Jan 2026 09:00:00 GMT",
    ];

    #[test]
    fn a_date_that_no_answer_carried_is_invented() {
        let invented = Some("invented-date");
        for status in ["200", "304"] {
            check(&polls(GIVEN, &LATER, status), invented);
            // One and the same, a constant, and none at all.
            for date in [LATER[0], "Thu, 01 Jan 1970 00:00:00 GMT", "2026-01-01T00:00:00Z"] {
                check(&polls(GIVEN, &[date; 4], status), invented);
                check(&polls(GIVEN, &[date; 2], status), None);
            }
            // The time of the answer in place of the date that it gives.
            check(&polls(GIVEN, &["Fri, 02 Jan 2026 00:00:00 GMT"; 4], status), invented);
        }
        assert_eq!(names(&polls(GIVEN, &[LATER[0]; 8], "200")), ["client-at-fault"]);
        // Of a tag there is none.
        let tagged = "ETag: \"x\"; Date: Fri, 02 Jan 2026 00:00:00 GMT";
        check(&polls(tagged, &LATER, "200"), invented);
        // Beside the right tag, for a server that wants both to match.
        let both = polls(&format!("{GIVEN}; ETag: \"x\""), &LATER, "200");
        let both = both.replace("If-Mod", "If-None-Match: \"x\"; If-Mod");
        check(&both, invented);
        assert_eq!(names(&both), ["client-at-fault"]);
        // Twice is no habit, and no clean bill.
        let few: Vec<_> = both.lines().take(3).collect();
        assert_eq!(names(&few.join("\n")), ["conditionals-ignored"]);
        let met = both.replace("-> 200", "-> 304").replacen("304", "200", 1);
        check(&met.replace("GMT; ETag: \"x\" | hello\nIf", "GMT; ETag: \"x\"\nIf"), None);
    }

    #[test]
    fn a_date_that_is_met_by_chance_makes_no_others_given() {
        let met = format!("-> 200; Last-Modified: {} | changed\n", LATER[3]);
        check(&(polls(GIVEN, &LATER, "200") + &met), Some("invented-date"));
    }

    #[test]
    fn a_date_that_was_given_is_not() {
        // The very date, in one of the old forms as well; and before the capture began.
        for date in ["Thu, 01 Jan 2026 00:00:00 GMT", "Thursday, 01-Jan-26 00:00:00 GMT"] {
            check(&polls(GIVEN, &[date; 5], "200"), None);
        }
        // `Date` is what a client has where there is no validator.
        let (_, date) = GIVEN.split_once("; ").expect("two fields");
        check(&polls(date, &["Fri, 02 Jan 2026 00:00:00 GMT"; 4], "200"), None);
        // Held since before the capture.
        let held = format!("4 × If-Modified-Since: {} -> 304; {GIVEN}", LATER[0]);
        check(&held, None);
    }

    #[test]
    fn a_date_that_was_replaced_is_outdated_unless_it_is_issued_again() {
        let old = "Wed, 31 Dec 2025 00:00:00 GMT";
        let before = format!("-> 200; Last-Modified: {old} | hello\n");
        let refused = polls(GIVEN, &[old; 4], "200");
        check(&format!("{before}{refused}"), Some("outdated"));
        check(&format!("{before}{refused}{before}"), None);
        // Each of two replicas is asked for what the other had.
        let turns = format!("{before}{}", polls(GIVEN, &[], "200"));
        check(&turns.repeat(4), None);
    }
}
