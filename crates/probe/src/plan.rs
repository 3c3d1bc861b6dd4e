//! Plan of requests: the experiments, in the order of what they decide, within a budget.
//!
//! Pure and sequential: [`next`] reads the evidence so far and names one request, or none when the
//! question is decided. Requests of one kind come in blocks, because a strict round robin would
//! meet each of an alternating pair at the same replica each time. Paces nothing: see `run`.

mod experiments;
mod write;

pub(crate) use experiments::plain;
pub use write::{unwritten, write};

use findings::evidence::{Connection, Evidence, ObservedRequest};
use findings::view::View;

/// Limits of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests altogether.
    pub budget: usize,
    /// Ways to the target.
    pub lanes: usize,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Index of the way to the target.
    pub lane: usize,
    /// Connection that it asks for.
    pub connection: Connection,
    /// The request.
    pub asked: ObservedRequest,
}

/// Requests through a balancer after which a node-local tag has told all it can, the number of
/// replicas included. Nothing is missed by stopping here:
///
/// The plan goes on to this number at least, unless something else is wrong, and each of the first
/// `k` requests that are plain or replay one tag shows the tag of the replica that answered. Under
/// random choice among N replicas with a tag each, one tag is all that was seen after `k` of them
/// with probability `N^(1 - k)`, which is greatest for N = 2. Eight looks alone leave 1/128, or
/// 0.8 %; a tag that nobody else has is then replayed five times, and a replay that reaches another
/// replica shows that one's tag, which leaves `2^-12`, or 0.024 %. What follows makes it smaller.
pub const ENOUGH: usize = 40;

/// The same where tags only followed one another: workers that share a socket take connections in
/// clumps of ten and more, so that the first one comes back within these.
const PATIENT: usize = 64;

/// Failures or foreign statuses in a row after which there is no point in going on.
const HOPELESS: usize = 3;

/// The next request, or `None` when nothing more can be learnt within the limits.
pub fn next(evidence: &Evidence, limits: Limits) -> Option<Step> {
    if evidence.observations.len() >= limits.budget || is_hopeless(evidence, limits) {
        return None;
    }
    let view = View::of(evidence);
    if limits.lanes == 1 && evidence.observations.len() >= ENOUGH && view.is_told() {
        return experiments::look_for_return(&view, limits);
    }
    experiments::ALL.iter().find_map(|experiment| experiment(&view, limits))
}

/// Reports whether the last exchanges gave nothing to judge.
fn is_hopeless(evidence: &Evidence, limits: Limits) -> bool {
    // What a server makes of HEAD, a range or a field of its own says nothing of its GETs.
    let usual = |asked: &ObservedRequest| asked.is_whole_get() && asked.fields.is_empty();
    let last = evidence.observations.iter().rev().filter(|seen| usual(&seen.asked));
    let useless = last.take_while(|seen| match &seen.outcome {
        Ok(answer) => ![200, 304].contains(&answer.status),
        Err(_) => true,
    });
    // One backend that fails must not end the check of the others.
    useless.count() >= HOPELESS.max(limits.lanes + 1)
}
