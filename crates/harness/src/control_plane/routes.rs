//! The routes of a control plane, edition by edition, and the contents that clients see of them.
//!
//! Routes follow from a seed and the number of changes, so that a run can be repeated. The table is
//! compiled by the code that a proxy runs, so that its bytes are known here and a client that took
//! them can be recognised.

use control_plane::proxy::table::{Part, Routes, Table};
use control_plane::source::{self, LIST_PATH, RouteList};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use scenario::{Change, ChangeKind, ControlPlane, Granularity};
use serde_json::{Value, json};
use truth::ContentId;

use super::freshness::Contents;
use crate::error::RunError;

/// The editions of one arm, and the contents of those that the source has had.
#[derive(Debug)]
pub(super) struct RouteEditions<'a> {
    plane: &'a ControlPlane,
    seed: u64,
    /// For each edition, the change that each route got last.
    revisions: Vec<Vec<u32>>,
    pub(super) contents: Contents,
}

impl<'a> RouteEditions<'a> {
    /// One route differs between an edition and the next; a revert takes the last change back.
    pub(super) fn of(plane: &'a ControlPlane, changes: &[Change], seed: u64) -> Self {
        let revisions = vec![vec![0; plane.routes as usize]];
        let mut editions = Self { plane, seed, revisions, contents: Contents::default() };
        for change in changes {
            editions.add(change.kind);
        }
        editions
    }

    /// Adds the edition that a further change makes.
    fn add(&mut self, kind: ChangeKind) {
        let (revisions, edition) = (&self.revisions, self.revisions.len());
        let next = match kind {
            ChangeKind::Revert => revisions[edition.saturating_sub(2)].clone(),
            ChangeKind::Edit | ChangeKind::SameSecond => {
                let mut next = revisions[edition - 1].clone();
                // Not the same one each time, and never the last one first.
                let route = (edition - 1) * 7 % next.len();
                next[route] = edition as u32;
                next
            }
        };
        self.revisions.push(next);
    }

    /// Makes edits until there is this edition: a live arm has more of them than its scenario.
    pub(super) fn extend_to(&mut self, edition: u32) {
        while self.revisions.len() <= edition as usize {
            self.add(ChangeKind::Edit);
        }
    }

    /// The routes of an edition, counted from 0.
    pub(super) fn routes(&self, edition: u32) -> Vec<Value> {
        let revisions = self.revisions[edition as usize].iter();
        let mut routes: Vec<_> =
            (0..).zip(revisions).map(|(number, &revision)| self.route(number, revision)).collect();
        // etcd lists keys in the order of their bytes, zone by zone.
        routes.sort_by(|one, other| one["id"].as_str().cmp(&other["id"].as_str()));
        routes
    }

    /// Paths that clients poll, each one of these in turn; at least one.
    pub(super) fn paths(&self) -> Vec<String> {
        if self.plane.is_direct() {
            return vec![LIST_PATH.to_owned()];
        }
        let path = |route: &Value| {
            let text = |name: &str| route[name].as_str().unwrap_or_default();
            // A slash within a segment is not one between segments.
            format!("/routes/{}/{}", text("zone"), text("id").replace('/', "%2F"))
        };
        match self.plane.granularity {
            Granularity::Table => vec!["/routes".to_owned()],
            Granularity::Route => self.visible(&self.routes(0)).map(path).collect(),
        }
    }

    /// The only zone that proxies see, where they are set up wrongly.
    pub(super) fn visible_zone(&self) -> Option<String> {
        self.plane.only_zone.map(zone_name)
    }

    /// Notes the next edition as the source has it.
    pub(super) fn push(&mut self, snapshot: &RouteList) -> Result<(), RunError> {
        let contents = if self.plane.is_direct() {
            vec![ContentId::of(&source::list(snapshot, None)?)]
        } else {
            let mut routes = Routes::default();
            for route in self.visible(&snapshot.routes) {
                routes.push(route.to_string().as_bytes(), None)?;
            }
            match self.plane.granularity {
                Granularity::Table => {
                    vec![ContentId::of(&Table::compile(routes)?.listing(Part::Whole).content)]
                }
                Granularity::Route => routes.contents().map(ContentId::of).collect(),
            }
        };
        self.contents.editions.push(contents);
        Ok(())
    }

    fn visible<'b>(&self, routes: &'b [Value]) -> impl Iterator<Item = &'b Value> {
        let zone = self.visible_zone();
        routes.iter().filter(move |route| zone.as_ref().is_none_or(|zone| route["zone"] == *zone))
    }

    fn route(&self, number: u32, revision: u32) -> Value {
        // Each revision of each route draws from a stream of its own, so that a change of one
        // leaves all others as they are.
        let stream = u64::from(number) << 32 | u64::from(revision);
        let mut random = Pcg64Mcg::seed_from_u64(self.seed ^ stream.wrapping_mul(0x9e37_79b9));
        let endpoints = [(); 3].map(|()| endpoint(&mut random));
        let zone = zone_name(number % self.plane.zones);
        json!({
            "id": format!("{zone}/route-{number:05}"),
            "zone": zone,
            "spec": {
                "predicates": [format!("Host(\"shop-{number}.example.org\")"), "PathSubtree(\"/api\")"],
                "filters": ["preserveHost(\"true\")", format!("ratelimit({})", 100 + revision)],
                "endpoints": endpoints,
            },
        })
    }
}

fn endpoint(random: &mut Pcg64Mcg) -> String {
    let [a, b] = [random.random_range(0..=255_u8), random.random_range(1..=254_u8)];
    format!("http://10.2.{a}.{b}:8080")
}

/// `zone-a`, `zone-b`, …
fn zone_name(zone: u32) -> String {
    let letter = char::from(b'a' + (zone % 26) as u8);
    format!("zone-{letter}")
}
