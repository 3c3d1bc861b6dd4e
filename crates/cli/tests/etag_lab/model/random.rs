//! Random scenarios, run and modelled: strategies × policies × edges × changes × events × seeds.

use std::fmt::Write as _;

use balancer::catalogue::{EDGES, POLICIES};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use strategies::catalogue::STRATEGIES;

use super::assert_equal;
use crate::support::home;

/// Scenarios in a usual test run; the variable [`NUMBER`] asks for more.
const USUAL: u64 = 50;
const NUMBER: &str = "ETAG_LAB_RANDOM_SCENARIOS";

#[test]
fn random_scenarios_in_lock_step_are_equal_to_their_runs() {
    let number = std::env::var(NUMBER).ok().and_then(|text| text.parse().ok()).unwrap_or(USUAL);
    // Hundreds take an hour: one that differs must not keep the others from being seen.
    let differs = |seed: &u64| std::panic::catch_unwind(|| check(*seed)).is_err();
    let different: Vec<u64> = (0..number).filter(differs).collect();
    assert!(different.is_empty(), "seeds {different:?} of {number}");
}

fn check(seed: u64) {
    let file = home().join(format!("random-{seed}.toml"));
    let text = scenario(&mut Pcg64Mcg::seed_from_u64(seed), seed);
    std::fs::write(&file, text).expect("a file can be written");
    assert_equal(&[file.to_str().expect("a path in UTF-8")]);
}

/// A scenario of one arm, in lock-step.
fn scenario(random: &mut Pcg64Mcg, seed: u64) -> String {
    // Tags of the time of rendering are refused: each response has another one, and no number of states
    // holds them.
    let strategies: Vec<_> = STRATEGIES.iter().filter(|entry| !entry.reads.moment).collect();
    let strategy = strategies.choose(random).expect("there are strategies");
    let policy = POLICIES.choose(random).expect("there are policies").name;
    let edge = EDGES.choose(random).expect("there are edges").name;
    let (replicas, clients) = (random.random_range(1..=5), random.random_range(1..=14));
    let polls: u32 = random.random_range(4..=24);
    let mut text = format!(
        "[resource]\nsize-bytes = {}\n{}\n[fleet]\nreplicas = {replicas}\n\
         deploy-drift = \"{}\"\n[balancer]\npolicy = \"{policy}\"\nedge = \"{edge}\"\n\
         [load]\nseed = {seed}\nclients = {clients}\npolls = {polls}\n{}\n",
        size(random, strategy.name),
        resource(random),
        ["0s", "7s", "1500ms"].choose(random).expect("three"),
        load(random, policy, strategy.name),
    );
    let _ = writeln!(text, "[[arm]]\nname = \"a\"\nstrategy = \"{}\"", strategy.name);
    if strategy.reads.shared_tag {
        let protocol = ["as-published", "hardened"].choose(random).expect("two");
        let _ = writeln!(text, "store-protocol = \"{protocol}\"");
    }
    // An inode that is free again may be given to the next file, and then two tags agree by chance.
    if !["inode-hash", "inode-size-mtime"].contains(&strategy.name) {
        changes(random, polls, replicas, &mut text);
        events(random, polls, replicas, &mut text);
    }
    text
}

/// Two processes that write a few members in an order of their own may agree by chance, which the
/// model knows for processes of its own only. Hundreds of octets have members enough that none do.
fn size(random: &mut Pcg64Mcg, strategy: &str) -> u32 {
    random.random_range(if strategy == "unordered-content-hash" {
        1_500..=3_000
    } else {
        1..=3_000
    })
}

fn resource(random: &mut Pcg64Mcg) -> &'static str {
    let ways = [
        "",
        "codings = [\"gzip\"]",
        "codings = [\"br\", \"gzip\"]",
        "last-modified = false",
        "cache-control = \"max-age=2\"",
        "cache-control = \"no-store\"",
        "content-type = \"text/plain\"",
    ];
    ways.choose(random).expect("there are ways")
}

fn load(random: &mut Pcg64Mcg, policy: &str, strategy: &str) -> String {
    let ways = ["validate = \"etag\"", "validate = \"both\"", "validate = \"last-modified\""];
    // A date ahead of the clock is no date to be sent: clients that go by it are refused.
    let ways = if strategy == "future-mtime" { &ways[..1] } else { &ways };
    let mut lines = vec![ways.choose(random).expect("there are ways").to_string()];
    if random.random_bool(0.4) {
        lines.push("accept-encoding = [\"gzip\", \"identity\", \"br;q=0.5\"]".to_owned());
    }
    if random.random_bool(0.3) {
        lines.push("honour-freshness = true".to_owned());
    }
    if random.random_bool(0.2) && policy != "least-requests" {
        lines.push(format!("interrupt-at = {}", random.random_range(0.1..0.9)));
    }
    if random.random_bool(0.3) {
        lines.push("on-error = \"drop\"".to_owned());
    }
    lines.join("\n")
}

fn changes(random: &mut Pcg64Mcg, polls: u32, replicas: u32, text: &mut String) {
    let (mut at, mut at_first) = (1, true);
    while random.random_bool(0.6) && at + 1 < polls {
        at = random.random_range(at + 1..=polls);
        let kinds: &[_] = if at_first { &["edit", "same-second"] } else { &["edit", "revert"] };
        let kind = kinds.choose(random).expect("two");
        at_first = false;
        let _ = writeln!(text, "[[change]]\nat-poll = {at}\nkind = \"{kind}\"");
        if random.random_bool(0.3) {
            let lag = random.random_range(1..=3);
            let _ = writeln!(text, "rollout = \"rolling\"\nlag = {lag}");
            // The next change comes when this one has reached every replica.
            at += lag * (replicas - 1);
        }
    }
}

fn events(random: &mut Pcg64Mcg, polls: u32, replicas: u32, text: &mut String) {
    let mut at = 1;
    while random.random_bool(0.5) && at + 1 < polls {
        at = random.random_range(at + 1..=polls);
        let kind = ["kill", "restart", "reconnect", "edge"].choose(random).expect("four");
        let _ = writeln!(text, "[[event]]\nat-poll = {at}\nkind = \"{kind}\"");
        if *kind == "edge" {
            let edge = EDGES.choose(random).expect("there are edges").name;
            let _ = writeln!(text, "edge = \"{edge}\"");
        } else if *kind != "reconnect" && random.random_bool(0.8) {
            let _ = writeln!(text, "replica = {}", random.random_range(1..=replicas));
        }
    }
}
