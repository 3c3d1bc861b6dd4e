//! Tags that the clients of an arm saw, each with its replicas, as one line of evidence.

use std::collections::BTreeSet;

use measure::{TagSighting, Tally};
use truth::{ContentId, ReplicaId};

/// Replicas named in one line of evidence; the rest is counted.
const MOST_REPLICAS_SHOWN: usize = 8;

/// The tags of the content that has the most.
pub(crate) fn tags_of_most_tagged(tally: &Tally) -> String {
    let most = tally.most_tagged_content();
    tags_by_replica(tally, |resource, content| most == Some((resource, content)))
}

/// `r1 "41"   r2 "18"   r3 "2"`: the tags of the contents that are asked for, by resource.
pub(crate) fn tags_by_replica(tally: &Tally, is_meant: impl Fn(u32, ContentId) -> bool) -> String {
    let is_meant = |sighting: &TagSighting| {
        sighting.content.is_some_and(|content| is_meant(sighting.resource, content))
    };
    let mut shown = Vec::new();
    for (replica, seen) in &tally.replicas {
        let name = named(*replica);
        let tags = seen.sightings().filter(|sighting| is_meant(sighting));
        let mut tags: Vec<_> = tags.map(|tag| String::from_utf8_lossy(&tag.entity_tag)).collect();
        // The same one may have been seen on a 304 and with the content, in several codings.
        let mut told = BTreeSet::new();
        tags.retain(|tag| told.insert(tag.clone()));
        // Each change of the resource brings another tag; a few show how they look.
        tags.truncate(3);
        if !tags.is_empty() {
            shown.push(format!("{name} {}", tags.join(" ")));
        }
    }
    let more = shown.len().saturating_sub(MOST_REPLICAS_SHOWN);
    shown.truncate(MOST_REPLICAS_SHOWN);
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join("   ")
}

/// Tags that stood for more than one content: `"7" on r1, r2`.
pub(crate) fn shared_tags(tally: &Tally) -> String {
    let seen = || {
        tally
            .replicas
            .iter()
            .flat_map(|(replica, seen)| seen.sightings().map(move |sighting| (*replica, sighting)))
    };
    let mut lines: Vec<String> = Vec::new();
    for (_, one) in seen() {
        let same_tag = || {
            seen().filter(|(_, other)| {
                (other.resource, &other.entity_tag) == (one.resource, &one.entity_tag)
            })
        };
        if !same_tag().any(|(_, other)| other.content != one.content) {
            continue;
        }
        let mut replicas: Vec<_> = same_tag().map(|(replica, _)| named(replica)).collect();
        replicas.dedup();
        let line =
            format!("{} on {}", String::from_utf8_lossy(&one.entity_tag), replicas.join(", "));
        if !lines.contains(&line) && lines.len() < MOST_REPLICAS_SHOWN {
            lines.push(line);
        }
    }
    lines.join("   ")
}

fn named(replica: Option<ReplicaId>) -> String {
    replica.map_or_else(|| "-".to_owned(), |id| id.to_string())
}
