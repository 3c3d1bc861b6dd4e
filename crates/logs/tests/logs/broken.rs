//! Faults that a log can show, each with the log that shows it, and the same with less in it.

use crate::fleet::{BEGIN, Fleet, Habit, Notation, Policy, TagOf, names};

#[track_caller]
fn check(fleet: &Fleet, expected: &str) {
    let summary = fleet.judged();
    let found = names(&summary);
    let told: Vec<_> = summary.findings.iter().map(|one| &one.finding.evidence).collect();
    assert_eq!(found, [expected], "{told:#?}\n{fleet:?}");
}

fn with(notation: Notation) -> Fleet {
    Fleet { notation, ..Fleet::default() }
}

#[test]
fn tags_of_each_replica_are_found_by_tags_and_by_turns_and_not_without_the_server() {
    for (notation, expected) in [
        (Notation::Json, "node-local-tag (unknown)"),
        (Notation::Upstream, "node-local-tag (unknown)"),
        (Notation::JsonAlone, "inconclusive"),
        (Notation::Combined, "inconclusive"),
    ] {
        for replicas in [3, 5] {
            let fleet = Fleet { tags: TagOf::Replica, replicas, polls: 120, ..with(notation) };
            check(&fleet, expected);
        }
    }
}

#[test]
fn files_of_drifting_times_are_known_by_their_tags_alone() {
    for notation in [Notation::Json, Notation::JsonAlone] {
        check(&Fleet { tags: TagOf::Copy, ..with(notation) }, "node-local-tag (mtime)");
    }
}

#[test]
fn round_robin_is_found_by_tags_and_cannot_be_told_without() {
    let fleet = |notation| Fleet {
        tags: TagOf::Replica,
        policy: Policy::RoundRobin,
        clients: 10,
        ..with(notation)
    };
    check(&fleet(Notation::Json), "node-local-tag (unknown)");
    check(&fleet(Notation::Combined), "inconclusive");
}

#[test]
fn tags_that_follow_one_another_in_a_ring_are_found() {
    // Ten clients in lock-step before three servers: each meets the next server each time.
    let fleet = Fleet {
        tags: TagOf::Replica,
        policy: Policy::RoundRobin,
        clients: 1,
        polls: 100,
        ..with(Notation::Json)
    };
    check(&fleet, "node-local-tag (unknown)");
}

#[test]
fn two_releases_side_by_side_are_not_two_servers_of_one() {
    // Two servers, and a rollout of ten minutes at the end of the log.
    let rollout = Fleet { replicas: 2, releases: vec![(1_000, 1_200, 0)], ..with(Notation::Json) };
    assert_ne!(names(&rollout.judged()), ["node-local-tag (unknown)"]);
    let apart = Fleet { replicas: 2, tags: TagOf::Replica, ..with(Notation::Json) };
    check(&apart, "node-local-tag (unknown)");
    check(&Fleet { polls: 12, ..apart }, "inconclusive");
}

#[test]
fn a_fault_begins_with_the_scale_out() {
    for notation in [Notation::Json, Notation::Upstream] {
        let fleet =
            Fleet { tags: TagOf::Replica, scaled_out_at: 3_600, polls: 240, ..with(notation) };
        let summary = fleet.judged();
        let since = summary.findings[0].since.expect("a beginning");
        assert_eq!(names(&summary), ["node-local-tag (unknown)"], "{notation:?}");
        assert!((since - BEGIN - 3_600).abs() <= 120, "{notation:?}: {}", since - BEGIN);
    }
}

#[test]
fn clients_behind_one_address_are_told_by_their_tags_and_cannot_be_told_without() {
    let fleet =
        |notation| Fleet { tags: TagOf::Replica, clients: 40, behind_one: 20, ..with(notation) };
    check(&fleet(Notation::Json), "node-local-tag (unknown)");
    check(&fleet(Notation::Upstream), "inconclusive");
}

#[test]
fn conditions_that_are_ignored_are_found_with_the_server_that_ignores_them() {
    check(&Fleet { ignoring: 3, ..with(Notation::Json) }, "conditionals-ignored");
    check(&Fleet { ignoring: 3, ..with(Notation::JsonAlone) }, "conditionals-ignored");
    check(&Fleet { ignoring: 3, ..with(Notation::Combined) }, "inconclusive");
    let summary = Fleet { ignoring: 1, ..with(Notation::Json) }.judged();
    assert_eq!(names(&summary), ["conditionals-ignored"]);
    let evidence = summary.findings[0].finding.evidence.join("\n");
    assert!(evidence.contains("only from 1 of 3 servers"), "{evidence}");
}

#[test]
fn a_suffix_that_never_matches_is_found() {
    check(&Fleet { suffixes: true, ..with(Notation::Json) }, "suffix-not-understood");
}

#[test]
fn one_tag_for_several_sizes_is_found() {
    check(
        &Fleet { tags: TagOf::Constant, forgets_after: 6, ..with(Notation::Json) },
        "shared-tag-across-contents",
    );
}

#[test]
fn clients_at_fault_are_found_and_servers_are_not_blamed() {
    for (habit, expected) in [
        (Habit::NeverSends, "client-at-fault (never-conditional)"),
        (Habit::SendsTheFirst, "client-at-fault (outdated)"),
        (Habit::LosesQuotes, "client-at-fault (mangled)"),
    ] {
        let releases = vec![(600, 1, 16)];
        check(&Fleet { habit, releases, ..with(Notation::Json) }, expected);
    }
}
