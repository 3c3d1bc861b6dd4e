//! Counts exchanges as they happen; one tally per arm.
//!
//! Recording costs no allocation while a replica keeps sending the tag it sent last.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use truth::{Content, ContentId, ReplicaId};

use crate::coding::ContentCoding;
use crate::exchange::{ErrorReason, Exchange, Resume};
use crate::latency::Latencies;
use crate::rounds::Rounds;
use crate::verdict::{Verdict, VerdictCounts};

/// Distinct tags remembered for each replica; a server with a new tag per response must not
/// make a long run grow.
const SIGHTINGS_PER_REPLICA: usize = 256;

/// Editions, and contents of one edition, remembered at most; for the same reason.
const MOST_STATES: usize = 256;

/// Longest tag remembered as evidence; longer ones are counted but kept cut.
const TAG_EVIDENCE_BYTES: usize = 256;

/// Everything counted in one arm.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Polls by what they meant.
    pub verdicts: VerdictCounts,
    /// Requests that carried a validator.
    pub conditional: u64,
    /// Responses 304 to a request that carried a validator.
    pub not_modified: u64,
    /// Bytes on the sockets.
    pub bytes: ByteTotals,
    /// Of complete responses.
    pub latencies: Latencies,
    /// Errors by reason.
    pub errors: BTreeMap<ErrorReason, u64>,
    /// Who answered what; `None` collects responses that nobody signed.
    pub replicas: BTreeMap<Option<ReplicaId>, ReplicaTally>,
    /// What came in which form; errors left out.
    pub codings: BTreeMap<ContentCoding, CodingTally>,
    /// For each change, in order: whether clients saw it on their next poll.
    pub changes: Vec<ChangeTally>,
    /// Downloads that broke in the middle.
    pub resumes: ResumeTally,
    /// The same verdicts and bytes by poll round.
    pub rounds: Rounds,
    /// From the first intended start to the last byte.
    pub elapsed: Duration,
    /// Contents that replicas declared for each edition.
    states: BTreeMap<u32, BTreeSet<ContentId>>,
    latest_state: Option<Content>,
}

/// Sums of [`crate::ExchangeBytes`], with what the comparison needs apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteTotals {
    /// Written by the clients.
    pub requests: u64,
    /// Read: everything but content.
    pub response_fields: u64,
    /// Read: content.
    pub response_content: u64,
    /// Field lines that only the lab adds, both directions.
    pub instrumentation: u64,
    /// Read in polls whose content the client already held.
    pub unchanged_responses: u64,
    /// Content read in needless transfers.
    pub needless_content: u64,
}

impl ByteTotals {
    /// Every byte read in response to polls.
    pub fn responses(&self) -> u64 {
        self.response_fields + self.response_content
    }

    /// What would have been read had no content travelled needlessly.
    pub fn ideal_responses(&self) -> u64 {
        self.responses() - self.needless_content
    }
}

/// What one replica was seen to do.
#[derive(Clone, Debug, Default)]
pub struct ReplicaTally {
    /// Responses.
    pub polls: u64,
    /// Of these, 304s.
    pub not_modified: u64,
    sightings: Vec<TagSighting>,
    latest: Option<TagSighting>,
}

/// What was seen of content in one coding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodingTally {
    /// Responses; a 304 counts for the coding of the content that it confirms.
    pub responses: u64,
    /// Of these, responses with an entity tag.
    pub tagged: u64,
    /// Of these, 304s.
    pub not_modified: u64,
    /// Of these, 200s whose content the client already held.
    pub needless: u64,
}

/// A tag, and the content it stood for when it was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagSighting {
    /// `None` where nobody declares what a 304 validates.
    pub content: Option<ContentId>,
    /// The form of that content: each may have a tag of its own (RFC 9110 §8.8.3.3).
    pub coding: ContentCoding,
    /// Whether it came with that content, and not on a 304.
    pub with_content: bool,
    /// The field value's bytes.
    pub entity_tag: Vec<u8>,
}

/// How a change of the content reached the clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangeTally {
    /// Clients that polled after the change was everywhere.
    pub clients_polled: u64,
    /// Of these, the ones whose first such poll gave them the new content.
    pub clients_updated: u64,
}

/// Downloads that broke in the middle, and how they went on: a second request in the same poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResumeTally {
    /// Second requests, those that ended in an error included.
    pub attempted: u64,
    /// Of these, answered with what was missing.
    pub partial: u64,
    /// Of these, answered with the whole content again.
    pub whole: u64,
}

