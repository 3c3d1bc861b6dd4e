//! The rows of a control plane: what its source was asked, and how late a change arrived.
//!
//! Rates are told as they would be without the time factor, which is how the published ones read;
//! what really happened in the run stands beside them.

use measure::record::{ArmRecord, ControlPlaneRecord, FreshnessRecord};

use super::{COUNT, Metric, cpu_time, fault};
use crate::change::Change;
use crate::quantity::{bytes, count, durations};
use crate::table::{Cell, Tone};

pub(super) const SOURCE_REQUESTS: Metric = Metric {
    label: "source requests/s",
    column: Some(["source", "requests/s"]),
    begins_block: true,
    shown: |arm| source_rate(arm).is_some(),
    cell: |arm| {
        rates(arm, |plane| {
            Some((plane.source_requests_per_s_uncompressed?, plane.source_requests_per_s?))
        })
    },
    value: source_rate,
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const CLIENT_REQUESTS: Metric = Metric {
    label: "client requests/s",
    column: Some(["client", "requests/s"]),
    shown: |arm| arm.control_plane.is_some(),
    cell: |arm| {
        rates(arm, |plane| {
            Some((plane.client_requests_per_s_uncompressed, plane.client_requests_per_s))
        })
    },
    value: |arm| of(arm, |plane| plane.client_requests_per_s_uncompressed),
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const SOURCE_CPU: Metric = Metric {
    label: "source CPU",
    column: Some(["source", "CPU"]),
    shown: |arm| source_cpu(arm).is_some(),
    cell: |arm| Cell::maybe(source_cpu(arm).map(|seconds| cpu_time(1e6 * seconds))),
    value: source_cpu,
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const SOURCE_BYTES: Metric = Metric {
    label: "bytes from the source",
    shown: |arm| source_bytes(arm).is_some(),
    cell: |arm| Cell::maybe(source_bytes(arm).map(bytes)),
    value: |arm| source_bytes(arm).map(|bytes| bytes as f64),
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const FRESHNESS: Metric = Metric {
    label: "freshness p50 / p99",
    column: Some(["freshness", "p50 / p99"]),
    shown: |arm| freshness(arm).is_some(),
    cell: |arm| {
        let both = |f: FreshnessRecord| durations(&[Some(f.p50), Some(f.p99)]);
        Cell::maybe(freshness(arm).map(both))
    },
    value: |arm| freshness(arm).map(|f| f.p50 as f64),
    change: Change::PercentOf("p50"),
    ..COUNT
};

pub(super) const FRESHNESS_LIMIT: Metric = Metric {
    label: "latest / bound",
    detail: true,
    shown: |arm| freshness(arm).is_some(),
    cell: |arm| {
        let bound = arm.control_plane.as_ref().and_then(|plane| plane.freshness_bound_us);
        Cell::maybe(freshness(arm).map(|f| durations(&[Some(f.max), bound])))
    },
    ..COUNT
};

pub(super) const UP_TO_DATE: Metric = Metric {
    label: "clients up to date",
    shown: |arm| arm.control_plane.is_some(),
    cell: |arm| {
        let Some(plane) = &arm.control_plane else { return Cell::maybe(None) };
        let of = format!("{}/{}", count(plane.clients_up_to_date), count(arm.clients.into()));
        let all = plane.clients_up_to_date == u64::from(arm.clients);
        Cell::new(of).tone(if all { Tone::Good } else { Tone::Bad })
    },
    value: |arm| of(arm, |plane| plane.clients_up_to_date as f64),
    ..COUNT
};

pub(super) const UNKNOWN_TABLES: Metric = Metric {
    label: "tables that are no edition",
    shown: |arm| of(arm, |plane| plane.unknown_tables as f64).is_some_and(|count| count > 0.0),
    cell: |arm| fault(arm.control_plane.as_ref().map_or(0, |plane| plane.unknown_tables)),
    value: |arm| of(arm, |plane| plane.unknown_tables as f64),
    ..COUNT
};

pub(super) const DIFFERENCES: Metric = Metric {
    label: "differences found beside",
    column: Some(["differences", "beside"]),
    shown: |arm| differences(arm).is_some(),
    cell: |arm| differences(arm).map_or_else(|| Cell::maybe(None), fault),
    value: |arm| differences(arm).map(|count| count as f64),
    ..COUNT
};

pub(super) const KILLS: Metric = Metric {
    label: "kills of proxy / source",
    shown: |arm| kills(arm).is_some_and(|[proxies, sources]| proxies + sources > 0),
    cell: |arm| {
        let both = kills(arm).map(|kills| kills.map(count).join(" / "));
        Cell::maybe(both)
    },
    ..COUNT
};

fn of(arm: &ArmRecord, value: fn(&ControlPlaneRecord) -> f64) -> Option<f64> {
    arm.control_plane.as_ref().map(value)
}

/// The rate without the time factor, and beside it the one in the run where it is another.
fn rates(arm: &ArmRecord, of: fn(&ControlPlaneRecord) -> Option<(f64, f64)>) -> Cell {
    let Some(plane) = &arm.control_plane else { return Cell::maybe(None) };
    let Some((uncompressed, in_run)) = of(plane) else { return Cell::maybe(None) };
    let note = (plane.time_factor > 1.0).then(|| format!("run {}", rate(in_run)));
    Cell::new(rate(uncompressed)).note(note)
}

/// Three digits say enough.
fn rate(per_second: f64) -> String {
    match per_second {
        r if r >= 100.0 => count(r.round() as u64),
        r if r >= 10.0 => format!("{r:.1}"),
        r => format!("{r:.2}"),
    }
}

fn source_rate(arm: &ArmRecord) -> Option<f64> {
    arm.control_plane.as_ref()?.source_requests_per_s_uncompressed
}

fn source_cpu(arm: &ArmRecord) -> Option<f64> {
    arm.control_plane.as_ref()?.source_cpu_s
}

fn source_bytes(arm: &ArmRecord) -> Option<u64> {
    arm.control_plane.as_ref()?.source_content_bytes
}

fn freshness(arm: &ArmRecord) -> Option<FreshnessRecord> {
    arm.control_plane.as_ref()?.freshness_us
}

fn differences(arm: &ArmRecord) -> Option<u64> {
    arm.control_plane.as_ref()?.differences
}

fn kills(arm: &ArmRecord) -> Option<[u64; 2]> {
    arm.control_plane.as_ref().map(|plane| [plane.proxy_kills, plane.source_kills])
}
