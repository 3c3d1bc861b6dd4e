//! A check of a simulated deployment: the real plan asks, virtual time passes.

use std::time::Duration;

use etag_lab_probe::plan::{Limits, Step, next};
use etag_lab_probe::run::BUDGET;
use findings::evidence::{
    Connection, ContentSummary, Evidence, ExchangeFailure, Lane, Method, ObservedExchange,
    ObservedRequest, ObservedResponse,
};

use super::content;
use super::deployment::{Caller, Deployment, Policy, World};
use super::server::Response;

/// Milliseconds between two requests, at the usual pace.
const PACE: u64 = 200;
/// Number of the check's address.
const ADDRESS: u64 = 77;

/// Evidence of a check, and what was met.
pub(crate) struct Examined {
    pub(crate) evidence: Evidence,
    /// Replicas that answered.
    pub(crate) met: Vec<usize>,
    /// Milliseconds at which it ended.
    pub(crate) ended: u64,
}

/// Checks a world.
pub(crate) fn examine(world: &World) -> Examined {
    let lanes = lanes(world);
    let limits = Limits { budget: BUDGET, lanes: lanes.len() };
    let mut evidence =
        Evidence { target: "http://world/".to_owned(), lanes, ..Evidence::default() };
    let mut deployment = Deployment::of(world);
    let mut at = 0;
    while let Some(step) = next(&evidence, limits) {
        let given = deployment.ask(at, client(world, &step), &step.asked);
        let outcome = match given.outcome {
            Ok(response) => Ok(observed(&mut evidence, &step.asked, response)),
            Err(failure) => Err(failure),
        };
        let is_late = matches!(outcome, Err(ExchangeFailure::TimedOut));
        let took = if is_late { 10_000 } else { 0 };
        let Step { lane, connection, asked } = step;
        evidence.observations.push(ObservedExchange {
            at: Duration::from_millis(at),
            lane,
            connection,
            asked,
            outcome,
        });
        at += PACE + took;
    }
    let met = deployment.met.iter().copied().collect();
    Examined { evidence, met, ended: at }
}

/// Reports whether another world would have answered the requests of a check in the same way.
pub(crate) fn looks_like(examined: &Examined, other: &World) -> bool {
    let mut deployment = Deployment::of(other);
    let mut scratch = Evidence::default();
    examined.evidence.observations.iter().all(|seen| {
        let ObservedExchange { lane, connection, asked, .. } = seen;
        let step = Step { lane: *lane, connection: *connection, asked: asked.clone() };
        let at = seen.at.as_millis() as u64;
        let given = deployment.ask(at, client(other, &step), asked);
        match (given.outcome, &seen.outcome) {
            (Ok(response), Ok(known)) => {
                let response = observed(&mut scratch, asked, response);
                response.status == known.status
                    && response.fields == known.fields
                    && response.content == known.content
            }
            (Err(one), Err(other)) => one == *other,
            _ => false,
        }
    })
}

fn lanes(world: &World) -> Vec<Lane> {
    let lane = |name: String, is_backend| Lane { name, is_backend };
    let all = 1..=world.sites.len();
    match world.policy {
        Policy::Backends => all.map(|id| lane(format!("10.0.0.{id}:80"), true)).collect(),
        Policy::Addresses => all.map(|id| lane(format!("192.0.2.{id}"), false)).collect(),
        _ => vec![lane("world".to_owned(), false)],
    }
}

fn client(world: &World, step: &Step) -> Caller {
    let is_named = matches!(world.policy, Policy::Backends | Policy::Addresses);
    let kept = step.connection == Connection::Kept;
    Caller {
        address: ADDRESS,
        lane: is_named.then_some(step.lane),
        connection: kept.then_some(ADDRESS),
        has_cookie: false,
    }
}

/// A response as the transport reports it.
pub(crate) fn observed(
    evidence: &mut Evidence,
    asked: &ObservedRequest,
    response: Response,
) -> ObservedResponse {
    let Response { status, fields, content } = response;
    let has_content = asked.method == Method::Get && status != 304;
    let digests = has_content.then(|| content::digests(&content));
    if let Some(digests) = digests.filter(|_| status == 200) {
        evidence.keep_sample(digests.sha256, &content);
    }
    let is_coded = fields.get("content-encoding").is_some();
    let content = ContentSummary {
        coded_bytes: if has_content { content.len() as u64 } else { 0 },
        decoded: digests,
        coded: digests.filter(|_| is_coded).map(|it| content::digests(&it.sha256)),
        stray_bytes: if status == 304 { content.len() as u64 } else { 0 },
        ..ContentSummary::default()
    };
    ObservedResponse { version: "HTTP/1.1", status, fields, content }
}