impl Tally {
    /// Counts one poll.
    pub fn record(&mut self, exchange: &Exchange<'_>) {
        let verdict = exchange.verdict;
        self.verdicts.add(verdict);
        self.conditional += u64::from(exchange.conditional);
        self.not_modified += u64::from(exchange.conditional && verdict.is_not_modified());
        self.record_bytes(exchange);
        self.rounds.record(exchange);
        if let Some(reason) = exchange.error {
            *self.errors.entry(reason).or_default() += 1;
        }
        if !matches!(verdict, Verdict::Error | Verdict::FreshHit) {
            self.latencies.record(verdict.is_not_modified(), exchange.latency);
            self.replicas.entry(exchange.replica).or_default().record(exchange);
            self.codings.entry(exchange.coding).or_default().record(exchange);
        }
    }

    /// Counts the second request of one poll; `None` where its answer was no use.
    pub fn record_resume(&mut self, outcome: Option<Resume>) {
        self.resumes.attempted += 1;
        self.resumes.partial += u64::from(outcome == Some(Resume::Partial));
        self.resumes.whole += u64::from(outcome == Some(Resume::Whole));
    }

    /// Notes the content that a replica declared; without an edition there is nothing to note.
    pub fn record_state(&mut self, declared: Content) {
        let Some(edition) = declared.edition.filter(|_| self.latest_state != Some(declared)) else {
            return;
        };
        self.latest_state = Some(declared);
        if self.states.len() < MOST_STATES || self.states.contains_key(&edition) {
            let contents = self.states.entry(edition).or_default();
            if contents.len() < MOST_STATES {
                contents.insert(declared.id);
            }
        }
    }

    /// Counts one client's first poll after change number `change` had reached every replica.
    pub fn record_change_polled(&mut self, change: usize, updated: bool) {
        if self.changes.len() <= change {
            self.changes.resize(change + 1, ChangeTally::default());
        }
        self.changes[change].clients_polled += 1;
        self.changes[change].clients_updated += u64::from(updated);
    }

    fn record_bytes(&mut self, exchange: &Exchange<'_>) {
        let (totals, bytes) = (&mut self.bytes, &exchange.bytes);
        totals.requests += bytes.request;
        totals.response_fields += bytes.response_fields;
        totals.response_content += bytes.response_content;
        totals.instrumentation += bytes.instrumentation;
        if exchange.verdict.is_unchanged() {
            totals.unchanged_responses += bytes.response();
        }
        if exchange.verdict == Verdict::NeedlessTransfer {
            totals.needless_content += bytes.response_content;
        }
    }

    /// Share of conditional requests answered 304, in `0.0..=1.0`.
    ///
    /// `None` when no request was conditional. RFC 9110 §15.4.5.
    pub fn not_modified_ratio(&self) -> Option<f64> {
        ratio(self.not_modified, self.conditional)
    }

    /// Share of all polls answered 304, first polls included, in `0.0..=1.0`.
    pub fn not_modified_ratio_of_all(&self) -> Option<f64> {
        ratio(self.not_modified, self.verdicts.total())
    }

    /// Mean bytes read in a poll whose content the client already held.
    pub fn bytes_per_unchanged_poll(&self) -> Option<f64> {
        let unchanged: u64 = Verdict::ALL
            .into_iter()
            .filter(|verdict| verdict.is_unchanged())
            .map(|verdict| self.verdicts.of(verdict))
            .sum();
        ratio(self.bytes.unchanged_responses, unchanged)
    }

    /// The most tags that one and the same content was seen to carry; 0 when no tag was seen.
    ///
    /// Each coding is counted for itself, and `W/"x"` is the same as `"x"`: they validate each
    /// other (RFC 9110 §8.8.3.2).
    pub fn tags_for_same_content(&self) -> usize {
        self.contents().into_values().map(|tags| tags.len()).max().unwrap_or(0)
    }

    /// The content that was seen with the most tags; of several, the one seen first.
    pub fn most_tagged_content(&self) -> Option<ContentId> {
        let contents = self.contents();
        let most = self.tags_for_same_content();
        let mut seen = self.replicas.values().flat_map(ReplicaTally::sightings);
        seen.find_map(|sighting| {
            let id = sighting.content?;
            (contents[&(id, sighting.coding)].len() == most).then_some(id)
        })
    }

