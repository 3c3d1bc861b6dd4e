//! Hand-written exchanges, to try a finding on: one line each.
//!
//! ```text
//! 6 × -> 200; ETag: "a" | hello
//! If-None-Match: "a"; Accept-Encoding: gzip -> 304; ETag: "a"
//! @2 kept If-None-Match: * -> cut
//! ```
//!
//! Left of the arrow stand a count, the lane (from 1), `kept` for a connection that has carried an
//! exchange, `HEAD` or `PUT` where it is not `GET`, and the fields of the request; right of it the status, the fields of the response and,
//! behind a bar, its decoded content; `…` is content that was not seen. Content below a 304 is what
//! must not be there. A request without `Accept-Encoding` asks for `identity`; `Accept-Encoding: -`
//! sends none. One second passes
//! between two exchanges.

use std::time::Duration;

use measure::record::Severity;

use crate::evidence::{
    Connection, ContentSummary, Digests, Evidence, ExchangeFailure, Lane, Method, ObservedExchange,
    ObservedRequest, ObservedResponse,
};
use crate::kind::{FindingKind, Judgement};
use crate::memory::{Memory, remember};
use crate::view::View;

/// Asserts severity and title of what the judge of a kind says to these exchanges, or that it says
/// nothing.
#[track_caller]
pub(crate) fn check(kind: &FindingKind, exchanges: &str, expected: Option<(Severity, &str)>) {
    let judgement = judge(kind, &evidence(exchanges));
    let found = judgement.as_ref().map(|it| (it.severity, it.title.as_str()));
    assert_eq!(found, expected, "{exchanges}");
}

/// Judgement of one kind about some evidence.
pub(crate) fn judge(kind: &FindingKind, evidence: &Evidence) -> Option<Judgement> {
    let judgement = kind.exchanges.expect("a kind that `check` finds")(&View::of(evidence))?;
    let known =
        judgement.cause.is_none_or(|cause| kind.cause_names.iter().any(|known| known == cause));
    assert!(known, "{:?} is no cause of {}", judgement.cause, kind.name);
    Some(judgement)
}

/// Evidence of a live deployment with these exchanges, after an earlier check with those.
pub(crate) fn since(earlier: &str, exchanges: &str) -> Evidence {
    let remembered = remember(&View::of(&evidence(earlier)));
    let memory = Memory { at: "then".to_owned(), last: remembered, ..Memory::default() };
    Evidence { earlier: Some(memory), ..evidence(exchanges) }
}

/// Judgement of one kind about evidence after an earlier check.
pub(crate) fn judge_since(kind: &FindingKind, earlier: &str, now: &str) -> Option<Judgement> {
    judge(kind, &since(earlier, now))
}

/// Asserts the same as `check`, after an earlier check.
#[track_caller]
pub(crate) fn check_since(
    kind: &FindingKind,
    earlier: &str,
    now: &str,
    expected: Option<(Severity, &str)>,
) {
    let judgement = judge_since(kind, earlier, now);
    let found = judgement.as_ref().map(|it| (it.severity, it.title.as_str()));
    assert_eq!(found, expected, "{now}");
}

/// Evidence of a live deployment with these exchanges.
pub(crate) fn evidence(exchanges: &str) -> Evidence {
    let mut evidence = Evidence { target: "http://test/".to_owned(), ..Evidence::default() };
    for line in exchanges.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (request, response) = line.split_once("->").expect("an arrow");
        let (count, request) = match request.split_once('×') {
            Some((count, request)) => (count.trim().parse().expect("a count"), request),
            None => (1, request),
        };
        for _ in 0..count {
            exchange(&mut evidence, request.trim(), response.trim());
        }
    }
    evidence
}

fn exchange(evidence: &mut Evidence, request: &str, response: &str) {
    let is_named = request.starts_with('@');
    let (lane, request) = match request.strip_prefix('@') {
        Some(rest) => {
            let (lane, request) = rest.split_once(' ').unwrap_or((rest, ""));
            (lane.parse::<usize>().expect("a lane") - 1, request)
        }
        None => (0, request),
    };
    // Without a lane the exchanges went to one address, behind which there may be many replicas.
    if !is_named && evidence.lanes.is_empty() {
        evidence.lanes.push(Lane { name: "test".to_owned(), is_backend: false });
    }
    while evidence.lanes.len() <= lane {
        let name = format!("backend {}", evidence.lanes.len() + 1);
        evidence.lanes.push(Lane { name, is_backend: true });
    }
    let (connection, request) = match request.strip_prefix("kept") {
        Some(request) => (Connection::Kept, request),
        None => (Connection::Fresh, request),
    };
    let outcome = match response {
        "cut" => Err(ExchangeFailure::Cut),
        "late" => Err(ExchangeFailure::TimedOut),
        response => Ok(answer(evidence, response)),
    };
    let at = Duration::from_secs(evidence.observations.len() as u64);
    let asked = asked(request.trim());
    evidence.observations.push(ObservedExchange { at, lane, connection, asked, outcome });
}

fn fields(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("; ").filter_map(|field| field.split_once(':')).map(|(n, v)| (n.trim(), v.trim()))
}

fn asked(request: &str) -> ObservedRequest {
    let methods = [Method::Head, Method::Put].into_iter();
    let mut named = methods.filter_map(|one| Some((one, request.strip_prefix(one.name())?)));
    let (method, request) = named.next().unwrap_or((Method::Get, request));
    let mut asked = ObservedRequest {
        method,
        accept_encoding: Some("identity".to_owned()),
        ..ObservedRequest::default()
    };
    let tags = |value: &str| value.split(", ").map(|tag| tag.as_bytes().to_vec()).collect();
    for (name, value) in fields(request) {
        match name {
            "Accept-Encoding" if value == "-" => asked.accept_encoding = None,
            "Accept-Encoding" => asked.accept_encoding = Some(value.to_owned()),
            "If-None-Match" if value == "*" => asked.any = true,
            "If-None-Match" => asked.none_match = tags(value),
            "If-Match" => asked.matching = tags(value),
            "If-Modified-Since" => asked.modified_since = Some(value.as_bytes().to_vec()),
            "Range" => asked.range = Some(value.as_bytes().to_vec()),
            "If-Range" => asked.if_range = Some(value.as_bytes().to_vec()),
            other => asked.fields.push(other, value.as_bytes()),
        }
    }
    asked
}

fn answer(evidence: &mut Evidence, response: &str) -> ObservedResponse {
    let (head, content) = match response.split_once(" | ") {
        Some((head, content)) => (head, content),
        None => (response, ""),
    };
    let (status, rest) = head.split_once("; ").unwrap_or((head, ""));
    let status = status.trim().parse().expect("a status");
    let content = content.as_bytes();
    let mut answer = ObservedResponse {
        version: "HTTP/1.1",
        status,
        fields: fields(rest).collect(),
        content: ContentSummary::default(),
    };
    if status == 304 {
        answer.content.stray_bytes = content.len() as u64;
    } else if content != "…".as_bytes() {
        let digests = Digests::of(content);
        evidence.keep_sample(digests.sha256, content);
        answer.content.decoded = Some(digests);
        answer.content.coded_bytes = digests.bytes;
    }
    answer
}
