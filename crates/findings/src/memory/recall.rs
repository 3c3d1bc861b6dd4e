//! Comparison with an earlier check: what became of its validators and its contents.
//!
//! A difference in what was asked explains everything, so that nothing is concluded from it. A
//! validator that another content carries now is proof; a 304 to one that nothing carries any more
//! is one only where no replica that kept the old content can have sent it.

use std::collections::BTreeSet;

use super::replays::{Replays, is_of_both, is_of_date, is_of_tag};
use super::{Memory, Remembered};
use crate::contents::{self, Flow};
use crate::evidence::{Fingerprint, opaque};
use crate::kind::shown;
use crate::view::{ContentKey, FullResponse, View};

/// Change of a deployment between two checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The same content under the same validator.
    Unchanged,
    /// Another content, and the old validator gets it.
    Reached,
    /// Another content, and the old validator gets a 304.
    Unseen,
    /// The same content under another validator.
    Renewed,
    /// The old and the new content alternate.
    Rolling,
    /// Nothing can be concluded.
    Unclear,
}

impl Change {
    /// Name in results, which scripts match.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Reached => "reached",
            Self::Unseen => "unseen",
            Self::Renewed => "renewed",
            Self::Rolling => "rolling",
            Self::Unclear => "unclear",
        }
    }
}

/// An earlier check beside the evidence of now.
pub(crate) struct Recall<'v, 'a> {
    pub(crate) view: &'v View<'a>,
    pub(crate) memory: &'a Memory,
}

/// Validator of old under which another content is confirmed.
pub(crate) struct Unseen<'a> {
    pub(crate) remembered: &'a Remembered,
    /// Content of now.
    pub(crate) content: Fingerprint,
    pub(crate) how: Confirmation,
}

/// Proof that a validator confirms another content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// The new content carries it.
    Carried,
    /// It gets 304s, so many, although no response carries it any more.
    Honoured(usize),
    /// The same of a tag with its date, while the tag alone does not.
    ByItsDate(usize),
}

/// One content whose validator is another than before.
pub(crate) struct Renewal<'v, 'a> {
    pub(crate) old: &'a Remembered,
    pub(crate) new: &'v FullResponse<'a>,
}

impl<'v, 'a> Recall<'v, 'a> {
    /// The comparison; `None` without an earlier check, or if it was asked in another way.
    pub(crate) fn of(view: &'v View<'a>) -> Option<Self> {
        let memory = view.evidence.earlier.as_ref()?;
        (memory.given == view.evidence.given).then_some(Self { view, memory })
    }

