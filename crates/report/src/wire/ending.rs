//! The closing lines of an arm: how many tags the same content carried, and what that cost.

use std::collections::BTreeMap;

use measure::record::ArmRecord;
use measure::{Transcript, WireExchange};
use truth::ReplicaId;

use super::message;
use super::story::{Story, StorySubject};
use crate::cell::Tone;
use crate::quantity::{NOTHING, percent};
use text::{count, counted};

const MOST_TAGS: usize = 8;

/// The last words on an arm: good or bad, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ArmEnding {
    pub(super) tone: Tone,
    pub(super) title: String,
    /// Tags by replica, where they are the trouble.
    pub(super) tags: Vec<String>,
    pub(super) cost: String,
}

/// Judges the tags that the subject of the story carried on the wire.
pub(super) fn of(story: &Story<'_>, transcript: &Transcript, arm: Option<&ArmRecord>) -> ArmEnding {
    let sightings = sightings(story.subject, transcript);
    let mut tags: Vec<&[u8]> = sightings.values().flatten().copied().collect();
    tags.sort_by_key(|tag| opaque(tag));
    tags.dedup_by_key(|tag| opaque(tag));
    let troubles = arm.map_or_else(String::new, |arm| troubles(arm, tags.len()));
    let (tone, tag) = match tags[..] {
        [tag] if troubles.is_empty() => (Tone::Good, message::shown(tag)),
        _ => (Tone::Bad, String::new()),
    };
    let title = match (tags.len(), sightings.len() as u64) {
        (_, 0) => "nobody revalidated what had not changed".to_owned(),
        (0, _) => "same content, no tag".to_owned(),
        (1, replicas) if tone == Tone::Good => {
            format!("same content, one tag on {}: {tag}", counted(replicas, "replica"))
        }
        (1, replicas) => {
            format!("same content, one tag on {}{troubles}", counted(replicas, "replica"))
        }
        (many, _) => format!("same content, {many} tags{troubles}"),
    };
    let mut named = Vec::new();
    if tone == Tone::Bad && !tags.is_empty() {
        named.extend(sightings.iter().take(MOST_TAGS).map(|(id, tags)| said(*id, tags)));
        named.extend((sightings.len() > MOST_TAGS).then(|| "…".to_owned()));
    }
    ArmEnding { tone, title, tags: named, cost: arm.map_or_else(String::new, cost) }
}

/// Faults besides the number of tags, as the end of a sentence; empty without any.
fn troubles(arm: &ArmRecord, tags: usize) -> String {
    let verdicts = &arm.verdicts;
    let needless = if tags == 1 { verdicts.needless_transfer } else { 0 };
    let parts = [(verdicts.false_validation, "false 304"), (needless, "needless 200")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = parts.map(|(number, noun)| counted(number, noun)).collect();
    if parts.is_empty() { String::new() } else { format!(", and yet {}", parts.join(" and ")) }
}

/// `r1 "41"`, or `r1 "41" "42"` when a replica changed its mind.
fn said(replica: Option<ReplicaId>, tags: &[&[u8]]) -> String {
    let who = replica.map_or_else(|| "?".to_owned(), |id| id.to_string());
    let tags = tags.iter().take(MOST_TAGS).map(|tag| message::shown(tag));
    std::iter::once(who).chain(tags).collect::<Vec<_>>().join(" ")
}

fn cost(arm: &ArmRecord) -> String {
    let rate = arm.not_modified_ratio.map_or_else(|| NOTHING.to_owned(), percent);
    format!(
        "304s {rate}, {} of {}; needless 200s {}",
        count(arm.counts.not_modified),
        counted(arm.counts.conditional, "conditional request"),
        count(arm.verdicts.needless_transfer),
    )
}

/// The tags of the subject, by replica, in the order in which they were first seen.
fn sightings<'a>(
    subject: Option<StorySubject<'_>>,
    transcript: &'a Transcript,
) -> BTreeMap<Option<ReplicaId>, Vec<&'a [u8]>> {
    let about = |exchange: &&WireExchange| {
        subject.is_some() && StorySubject::of(exchange) == subject && exchange.error.is_none()
    };
    let mut sightings: BTreeMap<_, Vec<&[u8]>> = BTreeMap::new();
    for exchange in transcript.exchanges.iter().filter(about) {
        // What a replica tags is what it holds, and after a false 304 that is something else.
        if exchange.tagged_content.is_some_and(|content| Some(content) != exchange.held) {
            continue;
        }
        let tags = sightings.entry(exchange.replica).or_default();
        let tag = message::value(message::last(&exchange.response_head), "etag");
        tags.extend(tag.filter(|tag| !tags.contains(tag)));
    }
    sightings
}

// The tag as weak comparison sees it (RFC 9110 §8.8.3.2).
pub(super) fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}
