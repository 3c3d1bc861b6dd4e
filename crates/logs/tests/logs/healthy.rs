//! A hundred healthy fleets and more, with everything that happens in their lives: no false alarm.

use measure::record::Severity;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

use crate::fleet::{Fleet, Habit, Notation, Policy, TagOf, names};

/// A healthy fleet by chance.
fn healthy(seed: u64) -> Fleet {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut one_of = |count: u32| random.random_range(0..count) as usize;
    let notations = [Notation::Combined, Notation::Upstream, Notation::Json, Notation::JsonAlone];
    let policies = [Policy::Random, Policy::RoundRobin, Policy::Sticky];
    let interval = [5, 30, 60][one_of(3)];
    let polls = [20, 60, 200][one_of(3)];
    let whole = interval * i64::from(polls);
    // Changes of equal and of other sizes, at once and one replica after the other.
    let releases = (0..one_of(4)).zip(1..).map(|(_, index)| {
        let at = whole * index / 5;
        (at, [0, 60, 600, 1_800][one_of(4)], [0, 16][one_of(2)])
    });
    let releases = releases.collect();
    Fleet {
        seed,
        notation: notations[one_of(4)],
        tags: TagOf::Content,
        policy: policies[one_of(3)],
        replicas: [1, 2, 3, 5][one_of(4)],
        scaled_out_at: [0, whole / 2][one_of(2)],
        clients: [4, 12, 40][one_of(3)],
        polls,
        interval,
        behind_one: [1, 1, 4, 20][one_of(4)],
        forgets_after: [0, 0, 2, 3, 7][one_of(5)],
        habit: Habit::SendsIt,
        ignoring: 0,
        suffixes: false,
        releases,
        has_others: one_of(2) == 0,
    }
}

#[test]
fn healthy_fleets_raise_no_alarm() {
    let mut healthy_verdicts = 0;
    for seed in 0..200 {
        let fleet = healthy(seed);
        let summary = fleet.judged();
        let worst = summary.worst();
        let told: Vec<_> = summary.findings.iter().map(|one| &one.finding.evidence).collect();
        assert!(worst > Severity::Warn, "{:?}: {told:#?}\n{fleet:?}", names(&summary));
        healthy_verdicts += usize::from(names(&summary) == ["healthy"]);
    }
    // Being silent about everything would be no art.
    assert!(healthy_verdicts >= 100, "{healthy_verdicts} of 200 are called healthy");
}

#[test]
fn a_service_whose_answers_have_no_tag_is_no_alarm() {
    for notation in [Notation::Combined, Notation::Upstream, Notation::Json] {
        let fleet = Fleet { tags: TagOf::None, notation, ..Fleet::default() };
        assert_eq!(names(&fleet.judged()), ["inconclusive"]);
    }
}
