//! `healthy`: evidence enough, nothing wrong.

use measure::record::Severity;

use crate::contents::{self, Flow};
use crate::kind::{Advice, FindingKind, Judgement};
use crate::view::View;

pub(super) const KIND: FindingKind = FindingKind {
    code: "ETL029",
    name: "healthy",
    says: "There is evidence enough, and nothing is wrong: equal contents carry one validator, and \
           a client that sends it gets a 304.",
    experiment: "All of them: at least eight exchanges, at least three replays answered 304, no \
                 finding that is bad or a warning.",
    limits: "Only what our address was shown: a replica that answers one request in fifty, or that \
             a balancer never gives us (stickiness by address, or always the first idle replica), is \
             not seen. So the confidence is 90 % at most unless each replica is named with --backend.",
    causes: "tags made from the content, or from metadata that is equal everywhere",
    advice: &[Advice::anywhere("nothing to do")],
    section: "RFC 9110 §13.1.2",
    ..FindingKind::BLANK
};

/// Greatest confidence in a whole fleet that was seen from one address.
const ONE_ADDRESS: f64 = 0.9;

pub(super) fn judgement(view: &View<'_>) -> Judgement {
    let by_tag = View::tally(&view.by_tag);
    let by_date = View::tally(&view.by_date);
    let tagged = view.full.iter().any(|seen| seen.tag.is_some());
    let (tally, what) = if tagged { (by_tag, "tag") } else { (by_date, "date") };
    let draws = view.full.len() + view.not_modified().count();
    let title = if contents::flow(view) == Flow::Moments {
        "revalidation works between changes: equal contents carry one validator, and it gets a 304"
    } else if what == "tag" {
        "revalidation works: one tag for one content, and it gets a 304"
    } else {
        "revalidation works by date; there is no ETag, and dates have whole seconds"
    };
    // A replica that answers one request in ten would have shown itself with this probability.
    let unseen = 0.9_f64.powi(i32::try_from(draws).unwrap_or(i32::MAX));
    let most = if is_shown_to_one_address(view) { ONE_ADDRESS } else { 0.99 };
    let verdict = Judgement::new(Severity::Ok, (1.0 - unseen).min(most), title);
    let verdict = verdict
        .with(format!("{} of {} replays of the {what} got a 304", tally.honoured, tally.total()))
        .with(format!(
            "a replica with another validator that answers every tenth request would have \
                 shown itself in {draws} exchanges with {:.1} %",
            100.0 * (1.0 - unseen)
        ));
    if !is_shown_to_one_address(view) {
        return verdict;
    }
    verdict.with(
        "asked from one address: a balancer that pins a client to one replica would look the same; \
         --backend asks each replica by itself",
    )
}

/// Reports whether a balancer, if there is one, may have hidden replicas from us.
fn is_shown_to_one_address(view: &View<'_>) -> bool {
    !view.evidence.lanes.iter().any(|lane| lane.is_backend)
}
