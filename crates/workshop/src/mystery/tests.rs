//! Mysteries that are drawn, and seen through the eyes of a participant.

use std::collections::BTreeSet;

use super::Difficulty;
use super::culprits::{CULPRITS, HEALTHY};
use super::load::{expected, modelled, proof};
use super::repair::{Fix, Judged};
use super::solution::Solution;

mod fleet;
mod solver;

/// All kinds of mysteries are judged where this variable is set, else some.
const ALL: &str = "ETAG_LAB_ALL_MYSTERIES";
/// One kind of so many is judged in any run of the tests.
const ONE_OF: usize = 3;
/// Seeds of each level.
const SEEDS: u64 = 300;

fn mysteries() -> impl Iterator<Item = (u64, Difficulty, Solution)> {
    Difficulty::ALL.into_iter().flat_map(|difficulty| {
        (0..SEEDS).map(move |seed| (seed, difficulty, Solution::of(seed, difficulty)))
    })
}

/// Mysteries of which none is like another but for its content and its numbers.
fn kinds() -> Vec<(u64, Difficulty, Solution)> {
    let mut known = BTreeSet::new();
    let is_new = |(_, _, solution): &(u64, Difficulty, Solution)| {
        let fleet = &solution.fleet;
        let shape: BTreeSet<_> = fleet.histories.iter().collect();
        let tags = (fleet.strategy, fleet.names_node, fleet.drift_ms, fleet.last_modified);
        known.insert((
            fleet.nodes(),
            shape.len(),
            tags,
            fleet.edge,
            fleet.policy,
            fleet.cache_control,
        ))
    };
    let step = if std::env::var_os(ALL).is_some() { 1 } else { ONE_OF };
    mysteries().filter(is_new).step_by(step).collect()
}

/// Judges a repair by the model, as a run of it is judged.
fn judged(solution: &Solution, fix: &Fix) -> Option<Judged> {
    let fleet = fix.applied(&solution.fleet).expect("its names are in the catalogues");
    Some(fix.judged(&solution.fleet, modelled(&proof(&fleet))?))
}

#[test]
fn a_seed_is_one_mystery_and_seeds_are_many() {
    let drawn: BTreeSet<_> =
        mysteries().map(|(.., solution)| format!("{:?}", solution.fleet)).collect();
    assert!(drawn.len() as u64 > 2 * SEEDS, "{}", drawn.len());
    let again = mysteries().map(|(.., solution)| format!("{:?}", solution.fleet));
    assert!(again.collect::<BTreeSet<_>>() == drawn);
}

#[test]
fn every_kind_of_fault_is_drawn_and_none_that_is_not_one() {
    let mut codes = BTreeSet::new();
    for (.., solution) in mysteries() {
        codes.extend(solution.culprits.iter().map(|culprit| (culprit.code, culprit.cause)));
    }
    for (seed, difficulty, solution) in kinds() {
        let wanted = expected(&solution.fleet);
        let carried = modelled(&proof(&solution.fleet)).expect("it is modelled");
        let is_sound = carried.is_as_good_as(&wanted);
        assert_eq!(is_sound, solution.is_healthy(), "{seed} {difficulty:?}: {solution:?}");
    }
    let all = CULPRITS.iter().chain([&HEALTHY]).map(|culprit| (culprit.code, culprit.cause));
    assert_eq!(codes, all.collect());
}

#[test]
fn the_repair_of_the_truth_is_accepted_and_every_other_one_refused() {
    for (seed, difficulty, solution) in kinds() {
        let right = solution.fix();
        let what = format!("{seed} {difficulty:?} {:?}", solution.fleet);
        if solution.is_healthy() {
            assert!(right.is_empty(), "{what}");
        } else {
            let accepted = judged(&solution, &right);
            assert!(matches!(accepted, Some(Judged::Repaired { .. })), "{what}: {accepted:?}");
        }
        for wrong in wrong_repairs(&solution, &right) {
            let refused = judged(&solution, &wrong);
            assert!(
                !matches!(refused, Some(Judged::Repaired { .. })),
                "{what}: {wrong:?} {refused:?}"
            );
        }
    }
}

/// Repairs that mend something else, mend too little, or replace too much.
fn wrong_repairs(solution: &Solution, right: &Fix) -> Vec<Fix> {
    let named = |name: &str| Some(name.to_owned());
    let drifts = solution.fleet.drift_ms > 0;
    let mut wrong = vec![
        Fix { policy: named("sticky"), ..Fix::default() },
        Fix { policy: named("per-connection"), ..Fix::default() },
        Fix { policy: named("random"), ..right.clone() },
        Fix { strategy: named("length"), ..right.clone() },
        Fix { strategy: named("process-nonce"), ..right.clone() },
        Fix { edge: named("gzip-suffix"), ..right.clone() },
    ];
    if right.strategy.is_none() {
        wrong.push(Fix { strategy: named("content-hash-xxh3"), ..right.clone() });
    }
    if right.edge.is_none() {
        wrong.push(Fix { edge: named("none"), ..right.clone() });
    }
    // Equal files are a repair of tags that are made of their dates.
    if !right.same_content && !drifts {
        wrong.push(Fix { same_content: true, ..right.clone() });
    }
    if right.strategy.is_some() && right.edge.is_some() {
        wrong.push(Fix { edge: None, ..right.clone() });
        wrong.push(Fix { strategy: None, ..right.clone() });
    }
    wrong
}
