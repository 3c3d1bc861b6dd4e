//! Tags and the contents they were seen with, by replica.

use truth::ContentId;

use crate::coding::ContentCoding;
use crate::exchange::Exchange;
use crate::record::counts::add;

/// Distinct tags remembered for each replica; a server with a new tag per response must not
/// make a long run grow.
pub(crate) const SIGHTINGS_PER_REPLICA: usize = 256;

/// Longest tag remembered as evidence; longer ones are counted but kept cut.
const TAG_EVIDENCE_BYTES: usize = 256;

/// Responses of one replica.
#[derive(Clone, Debug, Default)]
pub struct ReplicaTally {
    /// Responses.
    pub polls: u64,
    /// Of these, 304s.
    pub not_modified: u64,
    sightings: Vec<TagSighting>,
    latest: Option<TagSighting>,
}

/// A tag, and the content it was seen with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagSighting {
    /// Number of the polled resource, from 0.
    pub resource: u32,
    /// `None` where the content that a 304 validates was not declared.
    pub content: Option<ContentId>,
    /// The form of that content: each may have a tag of its own (RFC 9110 §8.8.3.3).
    pub coding: ContentCoding,
    /// True when it came with that content, and not on a 304.
    pub with_content: bool,
    /// The field value's bytes.
    pub entity_tag: Vec<u8>,
}

impl ReplicaTally {
    /// Tags seen from this replica in order of appearance, at most 256 of them, each with the
    /// content it came with.
    pub fn sightings(&self) -> impl Iterator<Item = &TagSighting> {
        self.sightings.iter()
    }

    /// Reads the responses of a replica back. The tags are in an order of their own, so that sums of
    /// shards do not depend on the order of adding.
    pub(crate) fn of(polls: u64, not_modified: u64, sightings: Vec<TagSighting>) -> Self {
        let mut replica = Self { polls, not_modified, sightings, latest: None };
        replica.sort();
        replica
    }

    /// Adds the responses that others got of it.
    pub(crate) fn merge(&mut self, other: &Self) {
        add(&mut self.polls, other.polls);
        add(&mut self.not_modified, other.not_modified);
        self.sightings.extend_from_slice(&other.sightings);
        self.sort();
    }

    /// Puts the tags into the order in which they appeared in several lists, by the earliest place of
    /// each.
    pub(crate) fn order_as_in(&mut self, lists: &[Vec<TagSighting>]) {
        let place = |seen: &TagSighting| {
            let places = lists.iter().filter_map(|list| list.iter().position(|it| it == seen));
            places.min().unwrap_or(usize::MAX)
        };
        self.sightings.sort_by_cached_key(place);
    }

    fn sort(&mut self) {
        self.sightings.sort();
        self.sightings.dedup();
        self.sightings.truncate(SIGHTINGS_PER_REPLICA);
    }

    /// Counts so many such responses.
    pub(super) fn record(&mut self, exchange: &Exchange<'_>, times: u64) {
        self.polls += times;
        self.not_modified += times * u64::from(exchange.verdict.is_not_modified());
        let Some(tag) = exchange.entity_tag else { return };
        // A server may send tags of kilobytes; their beginning is evidence enough.
        let tag = &tag[..tag.len().min(TAG_EVIDENCE_BYTES)];
        let (content, coding) = (exchange.tagged_content, exchange.coding);
        let with_content = !exchange.verdict.is_not_modified();
        let is_same = |seen: &TagSighting| {
            seen.resource == exchange.resource
                && seen.content == content
                && seen.coding == coding
                && seen.with_content == with_content
                && seen.entity_tag == tag
        };
        // Nearly every response repeats the latest tag of its replica, so the list is searched
        // rarely.
        if !self.latest.as_ref().is_some_and(is_same) {
            let sighting = TagSighting {
                resource: exchange.resource,
                content,
                coding,
                with_content,
                entity_tag: tag.to_vec(),
            };
            // A linear search: a replica with more tags than the limit is a finding already.
            let known = self.sightings.contains(&sighting);
            if !known && self.sightings.len() < SIGHTINGS_PER_REPLICA {
                self.sightings.push(sighting.clone());
            }
            self.latest = Some(sighting);
        }
    }
}

impl TagSighting {
    /// The tag without the mark of a weak one.
    pub(crate) fn opaque(&self) -> &[u8] {
        self.entity_tag.strip_prefix(b"W/").unwrap_or(&self.entity_tag)
    }
}
