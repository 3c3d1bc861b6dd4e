//! Course of an arm, poll round by poll round, in a bounded number of buckets.
//!
//! Knows rounds, not time: in round `n` every client makes its poll number `n`.

use crate::exchange::Exchange;
use crate::record::counts::add;
use crate::record::{RoundBucketRecord, RoundsRecord};
use crate::verdict::Verdict;

/// Most buckets; with more rounds, neighbours share one. Even, so that they pair up.
const MOST_BUCKETS: usize = 128;

/// Counts of exchanges by round. However long the run, it never outgrows `MOST_BUCKETS`.
#[derive(Clone, Debug, Default)]
pub struct Rounds {
    /// Rounds in a bucket are 2 to this power: an index is a shift, and neighbours merge in pairs.
    doublings: u32,
    buckets: Vec<RoundBucketRecord>,
}

impl Rounds {
    /// The buckets in order, the first of them with round 0; the last may be of fewer rounds.
    pub(crate) fn to_record(&self) -> RoundsRecord {
        RoundsRecord { width: 1 << self.doublings, buckets: self.buckets.clone() }
    }

    /// Counts so many such polls in their round.
    pub(crate) fn record(&mut self, exchange: &Exchange<'_>, times: u64) {
        let index = (exchange.round >> self.doublings) as usize;
        match self.buckets.get_mut(index) {
            Some(bucket) => bucket.add(exchange, times),
            None => self.grow(exchange.round).add(exchange, times),
        }
    }

    /// Reads buckets back; `None` where no tally can have made them.
    pub(crate) fn of_record(record: &RoundsRecord) -> Option<Self> {
        let width = record.width.max(1);
        let is_sound = width.is_power_of_two() && record.buckets.len() <= MOST_BUCKETS;
        let doublings = width.trailing_zeros();
        is_sound.then(|| Self { doublings, buckets: record.buckets.clone() })
    }

    /// Adds the polls of other clients, round by round.
    pub(crate) fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        while self.doublings < other.doublings {
            self.halve();
        }
        while other.doublings < self.doublings {
            other.halve();
        }
        let count = self.buckets.len().max(other.buckets.len());
        self.buckets.resize_with(count, RoundBucketRecord::default);
        for (bucket, more) in self.buckets.iter_mut().zip(&other.buckets) {
            bucket.merge(more);
        }
    }

    /// Lets neighbours share a bucket: every count stays exact, the resolution in time is lost.
    fn halve(&mut self) {
        self.buckets = self.buckets.chunks(2).map(RoundBucketRecord::sum).collect();
        self.doublings += 1;
    }

    /// Makes a bucket for a round beyond the last one.
    #[cold]
    fn grow(&mut self, round: u32) -> &mut RoundBucketRecord {
        while (round >> self.doublings) as usize >= MOST_BUCKETS {
            self.halve();
        }
        let index = (round >> self.doublings) as usize;
        // An open loop may report a later round first, so that buckets before it are still empty.
        self.buckets.resize_with(self.buckets.len().max(index + 1), RoundBucketRecord::default);
        &mut self.buckets[index]
    }
}

impl RoundBucketRecord {
    pub(crate) fn add(&mut self, Exchange { verdict, bytes, .. }: &Exchange<'_>, times: u64) {
        self.polls += times;
        self.not_modified += times * u64::from(verdict.is_not_modified());
        self.verdicts.add_times(*verdict, times);
        self.request_bytes += times * bytes.request;
        self.response_bytes += times * bytes.response();
        // Without needless transfers their fields would still have travelled, on 304s.
        let is_needless = *verdict == Verdict::NeedlessTransfer;
        self.ideal_response_bytes +=
            times * if is_needless { bytes.response_fields } else { bytes.response() };
    }

    fn sum(buckets: &[Self]) -> Self {
        let mut sum = Self::default();
        for bucket in buckets {
            sum.merge(bucket);
        }
        sum
    }

    fn merge(&mut self, other: &Self) {
        add(&mut self.polls, other.polls);
        add(&mut self.not_modified, other.not_modified);
        self.verdicts.merge(&other.verdicts);
        add(&mut self.request_bytes, other.request_bytes);
        add(&mut self.response_bytes, other.response_bytes);
        add(&mut self.ideal_response_bytes, other.ideal_response_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::ExchangeBytes;

    fn exchange(round: u32, verdict: Verdict) -> Exchange<'static> {
        let response_content = if verdict.is_not_modified() { 0 } else { 1_000 };
        Exchange {
            round,
            verdict,
            error: None,
            conditional: true,
            resource: 0,
            replica: None,
            entity_tag: None,
            tagged_content: None,
            coding: crate::coding::ContentCoding::Identity,
            bytes: ExchangeBytes {
                request: 10,
                response_fields: 100,
                response_content,
                instrumentation: 0,
            },
            latency: None,
        }
    }

    fn rounds(count: u32, each: u32) -> Rounds {
        let mut rounds = Rounds::default();
        for round in 0..count {
            for _ in 0..each {
                rounds.record(&exchange(round, Verdict::NeedlessTransfer), 1);
            }
        }
        rounds
    }

    #[test]
    fn each_round_has_a_bucket_while_there_are_few() {
        let rounds = rounds(MOST_BUCKETS as u32, 3).to_record();
        assert_eq!((rounds.width, rounds.buckets.len()), (1, MOST_BUCKETS));
        assert!(rounds.buckets.iter().all(|bucket| bucket.verdicts.total() == 3));
    }

    #[test]
    fn many_rounds_share_buckets_and_nothing_is_lost() {
        for (count, width, buckets) in [(129, 2, 65), (1_000, 8, 125), (4_097, 64, 65)] {
            let record = rounds(count, 2).to_record();
            assert_eq!((record.width, record.buckets.len()), (width, buckets), "{count}");
            let polls: u64 = record.buckets.iter().map(|bucket| bucket.polls).sum();
            let bytes: u64 = record.buckets.iter().map(|bucket| bucket.response_bytes).sum();
            let ideal: u64 = record.buckets.iter().map(|bucket| bucket.ideal_response_bytes).sum();
            let polls_made = u64::from(count) * 2;
            assert_eq!((polls, bytes, ideal), (polls_made, polls_made * 1_100, polls_made * 100));
        }
    }

    #[test]
    fn every_bucket_but_the_last_is_of_the_same_number_of_rounds() {
        let rounds = rounds(1_001, 1).to_record();
        let (last, full) = rounds.buckets.split_last().expect("there were rounds");
        assert!(full.iter().all(|bucket| bucket.verdicts.total() == u64::from(rounds.width)));
        assert_eq!(last.verdicts.total(), 1);
    }

    #[test]
    fn an_open_loop_may_report_a_later_round_first() {
        let mut rounds = Rounds::default();
        for round in [u32::MAX, 0, 5] {
            rounds.record(&exchange(round, Verdict::Validated), 1);
        }
        let polls: Vec<_> = rounds.buckets.iter().map(|bucket| bucket.verdicts.total()).collect();
        assert_eq!(polls.len(), MOST_BUCKETS);
        assert_eq!((polls[0], polls[MOST_BUCKETS - 1]), (2, 1));
    }
}
