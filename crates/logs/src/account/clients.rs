//! The last answer of each client for each resource, in a table that does not grow beyond its cap.
//!
//! Where the table is full, the entry of its set that was idle for longest makes room. What is lost then
//! is one comparison with an earlier answer: counts of lines stay exact.
//!
//! Most of what an answer costs is waiting for its entry, which is in no cache: a set begins with its keys,
//! fills two lines of the cache that are fetched together, and lies in one page.

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

/// Entries of one set: as many as two lines of the cache hold.
const WAYS: usize = 3;
/// Sets at first: so many that keys of one set differ within the part that it has of them.
const FIRST: usize = 5_461;
/// Sets of the next larger table for each.
const GROWTH: usize = 4;
/// Sets at most: four million entries in 180 MB.
const MOST: usize = FIRST * GROWTH.pow(4);
/// Bits of a key by which its set is found: the upper ones.
const PLACED: u32 = 28;
const SPARE: u32 = 64 - PLACED;

/// Entries among which those of one key are looked for.
///
/// Of each key it has two parts, from which with the place of the set the rest is known.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(128))]
struct Set {
    /// The lower 32 bits, 0 for an entry that is free.
    lower: [u32; WAYS],
    /// The lower 16 of the upper 28.
    upper: [u16; WAYS],
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

impl Default for Clients {
    fn default() -> Self {
        Self::new(MOST)
    }
}

impl Clients {
    /// A table of so many sets at most.
    pub(crate) fn new(most: usize) -> Self {
        Self { sets: vec![Set::default(); FIRST.min(most)], used: 0, most, evicted: 0 }
    }

    /// The entry of a key; true if it was there. What makes room for it is given back.
    pub(crate) fn entry(&mut self, key: u64) -> (&mut Client, bool, Option<Client>) {
        if self.used * 2 > self.sets.len() * WAYS && self.sets.len() < self.most {
            self.grow();
        }
        let place = self.place(key);
        let set = &mut self.sets[place];
        if let Some(way) = set.way(key) {
            return (&mut set.entries[way], true, None);
        }
        let way = set.idle();
        let oldest = (set.lower[way] != 0).then_some(set.entries[way]);
        match oldest {
            Some(_) => self.evicted += 1,
            None => self.used += 1,
        }
        set.put(way, key, Client::default());
        (&mut set.entries[way], false, oldest)
    }

    /// Brings the entries of these keys near, all at once: each by itself would be waited for.
    pub(crate) fn warm(&self, keys: impl Iterator<Item = u64>) {
        let touched = keys.fold(0, |sum, key| {
            let Set { lower, entries, .. } = &self.sets[self.place(key)];
            // One octet of each line of the cache.
            sum ^ lower[0] ^ entries[2].path
        });
        std::hint::black_box(touched);
    }

    /// Every entry.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Client> {
        self.sets.iter().flat_map(|set| set.taken().map(|way| &set.entries[way]))
    }

    fn place(&self, key: u64) -> usize {
        (((key >> SPARE) * self.sets.len() as u64) >> PLACED) as usize
    }

    /// The least of the upper bits that lead to a set.
    fn first(&self, place: usize) -> u64 {
        ((place as u64) << PLACED).div_ceil(self.sets.len() as u64)
    }

    /// Every set of a table that grows is several of the larger one, so that there is room in each.
    fn grow(&mut self) {
        let factor = (self.most / self.sets.len()).min(GROWTH);
        let larger = vec![Set::default(); self.sets.len() * factor];
        let smaller = std::mem::replace(self, Self { sets: larger, ..*self });
        for (place, set) in smaller.sets.iter().enumerate() {
            let first = smaller.first(place);
            for way in set.taken() {
                let key = set.key(way, first);
                let place = self.place(key);
                let new = &mut self.sets[place];
                new.put(new.idle(), key, set.entries[way]);
            }
        }
    }
}

impl Set {
    /// The entry of a key; without a branch for each, because any of them may be meant.
    #[inline]
    fn way(&self, key: u64) -> Option<usize> {
        let (lower, upper) = parts(key);
        let found = (0..WAYS).fold(0, |found, way| {
            found | u32::from(self.lower[way] == lower && self.upper[way] == upper) << way
        });
        (found != 0).then_some(found.trailing_zeros() as usize)
    }

    fn put(&mut self, way: usize, key: u64, entry: Client) {
        (self.lower[way], self.upper[way]) = parts(key);
        self.entries[way] = entry;
    }

    /// Whole key of an entry, from the least one of this set.
    fn key(&self, way: usize, first: u64) -> u64 {
        let beyond = self.upper[way].wrapping_sub(first as u16);
        (first + u64::from(beyond)) << SPARE | u64::from(self.lower[way])
    }

    fn taken(&self) -> impl Iterator<Item = usize> {
        (0..WAYS).filter(|way| self.lower[*way] != 0)
    }

    /// The first entry that is free, or else was idle for longest.
    fn idle(&self) -> usize {
        let seen = |way: &usize| u64::from(self.entries[*way].seen) + 1;
        let idle = |way: &usize| if self.lower[*way] == 0 { 0 } else { seen(way) };
        (0..WAYS).min_by_key(idle).expect("a set has ways")
    }
}

/// What a set has of a key.
fn parts(key: u64) -> (u32, u16) {
    ((key as u32).max(1), (key >> SPARE) as u16)
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
        let mut clients = Clients::default();
        for number in 1..20_000 {
            let (entry, is_known, _) = clients.entry(key(number));
            assert!(!is_known);
            entry.size = number as u32;
        }
        let found = (1..20_000).filter(|number| {
            let (entry, is_known, _) = clients.entry(key(*number));
            is_known && entry.size == *number as u32
        });
        assert!(found.count() > 19_400);
    }

    #[test]
    fn a_table_that_grows_keeps_each_key_whole() {
        let mut clients = Clients::new(FIRST * GROWTH.pow(2));
        let keys: Vec<_> = (1..6_000).map(key).collect();
        for key in &keys {
            clients.entry(*key).0.size = (*key >> 8) as u32;
        }
        let before: Vec<_> = keys.iter().filter(|key| clients.entry(**key).1).collect();
        clients.grow();
        clients.grow();
        assert_eq!(clients.sets.len(), FIRST * 16);
        for key in before {
            let (entry, is_known, _) = clients.entry(*key);
            assert!(is_known && entry.size == (*key >> 8) as u32, "{key:x}");
        }
    }

    #[test]
    fn the_table_stays_within_its_cap_and_counts_what_it_gave_up() {
        let mut clients = Clients::new(2 * FIRST);
        let mut given = 0;
        for number in 1..200_000 {
            given += u64::from(clients.entry(key(number)).2.is_some());
        }
        assert_eq!(clients.sets.len(), 2 * FIRST);
        assert_eq!(clients.evicted, given);
        assert_eq!(clients.iter().count() as u64 + given, 199_999);
    }
}
