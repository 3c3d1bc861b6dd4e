//! Counts exchanges as they happen; one tally per arm.
//!
//! Recording costs no allocation while a replica keeps sending the tag it sent last.

#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod merge;
pub(crate) mod sightings;
mod states;
mod tables;
mod turns;

use std::collections::BTreeMap;
use std::time::Duration;

use truth::ReplicaId;

pub use self::merge::Unmergeable;
pub use self::sightings::{ReplicaTally, TagSighting};
use self::states::States;
use self::turns::Turns;
pub use self::turns::Unnumbered;
use crate::coding::ContentCoding;
use crate::conduct::Conduct;
use crate::exchange::{ErrorReason, Exchange, Resume};
use crate::latency::Latencies;
use crate::record::{
    ChangeSeenRecord, CodingRecord, FramingBytes, PollCounts, ResumesRecord, TablesRecord,
    TlsBytes, VerdictsRecord, WindowRecord, WritesRecord,
};
use crate::rounds::Rounds;
use crate::verdict::Verdict;

/// Everything counted in one arm.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Polls by what they meant.
    pub verdicts: VerdictsRecord,
    /// Polls that count for themselves.
    pub counts: PollCounts,
    /// Bytes on the sockets.
    pub bytes: ByteTotals,
    /// Of complete responses.
    pub latencies: Latencies,
    /// Errors by reason.
    pub errors: BTreeMap<ErrorReason, u64>,
    /// Responses by replica; `None` collects undeclared ones.
    pub replicas: BTreeMap<Option<ReplicaId>, ReplicaTally>,
    /// Responses by content coding, without errors.
    pub codings: BTreeMap<ContentCoding, CodingRecord>,
    /// For each change, in order: whether clients saw it on their next poll. At which poll it
    /// happened is for the caller to fill in.
    pub changes: Vec<ChangeSeenRecord>,
    /// Downloads that broke in the middle.
    pub resumes: ResumesRecord,
    /// Changes to the content that clients had stored.
    pub tables: TablesRecord,
    /// Writes between the polls; `None` where nobody wrote.
    pub writes: Option<WritesRecord>,
    /// Polls that a GET without a condition had to complete: after a HEAD that was answered 200, or a 304
    /// about a content that the client had lost.
    pub second_gets: u64,
    /// Polls that were not made because the server had asked for a slower pace, or for none.
    pub paused: u64,
    /// The same verdicts and bytes by poll round.
    pub rounds: Rounds,
    /// Conduct of the clients; for those who judge, and in records by the settings.
    pub conduct: Conduct,
    /// From the first intended start to the last byte.
    pub elapsed: Duration,
    /// The same by the clock of the machine, where the caller has looked at it.
    pub window: Option<WindowRecord>,
    /// Errors that were read from records, by their reasons in words.
    pub(crate) errors_of_shards: BTreeMap<String, u64>,
    /// Contents that replicas declared for each edition.
    states: States,
    /// Contents whose edition nobody declared.
    turns: Turns,
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
    /// Beyond all of these, added by TLS; `None` without it.
    pub tls: Option<TlsBytes>,
    /// Beyond all of these, added by the framing of HTTP/2; `None` over HTTP/1.1.
    pub framing: Option<FramingBytes>,
}

impl ByteTotals {
    /// Every byte read in response to polls.
    pub fn responses(&self) -> u64 {
        self.response_fields + self.response_content
    }

    /// Bytes that would have been read without needless transfers.
    pub fn ideal_responses(&self) -> u64 {
        self.responses() - self.needless_content
    }
}

impl Tally {
    /// Counts one poll.
    pub fn record(&mut self, exchange: &Exchange<'_>) {
        self.record_times(exchange, 1);
    }

