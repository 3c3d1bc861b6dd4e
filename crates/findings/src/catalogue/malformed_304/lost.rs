//! Fields that the 200 has and the 304 lacks, and the harm of each.

use std::collections::BTreeSet;

use super::Fault;
use crate::catalogue::revalidation_moot::fresh_seconds;
use crate::evidence::{EvidenceSource, ObservedResponse};
use crate::kind::{Severity, of_all};
use crate::view::{Alike, View};

const ALLOWED: &str = "access-control-allow-origin";

/// Requests alike that got both 200s and 304s; none of a HAR file.
pub(super) fn comparable<'a>(view: &View<'a>) -> Vec<Alike<'a>> {
    // A browser's capture may show the fields of the stored response.
    if view.evidence.source == EvidenceSource::Har {
        return Vec::new();
    }
    let mut groups = view.alike();
    groups.retain(|group| !group.full.is_empty() && !group.not_modified.is_empty());
    groups
}

/// Permission for pages of other origins.
pub(super) fn cors(groups: &[Alike<'_>]) -> Option<Fault> {
    let has_origin = |group: &&Alike<'_>| group.full[0].0.asked.fields.get("origin").is_some();
    // Where `Origin` was sent the others decide nothing: a page always sends it.
    let is_sent = groups.iter().any(|group| has_origin(&group));
    let judged = groups.iter().filter(|group| !is_sent || has_origin(group));
    let (lost, all) = lacking(judged, |answer| answer.fields.get(ALLOWED).is_some())?;
    // A browser holds the 200 with its field, and judges by that. What allows every page serves the
    // next one; what names one page refuses the others, as Chromium does.
    let for_all = groups.iter().filter(|group| !is_sent || has_origin(group)).all(|group| {
        let mut fields = group.full.iter().map(|(_, answer)| answer.fields.get(ALLOWED));
        fields.all(|value| value.is_none_or(|value| value == b"*"))
    });
    let (severity, title) = match (for_all, is_sent) {
        (true, _) => (Severity::Info, "a 304 lacks the Access-Control-Allow-Origin of its 200"),
        (false, is_sent) => (
            if is_sent { Severity::Bad } else { Severity::Warn },
            "a 304 lacks Access-Control-Allow-Origin: pages of other origins get an error",
        ),
    };
    let request = if is_sent { "with Origin" } else { "without Origin" };
    let counts = of_all(lost, all, "304");
    let sentence =
        format!("every 200 to a request {request} has Access-Control-Allow-Origin, not: {counts}");
    let every = "the 200 allows every origin, so that browsers go on; a script that sends \
                 If-None-Match by itself gets an error";
    let sentence = if for_all { format!("{sentence}; {every}") } else { sentence };
    Some(Fault::new(severity, "cors", title, sentence))
}

/// Another Content-Length than the content has (RFC 9110 §8.6).
pub(super) fn length(groups: &[Alike<'_>]) -> Option<Fault> {
    let length = |answer: &ObservedResponse| answer.fields.text("content-length");
    let is_other = |group: &&Alike<'_>| {
        let own: BTreeSet<_> = group.full.iter().map(|(_, answer)| length(answer)).collect();
        let is_wrong = |of: &String| !own.contains(&Some(of.clone()));
        // A length that is not known may be that of another coding.
        !own.contains(&None)
            && group.not_modified.iter().any(|(_, one)| length(one).as_ref().is_some_and(is_wrong))
    };
    let group = groups.iter().find(is_other)?;
    let own = length(group.full[0].1)?;
    let said =
        group.not_modified.iter().filter_map(|(_, one)| length(one)).find(|of| *of != own)?;
    let title = "a 304 gives another Content-Length than its 200";
    let sentence = format!("Content-Length: {said} with a 304, and {own} with the 200");
    Some(Fault::new(Severity::Info, "length", title, sentence))
}

/// Lifetime in caches.
pub(super) fn lifetime(groups: &[Alike<'_>]) -> Option<Fault> {
    // A 304 that says anything of its lifetime is no case of a lost one.
    let says = |answer: &ObservedResponse| {
        ["cache-control", "expires"].iter().any(|name| answer.fields.get(name).is_some())
    };
    let lives = |group: &&Alike<'_>| {
        group.full.iter().all(|(_, answer)| {
            fresh_seconds(&answer.fields) > 0
                || answer.fields.list("cache-control").contains("s-maxage=")
        })
    };
    let (lost, all) = lacking(groups.iter().filter(lives), says)?;
    let title =
        "a 304 lacks the lifetime of its 200: caches keep it, or ask, by a default of theirs";
    let counts = of_all(lost, all, "304");
    let sentence = format!("neither Cache-Control nor Expires, which every 200 has: {counts}");
    Some(Fault::new(Severity::Warn, "lifetime", title, sentence))
}

/// 304s without what every 200 to the same request has, and all 304s; `None` where there is none.
fn lacking<'g>(
    groups: impl Iterator<Item = &'g Alike<'g>>,
    has: impl Fn(&ObservedResponse) -> bool,
) -> Option<(usize, usize)> {
    let judged = groups.filter(|group| group.full.iter().all(|(_, answer)| has(answer)));
    let answers: Vec<_> = judged.flat_map(|group| &group.not_modified).collect();
    let lost = answers.iter().filter(|(_, answer)| !has(answer)).count();
    (lost > 0).then_some((lost, answers.len()))
}

/// Names that every 200 to some request has and no 304 to it.
pub(super) fn names(groups: &[Alike<'_>]) -> Vec<&'static str> {
    let required = ["etag", "cache-control", "content-location", "date", "expires", "vary"];
    let is_lost = |name: &&str| {
        groups.iter().any(|group| {
            let has = |answer: &ObservedResponse| answer.fields.get(name).is_some();
            group.full.iter().all(|(_, answer)| has(answer))
                && !group.not_modified.iter().any(|(_, answer)| has(answer))
        })
    };
    required.into_iter().filter(is_lost).collect()
}
