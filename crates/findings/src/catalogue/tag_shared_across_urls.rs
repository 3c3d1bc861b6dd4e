//! `tag-shared-across-urls`: the tag does not come from the content.

mod empty_hash;

use std::collections::{BTreeMap, BTreeSet};

use text::secret::masked_url;

use crate::evidence::{Evidence, EvidenceSource, ObservedResponse, opaque};
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::view::{ContentKey, View, key};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("tag_shared_across_urls.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    empty_hash::judge(view).or_else(|| same(view))
}

/// Complete answers to requests for the whole.
fn full(evidence: &Evidence) -> impl Iterator<Item = &ObservedResponse> {
    let whole = evidence.observations.iter().filter(|seen| seen.asked.is_whole_get());
    whole.filter_map(|seen| seen.outcome.as_ref().ok()).filter(|answer| answer.status == 200)
}

/// Contents of each tag, and the URLs that carried it.
#[derive(Default)]
struct Shared<'a> {
    urls: BTreeMap<&'a str, BTreeSet<ContentKey>>,
}

impl Shared<'_> {
    fn contents(&self) -> usize {
        self.urls.values().flatten().collect::<BTreeSet<_>>().len()
    }
}

/// Tags of a capture by their opaque parts and the coding.
type ByTag<'a> = BTreeMap<(&'a [u8], String), Shared<'a>>;

fn by_tag<'a>(view: &View<'a>) -> ByTag<'a> {
    let mut tags = ByTag::new();
    if view.evidence.source == EvidenceSource::Live {
        return tags;
    }
    for evidence in [view.evidence].into_iter().chain(&view.evidence.others) {
        for answer in full(evidence) {
            let (Some(tag), Some(key)) = (answer.tag(), key(answer)) else { continue };
            let shared = tags.entry((opaque(tag), answer.coding())).or_default();
            shared.urls.entry(&evidence.target).or_default().insert(key);
        }
    }
    tags
}

/// URLs that make a tag that they share that of a release.
const MANY: usize = 3;

/// Reports whether all URLs with tags share all of these: they change everywhere at once.
fn is_release(tags: &ByTag<'_>) -> bool {
    let urls: BTreeSet<_> = tags.values().flat_map(|it| it.urls.keys()).collect();
    let opaques: BTreeSet<_> = tags.keys().map(|(tag, _)| tag).collect();
    let everywhere = |tag: &&&[u8]| {
        let of_it = tags.iter().filter(|((own, _), _)| *own == **tag);
        of_it.flat_map(|(_, it)| it.urls.keys()).collect::<BTreeSet<_>>().len() == urls.len()
    };
    let differ = tags.values().any(|it| it.contents() >= MANY);
    urls.len() >= MANY && differ && opaques.iter().all(everywhere)
}

/// Reports whether the tags of this capture are those of releases.
pub(crate) fn is_of_release(view: &View<'_>) -> bool {
    is_release(&by_tag(view))
}

/// One tag for different contents of several URLs.
fn same(view: &View<'_>) -> Option<Judgement> {
    let tags = by_tag(view);
    let differing = tags.iter().filter(|(_, it)| it.urls.len() > 1 && it.contents() > 1);
    let ((tag, _), shared) = differing.max_by_key(|(_, it)| it.contents())?;
    let (urls, contents) = (shared.urls.len(), shared.contents());
    let listed = format!("{}: {}", shown(tag), listed(shared.urls.keys().copied()));
    if is_release(&tags) {
        let count = tags.keys().map(|(tag, _)| tag).collect::<BTreeSet<_>>().len();
        let changed = format!("{count} tags, and each was that of all URLs: they changed together");
        let title = format!("one tag for all {urls} URLs: that of a release, and not of a content");
        let price = "with each deploy every client fetches everything once more, also what did not \
                     change; what changes without a deploy goes unnoticed";
        let judgement = Judgement::new(Severity::Warn, 0.85, title).because("release");
        return Some(judgement.with(listed).with_all((count > 1).then_some(changed)).with(price));
    }
    // Two may have been given one version by hand.
    let confidence = if urls >= MANY && contents >= MANY { 0.85 } else { 0.5 };
    let title = format!("one tag for {contents} contents of {urls} URLs");
    let version = "it does not come from the content: it must change with every change of any of \
                   them, as the version of a whole deployment does";
    Some(
        Judgement::new(Severity::Warn, confidence, title)
            .because("same")
            .with(listed)
            .with(version),
    )
}

