//! The experiment that writes, made only where the user asks for it: `PUT` with a tag that cannot
//! match.
//!
//! What is sent is the very content that the `GET` before it returned, so that a server that ignores
//! `If-Match` loses nothing. It is made once at each named server and at most twice through a
//! balancer, never after a `GET` that failed, and never of content that changes, is cut or is coded.

use super::{Limits, Step, plain};
use findings::contents::{self, Flow};
use findings::evidence::{
    Connection, Evidence, Method, NOBODYS, ObservedExchange, ObservedRequest, ObservedResponse,
};
use findings::view::View;

/// The next request of the experiment, or `None` when it is over or cannot be made.
pub fn write(evidence: &Evidence, limits: Limits) -> Option<Step> {
    if evidence.observations.len() >= limits.budget || changes(evidence) {
        return None;
    }
    (0..limits.lanes).find_map(|lane| next_at(evidence, lane, limits.lanes))
}

/// Sentence about the reason why nothing was written; `None` if something was.
pub fn unwritten(evidence: &Evidence) -> Option<String> {
    if evidence.observations.iter().any(is_put) {
        return None;
    }
    let why = if changes(evidence) {
        "the content changes, and a PUT could bring an old one back"
    } else {
        "no GET returned the whole content without a coding (see --max-content)"
    };
    Some(format!("no PUT was tried: {why}"))
}

fn changes(evidence: &Evidence) -> bool {
    contents::flow(&View::of(evidence)) != Flow::Steady
}

fn next_at(evidence: &Evidence, lane: usize, lanes: usize) -> Option<Step> {
    let here: Vec<_> = evidence.observations.iter().filter(|seen| seen.lane == lane).collect();
    let look = || Step { lane, connection: Connection::Fresh, asked: plain("identity") };
    let puts: Vec<_> = here.iter().filter(|seen| is_put(seen)).collect();
    let most = if lanes == 1 { 2 } else { 1 };
    let last = here.last()?;
    // A second one shows more only where the first was refused for its condition.
    let is_over = puts.len() >= most || puts.iter().any(|put| status(put) != 412);
    if is_over {
        let last_put = here.iter().rposition(|seen| is_put(seen))?;
        return (!here[last_put..].iter().any(|seen| is_look(seen))).then(look);
    }
    if !is_look(last) {
        return here.iter().any(|seen| is_look(seen) && whole(seen).is_some()).then(look);
    }
    let kind = whole(last)?.fields.get("content-type").map(<[u8]>::to_vec);
    let fields = kind.iter().map(|kind| ("content-type", kind.as_slice())).collect();
    let matching = vec![NOBODYS[0].to_vec()];
    let asked =
        ObservedRequest { method: Method::Put, matching, fields, ..ObservedRequest::default() };
    Some(Step { lane, connection: Connection::Fresh, asked })
}

fn is_put(seen: &ObservedExchange) -> bool {
    seen.asked.method == Method::Put
}

/// Reports whether a request asks for the content as it is.
fn is_look(seen: &ObservedExchange) -> bool {
    seen.asked == plain("identity")
}

fn status(seen: &ObservedExchange) -> u16 {
    seen.outcome.as_ref().map_or(0, |answer| answer.status)
}

/// The response, if it is a whole content without a coding.
fn whole(seen: &ObservedExchange) -> Option<&ObservedResponse> {
    let answer = seen.outcome.as_ref().ok()?;
    let is_whole = answer.status == 200 && answer.content.decoded.is_some();
    (is_whole && answer.coding() == "identity").then_some(answer)
}
