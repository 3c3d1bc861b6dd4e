//! `shared-tag-across-contents`: one tag, several Content-Lengths without a coding.
//!
//! Bytes that were sent do not count: a client that goes away, and the framing of another version of
//! HTTP, change them.

use findings::log::LogJudgement;
use measure::record::Severity;

use super::{Judged, PathJudgement, Subject};
use crate::field::Field;
use crate::tag;

pub(super) const NAME: &str = "shared-tag-across-contents";

/// Responses of a length from which on it is no accident.
const SEEN: u64 = 2;

pub(super) fn judge(subject: &Subject<'_>) -> Option<Judged> {
    let columns = subject.account.columns;
    if !columns.has(Field::Length) || !columns.has(Field::Coding) {
        return None;
    }
    let lengths = |lengths: &[(u64, u64)]| lengths.iter().filter(|(_, seen)| *seen >= SEEN).count();
    let seen = subject.details.tags.all.values();
    let seen = seen.max_by_key(|seen| (lengths(&seen.lengths), seen.issued, seen.resource))?;
    let several = lengths(&seen.lengths);
    if several < 2 {
        return None;
    }
    let is_weak = tag::is_weak(&seen.text);
    let severity = if is_weak { Severity::Warn } else { Severity::Bad };
    let title = format!("one tag for {several} sizes: a 304 can leave clients with stale content");
    let mut sizes: Vec<_> = seen.lengths.iter().filter(|(_, seen)| *seen >= SEEN).collect();
    sizes.sort_unstable();
    let sizes: Vec<_> = sizes
        .iter()
        .map(|(length, times)| format!("{} B × {}", text::count(*length), text::count(*times)))
        .collect();
    let weak = is_weak.then_some("the tag is weak: that is allowed if the contents mean the same");
    let judgement = LogJudgement::new(severity, if is_weak { 0.8 } else { 0.97 }, title)
        .with(format!("{}: {}", findings::shown(&tag::plain(&seen.text)), sizes.join("   ")))
        .with_all(weak);
    Some(Judged::Found(PathJudgement { name: NAME, judgement, since: None }))
}
