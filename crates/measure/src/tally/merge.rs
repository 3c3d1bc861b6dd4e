//! Tallies read back from records, and added up: what shards of one schedule measured, together.
//!
//! Every sum is the same in any order and in any grouping. The order of the polls is lost with the
//! division: what depends on it is judged by each shard alone.

use std::collections::BTreeMap;
use std::time::Duration;

use truth::{ContentId, ReplicaId};

use crate::coding::ContentCoding;
use crate::conduct::Conduct;
use crate::latency::{Latencies, UnreadableHistogram};
use crate::record::counts::add;
use crate::record::{
    ArmRecord, BytesRecord, ChangeSeenRecord, CodingRecord, FramingBytes, ReplicaRecord,
    ResumesRecord, TablesRecord, TlsBytes, WritesRecord,
};
use crate::rounds::Rounds;
use crate::tally::{ByteTotals, ReplicaTally, TagSighting, Tally};
use crate::verdict::Verdict;

/// Reason why an arm cannot be added to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmergeable {
    /// Its record has quantiles and no histograms, as those of 0.1.0: quantiles cannot be added.
    NoHistograms,
    /// A histogram that this version cannot add.
    Histogram(UnreadableHistogram),
    /// A value that no version writes, by its field.
    Malformed(&'static str),
}

impl std::fmt::Display for Unmergeable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoHistograms => f.write_str(
                "it has quantiles and no histograms, as records of 0.1.0 do, and quantiles cannot be \
                 added",
            ),
            Self::Histogram(reason) => write!(f, "a histogram in it {reason}"),
            Self::Malformed(field) => write!(f, "`{field}` in it is nothing that etag-lab writes"),
        }
    }
}

impl std::error::Error for Unmergeable {}

impl Tally {
    /// The tally behind a record, without what depends on the order of the polls.
    pub fn of_record(arm: &ArmRecord) -> Result<Self, Unmergeable> {
        check(arm)?;
        let histograms = arm.latency_histograms.as_ref().ok_or(Unmergeable::NoHistograms)?;
        let latencies = Latencies::of_record(histograms).map_err(Unmergeable::Histogram)?;
        let coding = |record: &CodingRecord| {
            let coding = ContentCoding::of_list(record.coding.as_bytes());
            let counts = CodingRecord { coding: String::new(), ..record.clone() };
            (coding, counts)
        };
        let mut tally = Self {
            verdicts: arm.verdicts,
            counts: arm.counts,
            bytes: (&arm.bytes).into(),
            latencies,
            replicas: arm.replicas.iter().map(replica).collect::<Result<_, _>>()?,
            codings: arm.codings.iter().map(coding).collect(),
            changes: arm.changes_seen.clone(),
            resumes: arm.resumes,
            tables: arm.tables,
            writes: arm.writes,
            paused: arm.paused,
            conduct: Conduct::of_record(arm),
            second_gets: arm.second_gets,
            window: arm.window,
            rounds: Rounds::of_record(&arm.rounds).ok_or(Unmergeable::Malformed("rounds"))?,
            elapsed: Duration::try_from_secs_f64(arm.elapsed_s.unwrap_or_default())
                .map_err(|_| Unmergeable::Malformed("elapsed_s"))?,
            ..Self::default()
        };
        for error in &arm.errors {
            let count = tally.errors_of_shards.entry(error.reason.clone()).or_default();
            *count = count.saturating_add(error.count);
        }
        for edition in &arm.editions {
            let contents = edition.contents.iter().map(|id| content(id));
            let contents = contents.collect::<Result<Vec<_>, _>>()?;
            tally.add_edition(edition.resource, edition.edition, contents);
        }
        Ok(tally)
    }

