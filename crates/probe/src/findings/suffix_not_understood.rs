//! `suffix-not-understood`: the compressed variant's tag never gets a 304.

use measure::record::Severity;

use super::{Entry, Verdict, shown};
use crate::evidence::opaque;
use crate::tag_form::split_suffix;
use crate::view::{Tally, View};

pub(super) const ENTRY: Entry = Entry {
    code: "ETL010",
    name: "suffix-not-understood",
    says: "The tag of the compressed variant never gets a 304, while the plain one does: whoever \
           compresses changes the tag on the way out and does not change it back on the way in.",
    experiment: "The tag of a compressed response is replayed with the same Accept-Encoding; the \
                 tag of the plain response likewise. A 200 that carries the very tag that was sent \
                 proves the miss.",
    limits: "Needs a compressed response that comes back with the tag that was sent; tags that \
             differ per replica as well are named as node-local-tag.",
    causes: "mod_deflate and mod_brotli with `DeflateAlterETag AddSuffix`, the default, append \
             -gzip or -br behind the comparison",
    fixes: &[
        (
            "apache",
            "`RequestHeader edit \"If-None-Match\" '^(.*)-(gzip|br)\"(.*)$' '$1\"$3'` before \
                    the handler, or `DeflateAlterETag NoChange` with weak tags",
        ),
        ("", "remove the suffix from If-None-Match where it was added, or weaken the tag instead"),
    ],
    section: "RFC 9110 §8.8.3.3",
    judge,
};

fn judge(view: &View<'_>) -> Option<Verdict> {
    let (plain, coded) = (tally(view, false), tally(view, true));
    let weakened = super::weakened_in_transit::is_weakened(view);
    if coded.honoured > 0 || coded.ignored < 2 || weakened {
        return None;
    }
    let tag = view.full.iter().filter(|seen| seen.is_coded()).find_map(|seen| seen.tag)?;
    let text = String::from_utf8_lossy(opaque(tag)).into_owned();
    let (_, suffix) = split_suffix(&text);
    // A capture may hold compressed exchanges alone: then the suffix has to speak for itself.
    if plain.honoured == 0 && (plain.total() > 0 || suffix.is_empty()) {
        return None;
    }
    let title = if suffix.is_empty() {
        "the tag of the compressed variant never gets a 304".to_owned()
    } else {
        format!("the suffix {suffix} is not understood: compressed, no poll gets a 304")
    };
    Some(
        Verdict::new(Severity::Bad, 0.97, title)
            .with(format!(
                "{} replayed with compression: {} of {} got a 304",
                shown(tag),
                coded.honoured,
                coded.total()
            ))
            .with(format!(
                "without compression: {} of {} got a 304",
                plain.honoured,
                plain.total()
            )),
    )
}

/// Single tags and lists: where tags differ per replica as well, the list still holds the right one.
fn tally(view: &View<'_>, coded: bool) -> Tally {
    let trials = view.by_tag.iter().chain(&view.by_list);
    View::tally(trials.filter(|trial| trial.coded == coded))
}
