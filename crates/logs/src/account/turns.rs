//! Clients that meet the server which issued their tag, and others: the contrast by which tags of one
//! server are known without seeing a tag.
//!
//! Several clients behind one key destroy the contrast, because the last 200 is another's. Such keys get
//! 304s of servers that issued nothing to them, which starts their counts anew.

use std::collections::BTreeMap;

use super::clients::Client;
use super::course::Course;
use super::{Poll, size};

/// Polls for which the server of the last 200 is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turned {
    /// 304s and 200s of the server that issued the last 200.
    pub(crate) same: [u64; 2],
    /// 304s, and 200s of equal size, of another.
    pub(crate) other: [u64; 2],
    /// 200s of another size, of another server.
    pub(crate) moved: u64,
    /// By issuer and answerer: 200s of equal size since the last 304, and all 304s.
    pub(crate) cells: BTreeMap<(u16, u16), [u64; 2]>,
    /// Lost and kept are those of other servers.
    pub(crate) course: Course,
}

/// Pairs of servers that are told apart.
const MOST_CELLS: usize = 1_024;

impl Turned {
    pub(super) fn add(&mut self, poll: &Poll<'_>, client: &mut Client) {
        let event = poll.event;
        let is_kept = event.status == 304;
        let is_equal = client.size == size(event);
        let is_same = poll.upstream == client.issuer;
        let turns = &mut client.turns;
        if is_same {
            self.same[usize::from(!is_kept)] += 1;
            let count = if is_kept { &mut turns.same_304 } else { &mut turns.same_200 };
            *count = count.saturating_add(1);
            return;
        }
        if !is_kept && !is_equal {
            self.moved += 1;
            return;
        }
        self.other[usize::from(!is_kept)] += 1;
        let bucket = self.course.at(poll.time);
        let pair = (client.issuer, poll.upstream);
        let has_room = self.cells.len() < MOST_CELLS || self.cells.contains_key(&pair);
        let cell = has_room.then(|| self.cells.entry(pair).or_default());
        if is_kept {
            bucket.kept += 1;
            let other_304 = turns.other_304.saturating_add(1);
            *turns = super::clients::Turns { other_304, ..Default::default() };
            if let Some(cell) = cell {
                *cell = [0, cell[1] + 1];
            }
        } else {
            bucket.lost += 1;
            turns.other_200 = turns.other_200.saturating_add(1);
            if poll.upstream == client.before {
                turns.returns = turns.returns.saturating_add(1);
            }
            if let Some(cell) = cell {
                cell[0] += 1;
            }
        }
    }
}

/// Keys of clients by what their turns look like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// One client each, which gets 304s of the issuer and of no other.
    pub(crate) apart: u64,
    /// 304s of the issuer and of others alike.
    pub(crate) alike: u64,
    /// Neither: several clients behind one key, or contents that change.
    pub(crate) mixed: u64,
    /// Sums over the first kind.
    pub(crate) same_304: u64,
    pub(crate) same_200: u64,
    pub(crate) other_200: u64,
    pub(crate) returns: u64,
}

impl Keys {
    pub(super) fn fold(&mut self, client: &Client) {
        let turns = &client.turns;
        let [same_304, same_200, other_200, other_304] =
            [turns.same_304, turns.same_200, turns.other_200, turns.other_304].map(u64::from);
        if other_200 + other_304 < 3 {
            return;
        }
        if other_200 >= 3 && same_304 >= 1 && same_200 * 4 <= same_304 {
            self.apart += 1;
            self.same_304 += same_304;
            self.same_200 += same_200;
            self.other_200 += other_200;
            self.returns += u64::from(turns.returns);
        } else if other_200 * 4 <= other_304 {
            self.alike += 1;
        } else {
            self.mixed += 1;
        }
    }
}
