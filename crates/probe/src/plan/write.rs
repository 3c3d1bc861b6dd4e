//! The experiments that write, made only where the user asks for them: `PUT` with a tag that cannot
//! match, and, where that was refused, with the very tag that was read.
//!
//! What is sent is the very content that the `GET` before it returned, so that a server that ignores
//! `If-Match` loses nothing. Each is made once at each named server, with the tag of the one before it,
//! and at most twice through a balancer; never after a `GET` that failed, and never of content that
//! changes, is cut or is coded.

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
    let of_lanes = |next: fn(&Evidence, usize, usize) -> Option<Step>| {
        (0..limits.lanes).find_map(|lane| next(evidence, lane, limits.lanes))
    };
    of_lanes(with_nobodys_tag).or_else(|| of_lanes(with_the_tag_that_was_read))
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

fn with_nobodys_tag(evidence: &Evidence, lane: usize, lanes: usize) -> Option<Step> {
    let here = at(evidence, lane);
    let puts: Vec<_> = here.iter().filter(|seen| is_put(seen)).collect();
    let last = here.last()?;
    // A second one shows more only where the first was refused for its condition.
    let is_over = puts.len() >= most(lanes) || puts.iter().any(|put| status(put) != 412);
    if is_over {
        return unseen(&here).then(|| look(lane));
    }
    if !is_look(last) {
        return here.iter().any(|seen| is_look(seen) && whole(seen).is_some()).then(|| look(lane));
    }
    Some(put(lane, whole(last)?, NOBODYS[0]))
}

/// Writes as an honest editor does: what was read, with the tag that came with it. Of several servers
/// the tag is that of the one before: readers do not choose the server that they write to.
fn with_the_tag_that_was_read(evidence: &Evidence, lane: usize, lanes: usize) -> Option<Step> {
    let here = at(evidence, lane);
    let puts = here.iter().copied().filter(|seen| is_put(seen));
    let (strangers, own): (Vec<&ObservedExchange>, Vec<&ObservedExchange>) =
        puts.partition(|seen| is_strangers(seen));
    // Where that was not refused, nothing is known of the condition, or enough.
    if strangers.is_empty() || strangers.iter().any(|put| status(put) != 412) {
        return None;
    }
    // One that is refused is enough, and one that fails is no write.
    if own.len() >= most(lanes) || own.iter().any(|put| !matches!(status(put), 200..=299)) {
        return unseen(&here).then(|| look(lane));
    }
    if unseen(&here) {
        return Some(look(lane));
    }
    let mut looks = here.iter().rev().filter(|seen| is_look(seen)).filter_map(|seen| whole(seen));
    let now = looks.next()?;
    let before = at(evidence, (lane + lanes - 1) % lanes);
    let mut read = before.iter().rev().filter(|seen| is_look(seen)).filter_map(|seen| whole(seen));
    let read = read.find(|read| read.content.decoded == now.content.decoded)?;
    Some(put(lane, now, read.fields.get("etag")?))
}

fn at(evidence: &Evidence, lane: usize) -> Vec<&ObservedExchange> {
    evidence.observations.iter().filter(|seen| seen.lane == lane).collect()
}

/// Most writes of a kind at one server, or through one balancer.
fn most(lanes: usize) -> usize {
    if lanes == 1 { 2 } else { 1 }
}

fn look(lane: usize) -> Step {
    Step { lane, connection: Connection::Fresh, asked: plain("identity") }
}

fn put(lane: usize, content: &ObservedResponse, tag: &[u8]) -> Step {
    let kind = content.fields.get("content-type").map(<[u8]>::to_vec);
    let fields = kind.iter().map(|kind| ("content-type", kind.as_slice())).collect();
    let matching = vec![tag.to_vec()];
    let asked =
        ObservedRequest { method: Method::Put, matching, fields, ..ObservedRequest::default() };
    Step { lane, connection: Connection::Fresh, asked }
}

/// Reports whether nobody has looked since the last write.
fn unseen(here: &[&ObservedExchange]) -> bool {
    let last_put = here.iter().rposition(|seen| is_put(seen));
    last_put.is_some_and(|last| !here[last..].iter().any(|seen| is_look(seen)))
}

