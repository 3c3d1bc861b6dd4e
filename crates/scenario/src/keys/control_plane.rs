//! Keys of `[control-plane]`, and of `control-plane` in an arm.

use std::time::Duration;

use super::{Choice, FIELD, Key, Kind, Table, set, valued};
use crate::{Granularity, Mode};

const MODES: &[Choice] = &[
    ("off", "Not there: clients poll the source."),
    ("pre", "They run beside, and compare what they would serve with what clients get."),
    ("exec", "Clients poll them."),
];
const GRANULARITIES: &[Choice] = &[
    ("table", "Every client polls the whole table."),
    (
        "route",
        "Client k polls one route, the k-th in turn: as many clients as routes make one table.",
    ),
];

pub(super) const TABLE: Table = Table {
    name: "control-plane",
    is_list: false,
    doc: "A control plane in the place of a fleet of replicas: a source of routes, polled by the \
          clients themselves or by proxies that the clients poll.",
    rivals: None,
    keys: &[
        Key {
            name: "proxies",
            kind: Kind::Integer(0, 64),
            default: "1",
            doc: "Number of proxies between clients and source. With 0 the clients poll the source.",
            in_arm: true,
            enter: |given, draft| set(&mut draft.plane.proxies, given.number()),
            ..FIELD
        },
        Key {
            name: "mode",
            kind: Kind::Choice(MODES),
            default: "exec",
            doc: "Degree to which the proxies are rolled out.",
            in_arm: true,
            enter: |given, draft| set(&mut draft.plane.mode, given.one_of(&Mode::ALL, Mode::name)),
            ..FIELD
        },
        Key {
            name: "source",
            default: "file",
            doc: "Source of the routes: `file` (behind a stand-in for the Kubernetes API), \
                  `shared-file` (which proxies read themselves), `etcd` (one that the run starts for \
                  itself) or `etcd://HOST:PORT`.",
            in_arm: true,
            flag: Some(valued("source", "SOURCE")),
            enter: |given, draft| {
                set(&mut draft.plane.source, crate::control_plane::source(given)?)
            },
            ..FIELD
        },
        Key {
            name: "source-interval",
            kind: Kind::Duration(Duration::from_millis(1), Duration::from_secs(3_600)),
            default: "3s",
            doc: "Time between two polls of the source by one proxy.",
            in_arm: true,
            enter: |given, draft| set(&mut draft.plane.source_interval, given.duration()),
            ..FIELD
        },
        Key {
            name: "time-factor",
            kind: Kind::Number(1.0, 1_000.0),
            default: "1",
            doc: "Factor by which the clock of intervals runs faster than written: with 30, \"3s\" \
                  are 100 ms.",
            in_arm: true,
            hint: "time-factor = 30 makes 100 ms of \"3s\"",
            enter: |given, draft| set(&mut draft.plane.time_factor, given.float()),
            ..FIELD
        },
        Key {
            name: "granularity",
            kind: Kind::Choice(GRANULARITIES),
            default: "table",
            doc: "Extent of what one tag stands for.",
            in_arm: true,
            enter: |given, draft| {
                set(
                    &mut draft.plane.granularity,
                    given.one_of(&Granularity::ALL, Granularity::name),
                )
            },
            ..FIELD
        },
        Key {
            name: "routes",
            kind: Kind::Integer(1, 10_000),
            default: "100",
            doc: "Number of routes.",
            in_arm: true,
            enter: |given, draft| set(&mut draft.plane.routes, given.number()),
            ..FIELD
        },
        Key {
            name: "zones",
            kind: Kind::Integer(1, 26),
            default: "4",
            doc: "Number of zones that the routes belong to in turn.",
            in_arm: true,
            enter: |given, draft| set(&mut draft.plane.zones, given.number()),
            ..FIELD
        },
        Key {
            name: "only-zone",
            kind: Kind::Integer(1, 26),
            doc: "A mistake to make: the proxies list the routes of this zone alone, counted from 1.",
            in_arm: true,
            enter: |given, draft| {
                let zone = given.between(1, draft.plane.zones.into(), 1)?;
                set(&mut draft.plane.only_zone, Some(zone - 1))
            },
            ..FIELD
        },
    ],
};
