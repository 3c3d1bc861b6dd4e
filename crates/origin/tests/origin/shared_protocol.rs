//! The protocol of the shared tag store, in every order of its steps.
//!
//! The code that replicas run ([`etag_lab_origin::shared_tags::protocol`]) is driven through all states of a
//! small fleet: clients that poll for ever, writers that change the resource once, and whichever
//! accidents a [`World`](world::World) allows. What is found is told as a shortest trace:
//! `cargo test -p etag-lab-origin --test origin shared_protocol:: -- --nocapture`.
//!
//! Two clients and two writers are enough for every race here; `MODEL_CLIENTS=3` and
//! `MODEL_WRITERS=3` try larger fleets, as `scripts/fuzz` does. The real stores are no part of
//! this: that they do what the reference does is for their own tests.

mod explore;
mod hardened;
mod keys;
mod model;
mod published;
mod trace;
mod world;

use self::explore::{Explored, explore};
use self::model::Fault;
use self::world::World;

/// Explores the world of a test and prints what it holds.
#[expect(clippy::print_stdout, reason = "the traces are what a reader of the test wants to see")]
fn explored(world: &World) -> Explored {
    let explored = explore(world);
    let test = std::thread::current();
    let name = test.name().unwrap_or_default();
    println!("{name}: {} states, {} steps", explored.states, explored.steps);
    for (fault, actions) in &explored.faults {
        println!("\n{fault:?}:\n{}\n", trace::told(actions, world));
    }
    explored
}

/// Exactly these faults are found, and to each of the traces no shorter one.
fn check(world: &World, faults: &[Fault], traces: &[(Fault, &str)]) {
    let explored = explored(world);
    let found: Vec<Fault> = explored.faults.keys().copied().collect();
    assert_eq!(found, faults);
    for (fault, expected) in traces {
        let lines: Vec<&str> = expected.lines().map(str::trim).collect();
        let told = trace::told(&explored.faults[fault], world);
        assert_eq!(told, lines.join("\n").trim(), "{fault:?}");
    }
}
