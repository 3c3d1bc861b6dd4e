//! Course of polls in time: all of it coarsely, and the last of it finely. Both are bounded, so that a
//! session of hours takes no more room than one of minutes.
//!
//! Knows slots, not clocks: whoever records says in which slot of time a poll ended.

use std::collections::VecDeque;

use crate::exchange::Exchange;
use crate::record::{RoundBucketRecord, RoundsRecord};
use crate::rounds::Rounds;

/// Counts of polls by slot of time.
#[derive(Clone, Debug)]
pub struct Course {
    whole: Rounds,
    /// Buckets of one slot each, the last of them that of `last`.
    recent: VecDeque<RoundBucketRecord>,
    last: u32,
    most_recent: usize,
    sum: RoundBucketRecord,
}

impl Course {
    /// No polls yet; so many slots, at least one, are kept one by one.
    pub fn new(most_recent: usize) -> Self {
        Self {
            whole: Rounds::default(),
            recent: VecDeque::from([RoundBucketRecord::default()]),
            last: 0,
            most_recent: most_recent.max(1),
            sum: RoundBucketRecord::default(),
        }
    }

    /// Counts a poll that ended in this slot; one that comes late counts in the last one.
    pub fn record(&mut self, slot: u32, exchange: &Exchange<'_>) {
        self.advance(slot);
        let slot = self.last;
        self.whole.record(&Exchange { round: slot, ..exchange.clone() }, 1);
        self.sum.add(exchange, 1);
        if let Some(bucket) = self.recent.back_mut() {
            bucket.add(exchange, 1);
        }
    }

    /// Lets time pass until this slot; does nothing when it is past.
    pub fn advance(&mut self, slot: u32) {
        let passed = slot.saturating_sub(self.last) as usize;
        for _ in 0..passed.min(self.most_recent) {
            self.recent.push_back(RoundBucketRecord::default());
            if self.recent.len() > self.most_recent {
                self.recent.pop_front();
            }
        }
        self.last = self.last.max(slot);
    }

    /// All of it, in at most 128 buckets of equal width; one that is not over yet is the last one.
    pub fn whole(&self) -> RoundsRecord {
        self.whole.to_record()
    }

    /// Number of the first slot that is kept one by one, and the buckets from there on.
    pub fn recent(&self) -> (u32, impl DoubleEndedIterator<Item = &RoundBucketRecord>) {
        let first = self.last + 1 - self.recent.len() as u32;
        (first, self.recent.iter())
    }

    /// Sum of everything.
    pub fn sum(&self) -> &RoundBucketRecord {
        &self.sum
    }
}

impl RoundBucketRecord {
    /// Polls that a 304 could have answered: all but first fetches, and those without a request.
    pub fn revalidations(&self) -> u64 {
        self.polls - self.verdicts.first_fetch - self.verdicts.fresh_hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ContentCoding;
    use crate::exchange::ExchangeBytes;
    use crate::verdict::Verdict;

    fn poll(verdict: Verdict) -> Exchange<'static> {
        Exchange {
            round: 0,
            verdict,
            error: None,
            conditional: true,
            resource: 0,
            replica: None,
            entity_tag: None,
            tagged_content: None,
            coding: ContentCoding::default(),
            bytes: ExchangeBytes {
                response_fields: 100,
                response_content: 900,
                ..Default::default()
            },
            latency: None,
        }
    }

    #[test]
    fn the_last_slots_are_kept_one_by_one_and_all_of_them_in_bounded_room() {
        let mut course = Course::new(4);
        for slot in 0..1_000 {
            course.record(slot, &poll(Verdict::NeedlessTransfer));
        }
        course.advance(1_001);
        let (first, recent) = course.recent();
        assert_eq!(
            (first, recent.map(|bucket| bucket.polls).collect::<Vec<_>>()),
            (998, vec![1, 1, 0, 0])
        );
        let whole = course.whole();
        assert!(whole.buckets.len() <= 128 && whole.width.is_power_of_two());
        assert_eq!(whole.buckets.iter().map(|bucket| bucket.polls).sum::<u64>(), 1_000);
        assert_eq!(course.sum().response_bytes, 1_000_000);
        assert_eq!(course.sum().ideal_response_bytes, 100_000);
    }

    #[test]
    fn a_poll_that_comes_late_is_not_lost() {
        let mut course = Course::new(2);
        course.record(5, &poll(Verdict::Validated));
        course.record(4, &poll(Verdict::FirstFetch));
        let (first, recent) = course.recent();
        let polls: Vec<_> = recent.map(|bucket| (bucket.polls, bucket.revalidations())).collect();
        assert_eq!((first, polls), (4, vec![(0, 0), (2, 1)]));
    }
}