    /// Puts the tags of each replica into the order in which these shards saw them, which ran together:
    /// what was first there is first here.
    pub fn order_tags_as_in(&mut self, shards: &[ArmRecord]) {
        for (id, replica) in &mut self.replicas {
            let id = id.map_or_else(|| "-".to_owned(), |id| id.to_string());
            let records = shards.iter().flat_map(|shard| &shard.replicas).filter(|it| it.id == id);
            let lists: Vec<_> = records.filter_map(|record| sightings(record).ok()).collect();
            replica.order_as_in(&lists);
        }
    }

    /// Adds the counts of another shard, and unites the times.
    pub fn merge(&mut self, other: &Self) {
        self.verdicts.merge(&other.verdicts);
        self.counts.merge(other.counts);
        self.bytes.merge(&other.bytes);
        self.latencies.merge(&other.latencies);
        for (reason, count) in other.errors_by_reason() {
            let sum = self.errors_of_shards.entry(reason).or_default();
            *sum = sum.saturating_add(count);
        }
        for (id, replica) in &other.replicas {
            self.replicas.entry(*id).or_default().merge(replica);
        }
        for (coding, counts) in &other.codings {
            self.codings.entry(*coding).or_default().merge(counts);
        }
        self.changes
            .resize(self.changes.len().max(other.changes.len()), ChangeSeenRecord::default());
        for (sum, change) in self.changes.iter_mut().zip(&other.changes) {
            add(&mut sum.clients_polled, change.clients_polled);
            add(&mut sum.clients_updated, change.clients_updated);
        }
        self.resumes.merge(other.resumes);
        self.tables.merge(other.tables);
        if let Some(writes) = other.writes {
            self.writes.get_or_insert_default().merge(writes);
        }
        add(&mut self.paused, other.paused);
        add(&mut self.second_gets, other.second_gets);
        self.rounds.merge(&other.rounds);
        self.unite_times(other);
        self.merge_editions(other);
    }
}

/// Largest count that a number in JSON holds exactly; no run reaches it, and sums of many fit.
const MOST: u64 = 1 << 53;

/// Refuses counts that contradict one another: a record may come from anywhere.
fn check(arm: &ArmRecord) -> Result<(), Unmergeable> {
    let bytes = &arm.bytes;
    let all = [bytes.requests, bytes.responses, bytes.response_fields, bytes.response_content];
    let all = all.into_iter().chain([bytes.unchanged_responses, bytes.instrumentation, arm.paused]);
    let is = |holds: bool, field| if holds { Ok(()) } else { Err(Unmergeable::Malformed(field)) };
    is(all.into_iter().all(|count| count < MOST), "bytes")?;
    let of = |verdict| arm.verdicts.of(verdict);
    let total =
        Verdict::ALL.into_iter().fold(0, |sum: u64, verdict| sum.saturating_add(of(verdict)));
    is(total == arm.polls && total < MOST, "polls")?;
    is(arm.counts.not_modified <= arm.counts.conditional, "not_modified")?;
    is(arm.counts.conditional <= arm.polls, "conditional")
}

fn content(id: &str) -> Result<ContentId, Unmergeable> {
    id.parse().map_err(|()| Unmergeable::Malformed("content"))
}

fn replica(record: &ReplicaRecord) -> Result<(Option<ReplicaId>, ReplicaTally), Unmergeable> {
    let id = match record.id.as_str() {
        "-" => None,
        id => {
            let number = id.strip_prefix('r').and_then(|number| number.parse().ok());
            Some(ReplicaId(number.ok_or(Unmergeable::Malformed("replicas.id"))?))
        }
    };
    Ok((id, ReplicaTally::of(record.polls, record.not_modified, sightings(record)?)))
}

/// The tags of a replica, as the record lists them.
fn sightings(record: &ReplicaRecord) -> Result<Vec<TagSighting>, Unmergeable> {
    let sightings = record.sightings.iter().map(|seen| {
        let content = seen.content.as_deref().map(content).transpose()?;
        seen.to_sighting(content).ok_or(Unmergeable::Malformed("octets"))
    });
    sightings.collect()
}

