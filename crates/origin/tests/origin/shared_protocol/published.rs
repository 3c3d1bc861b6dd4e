//! Faults of the protocol as GitLab published it: each race by a shortest trace.

use etag_lab_origin::shared_tags::protocol::TagProtocol::AsPublished;

use super::check;
use crate::shared_protocol::model::Fault::{
    EarlyValidation, Failure, FalseValidation, NeedlessTransfer, Pinned,
};
use crate::shared_protocol::world::{Accident, Discipline, Return, World};

/// Nothing goes wrong but the order of steps.
#[test]
fn two_creators_give_two_tags_and_a_commit_is_not_seen_before_its_tag() {
    check(
        "published",
        &World::calm(AsPublished),
        &[EarlyValidation, NeedlessTransfer],
        &[
            (
                NeedlessTransfer,
                "client 1 polls with no tag; the store holds nothing
                 client 2 polls with no tag; the store holds nothing
                 client 1 creates t0
                 client 2 creates t1; the store holds t0
                 client 2 gets v0 with t1
                 client 2 polls with t1; the store holds t0
                 client 2 gets v0 with t0",
            ),
            (
                EarlyValidation,
                "client 1 polls with no tag; the store holds nothing
                 client 1 creates t0
                 client 1 gets v0 with t0
                 writer 1 commits v1
                 client 1 polls with t0: 304",
            ),
        ],
    );
}

#[test]
fn a_writer_that_dies_after_its_commit_pins_stale_content() {
    check(
        "published, writers die",
        &World::calm(AsPublished).with(&[Accident::WriterDies]),
        &[FalseValidation, EarlyValidation, Pinned, NeedlessTransfer],
        &[(
            Pinned,
            "client 1 polls with no tag; the store holds nothing
             client 1 creates t0
             client 1 gets v0 with t0
             writer 1 commits v1
             writer 1 dies",
        )],
    );
}

#[test]
fn an_invalidation_before_the_commit_pins_stale_content() {
    check(
        "published, but before the commit",
        &World { discipline: Discipline::PublishesFirst, ..World::calm(AsPublished) },
        &[FalseValidation, Pinned, NeedlessTransfer],
        &[(
            Pinned,
            "writer 1 publishes t0
             client 1 polls with no tag; the store holds t0
             client 1 gets v0 with t0
             writer 1 commits v1",
        )],
    );
}

#[test]
fn a_store_that_is_down_fails_requests_and_loses_invalidations() {
    check(
        "published, the store is down for a while",
        &World::calm(AsPublished).with(&[Accident::StoreStops(Return::Unchanged)]),
        &[FalseValidation, EarlyValidation, Pinned, NeedlessTransfer, Failure],
        &[
            (
                Failure,
                "the store stops
                 client 1 polls with no tag; the store does not answer: 500",
            ),
            (
                Pinned,
                "client 1 polls with no tag; the store holds nothing
                 client 1 creates t0
                 client 1 gets v0 with t0
                 writer 1 commits v1
                 the store stops
                 writer 1 publishes t1, and nobody hears it
                 the store comes back with t0",
            ),
        ],
    );
}

#[test]
fn a_store_that_comes_back_with_old_tags_pins_stale_content() {
    check(
        "published, the store comes back with what it held some time ago",
        &World { writers: 1, ..World::calm(AsPublished) }
            .with(&[Accident::StoreStops(Return::Old)]),
        &[FalseValidation, EarlyValidation, Pinned, NeedlessTransfer, Failure],
        &[(
            Pinned,
            "client 1 polls with no tag; the store holds nothing
             client 1 creates t0
             client 1 gets v0 with t0
             writer 1 commits v1
             the store saves t0
             writer 1 publishes t1
             the store stops
             the store comes back with t0, which is old",
        )],
    );
}
