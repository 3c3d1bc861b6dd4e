//! Worlds drawn at random, each checked by the real plan and the real judges without a socket.
//!
//! A world is a deployment as a value: replicas, a balancer, contents over time, and faults. What is
//! true of it follows from the world and from clients that poll it, never from the findings.
//! `WORLD_SEED=123` shows one world, `WORLDS=10000` tries so many, `WORLDS_REPORT=PATH` writes those
//! that went wrong.

mod cache;
mod captures;
mod clients;
mod conditions;
mod content;
mod deployment;
mod draw;
mod examined;
mod fault;
mod server;
mod site;
mod summary;
mod tag;
mod truth;
mod verdict;

use self::summary::Summary;
use self::verdict::{Wrong, tell};

/// Worlds of a usual run.
const USUAL: u64 = 300;

/// Worlds of a thousand that are known to go wrong in each way: may fall, must not grow.
const KNOWN: [(Wrong, usize); 8] = [
    (Wrong::Blame, 0),
    (Wrong::Cause, 0),
    (Wrong::CleanBill, 0),
    (Wrong::Missed, 3),
    (Wrong::Misnamed, 2),
    (Wrong::Alarm, 0),
    (Wrong::Undecided, 1),
    (Wrong::Requests, 0),
];

/// Number beyond these that is no growth, where there are some: fewer worlds than a thousand vary by
/// chance.
const CHANCE: usize = 5;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Judgements of all worlds, which know nothing of each other.
fn summary(worlds: u64) -> Summary {
    const THREADS: u64 = 4;
    let part = |first: u64| {
        let mut summary = Summary::default();
        (first..worlds).step_by(THREADS as usize).for_each(|seed| summary.add(&tell(seed)));
        summary
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..THREADS).map(|first| scope.spawn(move || part(first))).collect();
        let mut all = Summary::default();
        for part in parts {
            all.join(part.join().expect("no check panics"));
        }
        all
    })
}

/// Worlds that may go wrong in a way in which so many of a thousand do; none stays none.
fn allowed(most: usize, worlds: usize) -> usize {
    if most == 0 { 0 } else { CHANCE + most * worlds / 1_000 }
}

#[test]
fn what_is_known_to_be_judged_wrongly_does_not_grow() {
    if let Some(seed) = number("WORLD_SEED") {
        let told = tell(seed);
        panic!("{}{}", told.in_words(), told.sequence());
    }
    let worlds = number("WORLDS").unwrap_or(USUAL);
    let summary = summary(worlds);
    if let Ok(path) = std::env::var("WORLDS_REPORT") {
        std::fs::write(path, summary.report()).expect("a file that can be written");
    }
    let grown = KNOWN
        .iter()
        .filter(|(wrong, most)| summary.count(*wrong) > allowed(*most, worlds as usize));
    let grown: Vec<_> = grown.collect();
    assert!(grown.is_empty(), "more than {grown:?}\n{}", summary.report());
}
