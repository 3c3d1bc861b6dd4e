//! The result of one arm: polls by what they meant, ratios, and the replicas that answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::control_plane::{ControlPlaneRecord, SharedStoreRecord};
use super::counts::{
    BytesRecord, HistogramsRecord, LatencyRecord, ResumesRecord, RoundsRecord, TablesRecord,
    VerdictsRecord, WindowRecord, WritesRecord,
};
use super::polls::PollCounts;
use super::scenario::SetupRecord;

/// One arm of the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmRecord {
    /// Name in the scenario: `before`, `after`, …
    pub name: String,
    /// Tag strategy; `replica command` or `-` when the tags are not ours.
    pub strategy: String,
    /// Size of the fleet in this arm; 0 when the fleet is not ours (`poll`).
    pub fleet_size: u32,
    /// Balancer and load of this arm.
    // Flat in the file: a script reads the clients of an arm as it reads its polls.
    #[serde(flatten)]
    pub setup: SetupRecord,
    /// Polls made.
    pub polls: u64,
    /// Of these, those that one look at each of them counts.
    // Flat as well: where a count is declared does not concern a script.
    #[serde(flatten)]
    pub counts: PollCounts,
    /// Every poll by what it meant.
    pub verdicts: VerdictsRecord,
    /// `not_modified / conditional`.
    pub not_modified_ratio: Option<f64>,
    /// `not_modified / polls`.
    pub not_modified_ratio_of_all: Option<f64>,
    /// Ratio by arithmetic; exact in lock-step, else the expectation.
    pub predicted_not_modified_ratio: Option<f64>,
    /// Range that holds the ratio in 99.9 of 100 runs, if chance plays a part.
    pub predicted_interval: Option<[f64; 2]>,
    /// The same for 95 of 100 runs; left out where chance plays none, as in old records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicted_interval_95: Option<[f64; 2]>,
    /// Bytes on the clients' sockets.
    pub bytes: BytesRecord,
    /// Of complete responses; `null` when there was none.
    pub latency_us: Option<LatencyRecord>,
    /// Of 200s alone.
    pub latency_200_us: Option<LatencyRecord>,
    /// Of 304s alone.
    pub latency_304_us: Option<LatencyRecord>,
    /// The whole distributions, which add up; left out in old records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_histograms: Option<HistogramsRecord>,
    /// From the first poll to the last byte; `null` where nothing took time, as in a model.
    pub elapsed_s: Option<f64>,
    /// The same by the clock of the machine; left out in old records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowRecord>,
    /// Most tags carried by one and the same content.
    pub tags_for_same_content: usize,
    /// Most contents behind one and the same tag.
    pub contents_for_same_tag: usize,
    /// Most contents of one and the same edition: more than 1 where replicas make content of
    /// their own; 0 when nobody numbers the editions.
    #[serde(default)]
    pub contents_for_same_edition: usize,
    /// Most contents of one resource that took turns from the first poll to the last without an
    /// edition to tell them apart; 0 where they did not.
    #[serde(default)]
    pub contents_in_turn: usize,
    /// Least and most of each number, by its name in CSV files, over repetitions of the run; left out
    /// where there was one run.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spread: BTreeMap<String, [f64; 2]>,
    /// Editions with their contents; of shards alone, which add them up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub editions: Vec<EditionRecord>,
    /// CPU time, user and system, that the replicas' processes spent on the polls, by the
    /// operating system's clock of each process; `null` where it was not to be had, and for
    /// programs of the user's.
    #[serde(default)]
    pub origin_cpu_s: Option<f64>,
    /// The same for each poll, in microseconds.
    #[serde(default)]
    pub origin_cpu_us_per_poll: Option<f64>,
    /// Content that 304s did not send, in bytes, for each second of `origin_cpu_s`.
    #[serde(default)]
    pub bytes_saved_per_cpu_second: Option<f64>,
    /// Most codings in which one content came under one strong tag; more than 1 is a trap.
    #[serde(default)]
    pub codings_for_same_strong_tag: usize,
    /// Forms in which content came; `identity` first.
    #[serde(default)]
    pub codings: Vec<CodingRecord>,
    /// Replicas that answered, as far as they were declared.
    pub replicas: Vec<ReplicaRecord>,
    /// The course of the arm, poll round by poll round.
    #[serde(default)]
    pub rounds: RoundsRecord,
    /// Arrival of each change at the clients.
    pub changes_seen: Vec<ChangeSeenRecord>,
    /// Errors by reason, most frequent first.
    pub errors: Vec<ErrorRecord>,
    /// Downloads that were cut, and how they went on.
    #[serde(default)]
    pub resumes: ResumesRecord,
    /// Writes between the polls; left out where nobody wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes: Option<WritesRecord>,
    /// Requests of the replicas to the database and the store that they share; `null` where they
    /// share none.
    #[serde(default)]
    pub shared_store: Option<SharedStoreRecord>,
    /// Answers of the cache between clients and balancer; left out where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheRecord>,
    /// Fate of the content that clients had stored.
    #[serde(default)]
    pub tables: TablesRecord,
    /// Polls that were not made, because the server had asked for a slower pace or for none; they
    /// are in none of the other counts.
    #[serde(default)]
    pub paused: u64,
    /// Polls that a GET without a condition had to complete: after a HEAD that was answered 200, or a 304
    /// about a content that the client had lost; left out where there was none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub second_gets: u64,
    /// The source and the proxies behind the clients; `null` where replicas answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_plane: Option<ControlPlaneRecord>,
}

