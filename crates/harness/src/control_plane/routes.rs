//! The routes of a control plane, edition by edition.
//!
//! They follow from a seed and the number of changes, so that a run can be repeated.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use serde_json::{Value, json};

use scenario::{Change, ChangeKind, ControlPlane};

/// All editions of the routes.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    /// For each edition, the change that each route got last.
    revisions: Vec<Vec<u32>>,
    zones: u32,
    seed: u64,
}

impl Routes {
    /// One route differs between an edition and the next; a revert takes the last change back.
    pub(crate) fn of(plane: &ControlPlane, changes: &[Change], seed: u64) -> Self {
        let mut revisions = vec![vec![0; plane.routes as usize]];
        for change in changes {
            let edition = revisions.len();
            let next = match change.kind {
                ChangeKind::Revert => revisions[edition.saturating_sub(2)].clone(),
                ChangeKind::Edit | ChangeKind::SameSecond => {
                    let mut next = revisions[edition - 1].clone();
                    // Not the same one each time, and never the last one first.
                    let route = (edition - 1) * 7 % next.len();
                    next[route] = edition as u32;
                    next
                }
            };
            revisions.push(next);
        }
        Self { revisions, zones: plane.zones, seed }
    }

    /// The routes of an edition, counted from 0, sorted by id as etcd lists them.
    pub(crate) fn edition(&self, edition: u32) -> Vec<Value> {
        let revisions = self.revisions[edition as usize].iter();
        let mut routes: Vec<_> =
            (0..).zip(revisions).map(|(number, &revision)| self.route(number, revision)).collect();
        // etcd lists keys in the order of their bytes, zone by zone.
        routes.sort_by(|one, other| one["id"].as_str().cmp(&other["id"].as_str()));
        routes
    }

    /// The zone of a route, both counted from 0.
    fn zone_of(&self, number: u32) -> String {
        zone_name(number % self.zones)
    }

    fn route(&self, number: u32, revision: u32) -> Value {
        let stream = u64::from(number) << 32 | u64::from(revision);
        let mut random = Pcg64Mcg::seed_from_u64(self.seed ^ stream.wrapping_mul(0x9e37_79b9));
        let mut endpoint = || {
            let [a, b] = [random.random_range(0..=255_u8), random.random_range(1..=254_u8)];
            format!("http://10.2.{a}.{b}:8080")
        };
        let endpoints = [endpoint(), endpoint(), endpoint()];
        json!({
            "id": format!("{}/route-{number:05}", self.zone_of(number)),
            "zone": self.zone_of(number),
            "spec": {
                "predicates": [format!("Host(\"shop-{number}.example.org\")"), "PathSubtree(\"/api\")"],
                "filters": ["preserveHost(\"true\")", format!("ratelimit({})", 100 + revision)],
                "endpoints": endpoints,
            },
        })
    }
}

/// `zone-a`, `zone-b`, …
pub(crate) fn zone_name(zone: u32) -> String {
    let letter = char::from(b'a' + (zone % 26) as u8);
    format!("zone-{letter}")
}
