//! The contract of every policy: a new entry is tested on arrival.

use std::collections::BTreeSet;

use super::*;
use crate::policy::{Pins, Situation};

const REPLICAS: usize = 5;

/// Situations in which clients, connections, load and availability all vary.
fn picks(entry: &PolicyEntry, seed: u64, rounds: u64) -> Vec<(Vec<bool>, usize)> {
    let mut policy = (entry.make)(seed);
    let pick = |round: u64| {
        let available: Vec<bool> = (0..REPLICAS as u64)
            .map(|replica| replica == round % 5 || (round / 3) >> replica & 1 == 0)
            .collect();
        let in_flight: Vec<u32> = (0..5).map(|replica| (round * 7 + replica) as u32 % 4).collect();
        let situation = Situation {
            in_flight: &in_flight,
            available: &available,
            client: round % 17,
            connection: round / 2,
        };
        let replica = policy.pick(&situation);
        (available, replica)
    };
    (0..rounds).map(pick).collect()
}

fn pick_all_available(
    entry: &PolicyEntry,
    requests: impl Iterator<Item = (u64, u64)>,
) -> Vec<usize> {
    let mut policy = (entry.make)(3);
    requests
        .map(|(client, connection)| {
            policy.pick(&Situation {
                in_flight: &[0; REPLICAS],
                available: &[true; REPLICAS],
                client,
                connection,
            })
        })
        .collect()
}

#[test]
fn names_are_unique_and_found() {
    let unique: BTreeSet<_> = POLICIES.iter().map(|entry| entry.name).collect();
    assert_eq!(unique.len(), POLICIES.len());
    assert!(POLICIES.iter().all(|entry| find(entry.name) == Some(entry)));
    assert!(find("rr").is_none());
}

#[test]
fn edges_are_found_by_their_own_name_and_by_that_of_a_product() {
    let all: Vec<_> =
        EDGES.iter().flat_map(|edge| edge.products.iter().chain([&edge.name])).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    for edge in EDGES {
        assert_eq!(find_edge(edge.name), Some(edge));
        assert!(edge.products.iter().all(|product| find_edge(product) == Some(edge)));
    }
    assert!(no_edge().edge.is_none() && find_edge("gzip").is_none());
}

#[test]
fn only_available_replicas_are_picked() {
    for entry in POLICIES {
        for (available, replica) in picks(entry, 7, 500) {
            assert!(available[replica], "{entry:?} picked {replica} of {available:?}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_picks() {
    for entry in POLICIES {
        assert_eq!(picks(entry, 11, 300), picks(entry, 11, 300), "{entry:?}");
        assert_eq!(picks(entry, 11, 300) != picks(entry, 12, 300), entry.random, "{entry:?}");
    }
}

#[test]
fn enough_clients_and_connections_reach_every_replica() {
    for entry in POLICIES {
        let reached: BTreeSet<_> =
            pick_all_available(entry, (0..100).map(|n| (n, n))).into_iter().collect();
        assert_eq!(reached.len(), REPLICAS, "{entry:?}");
    }
}

#[test]
fn what_is_pinned_stays_and_what_is_not_moves() {
    for entry in POLICIES {
        let distinct = |requests: Vec<(u64, u64)>| {
            pick_all_available(entry, requests.into_iter())
                .into_iter()
                .collect::<BTreeSet<_>>()
                .len()
        };
        let same_client = distinct((0..50).map(|n| (4, n)).collect());
        let same_connection = distinct((0..50).map(|n| (n, 4)).collect());
        assert_eq!(same_client == 1, entry.pins == Pins::Client, "{entry:?}");
        assert_eq!(same_connection == 1, entry.pins == Pins::Connection, "{entry:?}");
    }
}

#[test]
fn consecutive_clients_and_connections_spread_evenly() {
    for entry in POLICIES.iter().filter(|entry| !entry.random) {
        let picks = pick_all_available(entry, (0..20).map(|n| (n, n)));
        for replica in 0..REPLICAS {
            assert_eq!(picks.iter().filter(|&&pick| pick == replica).count(), 4, "{entry:?}");
        }
    }
}

#[test]
fn many_picks_at_once_are_the_same_as_one_after_the_other() {
    for entry in POLICIES {
        let connections = [4, 0, 2];
        let requests = (0..40).map(|client: u64| (client, connections[client as usize % 3]));
        let expected = pick_all_available(entry, requests);
        let mut choice = crate::Choice::new((entry.make)(3), REPLICAS);
        let mut picks = Vec::new();
        for clients in [0..7, 7..8, 8..8, 8..40] {
            choice.each(clients, &connections, &mut picks);
        }
        let picks: Vec<_> = picks.into_iter().map(|replica| replica as usize).collect();
        assert_eq!(picks, expected, "{}", entry.name);
    }
}
