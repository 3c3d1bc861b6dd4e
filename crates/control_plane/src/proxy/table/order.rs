//! Orders of routes: by id and zone, by zone, and two of them merged. Pure, and over numbers only.

use std::collections::HashMap;

use super::slices::Slices;

/// The names of zones in order; gives each route its zone's number there, counted from 1.
pub(super) fn ranked(names: HashMap<Box<str>, u32>, zones: &mut [u32]) -> Slices {
    let mut ordered: Vec<_> = names.into_iter().collect();
    ordered.sort_unstable();
    let mut ranks = vec![0; ordered.len() + 1];
    let mut sorted = Slices::default();
    for (rank, (name, number)) in (1..).zip(ordered) {
        ranks[number as usize] = rank;
        sorted.push(name.as_bytes()).expect("names are parts of a document");
    }
    for zone in zones {
        *zone = ranks[*zone as usize];
    }
    sorted
}

/// Numbers of the routes by id and zone; of equal ones the first comes first.
pub(super) fn sorted(ids: &Slices, zones: &[u32]) -> Vec<u32> {
    // Ids differ behind what they share, mostly within eight bytes of it. A number beside each route
    // spares nearly every comparison two reads from all over the memory.
    let shared = ids.shared_prefix();
    let key = |id: &[u8]| {
        let mut key = [0; 8];
        key.iter_mut().zip(&id[shared..]).for_each(|(to, from)| *to = *from);
        u64::from_be_bytes(key)
    };
    let place = |route: u32| (ids.get(route as usize), zones[route as usize]);
    let mut keyed: Vec<(u64, u32)> = ids.iter().map(key).zip(0..).collect();
    keyed.sort_unstable_by(|one, other| {
        one.0
            .cmp(&other.0)
            .then_with(|| place(one.1).cmp(&place(other.1)))
            .then(one.1.cmp(&other.1))
    });
    keyed.into_iter().map(|(_, route)| route).collect()
}

/// Numbers of routes by group.
#[derive(Debug)]
pub(super) struct Groups {
    routes: Vec<u32>,
    ends: Vec<u32>,
}

impl Groups {
    /// Groups routes by the number of their group, in `0..count`; each keeps their order.
    pub(super) fn of(groups: &[u32], count: usize) -> Self {
        // First the start of each, which becomes its end as it is filled.
        let mut ends = vec![0; count];
        for group in groups {
            ends[*group as usize] += 1;
        }
        let mut start = 0;
        for end in &mut ends {
            start += std::mem::replace(end, start);
        }
        let mut routes = vec![0; groups.len()];
        for (route, group) in (0..).zip(groups) {
            let next = &mut ends[*group as usize];
            routes[*next as usize] = route;
            *next += 1;
        }
        Self { routes, ends }
    }

    pub(super) fn get(&self, group: usize) -> &[u32] {
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.routes[start as usize..self.ends[group] as usize]
    }
}

/// The numbers of two lists in order, in order.
pub(super) fn merged<'a>(mut one: &'a [u32], mut other: &'a [u32]) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let from = match (one.first(), other.first()) {
            (Some(a), Some(b)) if a > b => &mut other,
            (None, _) => &mut other,
            _ => &mut one,
        };
        let (first, rest) = from.split_first()?;
        *from = rest;
        Some(*first as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_their_order_and_may_be_empty() {
        let groups = Groups::of(&[2, 0, 2, 3, 0], 5);
        let expected: [&[u32]; 5] = [&[1, 4], &[], &[0, 2], &[3], &[]];
        assert_eq!([0, 1, 2, 3, 4].map(|group| groups.get(group)), expected);
        assert!(Groups::of(&[], 1).get(0).is_empty());
    }

    #[test]
    fn merging_keeps_the_order() {
        let both: Vec<_> = merged(&[1, 4, 5], &[0, 2, 6, 7]).collect();
        assert_eq!(both, [0, 1, 2, 4, 5, 6, 7]);
        assert_eq!(merged(&[], &[]).count(), 0);
    }
}