/// Some URLs, credentials masked.
fn listed<'a>(urls: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 4;
    let mut urls: Vec<_> = urls.map(|url| shown(masked_url(url).as_bytes())).collect();
    if urls.len() > MOST {
        let more = urls.len() - MOST;
        urls.truncate(MOST);
        urls.push(format!("{more} more"));
    }
    urls.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{evidence, judge};

    /// A capture of several URLs, and the cause that is found in it.
    #[track_caller]
    fn check(urls: &[&str], expected: Option<(Severity, &str)>) {
        let mut all = urls.iter().enumerate().map(|(at, exchanges)| {
            let target = format!("http://test/{at}");
            Evidence { source: EvidenceSource::Wire, target, ..evidence(exchanges) }
        });
        let mut evidence = all.next().expect("a URL");
        evidence.others = all.collect();
        let found = judge(&kind(), &evidence).map(|it| (it.severity, it.cause.unwrap_or_default()));
        assert_eq!(found, expected, "{urls:?}");
    }

    #[test]
    fn a_hash_of_nothing_is_known_in_every_form() {
        for tag in [
            "\"d41d8cd98f00b204e9800998ecf8427e\"",
            "W/\"D41D8CD98F00B204E9800998ECF8427E\"",
            "\"1B2M2Y8AsgTpgAmY7PhCfg==\"",
            "W/\"0-2jmj7l5rSw0yVb/vlWAYkK/YBwk\"",
            "W/\"0-2jmj7l5rSw0yVb_vlWAYkK_YBwk\"",
            "\"e3b0c44298fc1c149afbf4c8\"",
            "\"cbf29ce484222325\"",
            "\"d41d8cd98f00b204e9800998ecf8427e-gzip\"",
            "\"00000000\"",
            "\"00000001\"",
            "\"d41d8cd9\"",
            "W/\"5-da39a3ee5e\"",
            "\"cf83e1357eefb8bd\"",
            "\"00000000000000000000000000000000\"",
        ] {
            let exchanges = format!("2 × -> 200; ETag: {tag} | hello");
            check(&[&exchanges], Some((Severity::Bad, "empty-hash")));
            assert!(judge(&kind(), &evidence(&exchanges)).is_some(), "live: {tag}");
            // What was not seen is most likely there.
            let unseen = exchanges.replace("hello", "…");
            check(&[&unseen], Some((Severity::Warn, "empty-hash")));
            let named = unseen.replace(" |", "; Content-Length: 5 |");
            check(&[&named], Some((Severity::Bad, "empty-hash")));
            check(&[&named.replace("h: 5", "h: 0")], None);
            // Nothing has it by right.
            check(&[&format!("2 × -> 200; ETag: {tag} | ")], None);
        }
        for tag in [
            "\"0\"",
            "\"\"",
            "\"5d41402abc4b2a76b9719d911017c592\"",
            "\"a-00000000\"",
            "\"0000000\"",
            "\"1\"",
        ] {
            check(&[&format!("2 × -> 200; ETag: {tag} | hello")], None);
        }
    }

    #[test]
    fn one_tag_for_the_contents_of_several_urls_is_a_warning() {
        let of = |content: &str| format!("2 × -> 200; ETag: \"x\" | {content}");
        let (a, b, c) = (of("one"), of("another"), of("a third one"));
        check(&[&a, &b], Some((Severity::Warn, "same")));
        check(&[&a, &b, &c], Some((Severity::Warn, "release")));
        let other = of("a fourth one").replace("\"x\"", "\"y\"");
        check(&[&a, &b, &c, &other], Some((Severity::Warn, "same")));
        // One content at several URLs.
        check(&[&a, &a, &a], None);
        // Other tags.
        check(&[&a, &b.replace("\"x\"", "\"y\"")], None);
        // One URL whose content changes has a finding of its own.
        check(&[&[a.as_str(), b.as_str()].join("\n")], None);
        // Errors.
        check(&[&a, &b.replace("200", "404")], None);
        // Lengths where no content was seen.
        let unseen = |bytes: u32| format!("-> 200; ETag: \"x\"; Content-Length: {bytes} | …");
        check(&[&unseen(5), &unseen(7)], Some((Severity::Warn, "same")));
        check(&[&unseen(5), &unseen(5)], None);
    }

    #[test]
    fn a_tag_that_changes_everywhere_at_once_is_that_of_a_release() {
        let of = |content: &str| {
            format!(
                "2 × -> 200; ETag: \"3f2a9c1\" | {content}\n2 × -> 200; ETag: \"8bd01e7\" | {content}"
            )
        };
        let (a, b, c) = (of("one"), of("another"), of("a third one"));
        check(&[&a, &b, &c], Some((Severity::Warn, "release")));
        let capture = |text: &str| Evidence { source: EvidenceSource::Wire, ..evidence(text) };
        let others = [&b, &c].map(|text| Evidence { target: text.clone(), ..capture(text) }).into();
        let all = Evidence { others, ..capture(&a) };
        let check = crate::Check::of(&all);
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert_eq!(names, ["tag-shared-across-urls"], "no replica is blamed for a deploy");
        assert!(check.notes.iter().all(|note| !note.contains("node-local")), "{:?}", check.notes);
    }
}
