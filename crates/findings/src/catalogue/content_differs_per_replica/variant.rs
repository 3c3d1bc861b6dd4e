//! Representations that replicas choose differently: another language or type, or a page about an error
//! that is sent as 200. Their tags differ rightly.

use std::collections::{BTreeMap, BTreeSet};

use crate::contents::{comes_back, standing};
use crate::evidence::ObservedRequest;
use crate::kind::{Judgement, Severity, of_all, shown};
use crate::view::{FullResponse, View};

/// Fields that name a variant.
const NAMING: [(&str, &str); 2] =
    [("content-language", "Content-Language"), ("content-type", "Content-Type")];

/// Words of pages that tell of an error.
const OF_ERRORS: [&str; 11] = [
    "is starting",
    "starting up",
    "unavailable",
    "maintenance",
    "bad gateway",
    "internal server error",
    "not found",
    "try again",
    "went wrong",
    "an error occurred",
    "timed out",
];

/// Values of a field, each with its number, where every content has one of its own.
fn counts(view: &View<'_>, name: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for seen in &view.full {
        *counts.entry(seen.answer.fields.list(name)).or_default() += 1;
    }
    counts
}

/// Several contents, where a field or an error tells what they are.
pub(super) fn of(view: &View<'_>) -> Option<Judgement> {
    error(view).or_else(|| NAMING.iter().find_map(|field| named(view, field)))
}

fn named(view: &View<'_>, &(name, title): &(&str, &str)) -> Option<Judgement> {
    let mut values: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for seen in &view.full {
        values.entry(seen.key?).or_default().insert(seen.answer.fields.list(name));
    }
    let is_own = values.values().all(|own| own.len() == 1);
    let different = values.values().flatten().collect::<BTreeSet<_>>().len();
    (is_own && different > 1).then(|| chosen(view, name, title, 0.9))
}

fn chosen(view: &View<'_>, name: &str, title: &str, confidence: f64) -> Judgement {
    let counts = counts(view, name);
    let text =
        format!("{} variants, which come back: replicas choose another {title}", counts.len());
    let counts = counts.iter().take(4).map(|(value, count)| {
        let value = if value.is_empty() { "none".to_owned() } else { shown(value.as_bytes()) };
        format!("{value}: {}", of_all(*count, view.full.len(), "200"))
    });
    let rightly = "tags of other variants differ rightly: what differs is the choice, of a default or of \
                   the fields of the request that replicas look at";
    let judgement = Judgement::new(Severity::Bad, confidence, text).because("variant");
    judgement.with_all(counts).with(rightly)
}

/// A content that most do not have, and that speaks of an error.
fn error(view: &View<'_>) -> Option<Judgement> {
    let text = |seen: &FullResponse<'_>| {
        let sample = view.evidence.samples.get(&seen.digests()?.sha256)?;
        // Pages that say so at great length have something else to say.
        let head = &sample[..sample.len().min(4_096)];
        Some(String::from_utf8_lossy(head).to_ascii_lowercase())
    };
    let word = |seen: &FullResponse<'_>| {
        let text = text(seen)?;
        OF_ERRORS.into_iter().find(|word| text.contains(word))
    };
    let types = counts(view, "content-type").len();
    let lacks = view.full.iter().any(FullResponse::is_bare);
    let found: Vec<_> = view.full.iter().filter_map(word).collect();
    // A type or a validator of its own: a content may tell of errors by right.
    let is_odd =
        !found.is_empty() && found.len() * 3 <= view.full.len() * 2 && (types > 1 || lacks);
    is_odd.then(|| {
        let title = "some replicas send an error as 200: contents come back";
        let says = of_all(found.len(), view.full.len(), "200");
        Judgement::new(Severity::Bad, 0.85, title)
            .because("error-page")
            .with(format!("a page that says \"{}\": {says}", found[0]))
            .with("caches keep it, and clients take it for the content: its tag is no fault")
    })
}

/// The same by the language alone, where contents were not seen.
pub(super) fn unseen(view: &View<'_>) -> Option<Judgement> {
    if view.full.iter().any(|seen| seen.digests().is_some()) {
        return None;
    }
    let asked = |seen: &FullResponse<'_>| {
        let ObservedRequest { accept_encoding, fields, .. } = &seen.exchange.asked;
        (accept_encoding.clone(), fields.list("accept-language"))
    };
    let first = view.full.first()?;
    let languages: Vec<_> =
        view.full.iter().map(|seen| seen.answer.fields.list("content-language")).collect();
    let sequence: Vec<_> = languages.iter().collect();
    let is_alike = view.full.iter().all(|seen| asked(seen) == asked(first));
    let is_of_replicas = comes_back(sequence.iter()) && standing(&sequence) > 1;
    let (name, title) = NAMING[0];
    (is_alike && is_of_replicas).then(|| chosen(view, name, title, 0.8))
}

#[cfg(test)]
mod tests {
    use super::super::kind;
    use crate::Check;
    use crate::evidence::EvidenceSource;
    use crate::fixture::{evidence, judge};

    /// Turns of a fleet, two of three from the first.
    fn turns(one: &str, other: &str) -> String {
        format!("2 × -> 200; {one}\n-> 200; {other}\n").repeat(4)
    }

    #[track_caller]
    fn check(exchanges: &str, cause: Option<&str>) {
        for source in [EvidenceSource::Live, EvidenceSource::Wire] {
            let mut evidence = evidence(exchanges);
            evidence.source = source;
            let found = judge(&kind(), &evidence);
            assert!(found.is_some(), "{exchanges}");
            assert_eq!(found.and_then(|it| it.cause), cause, "{exchanges}");
            let names: Vec<_> =
                Check::of(&evidence).findings.iter().map(|it| it.kind.name.as_str()).collect();
            assert_eq!(names[0], "content-differs-per-replica", "{exchanges}");
            assert!(!names.contains(&"node-local-tag"), "{exchanges}");
            assert!(!names.contains(&"no-validator"), "{exchanges}");
        }
    }

    #[test]
    fn another_language_or_type_is_chosen_by_replicas() {
        let english = "ETag: \"e\"; Content-Language: en | hello";
        let german = "ETag: \"d\"; Content-Language: de | hallo";
        check(&turns(english, german), Some("variant"));
        let unseen = |text: &str| format!("{}; Content-Length: 5 | …", &text[..text.len() - 8]);
        check(&turns(&unseen(english), &unseen(german)), Some("variant"));
        let json = "ETag: \"e\"; Content-Type: application/json | {}";
        let xml = "ETag: \"x\"; Content-Type: application/xml | <a/>";
        check(&turns(json, xml), Some("variant"));
    }

    #[test]
    fn an_error_that_is_sent_as_200_is_no_tag_of_a_replica() {
        let json = "ETag: \"e\"; Content-Type: application/json | {}";
        let page = "Content-Type: text/html | <h1>Service unavailable</h1>";
        check(&turns(json, page), Some("error-page"));
        check(&turns(json, &format!("ETag: \"p\"; {page}")), Some("error-page"));
    }

    #[test]
    fn contents_of_one_kind_are_those_of_replicas() {
        let of =
            |tag: &str| format!("ETag: \"{tag}\"; Content-Language: en | it is not found at {tag}");
        check(&turns(&of("a"), &of("b")), None);
    }
}