    /// Counts so many polls that are equal in everything.
    pub fn record_times(&mut self, exchange: &Exchange<'_>, times: u64) {
        let verdict = exchange.verdict;
        self.verdicts.add_times(verdict, times);
        self.counts.count(exchange, times);
        self.record_bytes(exchange, times);
        self.rounds.record(exchange, times);
        if let Some(reason) = exchange.error {
            *self.errors.entry(reason).or_default() += times;
        }
        // A fresh hit made no request, and an error has no complete response: neither has a
        // latency, a sender or a coding.
        if !matches!(verdict, Verdict::Error | Verdict::FreshHit) {
            self.latencies.record(verdict.is_not_modified(), exchange.latency);
            self.replicas.entry(exchange.replica).or_default().record(exchange, times);
            self.codings.entry(exchange.coding).or_default().record(exchange, times);
        }
    }

    /// Counts the second requests of so many polls; `None` where their answers were no use.
    pub fn record_resume(&mut self, outcome: Option<Resume>, times: u64) {
        self.resumes.attempted += times;
        self.resumes.partial += times * u64::from(outcome == Some(Resume::Partial));
        self.resumes.whole += times * u64::from(outcome == Some(Resume::Whole));
    }

    /// Counts the first poll of so many clients after change number `change` had reached every
    /// replica.
    pub fn record_change_polled(&mut self, change: usize, updated: bool, times: u64) {
        if self.changes.len() <= change {
            self.changes.resize(change + 1, ChangeSeenRecord::default());
        }
        self.changes[change].clients_polled += times;
        self.changes[change].clients_updated += times * u64::from(updated);
    }

    /// Share of conditional requests answered 304, in `0.0..=1.0`.
    ///
    /// `None` when no request was conditional. RFC 9110 §15.4.5.
    pub fn not_modified_ratio(&self) -> Option<f64> {
        ratio(self.counts.not_modified, self.counts.conditional)
    }

    /// Share of all polls answered 304, first polls included, in `0.0..=1.0`.
    pub fn not_modified_ratio_of_all(&self) -> Option<f64> {
        ratio(self.counts.not_modified, self.verdicts.total())
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

    fn record_bytes(&mut self, exchange: &Exchange<'_>, times: u64) {
        let (totals, bytes) = (&mut self.bytes, &exchange.bytes);
        totals.requests += times * bytes.request;
        totals.response_fields += times * bytes.response_fields;
        totals.response_content += times * bytes.response_content;
        totals.instrumentation += times * bytes.instrumentation;
        if exchange.verdict.is_unchanged() {
            // Fields count as well: they are the price of a revalidation that found nothing new.
            totals.unchanged_responses += times * bytes.response();
        }
        if exchange.verdict == Verdict::NeedlessTransfer {
            totals.needless_content += times * bytes.response_content;
        }
    }
}

impl CodingRecord {
    fn record(&mut self, exchange: &Exchange<'_>, times: u64) {
        self.responses += times;
        self.tagged += times * u64::from(exchange.entity_tag.is_some());
        self.not_modified += times * u64::from(exchange.verdict.is_not_modified());
        self.needless_transfer += times * u64::from(exchange.verdict == Verdict::NeedlessTransfer);
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::fixture::{exchange, tally};
    use super::*;

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
    fn errors_are_counted_by_reason_and_stay_out_of_the_latencies() {
        let tally = tally(&[exchange(Verdict::Error, 1, "")]);
        assert_eq!(tally.errors.get(&ErrorReason::Cut), Some(&1));
        assert_eq!(tally.latencies.all(), None);
    }

    #[test]
    fn each_coding_is_counted_for_itself() {
        let coded = Exchange {
            coding: ContentCoding::Gzip,
            ..exchange(Verdict::NeedlessTransfer, 1, "\"x\"")
        };
        let tally = tally(&[exchange(Verdict::FirstFetch, 1, "\"x\""), coded]);
        let of_gzip = &tally.codings[&ContentCoding::Gzip];
        assert_eq!((of_gzip.responses, of_gzip.tagged, of_gzip.not_modified), (1, 1, 0));
        assert_eq!(of_gzip.needless_transfer, 1);
    }
}