/// Answers of a shared cache, and what they cost the origin behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CacheRecord {
    /// Requests answered from what was stored, without a word from the origin.
    pub hits: u64,
    /// Stale responses that the origin confirmed with a 304.
    pub revalidated: u64,
    /// Responses that the origin sent with their content.
    pub fetched: u64,
    /// Bytes that came from the origin, fields and content.
    pub bytes_from_origin: u64,
}

/// One replica, as the clients saw it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReplicaRecord {
    /// `r1`, `r2`, …; `-` for responses that nobody signed.
    pub id: String,
    /// Responses.
    pub polls: u64,
    /// Of these, 304s.
    pub not_modified: u64,
    /// Distinct tags, at most 256, bytes that are not UTF-8 replaced.
    pub entity_tags: Vec<String>,
    /// The same with what each tag stood for; a tag stands once for each of its contents.
    #[serde(default)]
    pub sightings: Vec<SightingRecord>,
}

/// A tag of a replica, and a content that it stood for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SightingRecord {
    /// As in [`ReplicaRecord::entity_tags`].
    pub entity_tag: String,
    /// A short hash of the content; `null` where nobody declares what a 304 validates.
    pub content: Option<String>,
    /// Number of the polled resource, from 0; left out if 0.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resource: u32,
    /// Coding of the content; left out if it was none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub coding: String,
    /// True if it came on a 304, and not with the content; left out if not.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_not_modified: bool,
    /// The tag in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub octets: Option<String>,
}

/// An edition of a resource, and the contents that it was seen with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionRecord {
    /// Number of the polled resource, from 0.
    pub resource: u32,
    /// Number of changes that the resource had seen.
    pub edition: u32,
    /// Short hashes of contents; more than one where replicas make their own.
    pub contents: Vec<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Responses in one content coding; a 304 counts for the coding of what it confirms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CodingRecord {
    /// `identity`, `gzip`, `br`, `zstd`, `deflate` or `other`.
    pub coding: String,
    /// Responses, errors left out.
    pub responses: u64,
    /// Of these, responses with an entity tag.
    pub tagged: u64,
    /// Of these, 304s.
    pub not_modified: u64,
    /// Of these, 200s whose content the client already held.
    pub needless_transfer: u64,
}

/// Arrival of one change at the clients.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangeSeenRecord {
    /// As in [`super::ChangeRecord::at_poll`].
    pub at_poll: u32,
    /// Clients that polled after the change was on every replica.
    pub clients_polled: u64,
    /// Of these, those that had the new content after their first such poll.
    pub clients_updated: u64,
}

/// One kind of error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorRecord {
    /// Cause of the error.
    pub reason: String,
    /// Number of such errors.
    pub count: u64,
}
