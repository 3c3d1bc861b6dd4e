//! Counts over some polls: verdicts, bytes, latencies, and their course.

use serde::{Deserialize, Serialize};

/// Adds to a count that may come from any file: a sum beyond all counts is the largest one.
pub(crate) fn add(sum: &mut u64, count: u64) {
    *sum = sum.saturating_add(count);
}

/// Polls by verdict.
#[expect(missing_docs, reason = "the nine verdicts, documented at `measure::Verdict`")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictsRecord {
    pub first_fetch: u64,
    pub validated: u64,
    pub changed: u64,
    pub regressed: u64,
    pub needless_transfer: u64,
    pub false_validation: u64,
    pub fresh_hit: u64,
    pub unverifiable: u64,
    pub error: u64,
}

/// The polls of an arm by round: in round `n` each client makes its poll number `n`, from 1.
///
/// Empty in records saved before there was this field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundsRecord {
    /// Rounds in each bucket, a power of two; the last bucket may be of fewer.
    pub width: u32,
    /// At most 128: the first is of rounds `1..=width`, the next of as many after these.
    pub buckets: Vec<RoundBucketRecord>,
}

/// Some consecutive rounds, summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundBucketRecord {
    /// Polls, those without a request included.
    pub polls: u64,
    /// Of these, answered 304.
    pub not_modified: u64,
    /// Every one of these polls by what it meant.
    pub verdicts: VerdictsRecord,
    /// Bytes written.
    pub request_bytes: u64,
    /// Bytes read: status line, fields, framing and content.
    pub response_bytes: u64,
    /// `response_bytes` less the content of needless transfers.
    pub ideal_response_bytes: u64,
}

/// Bytes counted at the clients' sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BytesRecord {
    /// Written.
    pub requests: u64,
    /// Read: status line, fields, framing and content.
    pub responses: u64,
    /// Of `responses`, everything but content.
    pub response_fields: u64,
    /// Of `responses`, content.
    pub response_content: u64,
    /// Of `responses`, those of polls whose content the client already held; 0 in old records.
    #[serde(default)]
    pub unchanged_responses: u64,
    /// Mean of `unchanged_responses` over these polls.
    pub per_unchanged_poll: Option<f64>,
    /// `responses` less the content of needless transfers.
    pub ideal_responses: u64,
    /// Field lines that only the lab adds, both directions; included above.
    pub instrumentation: u64,
    /// `requests` and `responses` together: what a round trip costs, tag in the request included.
    #[serde(default)]
    pub both_directions: u64,
    /// Beyond all of these, what TLS added; left out without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsBytes>,
    /// Beyond all of these, what the framing of HTTP/2 added; left out over HTTP/1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framing: Option<FramingBytes>,
}

/// Octets that TLS added to those of HTTP: handshakes, record headers, padding, alerts and tickets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsBytes {
    /// Handshakes that were completed.
    pub handshakes: u64,
    /// Written.
    pub requests: u64,
    /// Read.
    pub responses: u64,
}

/// Octets that HTTP/2 (RFC 9113) adds to fields and content: frame headers, padding, settings, credit and
/// all other frames that carry no message. Over HTTP/2 what counts as HTTP is the payload of HEADERS,
/// CONTINUATION and DATA frames: the fields as HPACK packs them, and the content.
///
/// nginx's `$request_length` counts the same; its `$bytes_sent` counts the 9 octets in front of each of
/// `response_frames` as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FramingBytes {
    /// Connections that were opened.
    pub connections: u64,
    /// Written.
    pub requests: u64,
    /// Read.
    pub responses: u64,
    /// Frames that carried fields or content, written.
    pub request_frames: u64,
    /// The same, read.
    pub response_frames: u64,
}

/// Quantiles in microseconds.
#[expect(missing_docs, reason = "quantiles: median, 90 %, 99 %, 99.9 %, longest")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatencyRecord {
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub p999: u64,
    pub max: u64,
}

/// Distributions of latencies in microseconds: `HdrHistogram` V2, deflated, in base64, from 1 µs to 10
/// minutes with 3 digits, so that those of several records can be added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistogramsRecord {
    /// Of all complete responses.
    pub all: String,
    /// Of 200s alone.
    #[serde(rename = "200")]
    pub full: String,
    /// Of 304s alone.
    #[serde(rename = "304")]
    pub not_modified: String,
}

/// Time of the polls by the clock of the machine that made them, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowRecord {
    /// Intended start of the first poll, of the earliest shard.
    pub from_us: u64,
    /// End of the last poll, of the latest shard.
    pub to_us: u64,
    /// From here on all shards polled.
    pub together_from_us: u64,
    /// Until here all shards polled.
    pub together_to_us: u64,
}

impl WindowRecord {
    /// The time of one process.
    pub fn of(from_us: u64, to_us: u64) -> Self {
        Self { from_us, to_us, together_from_us: from_us, together_to_us: to_us }
    }

    /// The time of both together.
    #[must_use]
    pub fn united_with(self, other: Self) -> Self {
        Self {
            from_us: self.from_us.min(other.from_us),
            to_us: self.to_us.max(other.to_us),
            together_from_us: self.together_from_us.max(other.together_from_us),
            together_to_us: self.together_to_us.min(other.together_to_us),
        }
    }

    /// Share of the time in which all shards polled, in `0.0..=1.0`.
    pub fn overlap(self) -> f64 {
        let span = self.to_us.saturating_sub(self.from_us);
        let together = self.together_to_us.saturating_sub(self.together_from_us);
        if span == 0 { 1.0 } else { together as f64 / span as f64 }
    }
}

/// Downloads that broke in the middle; each cost a second request within its poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumesRecord {
    /// Second requests, those that ended in an error included.
    pub attempted: u64,
    /// Answered 206 with what was missing.
    pub partial: u64,
    /// Answered 200 with the whole content again.
    pub whole: u64,
}

/// Changes to clients' tables, which are the content that each has stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablesRecord {
    /// Clients that hold a table; when the run is over, those that end with one.
    pub held_at_end: u64,
    /// Complete contents that a client stored and did not hold already, the first one included.
    pub loads: u64,
    /// Tables that clients dropped because a poll had failed.
    pub lost: u64,
    /// Failed polls after which the client went on with the table that it had.
    pub kept_through_errors: u64,
    /// Longest time that a client used an unconfirmed table because its polls failed, in
    /// microseconds of real time: from the last response that brought or confirmed it to the next
    /// one, or to the last failure.
    pub longest_unconfirmed_us: u64,
}

/// Writes of clients that read, change and PUT, by what became of them; the content of the last one
/// that was accepted, wherever that was, is current.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WritesRecord {
    /// Accepted: 2xx.
    pub accepted: u64,
    /// Refused (412, 428) after somebody else had written since the writer's read.
    pub refused_rightly: u64,
    /// Refused although nobody had.
    pub refused_wrongly: u64,
    /// Of those accepted, those that replaced a write which their writer had not read: an update is
    /// lost.
    pub lost: u64,
    /// Without a result: a read or a write that failed, and any other status.
    pub failed: u64,
}
