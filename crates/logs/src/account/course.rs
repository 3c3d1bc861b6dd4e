//! Counts over time, in as many buckets however long the log is: their width doubles when they do not
//! suffice.

/// Counts of one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Polls.
    pub polls: u64,
    /// 304s among them.
    pub not_modified: u64,
    /// 200s with the size of the 200 that the client had before.
    pub repeated: u64,
    /// Evidence of a fault.
    pub lost: u64,
    /// Evidence against it, of the same kind.
    pub kept: u64,
}

impl Bucket {
    fn add(&mut self, other: &Self) {
        self.polls += other.polls;
        self.not_modified += other.not_modified;
        self.repeated += other.repeated;
        self.lost += other.lost;
        self.kept += other.kept;
    }
}

/// Buckets at most.
const MOST: i64 = 128;

/// Counts over time.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Beginning, in buckets since 1970.
    first: i64,
    /// Seconds of a bucket; 0 before the first count.
    width: i64,
    buckets: Vec<Bucket>,
    /// Beginning in seconds since 1970, and place, of the bucket that was counted in last.
    near: (i64, usize),
}

impl Course {
    /// Buckets of so many seconds at least.
    pub(crate) fn of_width(width: i64) -> Self {
        // No moment is near the first one.
        Self { width, near: (i64::MIN, 0), ..Self::default() }
    }

    /// The bucket of a moment.
    pub(crate) fn at(&mut self, time: i64) -> &mut Bucket {
        // Neighbouring lines mostly belong to one bucket, which needs no division.
        let is_near = (0..self.width).contains(&time.saturating_sub(self.near.0));
        if !is_near {
            let place = self.place(time);
            let begin = (self.first + place.cast_signed() as i64) * self.width;
            self.near = (begin, place);
        }
        &mut self.buckets[self.near.1]
    }

    /// Place of the bucket of a moment, for which there is room from now on.
    fn place(&mut self, time: i64) -> usize {
        self.width = self.width.max(1);
        if self.buckets.is_empty() {
            self.first = time.div_euclid(self.width);
        }
        loop {
            let place = time.div_euclid(self.width) - self.first;
            let (low, high) =
                (place.min(0), place.max(self.buckets.len().cast_signed() as i64 - 1));
            if high - low < MOST {
                if low < 0 {
                    // A line that comes late.
                    let missing = vec![Bucket::default(); -low as usize];
                    self.buckets.splice(0..0, missing);
                    self.first += low;
                }
                let place = (place - low) as usize;
                if place >= self.buckets.len() {
                    self.buckets.resize(place + 1, Bucket::default());
                }
                return place;
            }
            self.widen();
        }
    }

    fn widen(&mut self) {
        let first = self.first.div_euclid(2);
        let mut wider: Vec<Bucket> = Vec::with_capacity(self.buckets.len() / 2 + 1);
        for (index, bucket) in self.buckets.iter().enumerate() {
            let place = ((self.first + index.cast_signed() as i64).div_euclid(2) - first) as usize;
            if place >= wider.len() {
                wider.resize(place + 1, Bucket::default());
            }
            wider[place].add(bucket);
        }
        (self.first, self.width, self.buckets) = (first, self.width * 2, wider);
    }

    /// Seconds of one bucket.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// Beginning of each bucket in seconds since 1970, and its counts.
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = (i64, &Bucket)> + Clone {
        let begin = |index: usize| (self.first + index.cast_signed() as i64) * self.width;
        self.buckets.iter().enumerate().map(move |(index, bucket)| (begin(index), bucket))
    }

    /// Moment from which on the evidence of a fault is not contradicted, and the last of it; `None`
    /// without evidence.
    pub(crate) fn uncontradicted(&self) -> Option<(i64, i64)> {
        let is_lost = |bucket: &Bucket| bucket.lost > 0 && bucket.kept * 10 <= bucket.lost;
        let contradicts = |bucket: &Bucket| bucket.kept > 0 && !is_lost(bucket);
        let since = self.buckets().rev().take_while(|(_, bucket)| !contradicts(bucket));
        let faults: Vec<i64> =
            since.filter(|(_, bucket)| is_lost(bucket)).map(|(begin, _)| begin).collect();
        Some((*faults.last()?, faults.first()? + self.width - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_get_wider_and_lose_nothing() {
        let mut course = Course::default();
        let times = (0..1_000).map(|index| 1_796_042_240 + index * 37 % 50_000).rev();
        times.for_each(|time| course.at(time).polls += 1);
        assert_eq!(course.buckets().map(|(_, bucket)| bucket.polls).sum::<u64>(), 1_000);
        assert!(course.buckets().count() <= 128 && course.width() < 1_000, "{}", course.width());
        let first = course.buckets().next().expect("a bucket").0;
        assert!((1_796_041_000..=1_796_042_240).contains(&first), "{first}");
    }

    #[test]
    fn buckets_of_an_hour_begin_with_hours() {
        let mut course = Course::of_width(3_600);
        for time in [0, 3_599, 7_200, 1_000_000] {
            course.at(time).polls += 1;
        }
        let polled = course.buckets().filter(|(_, bucket)| bucket.polls > 0);
        let polled: Vec<_> = polled.map(|(begin, bucket)| (begin / 7_200, bucket.polls)).collect();
        assert_eq!((course.width(), polled), (14_400, vec![(0, 3), (138, 1)]));
    }

    #[test]
    fn a_fault_begins_behind_the_last_evidence_against_it() {
        let mut course = Course::default();
        for time in 100..120 {
            course.at(time).kept += 5;
        }
        assert_eq!(course.uncontradicted(), None);
        for time in 120..140 {
            course.at(time).lost += 5;
        }
        assert_eq!(course.uncontradicted(), Some((120, 139)));
        course.at(150).kept += 1;
        assert_eq!(course.uncontradicted(), None);
    }
}
