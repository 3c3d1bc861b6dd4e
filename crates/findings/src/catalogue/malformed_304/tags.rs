//! Tags of 304s, held against those that were sent.

use super::Fault;
use crate::evidence::opaque;
use crate::kind::{Severity, of_all, shown};
use crate::tag_form::split_suffix;
use crate::view::View;

/// A 304 and the tag that it names, to a request with tags alone.
struct Named<'a> {
    sent: &'a [Vec<u8>],
    own: &'a [u8],
}

fn named<'a>(view: &View<'a>) -> Vec<Named<'a>> {
    let by_tag = view.not_modified().filter(|(seen, _)| seen.asked.is_by_tag());
    by_tag
        .filter_map(|(seen, answer)| {
            Some(Named { sent: &seen.asked.none_match, own: answer.tag()? })
        })
        .collect()
}

/// The opaque part without the suffix of a coding, which makes no other tag.
fn base(tag: &[u8]) -> String {
    split_suffix(&String::from_utf8_lossy(opaque(tag))).0.to_owned()
}

/// 304s that name none of the tags that were sent.
pub(super) fn foreign(view: &View<'_>) -> Option<Fault> {
    let named = named(view);
    let is_other = |one: &&Named<'_>| !one.sent.iter().any(|sent| base(sent) == base(one.own));
    let others = named.iter().filter(is_other).count();
    let counts = of_all(others, named.len(), "304");
    if view.keeping_another().any(|(seen, _)| seen.asked.is_by_tag()) {
        let title = "a 304 names the tag of another content: clients keep stale content";
        let sentence =
            format!("with a tag that was not sent, and that another content has: {counts}");
        return Some(Fault::new(Severity::Bad, "foreign-tag", title, sentence));
    }
    let title = "a 304 names another tag than was sent";
    let sentence = format!("with a tag that was not sent: {counts}");
    (others > 0).then(|| Fault::new(Severity::Warn, "foreign-tag", title, sentence))
}

/// 304s that name the tag that was sent in another form.
pub(super) fn form(view: &View<'_>) -> Option<Fault> {
    let named = named(view);
    // What a client made of a tag is its own affair: the server issued another.
    let is_issued = |tag: &[u8]| view.full.iter().any(|seen| seen.tag == Some(tag));
    let differing: Vec<_> = named
        .iter()
        .filter_map(|one| match one.sent {
            [sent] => Some((sent.as_slice(), one.own)),
            _ => None,
        })
        .filter(|(sent, own)| sent != own && base(sent) == base(own) && is_issued(sent))
        .collect();
    // A suffix lost is worse than a mark of weakness, and shown first.
    let has_other_suffix = |(sent, own): &&(&[u8], &[u8])| opaque(sent) != opaque(own);
    let (sent, own) = differing.iter().find(has_other_suffix).or(differing.first())?;
    // A cache may not update what it stored by a 304 with another strong tag (RFC 9111 §4.3.4), and
    // one that does may splice parts of two codings; but most clients go on with what they have.
    let title = "a 304 names the tag in another form than its 200";
    let counts = of_all(differing.len(), named.len(), "304");
    let sentence = format!("{} was sent, and the 304 names {}: {counts}", shown(sent), shown(own));
    Some(Fault::new(Severity::Info, "tag-form", title, sentence))
}
