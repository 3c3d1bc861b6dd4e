//! The last answer of each client for each resource, in a table that does not grow beyond its cap.
//!
//! Where the table is full, the entry of its set that was idle for longest makes room. What is lost then
//! is one comparison with an earlier answer: counts of lines stay exact.
//!
//! Most of what an answer costs is waiting for its entry, which is in no cache: a set begins with its keys,
//! fills three lines of the cache, and lies in one page.

/// Last answer of one client, and what was seen of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Client {
    /// Index of the path.
    pub(crate) path: u32,
    /// Seconds since the first line, modulo 2³².
    pub(crate) seen: u32,
    /// Size of the last 200, cut to 32 bits; 0 before it.
    pub(crate) size: u32,
    /// Part of the hash of the tag of the last 200; 0 without one.
    pub(crate) tag: u32,
    /// Part of the hash of the tag that was sent last; 0 without one.
    pub(crate) sent: u32,
    /// Server of the last 200, and that of the 200 before it; 0 where none is known.
    pub(crate) issuer: u16,
    pub(crate) before: u16,
    pub(crate) connection: u16,
    /// Seconds between the last two requests.
    pub(crate) interval: u16,
    /// Intervals in a row that were equal.
    pub(crate) regular: u8,
    /// Requests in a row without a condition that got the tag that was there already.
    pub(crate) silent: u8,
    /// Requests in a row with one tag that had been replaced.
    pub(crate) outdated: u8,
    pub(crate) turns: Turns,
}

/// Answers to a client since it last got a 304 of another server than the one that issued its tag.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Turns {
    pub(crate) same_304: u8,
    pub(crate) same_200: u8,
    pub(crate) other_200: u8,
    /// Those that came back to the server before.
    pub(crate) returns: u8,
    /// All 304s of other servers.
    pub(crate) other_304: u8,
}

/// Entries of one set.
const WAYS: usize = 4;
/// Entries at first.
const FIRST: usize = 1 << 14;
/// Entries at most: 200 MB.
pub(crate) const MOST: usize = 1 << 22;

/// Entries among which those of one key are looked for.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Set {
    /// Hashes of client and resource; 0 for an entry that is free.
    keys: [u64; WAYS],
    entries: [Client; WAYS],
}

/// Table of clients.
#[derive(Debug)]
pub(crate) struct Clients {
    sets: Vec<Set>,
    used: usize,
    most: usize,
    /// Entries that made room for others.
    pub(crate) evicted: u64,
}

impl Clients {
    pub(crate) fn new(most: usize) -> Self {
        let sets = vec![Set::default(); FIRST.min(most) / WAYS];
        Self { sets, used: 0, most, evicted: 0 }
    }

    /// The entry of a key; true if it was there. What makes room for it is given back.
    pub(crate) fn entry(&mut self, key: u64) -> (&mut Client, bool, Option<Client>) {
        let key = key.max(1);
        if self.used * 2 > self.size() && self.size() < self.most {
            self.grow();
        }
        let place = self.place(key);
        let set = &mut self.sets[place];
        if let Some(way) = set.way(key) {
            return (&mut set.entries[way], true, None);
        }
        let way = set.idle();
        let oldest = (set.keys[way] != 0).then_some(set.entries[way]);
        match oldest {
            Some(_) => self.evicted += 1,
            None => self.used += 1,
        }
        (set.keys[way], set.entries[way]) = (key, Client::default());
        (&mut set.entries[way], false, oldest)
    }

    /// Brings the entries of these keys near, all at once: each by itself would be waited for.
    pub(crate) fn warm(&self, keys: impl Iterator<Item = u64>) {
        let touched = keys.fold(0, |sum, key| {
            let Set { keys, entries } = &self.sets[self.place(key.max(1))];
            // One octet of each line of the cache.
            sum ^ keys[0] as u32 ^ entries[1].path ^ entries[3].path
        });
        std::hint::black_box(touched);
    }

    /// Every entry.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Client> {
        let all = self.sets.iter().flat_map(|set| set.keys.iter().zip(&set.entries));
        all.filter(|(key, _)| **key != 0).map(|(_, entry)| entry)
    }

    fn size(&self) -> usize {
        self.sets.len() * WAYS
    }

    fn place(&self, key: u64) -> usize {
        ((key >> 32).wrapping_mul(self.sets.len() as u64) >> 32) as usize
    }

    fn grow(&mut self) {
        let larger = (self.size() * 4).min(self.most) / WAYS;
        let sets = std::mem::replace(&mut self.sets, vec![Set::default(); larger]);
        for old in sets {
            for (key, entry) in old.keys.into_iter().zip(old.entries).filter(|(key, _)| *key != 0) {
                let place = self.place(key);
                let set = &mut self.sets[place];
                // The sets of a table four times as large take four times as many.
                let way = set.way(0).unwrap_or(0);
                (set.keys[way], set.entries[way]) = (key, entry);
            }
        }
    }
}

impl Set {
    /// The entry of a key; without a branch for each, because any of them may be meant.
    #[inline]
    fn way(&self, key: u64) -> Option<usize> {
        let keys = self.keys.iter().enumerate();
        let found = keys.fold(0, |found, (way, known)| found | u32::from(*known == key) << way);
        (found != 0).then_some(found.trailing_zeros() as usize)
    }

    /// The first entry that is free, or else was idle for longest.
    fn idle(&self) -> usize {
        let seen = |way: &usize| u64::from(self.entries[*way].seen) + 1;
        let idle = |way: &usize| if self.keys[*way] == 0 { 0 } else { seen(way) };
        (0..WAYS).min_by_key(idle).expect("a set has ways")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that differ in their upper bits, as hashes do.
    fn key(number: u64) -> u64 {
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    #[test]
    fn entries_are_found_again_while_there_is_room() {
        let mut clients = Clients::new(1 << 16);
        for number in 1..20_000 {
            let (entry, is_known, _) = clients.entry(key(number));
            assert!(!is_known);
            entry.size = number as u32;
        }
        let found = (1..20_000).filter(|number| {
            let (entry, is_known, _) = clients.entry(key(*number));
            is_known && entry.size == *number as u32
        });
        assert!(found.count() > 19_500);
    }

    #[test]
    fn the_table_stays_within_its_cap_and_counts_what_it_gave_up() {
        let mut clients = Clients::new(1 << 15);
        let mut given = 0;
        for number in 1..200_000 {
            given += u64::from(clients.entry(key(number)).2.is_some());
        }
        assert_eq!(clients.size(), 1 << 15);
        assert_eq!(clients.evicted, given);
        assert_eq!(clients.iter().count() as u64 + given, 199_999);
    }
}
