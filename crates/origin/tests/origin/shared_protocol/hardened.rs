//! Soundness of our protocol, and the purpose of each of its assumptions.
//!
//! Nothing is found while the assumptions hold. Each of them is then taken away alone, and the
//! trace tells what it was there for: these are the limits of the protocol.

use std::env;

use etag_lab_origin::shared_tags::protocol::TagProtocol::Hardened;

use super::{check, explored};
use crate::shared_protocol::model::Fault::{EarlyValidation, FalseValidation, MarkLeft, Pinned};
use crate::shared_protocol::world::{Accident, CLIENTS, Discipline, Return, WRITERS, World};

fn check_sound(world: World) {
    let number = |variable, most: usize, otherwise: usize| {
        let given = env::var(variable).map(|given| given.parse().expect("a number of parties"));
        given.unwrap_or(otherwise).min(most)
    };
    let world = World {
        clients: number("MODEL_CLIENTS", CLIENTS, world.clients),
        writers: number("MODEL_WRITERS", WRITERS, world.writers),
        ..world
    };
    let explored = explored(&world);
    assert!(explored.faults.is_empty());
}

/// Tags expire, writers die before each of their steps, answers are lost on the way, the store
/// stops and comes back without its memory; all of it at any time, and as often as it likes.
#[test]
fn nothing_is_found_whatever_dies_expires_or_gets_lost() {
    check_sound(World::rough(Hardened));
}

/// Refusing a change that cannot be announced removes two more assumptions.
#[test]
fn nothing_is_found_with_an_unreachable_store_if_writers_roll_back() {
    let world = World { discipline: Discipline::RollsBackUnheard, ..World::calm(Hardened) };
    check_sound(world.with(&[
        Accident::WriterDies,
        Accident::AnnouncementLost,
        Accident::StoreStops(Return::Unchanged),
    ]));
}

#[test]
fn the_store_must_hear_of_a_change_before_it_is_committed() {
    let world = World::calm(Hardened).with(&[Accident::AnnouncementLost, Accident::WriterDies]);
    let trace = "client 1 polls with no tag; the store holds nothing
        client 1 creates t0
        client 1 gets v0 with t0
        writer 1 announces itself, and nobody hears it
        writer 1 commits v1
        writer 1 dies";
    check(&world, &[FalseValidation, EarlyValidation, Pinned], &[(Pinned, trace)]);
}

/// Whoever lives owes the store a tag: nobody is pinned.
#[test]
fn a_writer_that_was_not_heard_and_lives_puts_it_right() {
    let world = World::calm(Hardened).with(&[Accident::StoreStops(Return::Unchanged)]);
    let trace = "client 1 polls with no tag; the store holds nothing
        client 1 creates t0
        client 1 gets v0 with t0
        the store stops
        writer 1 announces itself, and nobody hears it
        writer 1 commits v1
        the store comes back with t0
        client 1 polls with t0: 304";
    check(&world, &[EarlyValidation], &[(EarlyValidation, trace)]);
}

#[test]
fn a_commit_must_come_within_the_lease() {
    let world = World::calm(Hardened).with(&[Accident::LeaseTooShort]);
    let trace = "client 1 polls with no tag; the store holds nothing
        writer 1 announces itself
        the lease of the mark of writer 1 ends
        client 1 creates t0
        client 1 gets v0 with t0
        writer 1 commits v1
        client 1 polls with t0: 304";
    check(&world, &[EarlyValidation], &[(EarlyValidation, trace)]);
}

#[test]
fn a_store_that_forgets_its_marks_needs_a_grace() {
    let world = World::calm(Hardened).with(&[Accident::StoreStops(Return::Empty)]);
    let trace = "client 1 polls with no tag; the store holds nothing
        writer 1 announces itself
        the store stops
        the store comes back empty
        client 1 creates t0
        client 1 gets v0 with t0
        writer 1 commits v1
        client 1 polls with t0: 304";
    check(&world, &[EarlyValidation], &[(EarlyValidation, trace)]);
}

#[test]
fn a_store_must_not_come_back_with_old_tags() {
    let world =
        World { writers: 1, ..World::calm(Hardened) }.with(&[Accident::StoreStops(Return::Old)]);
    let trace = "client 1 polls with no tag; the store holds nothing
        client 1 creates t0
        client 1 gets v0 with t0
        the store saves t0
        writer 1 announces itself
        writer 1 commits v1
        writer 1 publishes t1
        the store stops
        the store comes back with t0, which is old";
    check(&world, &[FalseValidation, EarlyValidation, Pinned, MarkLeft], &[(Pinned, trace)]);
}

#[test]
fn the_database_must_let_one_write_at_a_time() {
    let world = World::calm(Hardened).with(&[Accident::WritersOverlap]);
    let trace = "writer 1 announces itself
        writer 2 announces itself
        writer 2 commits v1
        writer 2 publishes t0
        client 1 polls with no tag; the store holds t0
        client 1 gets v1 with t0
        writer 1 commits v2
        client 1 polls with t0: 304";
    check(&world, &[EarlyValidation], &[(EarlyValidation, trace)]);
}

#[test]
fn every_attempt_to_create_needs_a_new_tag() {
    let world = World { writers: 1, ..World::calm(Hardened) }.with(&[
        Accident::TagExpires,
        Accident::MessageLost,
        Accident::CreationRepeated,
    ]);
    let trace = "client 1 polls with no tag; the store holds nothing
        client 1 creates t0, and the answer is lost
        client 2 polls with no tag; the store holds t0
        client 2 gets v0 with t0
        writer 1 announces itself
        writer 1 commits v1
        writer 1 publishes t1
        t1 expires
        client 1 creates t0";
    check(&world, &[FalseValidation, EarlyValidation, Pinned], &[(Pinned, trace)]);
}

#[test]
fn every_attempt_to_publish_needs_a_new_tag() {
    let world =
        World { clients: 1, discipline: Discipline::RepeatsItsTag, ..World::calm(Hardened) }
            .with(&[Accident::MessageLost]);
    let trace = "writer 1 announces itself
        writer 1 commits v1
        writer 1 publishes t0, and the answer is lost
        client 1 polls with no tag; the store holds t0
        client 1 gets v1 with t0
        writer 2 announces itself
        writer 2 commits v2
        writer 2 publishes t1
        writer 1 publishes t0";
    check(&world, &[FalseValidation, EarlyValidation, Pinned], &[(Pinned, trace)]);
}

#[test]
fn whoever_changes_the_database_must_tell_the_store() {
    let world = World { discipline: Discipline::Silent, ..World::calm(Hardened) };
    let trace = "client 1 polls with no tag; the store holds nothing
        client 1 creates t0
        client 1 gets v0 with t0
        writer 1 commits v1";
    check(&world, &[FalseValidation, Pinned], &[(Pinned, trace)]);
}