fn is_strangers(seen: &ObservedExchange) -> bool {
    seen.asked.matching.first().is_some_and(|tag| NOBODYS.contains(&tag.as_slice()))
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

#[cfg(test)]
mod tests {
    use findings::evidence::{ContentSummary, Digests, FieldLines, Lane};

    use super::*;

    /// Methods and ways of all requests, with a server that answers so to each.
    fn made(lanes: usize, answer: impl Fn(&Step, usize) -> (u16, &'static [u8])) -> String {
        made_of("", lanes, answer)
    }

    /// The same with this tag on every answer; empty for none.
    fn made_of(
        tag: &str,
        lanes: usize,
        answer: impl Fn(&Step, usize) -> (u16, &'static [u8]),
    ) -> String {
        let lane = |at: usize| Lane { name: at.to_string(), is_backend: lanes > 1 };
        let mut evidence =
            Evidence { lanes: (0..lanes).map(lane).collect(), ..Evidence::default() };
        let limits = Limits { budget: 80, lanes };
        for lane in 0..lanes {
            let asked = plain("identity");
            let step = Step { lane, connection: Connection::Fresh, asked };
            ask(&mut evidence, tag, step, &answer);
        }
        while let Some(step) = write(&evidence, limits) {
            ask(&mut evidence, tag, step, &answer);
        }
        let name = |seen: &ObservedExchange| format!("{}{}", seen.asked.method.name(), seen.lane);
        evidence.observations.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    fn ask(
        evidence: &mut Evidence,
        tag: &str,
        step: Step,
        answer: impl Fn(&Step, usize) -> (u16, &'static [u8]),
    ) {
        let (status, content) = answer(&step, evidence.observations.len());
        let decoded = Some(Digests::of(content));
        let content = ContentSummary { decoded, ..ContentSummary::default() };
        let tag = (!tag.is_empty()).then_some(("etag", tag));
        let fields: FieldLines = [("content-type", "text/plain")].into_iter().chain(tag).collect();
        let answer = ObservedResponse { version: "HTTP/1.1", status, fields, content };
        let Step { lane, connection, asked } = step;
        let at = std::time::Duration::ZERO;
        let outcome = Ok(answer);
        evidence.observations.push(ObservedExchange { at, lane, connection, asked, outcome });
    }

    /// A server of one content that answers so to `PUT`.
    fn to_put(status: u16) -> impl Fn(&Step, usize) -> (u16, &'static [u8]) {
        move |step, _| match step.asked.method {
            Method::Put => (status, b""),
            Method::Get | Method::Head => (200, b"hello"),
        }
    }

    #[test]
    fn one_put_is_made_and_a_second_where_the_first_was_refused_for_its_condition() {
        assert_eq!(made(1, to_put(204)), "GET0 PUT0 GET0");
        assert_eq!(made(1, to_put(405)), "GET0 PUT0 GET0");
        assert_eq!(made(1, to_put(412)), "GET0 PUT0 GET0 PUT0 GET0");
    }

    #[test]
    fn the_tag_that_was_read_is_sent_only_where_the_tag_of_nobody_was_refused() {
        let honest = |status: u16| {
            move |step: &Step, _: usize| match &step.asked.matching[..] {
                [tag] if tag == b"\"a\"" => (status, &b""[..]),
                [_] => (412, &b""[..]),
                _ => (200, &b"hello"[..]),
            }
        };
        let strangers = "GET0 PUT0 GET0 PUT0 GET0";
        assert_eq!(made_of("\"a\"", 1, honest(204)), format!("{strangers} PUT0 GET0 PUT0 GET0"));
        assert_eq!(made_of("\"a\"", 1, honest(412)), format!("{strangers} PUT0 GET0"));
        let strangers = "GET0 GET1 PUT0 GET0 PUT1 GET1";
        assert_eq!(made_of("\"a\"", 2, honest(204)), format!("{strangers} PUT0 GET0 PUT1 GET1"));
        assert_eq!(made_of("\"a\"", 1, to_put(204)), "GET0 PUT0 GET0");
    }

    #[test]
    fn each_named_server_gets_one_put_right_after_its_own_content() {
        assert_eq!(made(2, to_put(412)), "GET0 GET1 PUT0 GET0 PUT1 GET1");
    }

    #[test]
    fn nothing_is_written_where_get_failed_or_the_content_changes() {
        assert_eq!(made(1, |_, _| (404, b"none")), "GET0");
        let changing = |_: &Step, at: usize| (200, if at == 0 { &b"a"[..] } else { &b"b"[..] });
        assert_eq!(made(2, changing), "GET0 GET1");
    }

    #[test]
    fn what_is_sent_has_the_type_of_the_content_and_a_tag_of_nobody() {
        let is_named = |step: &Step, _: usize| {
            if step.asked.method == Method::Put {
                assert_eq!(step.asked.fields.get("content-type"), Some(&b"text/plain"[..]));
                assert_eq!(step.asked.matching, [NOBODYS[0]]);
            }
            (200, &b"hello"[..])
        };
        assert_eq!(made(1, is_named), "GET0 PUT0 GET0");
    }
}