    /// The most contents that one and the same tag was seen to stand for; 0 when no tag was seen.
    pub fn contents_for_same_tag(&self) -> usize {
        let mut tags: BTreeMap<&[u8], BTreeSet<ContentId>> = BTreeMap::new();
        for ((content, _), seen) in self.contents() {
            for tag in seen {
                tags.entry(tag).or_default().insert(content);
            }
        }
        tags.into_values().map(|contents| contents.len()).max().unwrap_or(0)
    }

    /// The most contents that one and the same edition was seen to have; 0 when nobody numbers
    /// them, and more than 1 where replicas make content of their own.
    pub fn contents_for_same_edition(&self) -> usize {
        self.states.values().map(BTreeSet::len).max().unwrap_or(0)
    }

    /// The contents of the edition that has the most; of several, the earliest.
    pub fn contents_of_most_varied_edition(&self) -> impl Iterator<Item = ContentId> {
        let most = self.contents_for_same_edition();
        let edition = self.states.values().find(|contents| contents.len() == most);
        edition.into_iter().flatten().copied()
    }

    /// The strong tag under which one content came in the most forms, and these forms; `None` when
    /// no content came under a strong tag.
    ///
    /// A strong tag promises the same bytes (RFC 9110 §8.8.1); ranges under one that is shared can
    /// be spliced.
    pub fn most_shared_strong_tag(&self) -> Option<(&[u8], BTreeSet<ContentCoding>)> {
        let mut forms: BTreeMap<(ContentId, &[u8]), BTreeSet<ContentCoding>> = BTreeMap::new();
        for sighting in self.replicas.values().flat_map(ReplicaTally::sightings) {
            let strong = !sighting.entity_tag.starts_with(b"W/");
            if let Some(content) = sighting.content.filter(|_| strong && sighting.with_content) {
                forms.entry((content, &sighting.entity_tag)).or_default().insert(sighting.coding);
            }
        }
        let most = forms.into_iter().max_by_key(|(_, forms)| forms.len());
        most.map(|((_, tag), forms)| (tag, forms))
    }

    /// The most codings in which one content came under one and the same strong tag; 0 when none
    /// came under a strong tag.
    pub fn codings_for_same_strong_tag(&self) -> usize {
        self.most_shared_strong_tag().map_or(0, |(_, forms)| forms.len())
    }

    fn contents(&self) -> BTreeMap<(ContentId, ContentCoding), BTreeSet<&[u8]>> {
        let mut contents: BTreeMap<_, BTreeSet<&[u8]>> = BTreeMap::new();
        for sighting in self.replicas.values().flat_map(ReplicaTally::sightings) {
            if let Some(content) = sighting.content {
                let tags = contents.entry((content, sighting.coding)).or_default();
                tags.insert(sighting.opaque());
            }
        }
        contents
    }
}

impl TagSighting {
    /// The tag without the mark of a weak one.
    fn opaque(&self) -> &[u8] {
        self.entity_tag.strip_prefix(b"W/").unwrap_or(&self.entity_tag)
    }
}

impl CodingTally {
    fn record(&mut self, exchange: &Exchange<'_>) {
        self.responses += 1;
        self.tagged += u64::from(exchange.entity_tag.is_some());
        self.not_modified += u64::from(exchange.verdict.is_not_modified());
        self.needless += u64::from(exchange.verdict == Verdict::NeedlessTransfer);
    }
}

impl ReplicaTally {
    /// Tags seen from this replica in order of appearance, at most 256 of them, each with the
    /// content it stood for.
    pub fn sightings(&self) -> impl Iterator<Item = &TagSighting> {
        self.sightings.iter()
    }

    fn record(&mut self, exchange: &Exchange<'_>) {
        self.polls += 1;
        self.not_modified += u64::from(exchange.verdict.is_not_modified());
        let Some(tag) = exchange.entity_tag else { return };
        let tag = &tag[..tag.len().min(TAG_EVIDENCE_BYTES)];
        let (content, coding) = (exchange.tagged_content, exchange.coding);
        let with_content = !exchange.verdict.is_not_modified();
        let is_same = |seen: &TagSighting| {
            seen.content == content
                && seen.coding == coding
                && seen.with_content == with_content
                && seen.entity_tag == tag
        };
        if !self.latest.as_ref().is_some_and(is_same) {
            let sighting = TagSighting { content, coding, with_content, entity_tag: tag.to_vec() };
            let known = self.sightings.contains(&sighting);
            if !known && self.sightings.len() < SIGHTINGS_PER_REPLICA {
                self.sightings.push(sighting.clone());
            }
            self.latest = Some(sighting);
        }
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::ExchangeBytes;

    fn exchange(verdict: Verdict, replica: u32, tag: &str) -> Exchange<'_> {
        Exchange {
            round: 0,
            verdict,
            error: (verdict == Verdict::Error).then_some(ErrorReason::Cut),
            conditional: verdict != Verdict::FirstFetch,
            replica: Some(ReplicaId(replica)),
            entity_tag: Some(tag.as_bytes()),
            tagged_content: Some(ContentId::of(b"a")),
            coding: ContentCoding::Identity,
            bytes: ExchangeBytes {
                request: 100,
                response_fields: 200,
                response_content: if verdict.is_not_modified() { 0 } else { 8_192 },
                instrumentation: 20,
            },
            latency: Duration::from_micros(50),
        }
    }

