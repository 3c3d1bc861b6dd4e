//! Faults of the protocol as GitLab published it: each race by a shortest trace.

use etag_lab_origin::shared_tags::protocol::TagProtocol::AsPublished;

use super::check;
use crate::shared_protocol::model::Fault::{
    self, EarlyValidation, Failure, FalseValidation, NeedlessTransfer, Pinned,
};
use crate::shared_protocol::world::{Accident, Discipline, Return, World};

/// Faults of a protocol whose requests depend on the store.
const ALL: [Fault; 5] = [FalseValidation, EarlyValidation, Pinned, NeedlessTransfer, Failure];

/// Nothing goes wrong but the order of steps.
#[test]
fn two_creators_give_two_tags_and_a_commit_is_not_seen_before_its_tag() {
    let world = World::calm(AsPublished);
    let needless = "client 1 polls with no tag; the store holds nothing
        client 2 polls with no tag; the store holds nothing
        client 1 creates t0
        client 2 creates t1; the store holds t0
        client 2 gets v0 with t1
        client 2 polls with t1; the store holds t0
        client 2 gets v0 with t0";
    let early = "client 1 polls with no tag; the store holds nothing
        client 1 creates t0
        client 1 gets v0 with t0
        writer 1 commits v1
        client 1 polls with t0: 304";
    check(
        &world,
        &[EarlyValidation, NeedlessTransfer],
        &[(NeedlessTransfer, needless), (EarlyValidation, early)],
    );
}

#[test]
fn a_writer_that_dies_after_its_commit_pins_stale_content() {
    let world = World::calm(AsPublished).with(&[Accident::WriterDies]);
    let trace = "client 1 polls with no tag; the store holds nothing
        client 1 creates t0
        client 1 gets v0 with t0
        writer 1 commits v1
        writer 1 dies";
    check(&world, &ALL[..4], &[(Pinned, trace)]);
}

#[test]
fn an_invalidation_before_the_commit_pins_stale_content() {
    let world = World { discipline: Discipline::PublishesFirst, ..World::calm(AsPublished) };
    let trace = "writer 1 publishes t0
        client 1 polls with no tag; the store holds t0
        client 1 gets v0 with t0
        writer 1 commits v1";
    check(&world, &[FalseValidation, Pinned, NeedlessTransfer], &[(Pinned, trace)]);
}

#[test]
fn a_store_that_is_down_fails_requests_and_loses_invalidations() {
    let world = World::calm(AsPublished).with(&[Accident::StoreStops(Return::Unchanged)]);
    let failure = "the store stops
        client 1 polls with no tag; the store does not answer: 500";
    let pinned = "client 1 polls with no tag; the store holds nothing
        client 1 creates t0
        client 1 gets v0 with t0
        writer 1 commits v1
        the store stops
        writer 1 publishes t1, and nobody hears it
        the store comes back with t0";
    check(&world, &ALL, &[(Failure, failure), (Pinned, pinned)]);
}

#[test]
fn a_store_that_comes_back_with_old_tags_pins_stale_content() {
    let world =
        World { writers: 1, ..World::calm(AsPublished) }.with(&[Accident::StoreStops(Return::Old)]);
    let trace = "client 1 polls with no tag; the store holds nothing
        client 1 creates t0
        client 1 gets v0 with t0
        writer 1 commits v1
        the store saves t0
        writer 1 publishes t1
        the store stops
        the store comes back with t0, which is old";
    check(&world, &ALL, &[(Pinned, trace)]);
}