impl From<&BytesRecord> for ByteTotals {
    fn from(bytes: &BytesRecord) -> Self {
        Self {
            requests: bytes.requests,
            response_fields: bytes.response_fields,
            response_content: bytes.response_content,
            instrumentation: bytes.instrumentation,
            unchanged_responses: bytes.unchanged_responses,
            needless_content: bytes.responses.saturating_sub(bytes.ideal_responses),
            tls: bytes.tls,
            framing: bytes.framing,
        }
    }
}

impl ByteTotals {
    fn merge(&mut self, other: &Self) {
        add(&mut self.requests, other.requests);
        add(&mut self.response_fields, other.response_fields);
        add(&mut self.response_content, other.response_content);
        add(&mut self.instrumentation, other.instrumentation);
        add(&mut self.unchanged_responses, other.unchanged_responses);
        add(&mut self.needless_content, other.needless_content);
        if let Some(tls) = other.tls {
            let sum = self.tls.get_or_insert_default();
            let TlsBytes { handshakes, requests, responses } = tls;
            add(&mut sum.handshakes, handshakes);
            add(&mut sum.requests, requests);
            add(&mut sum.responses, responses);
        }
        if let Some(framing) = other.framing {
            let sum = self.framing.get_or_insert_default();
            let FramingBytes { connections, requests, responses, request_frames, response_frames } =
                framing;
            add(&mut sum.connections, connections);
            add(&mut sum.requests, requests);
            add(&mut sum.responses, responses);
            add(&mut sum.request_frames, request_frames);
            add(&mut sum.response_frames, response_frames);
        }
    }
}

impl CodingRecord {
    fn merge(&mut self, other: &Self) {
        let Self { coding: _, responses, tagged, not_modified, needless_transfer } = other;
        add(&mut self.responses, *responses);
        add(&mut self.tagged, *tagged);
        add(&mut self.not_modified, *not_modified);
        add(&mut self.needless_transfer, *needless_transfer);
    }
}

impl ResumesRecord {
    fn merge(&mut self, other: Self) {
        let Self { attempted, partial, whole } = other;
        add(&mut self.attempted, attempted);
        add(&mut self.partial, partial);
        add(&mut self.whole, whole);
    }
}

impl WritesRecord {
    fn merge(&mut self, other: Self) {
        let Self { accepted, refused_rightly, refused_wrongly, lost, failed } = other;
        add(&mut self.accepted, accepted);
        add(&mut self.refused_rightly, refused_rightly);
        add(&mut self.refused_wrongly, refused_wrongly);
        add(&mut self.lost, lost);
        add(&mut self.failed, failed);
    }
}

impl TablesRecord {
    fn merge(&mut self, other: Self) {
        let Self { held_at_end, loads, lost, kept_through_errors, longest_unconfirmed_us } = other;
        add(&mut self.held_at_end, held_at_end);
        add(&mut self.loads, loads);
        add(&mut self.lost, lost);
        add(&mut self.kept_through_errors, kept_through_errors);
        self.longest_unconfirmed_us = self.longest_unconfirmed_us.max(longest_unconfirmed_us);
    }
}

/// Errors by their reasons in words, those of records included.
impl Tally {
    fn unite_times(&mut self, other: &Self) {
        self.elapsed = self.elapsed.max(other.elapsed);
        self.window = match (self.window, other.window) {
            (Some(one), Some(other)) => Some(one.united_with(other)),
            (one, other) => one.or(other),
        };
        if let Some(window) = self.window {
            self.elapsed = Duration::from_micros(window.to_us.saturating_sub(window.from_us));
        }
    }

    /// Errors by reason, in words.
    pub fn errors_by_reason(&self) -> BTreeMap<String, u64> {
        let mut errors = self.errors_of_shards.clone();
        for (reason, count) in &self.errors {
            add(errors.entry(reason.to_string()).or_default(), *count);
        }
        errors
    }
}
