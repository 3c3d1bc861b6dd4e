//! `no-validator`: neither `ETag` nor `Last-Modified`.

use measure::record::Severity;

use super::{Entry, Verdict, of_all};
use crate::view::{Seen, View};

pub(super) const ENTRY: Entry = Entry {
    code: "ETL003",
    name: "no-validator",
    says: "Responses carry neither an entity tag nor a date: there is nothing to revalidate with, \
           and every poll is a full 200.",
    experiment: "The fields of every complete 200 without compression are read.",
    limits: "Only the method GET on this one URL. A field that is sent to some user agents or \
             after a login only is not seen.",
    causes: "the framework adds no tag by default; a gateway strips the field; tags are switched \
             off (`FileETag None`, `etag off`) to cure node-local ones",
    fixes: &[
        ("nginx", "`etag on` for files; behind `proxy_pass` the application has to send the tag"),
        ("apache", "`FileETag MTime Size` or `Digest` instead of `None`"),
        ("", "let the application send an ETag made from the content"),
    ],
    section: "RFC 9110 §8.8",
    judge,
};

fn judge(view: &View<'_>) -> Option<Verdict> {
    let plain: Vec<&Seen<'_>> = view.full.iter().filter(|seen| !seen.is_coded()).collect();
    let judged = if plain.is_empty() { view.full.iter().collect() } else { plain };
    let bare = judged
        .iter()
        .filter(|seen| seen.tag.is_none() && seen.answer.last_modified().is_none())
        .count();
    let all = judged.len();
    if bare == 0 {
        return None;
    }
    let coded = view.full.iter().any(|seen| seen.is_coded() && seen.tag.is_some());
    let (severity, title) = match (bare < all, coded) {
        (true, _) => {
            (Severity::Bad, "some responses carry neither ETag nor Last-Modified: replicas differ")
        }
        (false, true) => {
            (Severity::Warn, "neither ETag nor Last-Modified without compression, a tag with it")
        }
        (false, false) => {
            (Severity::Bad, "neither ETag nor Last-Modified: every poll is a full 200")
        }
    };
    let confidence = if all >= 3 { 0.98 } else { 0.8 };
    Some(
        Verdict::new(severity, confidence, title)
            .with(format!("without a validator: {}", of_all(bare, all, "response"))),
    )
}
