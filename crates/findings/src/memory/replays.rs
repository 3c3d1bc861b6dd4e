//! Replays of validators that an earlier check saw and that no response carries any more.

use std::collections::BTreeSet;

use crate::evidence::{Evidence, ObservedRequest, opaque};
use crate::view::FullResponse;

/// Validators that were remembered and are not seen now.
#[derive(Debug, Default)]
pub(crate) struct Forgotten<'a> {
    tags: BTreeSet<&'a [u8]>,
    dates: BTreeSet<&'a [u8]>,
}

impl<'a> Forgotten<'a> {
    pub(crate) fn of(evidence: &'a Evidence, full: &[FullResponse<'_>]) -> Self {
        let Some(memory) = &evidence.earlier else { return Self::default() };
        let tags: BTreeSet<_> = full.iter().filter_map(|seen| seen.tag).map(opaque).collect();
        let dates: BTreeSet<_> =
            full.iter().filter_map(|seen| seen.answer.last_modified()).collect();
        let of_tags = memory.all().filter_map(|seen| seen.tag.as_deref()).map(opaque);
        let of_dates = memory.all().filter_map(|seen| seen.last_modified.as_deref());
        Self {
            tags: of_tags.filter(|tag| !tags.contains(tag)).collect(),
            dates: of_dates.filter(|date| !dates.contains(date)).collect(),
        }
    }

    pub(crate) fn has_tag(&self, tag: &[u8]) -> bool {
        self.tags.contains(opaque(tag))
    }

    pub(crate) fn has_date(&self, date: &[u8]) -> bool {
        self.dates.contains(date)
    }

    /// Reports whether a request asks about the past alone, so that it says nothing of the tags of
    /// now.
    pub(crate) fn is_about(&self, asked: &ObservedRequest) -> bool {
        match (asked.none_match.as_slice(), &asked.modified_since) {
            ([tag], _) => self.tags.contains(opaque(tag)),
            ([], Some(date)) => self.dates.contains(date.as_slice()),
            _ => false,
        }
    }
}

/// Answers to a validator of the past, on one way to the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Replays {
    /// 304s.
    pub(super) honoured: usize,
    /// Complete 200s.
    pub(super) renewed: usize,
    /// True if a complete response came before the first and after the last of them, so that no
    /// change in between explains a 304.
    is_between_looks: bool,
}

impl Replays {
    pub(super) fn of(
        evidence: &Evidence,
        lane: usize,
        is_meant: impl Fn(&ObservedRequest) -> bool,
    ) -> Self {
        let mut found = Self::default();
        let mut is_looked_at = false;
        let here = evidence.observations.iter().filter(|seen| seen.lane == lane);
        for seen in here.filter(|seen| seen.asked.is_whole_get()) {
            let status = seen.outcome.as_ref().map_or(0, |answer| answer.status);
            if status == 200 {
                (is_looked_at, found.is_between_looks) = (true, true);
            }
            match status {
                200 if is_meant(&seen.asked) => found.renewed += 1,
                304 if is_meant(&seen.asked) => {
                    found.honoured += usize::from(is_looked_at);
                    found.is_between_looks = false;
                }
                _ => {}
            }
        }
        found
    }

    /// Both together; what lies between looks is said of one way alone.
    pub(super) fn and(self, other: Self) -> Self {
        let (honoured, renewed) = (self.honoured + other.honoured, self.renewed + other.renewed);
        Self { honoured, renewed, is_between_looks: false }
    }

    pub(super) fn total(self) -> usize {
        self.honoured + self.renewed
    }

    /// Reports whether so many all got a 304 that no replica left behind explains it.
    pub(super) fn are_all_honoured(self, least: usize) -> bool {
        self.renewed == 0 && self.honoured >= least && self.is_between_looks
    }
}

/// Reports whether a request replays a remembered tag alone.
pub(super) fn is_of_tag(asked: &ObservedRequest, tag: &[u8]) -> bool {
    is_single(asked, tag) && asked.modified_since.is_none()
}

/// Reports whether a request replays a tag with its date, as browsers do.
pub(super) fn is_of_both(asked: &ObservedRequest, tag: &[u8], date: &[u8]) -> bool {
    is_single(asked, tag) && asked.modified_since.as_deref() == Some(date)
}

/// Reports whether a request replays a date alone.
pub(super) fn is_of_date(asked: &ObservedRequest, date: &[u8]) -> bool {
    asked.none_match.is_empty() && !asked.any && asked.modified_since.as_deref() == Some(date)
}

fn is_single(asked: &ObservedRequest, tag: &[u8]) -> bool {
    matches!(asked.none_match.as_slice(), [sent] if opaque(sent) == opaque(tag))
}
