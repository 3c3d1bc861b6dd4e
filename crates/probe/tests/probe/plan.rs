//! The plan and the findings together, against fleets that are simulated: no socket, no clock.
//!
//! Replicas are chosen at random with a seed, so the shares below are facts and no chances.

mod fleet;

use etag_lab_probe::plan::ENOUGH;
use etag_lab_probe::run::BUDGET;
use findings::Check;

use self::fleet::{Choice, Fleet};

/// Runs in which something was missed.
fn missed(fleet: &Fleet, runs: u64, is_missed: impl Fn(&Check) -> bool + Sync) -> usize {
    // The runs know nothing of each other.
    const THREADS: u64 = 4;
    let part = |first: u64| {
        let seeds = (first..runs).step_by(THREADS as usize);
        let checks = seeds.map(|seed| Check::of(&fleet.examined(BUDGET, seed)));
        checks.filter(|check| is_missed(check)).count()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..THREADS).map(|first| scope.spawn(move || part(first))).collect();
        parts.into_iter().map(|part| part.join().expect("no check panics")).sum()
    })
}

fn is_not_told(check: &Check) -> bool {
    check.findings[0].kind.name != "node-local-tag" || check.exchanges > ENOUGH
}

fn names(check: &Check) -> Vec<&str> {
    check.findings.iter().map(|finding| finding.kind.name.as_str()).collect()
}

#[test]
fn a_node_local_tag_is_told_within_forty_requests_and_less_than_one_in_a_hundred_is_missed() {
    for replicas in 2..=10 {
        let fleet = Fleet::broken(replicas);
        // Where the risk is greatest, and 1 % would be forty. Who has seen two tags of one content
        // has told it: what is asked afterwards takes nothing back, as the whole runs below show.
        let runs = if replicas == 2 { 4_000 } else { 200 };
        let told = |seed: &u64| {
            let check = Check::of(&fleet.examined_until(ENOUGH, *seed, |met| met == 2));
            !is_not_told(&check)
        };
        assert_eq!((0..runs).filter(told).count(), runs as usize, "{replicas} replicas");
        assert_eq!(missed(&fleet, 10, is_not_told), 0, "{replicas} replicas, whole runs");
    }
}

#[test]
fn workers_that_take_connections_in_clumps_are_told_from_moments() {
    let fleet = Fleet { choice: Choice::InClumps { of: 17 }, ..Fleet::broken(3) };
    let check = Check::of(&fleet.examined(BUDGET, 0));
    let found = &check.findings[0];
    assert_eq!((found.title.as_str(), found.cause), ("one content, 3 tags", Some("process")));
    assert!(found.evidence.iter().any(|line| line.contains("long runs")), "{:?}", found.evidence);
    assert!(check.exchanges < 64, "{}", check.exchanges);
}

#[test]
fn dates_and_compression_beside_the_tags_cost_no_further_requests() {
    for replicas in 2..=10 {
        for (local_dates, compresses) in
            [(Some(true), false), (Some(false), true), (Some(true), true)]
        {
            let fleet = Fleet { local_dates, compresses, ..Fleet::broken(replicas) };
            assert_eq!(missed(&fleet, 4, is_not_told), 0, "{fleet:?}");
        }
    }
}

#[test]
fn other_balancers_are_told_as_well() {
    for (replicas, choice) in [
        (2, Choice::InTurns),
        (3, Choice::InTurns),
        (7, Choice::InTurns),
        // More than there are requests.
        (50, Choice::InTurns),
        (3, Choice::Weighted { share: 80 }),
        (10, Choice::Weighted { share: 50 }),
    ] {
        let fleet = Fleet { choice, local_dates: Some(true), ..Fleet::broken(replicas) };
        assert_eq!(missed(&fleet, 10, is_not_told), 0, "{fleet:?}");
    }
}

#[test]
fn the_number_of_replicas_lies_in_its_interval() {
    let is_outside = |replicas: u32| {
        move |check: &Check| {
            let estimate = check.replicas;
            estimate.low > replicas || estimate.high.is_some_and(|high| high < replicas)
        }
    };
    for replicas in 2..=10 {
        let fleet = Fleet::broken(replicas as usize);
        let outside = missed(&fleet, 40, is_outside(replicas));
        assert!(outside <= 2, "{replicas} replicas: {outside} of 40");
        let dated = Fleet { local_dates: Some(true), ..fleet };
        let outside = missed(&dated, 10, is_outside(replicas));
        assert!(outside <= 1, "{replicas} replicas with dates: {outside} of 10");
        let by_date = Fleet { local_dates: Some(true), ..Fleet::healthy(replicas as usize) };
        let outside = missed(&by_date, 10, is_outside(replicas));
        assert!(outside <= 1, "{replicas} replicas by date: {outside} of 10");
    }
    for replicas in [2, 3, 10, 15, 30, 60] {
        let turns = Fleet { choice: Choice::InTurns, ..Fleet::broken(replicas as usize) };
        assert_eq!(missed(&turns, 1, is_outside(replicas)), 0, "{replicas} in turns");
    }
    let weighted = Fleet { choice: Choice::Weighted { share: 90 }, ..Fleet::broken(3) };
    let outside = missed(&weighted, 40, is_outside(3));
    assert!(outside <= 2, "a rare one is not counted out: {outside} of 40");
}

#[test]
fn one_odd_replica_in_ten_is_seen_before_anything_is_called_healthy() {
    let fleet = Fleet { odd: 1, ..Fleet::healthy(10) };
    let passes = |check: &Check| names(check).contains(&"healthy");
    let missed = missed(&fleet, 100, passes);
    assert!(missed <= 3, "about 1 % of 100 runs: {missed}");
}

#[test]
fn a_healthy_fleet_is_called_healthy_within_the_budget_and_without_a_number_of_replicas() {
    for fleet in [
        Fleet::healthy(3),
        Fleet { choice: Choice::InTurns, ..Fleet::healthy(5) },
        Fleet { local_dates: Some(false), compresses: true, ..Fleet::healthy(3) },
    ] {
        let check = Check::of(&fleet.examined(BUDGET, 42));
        assert!(check.exchanges <= 50, "{}", check.exchanges);
        assert_eq!(names(&check)[0], "healthy", "{fleet:?}");
        assert_eq!(check.replicas.high, None, "equal tags do not tell replicas apart");
    }
}

#[test]
fn a_balancer_that_shows_one_replica_alone_is_named_as_the_limit_of_what_was_seen() {
    let check =
        Check::of(&Fleet { choice: Choice::First, ..Fleet::broken(3) }.examined(BUDGET, 42));
    let healthy = &check.findings[0];
    assert_eq!(healthy.kind.name, "healthy");
    assert!(healthy.confidence <= 0.9, "{}", healthy.confidence);
    let evidence = healthy.evidence.join(" ");
    assert!(evidence.contains("--backend"), "{evidence}");
}

#[test]
fn a_small_budget_is_kept_and_does_not_pass() {
    for budget in [1, 5, 7] {
        let evidence = Fleet::healthy(1).examined(budget, 42);
        assert_eq!(evidence.observations.len(), budget);
        assert!(Check::of(&evidence).is_inconclusive());
    }
}
