//! Conclusions from the tags that all replicas sent: tags per content, and
//! contents per tag.
//!
//! Each coding counts for itself, and `W/"x"` counts as `"x"`: a tag for each coding is as it should be
//! (RFC 9110 §8.8.3.3), and a weak form validates the strong one. Only tags that differ beyond that are
//! node-local.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use truth::ContentId;

use crate::coding::ContentCoding;
use crate::tally::{ReplicaTally, Tally};

impl Tally {
    /// The most tags that one and the same content was seen to carry; 0 when no tag was seen.
    pub fn tags_for_same_content(&self) -> usize {
        self.contents().into_values().map(|tags| tags.len()).max().unwrap_or(0)
    }

    /// The resource and content that were seen with the most tags; of several, those seen first.
    pub fn most_tagged_content(&self) -> Option<(u32, ContentId)> {
        let contents = self.contents();
        let most = self.tags_for_same_content();
        let mut seen = self.replicas.values().flat_map(ReplicaTally::sightings);
        seen.find_map(|sighting| {
            let (resource, id) = (sighting.resource, sighting.content?);
            (contents[&(resource, id, sighting.coding)].len() == most).then_some((resource, id))
        })
    }

    /// The most contents of one resource that one and the same tag was seen with; 0 when no
    /// tag was seen.
    pub fn contents_for_same_tag(&self) -> usize {
        let mut tags: BTreeMap<(u32, &[u8]), BTreeSet<ContentId>> = BTreeMap::new();
        for ((resource, content, _), seen) in self.contents() {
            // Codings of one content count as one: a tag across codings is another finding.
            for tag in seen {
                tags.entry((resource, tag)).or_default().insert(content);
            }
        }
        tags.into_values().map(|contents| contents.len()).max().unwrap_or(0)
    }

    /// The strong tag under which one content came in the most forms, and these forms; of several, the one
    /// seen first. `None` when no content came under a strong tag.
    ///
    /// A strong tag promises the same bytes (RFC 9110 §8.8.1); ranges under one that is shared can
    /// be spliced.
    pub fn most_shared_strong_tag(&self) -> Option<(&[u8], BTreeSet<ContentCoding>)> {
        let mut forms: BTreeMap<_, (usize, BTreeSet<ContentCoding>)> = BTreeMap::new();
        for sighting in self.replicas.values().flat_map(ReplicaTally::sightings) {
            // A weak tag promises equivalent content only, so several codings may share it (RFC
            // 9110 §8.8.1).
            let strong = !sighting.entity_tag.starts_with(b"W/");
            if let Some(content) = sighting.content.filter(|_| strong && sighting.with_content) {
                let tag = sighting.entity_tag.as_slice();
                let of_tag = (sighting.resource, content, tag);
                let known = forms.len();
                let (_, codings) = forms.entry(of_tag).or_insert_with(|| (known, BTreeSet::new()));
                codings.insert(sighting.coding);
            }
        }
        // Tags that processes draw have another order of their texts in each run.
        let rank = |(place, codings): &(usize, BTreeSet<_>)| (codings.len(), Reverse(*place));
        let most = forms.into_iter().max_by_key(|(_, seen)| rank(seen));
        most.map(|((.., tag), (_, codings))| (tag, codings))
    }

    /// The most codings in which one content came under one and the same strong tag; 0 when none
    /// came under a strong tag.
    pub fn codings_for_same_strong_tag(&self) -> usize {
        self.most_shared_strong_tag().map_or(0, |(_, forms)| forms.len())
    }

    fn contents(&self) -> BTreeMap<(u32, ContentId, ContentCoding), BTreeSet<&[u8]>> {
        let mut contents: BTreeMap<_, BTreeSet<&[u8]>> = BTreeMap::new();
        for sighting in self.replicas.values().flat_map(ReplicaTally::sightings) {
            if let Some(content) = sighting.content {
                let of_content = (sighting.resource, content, sighting.coding);
                contents.entry(of_content).or_default().insert(sighting.opaque());
            }
        }
        contents
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Exchange;
    use crate::tally::fixture::{exchange, tally};
    use crate::tally::sightings::SIGHTINGS_PER_REPLICA;
    use crate::verdict::Verdict;

    #[test]
    fn one_tag_for_two_contents_is_seen() {
        let other = Exchange {
            tagged_content: Some(ContentId::of(b"b")),
            ..exchange(Verdict::FalseValidation, 2, "\"7\"")
        };
        assert_eq!(
            tally(&[exchange(Verdict::FirstFetch, 1, "\"7\""), other]).contents_for_same_tag(),
            2
        );
    }

    #[test]
    fn a_tag_says_nothing_of_another_resource() {
        let other = Exchange { resource: 1, ..exchange(Verdict::FirstFetch, 1, "\"7\"") };
        let other_content = Exchange { tagged_content: Some(ContentId::of(b"b")), ..other.clone() };
        let other_tag = Exchange { entity_tag: Some(b"\"8\""), ..other };
        for other in [other_content, other_tag] {
            let tally = tally(&[exchange(Verdict::FirstFetch, 1, "\"7\""), other]);
            assert_eq!((tally.contents_for_same_tag(), tally.tags_for_same_content()), (1, 1));
        }
    }

    #[test]
    fn weak_tags_are_no_other_tags_and_each_coding_has_its_own() {
        let coded = |tag| Exchange {
            coding: ContentCoding::Gzip,
            ..exchange(Verdict::NeedlessTransfer, 1, tag)
        };
        let plain = exchange(Verdict::FirstFetch, 1, "\"x\"");
        let suffixed = tally(&[plain.clone(), coded("\"x-gzip\""), coded("W/\"x-gzip\"")]);
        assert_eq!(suffixed.tags_for_same_content(), 1);
        assert_eq!(suffixed.codings_for_same_strong_tag(), 1);
        // A replica's own tag on a 304 for coded content is not that of coded content.
        let confirmed = Exchange { verdict: Verdict::Validated, ..coded("\"x\"") };
        let weakened = tally(&[plain.clone(), coded("W/\"x\""), confirmed]);
        assert_eq!(weakened.codings_for_same_strong_tag(), 1);
        let kept = tally(&[plain, coded("\"x\"")]);
        let (tag, forms) = kept.most_shared_strong_tag().expect("there is a strong tag");
        assert_eq!((tag, forms.len()), (&b"\"x\""[..], 2));
    }

    #[test]
    fn of_tags_on_as_many_codings_the_first_is_named_whatever_its_text() {
        for tags in [["\"a\"", "\"b\""], ["\"b\"", "\"a\""]] {
            let seen = tags.map(|tag| {
                let plain = exchange(Verdict::FirstFetch, 1, tag);
                [Exchange { coding: ContentCoding::Gzip, ..plain.clone() }, plain]
            });
            let tally = tally(seen.as_flattened());
            let (tag, forms) = tally.most_shared_strong_tag().expect("there is a strong tag");
            assert_eq!((tag, forms.len()), (tags[0].as_bytes(), 2));
        }
    }

    #[test]
    fn endless_new_tags_do_not_grow_the_tally() {
        let mut tally = Tally::default();
        for n in 0..10_000 {
            tally.record(&exchange(Verdict::Changed, 1, &format!("\"{n}\"")));
        }
        assert_eq!(tally.tags_for_same_content(), SIGHTINGS_PER_REPLICA);
    }
}
