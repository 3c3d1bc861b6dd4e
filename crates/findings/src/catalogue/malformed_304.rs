//! `malformed-304`: a 304 that should not be one, with content, of another tag, or short of fields.

mod lost;
mod tags;

use semantics::HttpDate;

use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::view::{FullResponse, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("malformed_304.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

/// Something that is wrong with some 304s.
struct Fault {
    severity: Severity,
    title: String,
    cause: &'static str,
    sentence: String,
}

impl Fault {
    fn new(
        severity: Severity,
        cause: &'static str,
        title: impl Into<String>,
        sentence: String,
    ) -> Self {
        Self { severity, title: title.into(), cause, sentence }
    }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let groups = lost::comparable(view);
    let names = lost::names(&groups);
    // The worst names the finding, the first of equals: stale content, then a connection out of step.
    let faults = [
        strangers_tag(view),
        date_long_past(view),
        content(view),
        lost::cors(&groups),
        tags::foreign(view),
        lost::lifetime(&groups),
        lacking(&names),
        tags::form(view),
        lost::length(&groups),
    ];
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    let worst = faults.iter().min_by_key(|fault| fault.severity)?;
    let judgement = Judgement::new(worst.severity, 0.95, worst.title.clone()).because(worst.cause);
    Some(judgement.with_all(faults.iter().map(|fault| fault.sentence.clone())))
}

fn strangers_tag(view: &View<'_>) -> Option<Fault> {
    let tally = View::tally(&view.by_strangers);
    let counts = of_all(tally.honoured, tally.total(), "request");
    let title = "a tag that nobody issued gets a 304: clients keep stale content";
    let sentence = format!("a tag that nobody issued got a 304: {counts}");
    (tally.honoured > 0).then(|| Fault::new(Severity::Bad, "any-tag", title, sentence))
}

fn date_long_past(view: &View<'_>) -> Option<Fault> {
    // Copies of one content may differ in their dates by as much as a deployment takes.
    const DAY_SECONDS: u64 = 24 * 3_600;
    let earliest = view.full.iter().filter_map(FullResponse::date).min()?.unix_seconds();
    let is_past = |sent: &Option<Vec<u8>>| {
        let sent = sent.as_deref().and_then(|date| HttpDate::parse(date).ok());
        sent.is_some_and(|sent| sent.unix_seconds() + DAY_SECONDS < earliest)
    };
    let past = view.by_other_date.iter().filter(|trial| is_past(&trial.asked.modified_since));
    let tally = View::tally(past);
    let counts = of_all(tally.honoured, tally.total(), "request");
    let title = "a date long past gets a 304: clients keep stale content";
    let sentence = format!("If-Modified-Since a year before every date seen: {counts} got a 304");
    (tally.honoured > 0).then(|| Fault::new(Severity::Bad, "old-date", title, sentence))
}

fn content(view: &View<'_>) -> Option<Fault> {
    let all = || view.not_modified();
    let stray = all().filter(|(_, answer)| answer.content.stray_bytes > 0).count();
    let counts = of_all(stray, all().count(), "304");
    let sentence = format!("bytes after the head of a 304: {counts}");
    let title = "a 304 carries content";
    (stray > 0).then(|| Fault::new(Severity::Bad, "content", title, sentence))
}

fn lacking(names: &[&str]) -> Option<Fault> {
    let lists = names.join(", ");
    let sentence = format!("in every 200 and in no 304: {lists}");
    match names {
        [] => None,
        ["etag", ..] => {
            Some(Fault::new(Severity::Warn, "no-tag", "a 304 lacks the ETag", sentence))
        }
        _ => {
            let cause = if names.contains(&"vary") { "vary" } else { "fields" };
            Some(Fault::new(Severity::Info, cause, format!("a 304 lacks {lists}"), sentence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::EvidenceSource;
    use crate::fixture::{check, evidence, judge as judged};

    #[test]
    fn a_304_that_should_be_none_or_that_lacks_something_is_found() {
        let check = |not_modified: &str, expected| {
            let full = "2 × -> 200; ETag: \"x\"; Vary: Accept; Cache-Control: no-cache | hello\n";
            check(&kind(), &[full, not_modified].concat(), expected);
        };
        check(
            r#"If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept; Cache-Control: no-cache"#,
            None,
        );
        check(
            r#"If-None-Match: "x" -> 304; ETag: "x"; Cache-Control: no-cache"#,
            Some((Severity::Info, "a 304 lacks vary")),
        );
        check(
            r#"If-None-Match: "x" -> 304; Vary: Accept; Cache-Control: no-cache"#,
            Some((Severity::Warn, "a 304 lacks the ETag")),
        );
        check(
            r#"If-None-Match: "x" -> 304; ETag: "y"; Vary: Accept; Cache-Control: no-cache"#,
            Some((Severity::Warn, "a 304 names another tag than was sent")),
        );
        check(
            r#"-> 200; ETag: "y"; Vary: Accept; Cache-Control: no-cache | other
               If-None-Match: "x" -> 304; ETag: "y"; Vary: Accept; Cache-Control: no-cache"#,
            Some((
                Severity::Bad,
                "a 304 names the tag of another content: clients keep stale content",
            )),
        );
        check(
            r#"If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept; Cache-Control: no-cache | hello"#,
            Some((Severity::Bad, "a 304 carries content")),
        );
        check(
            r#"If-None-Match: "etag-lab-nobodys-tag" -> 304; Vary: Accept; Cache-Control: no-cache"#,
            Some((
                Severity::Bad,
                "a tag that nobody issued gets a 304: clients keep stale content",
            )),
        );
    }

    /// Cause and severity of what is found.
    fn found(exchanges: &str) -> Option<(Severity, &'static str)> {
        let judgement = judged(&kind(), &evidence(exchanges))?;
        Some((judgement.severity, judgement.cause?))
    }

    #[test]
    fn a_date_long_past_that_gets_a_304_is_found_with_and_without_tags() {
        let dated = "2 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello\n";
        let past = "If-Modified-Since: Wed, 01 Jan 2025 00:00:00 GMT ->";
        let bad = Some((Severity::Bad, "old-date"));
        assert_eq!(found(&format!("{dated}{past} 304")), bad);
        let tagged = dated.replace("200;", "200; ETag: \"x\";");
        assert_eq!(found(&format!("{tagged}{past} 304; ETag: \"x\"")), bad);
        let full = "200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello";
        for right in [
            format!("{past} {full}"),
            // The very date, one between the dates of two copies, and one that nobody dates.
            "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304".to_owned(),
            "-> 200; Last-Modified: Wed, 01 Jan 2025 00:00:00 GMT | hello\n".to_owned()
                + past
                + " 304",
            "If-Modified-Since: Wed, 31 Dec 2025 22:00:00 GMT -> 304".to_owned(),
            "If-Modified-Since: Thu, 01 Jan 2026 01:00:00 GMT -> 304".to_owned(),
        ] {
            assert_eq!(found(&format!("{dated}{right}")), None, "{right}");
        }
    }

    #[test]
    fn a_stranger_in_the_shape_of_a_real_tag_is_known() {
        let full = "2 × -> 200; ETag: \"0123f567\" | hello\n";
        let bad = Some((Severity::Bad, "any-tag"));
        assert_eq!(found(&format!("{full}If-None-Match: \"0123a567\" -> 304")), bad);
        assert_eq!(found(&format!("{full}If-None-Match: W/\"0123a567\" -> 304")), bad);
        let issued = "-> 200; ETag: \"0123a567\" | hello\n";
        let own = "If-None-Match: \"0123a567\" -> 304; ETag: \"0123a567\"";
        assert_eq!(found(&format!("{full}{issued}{own}")), None, "another replica's tag");
        let right = "If-None-Match: \"0123a567\" -> 200; ETag: \"0123f567\" | hello";
        assert_eq!(found(&format!("{full}{right}")), None);
    }

    #[test]
    fn a_tag_in_another_form_is_worth_knowing() {
        let coded = |tag: &str, sent: &str, own: &str| {
            found(&format!(
                "2 × Accept-Encoding: gzip -> 200; ETag: {tag}; Content-Encoding: gzip | hello\n\
                 If-None-Match: {sent}; Accept-Encoding: gzip -> 304; ETag: {own}"
            ))
        };
        let form = Some((Severity::Info, "tag-form"));
        assert_eq!(coded("\"x--gzip\"", "\"x--gzip\"", "\"x\""), form);
        assert_eq!(coded("W/\"x-gzip\"", "W/\"x-gzip\"", "W/\"x\""), form);
        // nginx and Tomcat: weakened with compression, and strong in the 304.
        assert_eq!(coded("W/\"x\"", "W/\"x\"", "\"x\""), form);
        assert_eq!(coded("\"x-gzip\"", "\"x-gzip\"", "\"x-gzip\""), None);
        // The client, or somebody between, sent another form than it was given.
        assert_eq!(coded("W/\"x\"", "\"x\"", "W/\"x\""), None);
        assert_eq!(coded("\"x-gzip\"", "\"x\"", "\"x-gzip\""), None);
    }

    #[test]
    fn a_lost_permission_for_other_origins_is_bad_where_it_names_one() {
        let check = |full: &str, request: &str, expected| {
            let exchanges = format!(
                "2 × -> 200; ETag: \"x\"; {full} | hello\n\
                 Origin: https://a.example -> 200; ETag: \"x\"; Access-Control-Allow-Origin: VALUE | hello\n\
                 {request}"
            );
            let one = exchanges.replace("VALUE", "https://a.example");
            assert_eq!(found(&one), expected, "{one}");
            let every = exchanges.replace("VALUE", "*");
            let expected = expected.map(|(_, cause)| (Severity::Info, cause));
            assert_eq!(found(&every), expected, "{every}");
        };
        let allowed = "Access-Control-Allow-Origin: VALUE";
        let page = "Origin: https://a.example; If-None-Match: \"x\" -> 304; ETag: \"x\"";
        let plain = "If-None-Match: \"x\" -> 304; ETag: \"x\"";
        let cors = |severity| Some((severity, "cors"));
        check(allowed, page, cors(Severity::Bad));
        check("Server: x", page, cors(Severity::Bad));
        check(allowed, plain, cors(Severity::Warn));
        // Allowed in both, allowed where it is asked for, and never allowed without Origin.
        check(allowed, &format!("{page}; {allowed}"), None);
        check(allowed, &format!("{page}; {allowed}\n{plain}"), None);
        check("Server: x", plain, None);
    }

    #[test]
    fn a_lost_lifetime_is_a_warning_and_anything_else_that_is_lost_is_not() {
        let check = |full: &str, own: &str, expected| {
            let exchanges = format!(
                "2 × -> 200; ETag: \"x\"; {full} | hello\nIf-None-Match: \"x\" -> 304; ETag: \"x\"{own}"
            );
            assert_eq!(found(&exchanges), expected, "{exchanges}");
        };
        let lost = Some((Severity::Warn, "lifetime"));
        check("Cache-Control: max-age=60, public", "", lost);
        check("Cache-Control: s-maxage=60", "", lost);
        let expires = "Date: Thu, 01 Jan 2026 00:00:00 GMT; Expires: Thu, 01 Jan 2026 01:00:00 GMT";
        check(expires, "; Date: Thu, 01 Jan 2026 00:00:00 GMT", lost);
        check("Cache-Control: no-cache", "", Some((Severity::Info, "fields")));
        check("Cache-Control: max-age=0", "", Some((Severity::Info, "fields")));
        check("Cache-Control: max-age=60", "; Cache-Control: max-age=60", None);
        check(
            "Cache-Control: max-age=60",
            "; Expires: Thu, 01 Jan 2026 01:00:00 GMT",
            Some((Severity::Info, "fields")),
        );
        check("Vary: Accept", "", Some((Severity::Info, "vary")));
    }

    #[test]
    fn a_browser_s_capture_says_nothing_of_fields_that_a_304_lacks() {
        let mut capture = evidence(
            r#"
            2 × -> 200; ETag: "x"; Cache-Control: max-age=60; Access-Control-Allow-Origin: * | hello
            If-None-Match: "x" -> 304
            "#,
        );
        capture.source = EvidenceSource::Har;
        assert!(judged(&kind(), &capture).is_none());
        capture.source = EvidenceSource::Wire;
        assert!(judged(&kind(), &capture).is_some());
    }
}
