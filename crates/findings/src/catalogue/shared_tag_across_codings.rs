//! `shared-tag-across-codings`: two codings, one strong tag.

use std::collections::{BTreeMap, BTreeSet};

use measure::record::Severity;

use crate::evidence::is_weak;
use crate::finding::{Entry, Verdict, shown};
use crate::view::View;

pub(super) const ENTRY: Entry = Entry {
    code: "ETL011",
    name: "shared-tag-across-codings",
    says: "Two codings of the content share one strong tag. A strong tag promises equal bytes: a \
           range request or a cache can splice compressed and plain bytes.",
    experiment: "Tags of plain and compressed responses are compared octet by octet.",
    limits: "Weak tags may be shared and are not reported. Revalidation works all the same: the \
             harm is done by ranges and by caches without Vary.",
    causes: "compression after the tag was made, without touching it: tower-http's \
             CompressionLayer, Starlette's GZipMiddleware, Go middleware, `DeflateAlterETag NoChange`",
    fixes: &[(
        "",
        "weaken the tag when compressing (W/\"…\"), give each coding a tag of its own, or send weak \
         tags from the origin",
    )],
    section: "RFC 9110 §8.8.1",
    judge,
};

fn judge(view: &View<'_>) -> Option<Verdict> {
    let mut codings: BTreeMap<&[u8], BTreeSet<&str>> = BTreeMap::new();
    for seen in &view.full {
        let Some(tag) = seen.tag.filter(|tag| !is_weak(tag)) else { continue };
        codings.entry(tag).or_default().insert(&seen.coding);
    }
    let (tag, codings) = codings.into_iter().find(|(_, codings)| codings.len() > 1)?;
    let names: Vec<_> = codings.iter().map(|coding| shown(coding.as_bytes())).collect();
    Some(
        Verdict::new(Severity::Warn, 0.97, format!("one strong tag for {} codings", names.len()))
            .with(format!("{} stands for {}", shown(tag), names.join(" and "))),
    )
}
