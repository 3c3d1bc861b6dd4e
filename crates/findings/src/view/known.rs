//! Validators that a server issued, and those that it did not: what a trial of one means depends on it.

use std::collections::{BTreeMap, BTreeSet};

use super::{ContentKey, FullResponse, key, strong};
use crate::evidence::{NOBODYS, ObservedRequest, ObservedResponse, holding, in_shape_of, opaque};
use crate::explanation::Placed;

/// Validators of all complete responses, whatever explains them.
pub(super) struct Known<'a> {
    dates: BTreeSet<&'a [u8]>,
    strangers: BTreeSet<Vec<u8>>,
    has_empty: bool,
}

impl<'a> Known<'a> {
    pub(super) fn of(placed: &[Placed<'a>]) -> Self {
        let full = || placed.iter().map(|(.., answer)| answer).filter(|one| one.status == 200);
        let tags: BTreeSet<_> = full().filter_map(|answer| answer.tag()).collect();
        let opaques: BTreeSet<_> = tags.iter().map(|tag| opaque(tag)).collect();
        let shaped = tags.iter().filter_map(|tag| in_shape_of(tag)).flatten();
        let held = tags.iter().flat_map(|tag| {
            let tag = strong(tag);
            [holding(tag), holding(&[b"W/", tag].concat())]
        });
        let shaped = shaped.chain(held.flatten());
        let strangers = shaped.chain(NOBODYS.map(<[u8]>::to_vec));
        Self {
            has_empty: opaques.contains(&b"\"\""[..]),
            dates: full().filter_map(|answer| answer.last_modified()).collect(),
            strangers: strangers.filter(|tag| !opaques.contains(opaque(tag))).collect(),
        }
    }

    /// Reports whether all tags sent are some that nobody issued.
    pub(super) fn is_strangers(&self, asked: &ObservedRequest) -> bool {
        asked.none_match.iter().all(|tag| self.strangers.contains(tag))
    }

    /// Reports whether a tag is the empty one, and no response carried that.
    pub(super) fn is_empty(&self, tag: &[u8]) -> bool {
        !self.has_empty && opaque(tag) == b"\"\""
    }

    /// Reports whether there are dates, and no response carried this one.
    pub(super) fn is_other_date(&self, date: &[u8]) -> bool {
        !self.dates.is_empty() && !self.dates.contains(date)
    }
}

/// Contents that validators stood for.
pub(super) struct Issued<'a> {
    tags: BTreeMap<&'a [u8], BTreeSet<ContentKey>>,
    dates: BTreeMap<&'a [u8], BTreeSet<ContentKey>>,
}

impl<'a> Issued<'a> {
    pub(super) fn of(full: &[FullResponse<'a>]) -> Self {
        let mut issued = Self { tags: BTreeMap::new(), dates: BTreeMap::new() };
        for seen in full {
            let Some(key) = seen.key else { continue };
            if let Some(tag) = seen.tag {
                issued.tags.entry(opaque(tag)).or_default().insert(key);
            }
            if let Some(date) = seen.answer.last_modified() {
                issued.dates.entry(date).or_default().insert(key);
            }
        }
        issued
    }

    /// Reports whether a 304 names the tag of another content than those that were sent stand for, so
    /// that the client keeps what the server no longer has.
    pub(super) fn keeps_another(&self, asked: &ObservedRequest, answer: &ObservedResponse) -> bool {
        let contents = |tag: &[u8]| self.tags.get(opaque(tag)).filter(|all| !all.is_empty());
        let Some(current) = answer.tag().and_then(contents) else { return false };
        let is_other =
            |sent: &Vec<u8>| contents(sent).is_some_and(|held| held.is_disjoint(current));
        answer.status == 304
            && !asked.none_match.is_empty()
            && asked.none_match.iter().all(is_other)
    }

    /// Reports whether a validator that was sent stood for the content that came.
    pub(super) fn is_needless(&self, asked: &ObservedRequest, answer: &ObservedResponse) -> bool {
        let Some(key) = key(answer) else { return false };
        let stood_for = |known: Option<&BTreeSet<ContentKey>>| {
            known.is_some_and(|contents| contents.len() == 1 && contents.contains(&key))
        };
        if asked.none_match.is_empty() {
            return stood_for(asked.modified_since.as_deref().and_then(|it| self.dates.get(it)));
        }
        asked.none_match.iter().any(|tag| stood_for(self.tags.get(opaque(tag))))
    }
}
