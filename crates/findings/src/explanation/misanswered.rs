//! The condition: what comes only with a precondition is the handling of a match.

mod of_all_conditions;

use std::collections::BTreeSet;

use super::{Placed, RARE};
use crate::evidence::{
    EvidenceSource, ObservedExchange, ObservedRequest, ObservedResponse, is_weak,
};
use crate::view::{ContentKey, FullResponse, strong};

/// Answer to a condition that held, which should have been a 304.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Misanswered<'a> {
    /// Among all requests.
    pub(crate) place: usize,
    pub(crate) exchange: &'a ObservedExchange,
    pub(crate) answer: &'a ObservedResponse,
    pub(crate) how: Mishandling,
}

/// Kinds of such answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mishandling {
    /// 200 without content.
    Empty,
    /// 412.
    PreconditionFailed,
    /// Another status.
    Failed,
    /// 200 with a content that no request without a condition got.
    OtherContent,
}

/// Answers that come to conditions alone, where at least one of these held.
pub(super) fn find<'a>(
    source: EvidenceSource,
    answered: &[Placed<'a>],
    full: &[FullResponse<'a>],
) -> Vec<Misanswered<'a>> {
    let plain = Plain::of(answered, full);
    if plain.count == 0 {
        return Vec::new();
    }
    let found = beside_plain(&plain, answered);
    // A check asks without a condition in between; a client of a capture may do so once, at first.
    if found.is_empty() && source != EvidenceSource::Live {
        return of_all_conditions::find(answered, &plain);
    }
    found
}

/// The same, told by requests without a condition that went on being answered.
fn beside_plain<'a>(plain: &Plain<'a>, answered: &[Placed<'a>]) -> Vec<Misanswered<'a>> {
    let conditional: Vec<_> =
        answered.iter().filter(|(_, seen, _)| !seen.asked.is_plain()).collect();
    let found: Vec<_> = conditional
        .iter()
        .filter_map(|placed| {
            let &&(place, exchange, answer) = placed;
            let how = plain.mishandling(placed)?;
            Some(Misanswered { place, exchange, answer, how })
        })
        .collect();
    let holding = conditional.iter().filter(|(_, seen, _)| plain.holds(&seen.asked)).count();
    let wrong = found.iter().filter(|one| plain.holds(&one.exchange.asked)).count();
    // Were it one replica's doing, requests without a condition would have met it as often.
    let by_chance = (1.0 - wrong as f64 / holding.max(1) as f64).powi(plain.count);
    // No other request gets a 412, and none gets nothing under a tag that stands for something.
    let is_proof = |one: &Misanswered<'_>| {
        matches!(one.how, Mishandling::Empty | Mishandling::PreconditionFailed)
            && plain.holds(&one.exchange.asked)
    };
    let proofs = found.iter().filter(|one| is_proof(one)).count();
    let goes_with_form = || is_of_one_form(&found, &conditional, answered.len());
    let enough = wrong > 0
        && (plain.count >= 3 && (by_chance < RARE || proofs > 0 || goes_with_form())
            || plain.count > 1 && proofs > 1);
    if !(enough && is_one_kind(&found)) {
        return Vec::new();
    }
    // What came after the last request without a condition is known by its likeness.
    let likeness = |how, answer: &ObservedResponse| {
        (how, answer.content.decoded.filter(|_| how == Mishandling::OtherContent))
    };
    let known: BTreeSet<_> = found.iter().map(|one| likeness(one.how, one.answer)).collect();
    let later = conditional.iter().filter(|(place, ..)| *place > plain.last);
    let alike = later.filter_map(|placed| {
        let &&(place, exchange, answer) = placed;
        let how = plain.kind_of(answer).filter(|how| known.contains(&likeness(*how, answer)))?;
        Some(Misanswered { place, exchange, answer, how })
    });
    found.iter().copied().chain(alike).collect()
}

/// Property of a condition by which programs go that read some conditions alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    List,
    Weak,
    Any,
    /// A date, with a tag or without.
    Dated,
}

impl Form {
    const ALL: [Self; 4] = [Self::List, Self::Weak, Self::Any, Self::Dated];

    fn is_of(self, asked: &ObservedRequest) -> bool {
        match self {
            Self::List => asked.none_match.len() > 1,
            Self::Weak => asked.none_match.iter().any(|tag| is_weak(tag)),
            Self::Any => asked.any,
            Self::Dated => asked.modified_since.is_some(),
        }
    }
}

