//! Keys of `[control-plane]`, and of `control-plane` in an arm.

use std::time::Duration;

use super::{Kind, Table, field, set};
use crate::{Granularity, Mode};

pub(super) const TABLE: Table = Table {
    name: "control-plane",
    is_list: false,
    doc: "A control plane in the place of a fleet of replicas: a source of routes, polled by the \
          clients themselves or by proxies that the clients poll.",
    rivals: None,
    keys: &[
        field("proxies", Kind::Integer(0, 64))
            .default("1")
            .doc(
                "Number of proxies between clients and source. With 0 the clients poll the \
                 source.",
            )
            .per_arm(|given, draft| set(&mut draft.plane.proxies, given.number())),
        field("mode", Kind::Choice(Mode::CHOICES))
            .default("exec")
            .doc("Degree to which the proxies are rolled out.")
            .per_arm(|given, draft| set(&mut draft.plane.mode, Mode::of(given))),
        field("source", Kind::Text)
            .default("file")
            .doc(
                "Source of the routes: `file` (behind a stand-in for the Kubernetes API), \
                 `shared-file` (which proxies read themselves), `etcd` (one that the run starts \
                 for itself) or `etcd://HOST:PORT`.",
            )
            .flag("source", "SOURCE")
            .per_arm(|given, draft| {
                set(&mut draft.plane.source, crate::control_plane::source(given)?)
            }),
        field(
            "source-interval",
            Kind::Duration(Duration::from_millis(1), Duration::from_secs(3_600)),
        )
        .default("3s")
        .doc("Time between two polls of the source by one proxy.")
        .per_arm(|given, draft| set(&mut draft.plane.source_interval, given.duration())),
        field("time-factor", Kind::Number(1.0, 1_000.0))
            .default("1")
            .doc(
                "Factor by which the clock of intervals runs faster than written: with 30, \
                 \"3s\" are 100 ms.",
            )
            .hint("time-factor = 30 makes 100 ms of \"3s\"")
            .per_arm(|given, draft| set(&mut draft.plane.time_factor, given.float())),
        field("granularity", Kind::Choice(Granularity::CHOICES))
            .default("table")
            .doc("Extent of what one tag covers.")
            .per_arm(|given, draft| set(&mut draft.plane.granularity, Granularity::of(given))),
        // With `granularity = "route"` there are as many clients as data planes times routes.
        field("routes", Kind::Integer(1, 10_000))
            .default("100")
            .doc("Number of routes.")
            .per_arm(|given, draft| set(&mut draft.plane.routes, given.number())),
        field("zones", Kind::Integer(1, 26))
            .default("4")
            .doc("Number of zones that the routes belong to in turn.")
            .per_arm(|given, draft| set(&mut draft.plane.zones, given.number())),
        field("only-zone", Kind::Integer(1, 26))
            .doc(
                "A mistake to make: the proxies list the routes of this zone alone, counted from \
                 1.",
            )
            .per_arm(|given, draft| {
                // The number of zones is known by now, and may be an arm's own.
                let zone = given.between(1, draft.plane.zones.into(), 1)?;
                set(&mut draft.plane.only_zone, Some(zone - 1))
            }),
    ],
};