    fn tally(exchanges: &[Exchange<'_>]) -> Tally {
        let mut tally = Tally::default();
        for exchange in exchanges {
            tally.record(exchange);
        }
        tally
    }

    #[test]
    fn ratios_count_conditional_requests_only() {
        let tally = tally(&[
            exchange(Verdict::FirstFetch, 1, "\"1\""),
            exchange(Verdict::Validated, 1, "\"1\""),
            exchange(Verdict::NeedlessTransfer, 2, "\"2\""),
        ]);
        assert_eq!(tally.not_modified_ratio(), Some(0.5));
        assert_eq!(tally.not_modified_ratio_of_all(), Some(1.0 / 3.0));
        assert_eq!(tally.tags_for_same_content(), 2);
        assert_eq!(tally.contents_for_same_tag(), 1);
    }

    #[test]
    fn no_conditional_request_means_no_ratio() {
        assert_eq!(tally(&[exchange(Verdict::FirstFetch, 1, "")]).not_modified_ratio(), None);
    }

    #[test]
    fn unchanged_polls_and_needless_content_are_summed_apart() {
        let tally = tally(&[
            exchange(Verdict::Validated, 1, "\"1\""),
            exchange(Verdict::NeedlessTransfer, 1, "\"1\""),
            exchange(Verdict::Changed, 1, "\"1\""),
        ]);
        assert_eq!(tally.bytes_per_unchanged_poll(), Some(f64::from(200 + 200 + 8_192) / 2.0));
        assert_eq!(tally.bytes.responses() - tally.bytes.ideal_responses(), 8_192);
    }

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
    fn contents_of_one_edition_are_told_apart_from_changes() {
        let state = |bytes: &str, edition| Content { id: ContentId::of(bytes.as_bytes()), edition };
        let mut tally = Tally::default();
        assert_eq!(tally.contents_for_same_edition(), 0);
        for declared in [state("a", Some(0)), state("b", Some(1)), state("x", None)] {
            tally.record_state(declared);
        }
        assert_eq!(tally.contents_for_same_edition(), 1);
        for bytes in ["b for r1", "b for r2", "b for r1"] {
            tally.record_state(state(bytes, Some(1)));
        }
        assert_eq!(tally.contents_for_same_edition(), 3);
        let most: Vec<_> = tally.contents_of_most_varied_edition().collect();
        assert!(most.len() == 3 && most.contains(&ContentId::of(b"b for r2")));
    }

    #[test]
    fn codings_have_tags_of_their_own_and_weak_ones_are_no_other_tags() {
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
        let of_gzip = CodingTally { responses: 1, tagged: 1, not_modified: 0, needless: 1 };
        assert_eq!(kept.codings[&ContentCoding::Gzip], of_gzip);
    }

    #[test]
    fn errors_are_counted_by_reason_and_stay_out_of_the_latencies() {
        let tally = tally(&[exchange(Verdict::Error, 1, "")]);
        assert_eq!(tally.errors.get(&ErrorReason::Cut), Some(&1));
        assert_eq!(tally.latencies.all(), None);
    }

    #[test]
    fn endless_new_tags_do_not_grow_the_tally() {
        let mut tally = Tally::default();
        for n in 0..10_000 {
            tally.record(&exchange(Verdict::Changed, 1, &format!("\"{n}\"")));
        }
        assert_eq!(tally.tags_for_same_content(), SIGHTINGS_PER_REPLICA);
        for n in 0..1_000_u32 {
            let id = ContentId::of(&n.to_le_bytes());
            tally.record_state(Content { id, edition: Some(n) });
            tally.record_state(Content { id, edition: Some(7) });
        }
        assert_eq!(tally.contents_for_same_edition(), MOST_STATES);
    }
}
