//! The plan and the findings together, against fleets that are simulated: no socket, no clock.
//!
//! Replicas are chosen at random with a seed, so the shares below are facts and no chances.

use std::time::Duration;

use probe::Check;
use probe::evidence::{Answer, Content, Digests, Evidence, Lane, Observation, opaque};
use probe::plan::{Limits, Step, next};
use probe::run::BUDGET;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// Requests within which a node-local tag must be told.
const ENOUGH: usize = 40;

/// A fleet whose replicas have these tags for one content.
struct Fleet {
    tags: Vec<String>,
    random: Pcg64Mcg,
}

impl Fleet {
    fn answer(&mut self, step: &Step) -> Answer {
        let replica = self.random.random_range(0..self.tags.len());
        let tag = self.tags[replica].as_bytes();
        let matches =
            step.asked.any || step.asked.none_match.iter().any(|sent| opaque(sent) == opaque(tag));
        let content = b"{}";
        Answer {
            version: "HTTP/1.1",
            status: if matches { 304 } else { 200 },
            fields: [("etag", tag)].into_iter().collect(),
            content: Content {
                coded_bytes: 2,
                decoded: (!matches).then(|| Digests::of(content)),
                stray_bytes: 0,
            },
        }
    }
}

fn examined(tags: Vec<String>, budget: usize, seed: u64) -> Evidence {
    let mut fleet = Fleet { tags, random: Pcg64Mcg::seed_from_u64(seed) };
    let lane = Lane { name: "balancer".to_owned(), is_backend: false };
    let mut evidence = Evidence { lanes: vec![lane], ..Evidence::default() };
    let limits = Limits { budget, lanes: 1 };
    while let Some(step) = next(&evidence, limits) {
        let answer = fleet.answer(&step);
        let at = Duration::from_millis(evidence.observations.len() as u64);
        let Step { lane, connection, asked } = step;
        evidence.observations.push(Observation {
            at,
            lane,
            connection,
            asked,
            outcome: Ok(answer),
        });
    }
    evidence
}

fn node_local(replicas: usize) -> Vec<String> {
    (0..replicas).map(|replica| format!("\"{}\"", replica * 11 + 3)).collect()
}

#[test]
fn a_node_local_tag_is_told_within_forty_requests_and_hardly_ever_missed() {
    for replicas in 2..=10 {
        let runs = if replicas == 2 { 150 } else { 30 };
        let missed = (0..runs).filter(|&seed| {
            let check = Check::of(&examined(node_local(replicas), ENOUGH, seed));
            check.findings[0].name != "node-local-tag"
        });
        let missed = missed.count();
        // Below 1 %: of 150 runs at most one.
        assert!(missed <= usize::from(replicas == 2), "{replicas} replicas: {missed} of {runs}");
    }
}

#[test]
fn the_number_of_replicas_lies_in_its_interval() {
    for replicas in [2, 3, 5, 10] {
        let runs = 40;
        let held = (0..runs).filter(|&seed| {
            let check = Check::of(&examined(node_local(replicas as usize), BUDGET, seed));
            let estimate = check.replicas;
            estimate.low <= replicas && estimate.high.is_none_or(|high| replicas <= high)
        });
        let share = held.count() as f64 / f64::from(runs as u32);
        assert!(share >= 0.95, "{replicas} replicas: {share}");
    }
}

#[test]
fn one_odd_replica_in_ten_is_seen_before_anything_is_called_healthy() {
    let mut tags = vec!["\"a\"".to_owned(); 9];
    tags.push("\"b\"".to_owned());
    let runs = 60;
    let missed = (0..runs).filter(|&seed| {
        let check = Check::of(&examined(tags.clone(), BUDGET, seed));
        check.findings.iter().any(|finding| finding.name == "healthy")
    });
    assert!(missed.count() <= 2, "1 % of 60 runs are less than one");
}

#[test]
fn a_healthy_fleet_is_called_healthy_within_the_budget_and_without_a_number_of_replicas() {
    let evidence = examined(vec!["\"a\"".to_owned(); 3], BUDGET, 42);
    assert!(evidence.observations.len() <= 50, "{}", evidence.observations.len());
    let check = Check::of(&evidence);
    let names: Vec<_> = check.findings.iter().map(|finding| finding.name).collect();
    assert_eq!(names, ["healthy"]);
    assert_eq!(check.replicas.high, None, "equal tags do not tell replicas apart");
}

#[test]
fn a_small_budget_is_kept_and_does_not_pass() {
    for budget in [1, 5, 7] {
        let evidence = examined(vec!["\"a\"".to_owned()], budget, 42);
        assert_eq!(evidence.observations.len(), budget);
        assert!(Check::of(&evidence).is_inconclusive());
    }
}
