//! Answers to requests that are alike, so that a difference between them is the server's.
//! Does not judge it.

use std::collections::BTreeMap;

use super::View;
use crate::evidence::{ObservedExchange, ObservedResponse};
use crate::explanation::LOOKED_AT;

/// An exchange and its answer.
pub(crate) type Answered<'a> = (&'a ObservedExchange, &'a ObservedResponse);

/// Answers to requests that differ in nothing but their conditions.
#[derive(Default)]
pub(crate) struct Alike<'a> {
    /// Complete 200s.
    pub(crate) full: Vec<Answered<'a>>,
    /// Responses 304 to a condition.
    pub(crate) not_modified: Vec<Answered<'a>>,
}

impl<'a> View<'a> {
    /// Whole representations that were asked for with `GET`, by `Accept-Encoding`, the fields that
    /// programs look at, and those that `Vary` names.
    pub(crate) fn alike(&self) -> Vec<Alike<'a>> {
        let in_vary = self.named_by_vary();
        let mut groups: BTreeMap<_, Alike<'a>> = BTreeMap::new();
        let all = self.answered().chain(self.unusual());
        for (seen, answer) in all.filter(|(seen, _)| seen.asked.is_whole_get()) {
            let names = in_vary.iter().map(String::as_str).chain(LOOKED_AT);
            let sent: Vec<_> = names.map(|name| seen.asked.fields.get(name)).collect();
            let group = groups.entry((seen.asked.accept_encoding.as_deref(), sent)).or_default();
            match answer.status {
                200 => group.full.push((seen, answer)),
                304 if !self.is_unsolicited(seen) => group.not_modified.push((seen, answer)),
                _ => {}
            }
        }
        groups.into_values().collect()
    }
}