    /// The validator that hides a change from those who hold it, if there is one.
    pub(crate) fn unseen(&self) -> Option<Unseen<'a>> {
        let known = || self.memory.all().filter(|seen| seen.content.is_some());
        let carried = known().find_map(|seen| self.carried(seen));
        carried.or_else(|| known().find_map(|seen| self.confirmed(seen)))
    }

    /// A response of now that carries the validator for another content.
    fn carried(&self, remembered: &'a Remembered) -> Option<Unseen<'a>> {
        let is_same = |seen: &&FullResponse<'_>| match (&remembered.tag, seen.tag) {
            (Some(old), Some(new)) => opaque(old) == opaque(new),
            (None, None) => seen.answer.last_modified() == remembered.last_modified.as_deref(),
            _ => false,
        };
        let stood_for = self.stood_for(remembered);
        let contents = self.view.full.iter().filter(is_same).filter_map(known);
        let content = contents.clone().find(|content| !stood_for.contains(content))?;
        Some(Unseen { remembered, content, how: Confirmation::Carried })
    }

    /// 304s to a validator that nothing carries, on a way on which nothing has its content.
    fn confirmed(&self, remembered: &'a Remembered) -> Option<Unseen<'a>> {
        let stood_for = self.stood_for(remembered);
        let lanes = &self.view.evidence.lanes;
        (0..lanes.len()).find_map(|lane| {
            let here = self.view.full.iter().filter(|seen| seen.exchange.lane == lane);
            let contents: BTreeSet<_> = here.filter_map(known).collect();
            let content = *contents.first()?;
            // Of many replicas one may have kept the old content, and answer rightly.
            let least = if lanes[lane].is_backend { 1 } else { 3 };
            let how = self.confirmation(remembered, lane, least)?;
            contents.is_disjoint(&stood_for).then_some(Unseen { remembered, content, how })
        })
    }

    fn confirmation(&self, seen: &Remembered, lane: usize, least: usize) -> Option<Confirmation> {
        let evidence = self.view.evidence;
        if !self.is_forgotten(seen) {
            return None;
        }
        let Some(tag) = &seen.tag else {
            let date = seen.last_modified.as_deref()?;
            let replays = Replays::of(evidence, lane, |asked| is_of_date(asked, date));
            let honoured = Confirmation::Honoured(replays.honoured);
            return replays.are_all_honoured(least).then_some(honoured);
        };
        let alone = Replays::of(evidence, lane, |asked| is_of_tag(asked, tag));
        if alone.are_all_honoured(least) {
            return Some(Confirmation::Honoured(alone.honoured));
        }
        let date = seen.last_modified.as_deref()?;
        let both = Replays::of(evidence, lane, |asked| is_of_both(asked, tag, date));
        let by_date = alone.honoured == 0 && alone.renewed > 0;
        (by_date && both.are_all_honoured(least.min(2)))
            .then_some(Confirmation::ByItsDate(both.honoured))
    }

    /// The validator that is new while its content is not, if each side has one alone.
    pub(crate) fn renewal(&self) -> Option<Renewal<'v, 'a>> {
        let coding = self.coding();
        let now: Vec<_> = self.view.full.iter().filter(|seen| seen.coding == coding).collect();
        let then: Vec<_> = self.memory.last.iter().filter(|seen| seen.coding == coding).collect();
        let new = *now.last()?;
        let content = known(new)?;
        let of_content = || then.iter().copied().filter(|seen| seen.content == Some(content));
        let old = of_content().next()?;
        // Several tags at one time, now or then, are the doing of replicas, and a finding of their own.
        let was_one = of_content().all(|seen| remembered(seen) == remembered(old));
        let is_content = now.iter().all(|seen| known(seen) == Some(content));
        let mut after = now.iter().skip_while(|seen| validator(seen) == remembered(old)).peekable();
        let is_new = then.iter().all(|seen| remembered(seen) != validator(new));
        let is_same_kind = old.tag.is_some() == new.tag.is_some();
        // What was seen before the change was answered rightly.
        let is_lost = !self.is_forgotten(old) || self.replays(old).honoured == 0;
        let is_one = after.peek().is_some() && after.all(|seen| validator(seen) == validator(new));
        (is_one && is_content && was_one && is_new && is_same_kind && is_lost)
            .then_some(Renewal { old, new })
    }

    /// Coding in which both are compared: none, or the first that was remembered.
    fn coding(&self) -> &'a str {
        let codings = || self.memory.last.iter().map(|seen| seen.coding.as_str());
        codings().find(|coding| *coding == "identity").or_else(|| codings().next()).unwrap_or("")
    }

    /// Sentence about a deployment that is under way, or left a replica out; `None` if there is none.
    pub(crate) fn rolling(&self) -> Option<String> {
        let then = self.memory.last_contents();
        let old = then.first().filter(|_| then.len() == 1)?;
        let contents: Vec<_> = self.view.full.iter().filter_map(known).collect();
        let with_old = contents.iter().filter(|content| *content == old).count();
        let all = contents.len();
        if with_old > 0 && with_old < all && contents::flow(self.view) == Flow::Replicas {
            return Some(format!("{with_old} of {all} responses had the content of {}", self.at()));
        }
        let replays = self.memory.last.iter().map(|seen| self.replays(seen));
        let mixed = replays.into_iter().find(|one| one.honoured > 0 && one.renewed > 0)?;
        (with_old == 0 && all > 0).then(|| {
            format!(
                "{} of {} replays of the old validator got a 304, and no response had its content: \
                 a replica that keeps it",
                mixed.honoured,
                mixed.total()
            )
        })
    }

    /// Sentence about the ways on which the old content alone is served, if each was seen by itself.
    pub(crate) fn lanes_with_the_old(&self) -> Option<String> {
        let then = self.memory.last_contents();
        let lanes = &self.view.evidence.lanes;
        let has_old = |lane: usize| {
            let here = self.view.full.iter().filter(|seen| seen.exchange.lane == lane);
            let mut contents = here.filter_map(known).peekable();
            contents.peek().is_some() && contents.all(|content| then.contains(&content))
        };
        let here = lanes.iter().enumerate().filter(|(lane, _)| has_old(*lane));
        let names: Vec<_> = here.map(|(_, lane)| lane.name.as_str()).collect();
        (lanes.len() > 1 && !names.is_empty())
            .then(|| format!("the old content alone at {}", names.join(", ")))
    }

    /// What changed, in one line.
    pub(crate) fn change(&self) -> (Change, String) {
        let at = self.at();
        if self.unseen().is_some() {
            let line = format!("since {at} the content changed, and the old validator hides it");
            return (Change::Unseen, line);
        }
        if let Some(sentence) = self.rolling() {
            return (Change::Rolling, sentence);
        }
        if self.renewal().is_some() {
            let line = format!("since {at} the validator changed and the content did not");
            return (Change::Renewed, line);
        }
        self.sound()
    }

    /// The same where nothing is wrong.
    fn sound(&self) -> (Change, String) {
        let at = self.at();
        let last = &self.memory.last;
        let now: BTreeSet<_> = self.view.full.iter().filter_map(known).collect();
        let is_steady = contents::flow(self.view) == Flow::Steady && !now.is_empty();
        let is_left = |seen: &&Remembered| seen.content.is_some_and(|known| !now.contains(&known));
        let gone = last.iter().filter(|seen| self.is_forgotten(seen)).filter(is_left);
        let replays = gone.map(|seen| self.replays(seen)).fold(Replays::default(), Replays::and);
        if is_steady && replays.honoured == 0 && replays.renewed > 0 {
            let times = replays.renewed;
            let line = format!(
                "the deploy reaches everybody: the content is another than at {at}, and the old \
                 validator got it, {times} of {times} times"
            );
            return (Change::Reached, line);
        }
        let is_known = now.is_subset(&self.memory.last_contents());
        if is_steady && is_known && last.iter().any(|seen| !self.is_forgotten(seen)) {
            let line = format!("unchanged since {at}: the same content, the same validator");
            return (Change::Unchanged, line);
        }
        (Change::Unclear, format!("nothing can be said of what changed since {at}"))
    }

    fn at(&self) -> String {
        shown(self.memory.at.as_bytes())
    }

    /// Contents that a validator stood for.
    fn stood_for(&self, remembered: &Remembered) -> BTreeSet<Fingerprint> {
        let is_same = |seen: &&Remembered| match (&remembered.tag, &seen.tag) {
            (Some(one), Some(other)) => opaque(one) == opaque(other),
            (None, None) => seen.last_modified == remembered.last_modified,
            _ => false,
        };
        self.memory.all().filter(is_same).filter_map(|seen| seen.content).collect()
    }

    /// Reports whether no response carries the validator any more.
    fn is_forgotten(&self, seen: &Remembered) -> bool {
        let forgotten = &self.view.forgotten;
        match (&seen.tag, &seen.last_modified) {
            (Some(tag), _) => forgotten.has_tag(tag),
            (None, Some(date)) => forgotten.has_date(date),
            (None, None) => false,
        }
    }

    /// Replays of a validator alone that got the whole content.
    pub(crate) fn replays_of(&self, seen: &Remembered) -> usize {
        self.replays(seen).renewed
    }

    /// Answers to a validator alone, on all ways to the target.
    fn replays(&self, seen: &Remembered) -> Replays {
        let lanes = 0..self.view.evidence.lanes.len();
        let of = |lane| match (&seen.tag, &seen.last_modified) {
            (Some(tag), _) => Replays::of(self.view.evidence, lane, |asked| is_of_tag(asked, tag)),
            (None, Some(date)) => {
                Replays::of(self.view.evidence, lane, |asked| is_of_date(asked, date))
            }
            (None, None) => Replays::default(),
        };
        lanes.map(of).fold(Replays::default(), Replays::and)
    }
}

fn known(seen: &FullResponse<'_>) -> Option<Fingerprint> {
    match seen.key {
        Some(ContentKey::Known(content)) => Some(content),
        _ => None,
    }
}

/// What a client replays of a response: the tag, or else the date.
fn validator<'s>(seen: &'s FullResponse<'_>) -> Option<&'s [u8]> {
    seen.tag.map(opaque).or_else(|| seen.answer.last_modified())
}

fn remembered(seen: &Remembered) -> Option<&[u8]> {
    seen.tag.as_deref().map(opaque).or(seen.last_modified.as_deref())
}
