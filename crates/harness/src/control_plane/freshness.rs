//! The delay of each change at each client, from the contents that clients took and when.
//!
//! Pure: moments come as durations since the run of polls began.

use std::collections::BTreeMap;
use std::time::Duration;

use client::ContentChange;
use measure::record::FreshnessRecord;
use truth::ContentId;

/// The contents of the editions of the routes, for each path that is polled.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// For each edition, the content of each path, in the order of the paths.
    pub(super) editions: Vec<Vec<ContentId>>,
}

/// The way of all changes to the clients.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Spread {
    /// Delays of every client and change.
    pub(super) freshness: Option<FreshnessRecord>,
    /// Clients that hold the last edition.
    pub(super) up_to_date: u64,
    /// Contents that belong to no edition.
    pub(super) unknown: u64,
}

impl Contents {
    /// Index of the path that this client polls.
    fn path_of(&self, poller: u32) -> usize {
        poller as usize % self.editions.first().map_or(1, |paths| paths.len().max(1))
    }

    /// Follows every change to the clients; `changes` are the moments at which the editions 1, 2, …
    /// were made.
    pub(super) fn spread(&self, takes: &[ContentChange], changes: &[Duration]) -> Spread {
        let mut spread = Spread::default();
        let mut of_clients: BTreeMap<u32, Vec<(Duration, usize)>> = BTreeMap::new();
        for take in takes {
            let content = Some(&take.content);
            let path = self.path_of(take.poller);
            // The newest one, because after a revert two editions have the same content.
            match self.editions.iter().rposition(|paths| paths.get(path) == content) {
                Some(edition) => {
                    of_clients.entry(take.poller).or_default().push((take.at, edition));
                }
                None => spread.unknown += 1,
            }
        }
        let mut delays = Vec::new();
        for (&poller, held) in &of_clients {
            let path = self.path_of(poller);
            let of_path = |edition: usize| self.editions[edition].get(path);
            for (edition, &changed) in (1..).zip(changes) {
                // A change of another route is none for this client, who need not wait for it.
                if of_path(edition) == of_path(edition - 1) {
                    continue;
                }
                let mut later = held.iter().filter(|&&(_, held)| held >= edition);
                delays.extend(later.find_map(|&(at, _)| at.checked_sub(changed)));
            }
            let last = self.editions.len().saturating_sub(1);
            let is_last = |&(_, edition): &(_, usize)| of_path(edition) == of_path(last);
            spread.up_to_date += u64::from(held.last().is_some_and(is_last));
        }
        spread.freshness = quantiles(delays);
        spread
    }
}

fn quantiles(mut delays: Vec<Duration>) -> Option<FreshnessRecord> {
    delays.sort_unstable();
    let last = delays.len().checked_sub(1)?;
    // The smallest delay that so many of a hundred do not exceed.
    let of = |share: usize| {
        let rank = (delays.len() * share).div_ceil(100).saturating_sub(1);
        delays[rank.min(last)].as_micros() as u64
    };
    Some(FreshnessRecord {
        count: delays.len() as u64,
        p50: of(50),
        p90: of(90),
        p99: of(99),
        max: delays[last].as_micros() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ContentId {
        ContentId::of(name.as_bytes())
    }

    fn take(poller: u32, name: &str, ms: u64) -> ContentChange {
        ContentChange { poller, content: id(name), at: Duration::from_millis(ms) }
    }

    fn contents(editions: &[&[&str]]) -> Contents {
        let of_paths = |paths: &&[&str]| paths.iter().map(|name| id(name)).collect();
        Contents { editions: editions.iter().map(of_paths).collect() }
    }

    fn moments(ms: &[u64]) -> Vec<Duration> {
        ms.iter().map(|&ms| Duration::from_millis(ms)).collect()
    }

    #[test]
    fn a_delay_is_from_the_change_to_the_take_of_it_or_of_a_later_one() {
        let contents = contents(&[&["a"], &["b"], &["c"]]);
        let takes = [
            take(0, "a", 0),
            take(0, "b", 130),
            take(0, "c", 250),
            take(1, "a", 10),
            take(1, "c", 290),
        ];
        let spread = contents.spread(&takes, &moments(&[100, 200]));
        let delays = spread.freshness.expect("changes arrived");
        assert_eq!((delays.count, delays.p50, delays.max), (4, 50_000, 190_000));
        assert_eq!((spread.up_to_date, spread.unknown), (2, 0));
    }

    #[test]
    fn a_client_of_one_route_waits_for_changes_of_that_route_only() {
        let contents = contents(&[&["a", "x"], &["b", "x"]]);
        let takes = [take(0, "a", 0), take(1, "x", 0), take(0, "b", 120), take(3, "x", 1)];
        let spread = contents.spread(&takes, &moments(&[100]));
        assert_eq!(spread.freshness.map(|delays| delays.count), Some(1));
        assert_eq!(spread.up_to_date, 3);
    }

    #[test]
    fn what_is_no_edition_is_counted_and_what_never_came_has_no_delay() {
        let contents = contents(&[&["a"], &["b"]]);
        let spread = contents.spread(&[take(0, "a", 0), take(1, "?", 5)], &moments(&[100]));
        assert_eq!(spread, Spread { freshness: None, up_to_date: 0, unknown: 1 });
    }
}
