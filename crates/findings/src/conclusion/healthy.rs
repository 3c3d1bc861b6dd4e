//! `healthy`: evidence enough, nothing wrong.

use crate::contents::{self, Flow};
use crate::evidence::EvidenceSource;
use crate::kind::{FindingKind, Judgement, Severity};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    FindingKind::read(include_str!("healthy.toml"))
}

/// Greatest confidence in a whole fleet that was seen from one address.
const ONE_ADDRESS: f64 = 0.9;

pub(super) fn judgement(view: &View<'_>) -> Judgement {
    // wget sends the date back where there is a tag as well.
    let (trials, what) = if view.is_tagged() && (!view.by_tag.is_empty() || view.by_date.is_empty())
    {
        (&view.by_tag, "tag")
    } else {
        (&view.by_date, "date")
    };
    // What a cache sent once more shows no replica.
    let original = view.placed().filter(|(place, ..)| !view.is_copy(*place));
    let judged = original.filter(|(_, seen, answer)| {
        answer.status == 200 || answer.status == 304 && !view.is_unsolicited(seen)
    });
    let draws = judged.count();
    let is_seen = view.full.iter().any(|seen| seen.digests().is_some());
    let is_live = view.evidence.source == EvidenceSource::Live;
    let title = if !is_seen && is_live {
        "revalidation works; contents are too large to be compared (--max-content)"
    } else if !is_seen {
        "revalidation works as far as the capture shows: its contents were not seen"
    } else if contents::flow(view) == Flow::Moments {
        "revalidation works between changes: equal contents carry one validator, and it gets a 304"
    } else if view.is_tagged() {
        "revalidation works: one tag for one content, and it gets a 304"
    } else {
        "revalidation works by date; there is no ETag, and dates have whole seconds"
    };
    // A replica that answers one request in ten would have shown itself with this probability.
    let unseen = 0.9_f64.powi(i32::try_from(draws).unwrap_or(i32::MAX));
    // A balancer, if there is one, may hide replicas from the one address that asks.
    let from_one_address = !view.evidence.lanes.iter().any(|lane| lane.is_backend);
    let most = if from_one_address { ONE_ADDRESS } else { 0.99 };
    let pinned = "asked from one address: a balancer that pins a client to one replica would look \
                  the same; --backend asks each replica by itself";
    let (honoured, all) = (View::tally(trials).honoured, trials.len());
    let replays = if all > 0 {
        format!("{honoured} of {all} replays of the {what} got a 304")
    } else {
        of_requests(view)
    };
    Judgement::new(Severity::Ok, (1.0 - unseen).min(most), title)
        .with(replays)
        .with(format!(
            "a replica with another validator that answers every tenth request would have shown \
             itself in {draws} exchanges with {:.1} %",
            100.0 * (1.0 - unseen)
        ))
        .with_all(from_one_address.then_some(pinned))
}

/// Count of 304s where the fields of the requests that got them are not known.
fn of_requests(view: &View<'_>) -> String {
    let asked = view.answered().filter(|(_, answer)| [200, 304].contains(&answer.status));
    let again = asked.count().saturating_sub(1);
    let got = view.not_modified().count();
    format!("{got} of {again} further requests got a 304; what they sent was not seen")
}

#[cfg(test)]
mod tests {
    use crate::Check;
    use crate::evidence::EvidenceSource;
    use crate::fixture::evidence;

    /// First sentence of a clean bill for a paste.
    #[track_caller]
    fn check(exchanges: &str, expected: &str) {
        let mut capture = evidence(exchanges);
        capture.source = EvidenceSource::Wire;
        let check = Check::of(&capture);
        assert!(check.findings[0].is_healthy(), "{:?}", check.findings);
        assert_eq!(check.findings[0].evidence[0], expected);
    }

    #[test]
    fn replays_are_counted_as_they_were_sent() {
        // What curl sends where it has stored no tag yet is no replay.
        let first = r#"
            If-None-Match: "" -> 200; ETag: "x" | hello
            9 × If-None-Match: "x" -> 304; ETag: "x"
        "#;
        check(first, "9 of 9 replays of the tag got a 304");
        // wget asks by date.
        let dated = r#"
            -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            9 × If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304; ETag: "x"
        "#;
        check(dated, "9 of 9 replays of the date got a 304");
    }
}
