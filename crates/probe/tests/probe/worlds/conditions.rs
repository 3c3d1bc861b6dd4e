//! Preconditions as simulated servers evaluate them, rightly and wrongly.

use findings::evidence::{ObservedRequest, inner, is_weak, opaque};
use semantics::HttpDate;

use super::server::Selected;
use super::site::{Both, ByDate, ByTag, NotModified, Site};

/// Result of the preconditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// The content is due.
    Full,
    /// The client has it.
    Matching,
}

/// Decision of a server about a request.
pub(crate) fn decided(site: &Site, asked: &ObservedRequest, selected: &Selected) -> Answered {
    let tag = by_tag(site, asked, selected);
    let date = by_date(site, asked, selected);
    let holds = match (tag, date) {
        (None, None) => site.not_modified == NotModified::Unasked,
        (Some(one), None) | (None, Some(one)) => one,
        (Some(tag), Some(date)) => match site.both {
            Both::TagDecides => tag,
            Both::DateDecides => date,
            Both::Either => tag || date,
            Both::Each => tag && date,
            Both::Full => false,
        },
    };
    if holds { Answered::Matching } else { Answered::Full }
}

/// `None` where there is no such condition, or where it is not read.
fn by_tag(site: &Site, asked: &ObservedRequest, selected: &Selected) -> Option<bool> {
    if asked.none_match.is_empty() && !asked.any {
        return None;
    }
    let ignores = match site.by_tag {
        ByTag::Ignored => true,
        ByTag::IgnoredWhenCoded => selected.coding.is_some(),
        ByTag::AnyTag => return Some(true),
        ByTag::Compared | ByTag::Strongly | ByTag::Holding => false,
    };
    if ignores {
        return None;
    }
    if asked.any {
        return Some(site.reads_star);
    }
    if asked.none_match.len() > 1 && !site.reads_lists {
        return Some(false);
    }
    let Some(own) = selected.known_tag.as_ref().map(String::as_bytes) else { return Some(false) };
    Some(asked.none_match.iter().any(|sent| match site.by_tag {
        ByTag::Strongly => !is_weak(sent) && !is_weak(own) && sent == own,
        ByTag::Holding => sent.windows(inner(own).len()).any(|part| part == inner(own)),
        _ => opaque(sent) == opaque(own),
    }))
}

fn by_date(site: &Site, asked: &ObservedRequest, selected: &Selected) -> Option<bool> {
    let sent = HttpDate::parse(asked.modified_since.as_deref()?).ok()?;
    let own = selected.date?;
    match site.by_date {
        ByDate::Ignored => None,
        ByDate::Compared => Some(own <= sent),
        ByDate::Exact => Some(own == sent),
    }
}