/// Form of condition that all of these have, and none that was answered otherwise.
pub(crate) fn common_form<'v, 'a: 'v>(
    found: &[Misanswered<'a>],
    conditional: impl Iterator<Item = &'v ObservedRequest>,
) -> Option<Form> {
    let conditional: Vec<_> = conditional.collect();
    Form::ALL.into_iter().find(|form| {
        let of_form = conditional.iter().filter(|asked| form.is_of(asked)).count();
        of_form == found.len() && found.iter().all(|one| form.is_of(&one.exchange.asked))
    })
}

/// Reports whether errors came to all requests of one form and to no other. That they fell on just
/// these by chance is as likely as to draw them out of all.
fn is_of_one_form(found: &[Misanswered<'_>], conditional: &[&Placed<'_>], answered: usize) -> bool {
    let form = common_form(found, conditional.iter().map(|(_, seen, _)| &seen.asked));
    let drawn = (0..found.len()).map(|at| (at + 1) as f64 / (answered - at).max(1) as f64);
    let is_all_errors = found.iter().all(|one| is_error(one.how));
    form.is_some() && is_all_errors && found.len() > 1 && drawn.product::<f64>() < RARE
}

fn is_error(how: Mishandling) -> bool {
    matches!(how, Mishandling::Failed | Mishandling::PreconditionFailed)
}

/// Reports whether other contents, if they are what was found, are one content seen often.
fn is_one_kind(found: &[Misanswered<'_>]) -> bool {
    let others = found.iter().filter(|one| one.how == Mishandling::OtherContent);
    let contents: Vec<_> = others.filter_map(|one| one.answer.content.decoded).collect();
    // A change, or a content that is new each time, gives others.
    contents.is_empty()
        || (contents.len() >= 3 && contents.len() == found.len())
            && contents.iter().all(|one| one.sha256 == contents[0].sha256)
}

/// Reports whether a response has no content, or says so where it was not seen.
fn is_empty(answer: &ObservedResponse) -> bool {
    answer.content.decoded.map_or_else(
        || answer.fields.get("content-length") == Some(b"0"),
        |content| content.bytes == 0,
    )
}

/// Answers to requests without a condition.
struct Plain<'a> {
    count: i32,
    statuses: BTreeSet<u16>,
    contents: BTreeSet<ContentKey>,
    /// Without the mark of weakness.
    tags: BTreeSet<&'a [u8]>,
    dates: BTreeSet<&'a [u8]>,
    has_empty: bool,
    /// Place of the last complete one.
    last: usize,
}

impl<'a> Plain<'a> {
    fn of(answered: &[Placed<'a>], full: &[FullResponse<'a>]) -> Self {
        let full = || full.iter().filter(|seen| seen.exchange.asked.is_plain());
        let plain = answered.iter().filter(|(_, seen, _)| seen.asked.is_plain());
        Self {
            count: i32::try_from(full().count()).unwrap_or(i32::MAX),
            statuses: plain.map(|(_, _, answer)| answer.status).collect(),
            contents: full().filter_map(|seen| seen.key).collect(),
            tags: full().filter_map(|seen| seen.tag).map(strong).collect(),
            dates: full().filter_map(|seen| seen.answer.last_modified()).collect(),
            has_empty: full().any(|seen| is_empty(seen.answer)),
            last: full().map(|seen| seen.place).max().unwrap_or(0),
        }
    }

    /// Reports whether a condition holds for what requests without one got.
    fn holds(&self, asked: &ObservedRequest) -> bool {
        let is_known = |sent: &Vec<u8>| self.tags.contains(strong(sent));
        let by_date = asked.none_match.is_empty() && !asked.any;
        asked.any
            || asked.none_match.iter().any(is_known)
            || by_date
                && asked.modified_since.as_deref().is_some_and(|date| self.dates.contains(date))
    }

    /// Handling of a condition that requests without one do not show, although they went on being
    /// answered as before: a server that fails from some moment on is another matter.
    fn mishandling(&self, &(place, _, answer): &Placed<'_>) -> Option<Mishandling> {
        // Nothing but a condition gets a 412.
        if place > self.last && answer.status != 412 { None } else { self.kind_of(answer) }
    }

    fn kind_of(&self, answer: &ObservedResponse) -> Option<Mishandling> {
        match (answer.status, answer.content.decoded) {
            (200, _) if is_empty(answer) => (!self.has_empty).then_some(Mishandling::Empty),
            (200, Some(content)) => {
                let is_new = !self.contents.contains(&ContentKey::Known(content.sha256));
                (is_new && self.contents.len() == 1).then_some(Mishandling::OtherContent)
            }
            (status, _) if self.statuses.contains(&status) => None,
            (412, _) => Some(Mishandling::PreconditionFailed),
            // Whoever is asked to slow down was too fast, with or without a condition.
            (429 | 503, _) => None,
            (400.., _) => Some(Mishandling::Failed),
            _ => None,
        }
    }
}
